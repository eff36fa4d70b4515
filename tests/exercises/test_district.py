"""The synthetic district: the same for a seed, whole as a map, plausible as a town."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker
from stdnum.cn import ric

from anlan.exercises.district.layout import lay_out
from anlan.exercises.district.numbers import Ids, identity_numbers, phone_numbers
from anlan.exercises.district.population import draw_families, people_of
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import decrypt
from anlan.foundation.models import Account
from anlan.foundation.scope import duty
from anlan.organisation.models import Area, AreaLink, AreaShape, Facility, FacilityGroup, Member, Post
from anlan.organisation.queries import neighbours_of
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from anlan.people.tokens import door_token, tokens_of
from tests.journeys.gallery import sign_ins

CODE = "330199"
RESIDENTS = 2000


@pytest.fixture(scope="module")
def district(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A small district, made once and rolled back; yields the folder with its sign-ins."""
    folder = tmp_path_factory.mktemp("district")
    with django_db_blocker.unblock(), override_settings(DATA_DIR=folder), transaction.atomic():
        call_command("create_district", residents=RESIDENTS, seed=3, stdout=StringIO())
        with duty("detect", ranges=AreaRanges.of([CODE]), cause="test"):
            yield folder
        transaction.set_rollback(True)


def test_areas_of_each_level_tile_the_district() -> None:
    layout = lay_out(CODE, np.random.default_rng(3))
    whole = layout.areas[0].shape
    assert whole is not None

    for length in (9, 12, 15):
        shapes = np.array([area.shape for area in layout.areas if len(area.code) == length])
        assert shapely.coverage_is_valid(shapes)
        assert shapely.area(shapes).sum() == pytest.approx(whole.area, abs=1)
        assert {shape.geom_type for shape in shapes} == {"Polygon"}


def test_the_same_seed_draws_the_same_people_and_another_seed_others() -> None:
    def numbers(seed: int) -> list[str]:
        rng = np.random.default_rng(seed)
        people = people_of(rng, draw_families(rng, 500))
        return [*identity_numbers(CODE, people.birth_on, people.is_male), *Ids(rng).take(3)]

    assert numbers(1) == numbers(1)
    assert numbers(1) != numbers(2)


def test_ages_come_near_the_census() -> None:
    rng = np.random.default_rng(5)
    people = people_of(rng, draw_families(rng, 50_000))

    assert len(people) == 50_000
    assert (people.age < 15).mean() == pytest.approx(0.18, abs=0.03)
    assert (people.age >= 60).mean() == pytest.approx(0.187, abs=0.03)
    assert people.is_male.mean() == pytest.approx(0.51, abs=0.02)


def test_numbers_are_well_formed_different_and_nobodys() -> None:
    rng = np.random.default_rng(7)
    people = people_of(rng, draw_families(rng, 5000))
    numbers = identity_numbers(CODE, people.birth_on, people.is_male)
    phones = phone_numbers(rng, 5000)

    assert all(ric.calc_check_digit(number) == number[-1] for number in numbers)
    assert all(ric.get_birth_date(number) for number in numbers)
    assert all((int(n[16]) % 2 == 1) == bool(male) for n, male in zip(numbers, people.is_male, strict=True))
    assert len(set(numbers)) == len(set(phones)) == 5000
    assert {phone[:3] for phone in phones} == {"154"}


@pytest.mark.usefixtures("district")
def test_the_town_has_what_its_description_promises() -> None:
    communities = Area.objects.filter(level="community").exclude(kind__in=["campus", "park"])

    assert Area.objects.filter(level="subdistrict").count() == 10
    assert communities.count() == 108
    assert 900 <= Area.objects.filter(level="grid").count() <= 1100
    assert AreaShape.objects.count() == Area.objects.count()
    assert Resident.objects.count() == RESIDENTS
    assert Facility.objects.filter(kind="health_centre").count() == 10
    assert Facility.objects.filter(kind="pharmacy").count() == 37
    schools = ["kindergarten", "primary_school", "middle_school"]
    assert Facility.objects.filter(kind__in=schools).count() == 30
    assert not Resident.objects.filter(area_code__regex=r"^\d{15}$", household=None).exists()
    assert Household.objects.filter(residents=None).count() == 0


@pytest.mark.usefixtures("district")
def test_special_grids_belong_to_their_school_and_children_to_its_classes() -> None:
    school = Facility.objects.filter(kind="primary_school").first()
    assert school is not None
    pupils = Enrolment.objects.filter(group__facility=school)

    assert Area.objects.get(code=school.area_code).kind == "school"
    assert pupils.exists()
    assert not pupils.filter(area_code=school.area_code).exists()
    for group in FacilityGroup.objects.filter(facility=school):
        assert group.headcount == group.enrolments.count()
    post = Post.objects.get(role="school_health_officer", facility=school)
    assert [row.code for row in post.post_ranges.all()] == [school.area_code]


@pytest.mark.usefixtures("district")
def test_every_grid_has_a_worker_and_every_community_eight_to_sixteen() -> None:
    communities = Area.objects.filter(level="community").values_list("code", flat=True)
    workers = Counter(
        area_code[: CODE_LENGTH[AreaLevel.COMMUNITY]]
        for area_code in Member.objects.filter(
            appointments__post__role__in=["grid_worker", "community_worker", "community_secretary"]
        ).values_list("area_code", flat=True)
    )
    assert workers.keys() == set(communities)
    assert all(8 <= count <= 16 for count in workers.values())
    grids = set(Area.objects.filter(level="grid", code__regex=r"^\d{12}[0-8]").values_list("code", flat=True))
    assert set(Post.objects.filter(role="grid_worker").values_list("area_code", flat=True)) == grids


@pytest.mark.usefixtures("district")
def test_stored_tokens_are_those_the_register_would_make() -> None:
    for resident in Resident.objects.select_related("household__building").order_by("name")[:60]:
        home = resident.household
        assert home is not None and home.building is not None
        number = decrypt(bytes(resident.id_number or b""), context="people.Resident.id_number")
        phone = decrypt(bytes(resident.phone), context="people.Resident.phone") if resident.phone else ""
        door = door_token(home.building.number, home.unit, home.room)
        wanted = set(
            tokens_of(
                name=resident.name, id_number=number, phone=phone, door=door, birth_on=resident.birth_on
            )
        )
        assert set(SearchToken.objects.filter(resident=resident).values_list("kind", "token")) == wanted


def test_the_people_of_the_journeys_can_sign_in(district: Path) -> None:
    by_name = {row["username"]: row for row in json.loads((district / "sign-ins.json").read_text())}
    near = {code for code, _kind in neighbours_of(by_name["wang.grid"]["area_code"], now=utc_now())}
    account = Account.objects.get(username="wang.grid")

    assert account.check_password(by_name["wang.grid"]["password"])
    assert by_name["liu.grid"]["area_code"] in near
    assert by_name["hou.grid"]["area_code"] not in near
    assert len({row["role"] for row in by_name.values()}) >= 25
    assert stat.S_IMODE((district / "sign-ins.txt").stat().st_mode) == 0o600


def test_printed_sign_ins_are_marked_as_the_districts_and_the_print_says_so(district: Path) -> None:
    names = {row["username"] for row in json.loads((district / "sign-ins.json").read_text())}
    marked = set(Account.objects.filter(demonstration_district=CODE).values_list("username", flat=True))
    printed = (district / "sign-ins.txt").read_text()

    assert marked == names
    assert "ANLAN_DEMO" in printed.splitlines()[0]
    assert {row.username for row in sign_ins(printed)} == names


@pytest.mark.usefixtures("district")
def test_a_district_that_exists_is_left_alone() -> None:
    before = Area.objects.count(), AreaLink.objects.count()

    call_command("create_district", residents=RESIDENTS, seed=4, stdout=StringIO())

    assert (Area.objects.count(), AreaLink.objects.count()) == before
