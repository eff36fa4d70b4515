"""The county of the pack laiyuan: 317 institutions, 1,880 staff, 1,527 beds, each where it belongs."""

from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from anlan.exercises.pack import Place
from anlan.foundation.pack_store import entry, pack_in_force
from anlan.organisation.models import Appointment, Area, BedCount, Facility, Member, Post, Vehicle
from anlan.organisation.pack import BodyTemplate, Level
from anlan.people.models import Resident
from tests.exercises.places import RESIDENTS, built, counts_of, mechanisms_of

# Written down from the figures of the source, not from the pack.
OF_THE_SOURCE = {
    "hospital": 3 + 13, "township_hospital": 16, "village_clinic": 285, "health_station": 32,
    "vaccination_site": 20,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def place(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """The county, small, made once."""
    yield from built("laiyuan", tmp_path_factory.mktemp("laiyuan"), django_db_blocker)


def test_the_pack_of_the_house_is_loaded_and_names_its_levels() -> None:
    assert pack_in_force().name == "laiyuan"
    assert entry(Level, "district").short_title.zh == "县"
    assert Area.objects.get(level="district").name == "涞源县"


def test_the_county_has_the_institutions_staff_and_beds_of_the_source() -> None:
    staff = Member.objects.exclude(facility=None)
    kinds = Counter(Facility.objects.values_list("kind", flat=True))

    assert {kind: kinds[kind] for kind in OF_THE_SOURCE} == OF_THE_SOURCE
    assert staff.count() == 1880
    assert staff.exclude(attributes__profession="other").count() == 1448
    assert staff.filter(attributes__title_rank="senior").count() == 140
    assert sum(BedCount.objects.values_list("open_count", flat=True)) == 1527
    assert Resident.objects.count() == RESIDENTS


def test_each_institution_stands_where_it_belongs() -> None:
    towns = set(Area.objects.filter(level="subdistrict").values_list("code", flat=True))
    villages = set(Area.objects.filter(kind="village", level="community").values_list("code", flat=True))
    urban = set(Area.objects.filter(kind="residential", level="community").values_list("code", flat=True))

    def areas(kind: str, digits: int) -> Counter[str]:
        return Counter(
            code[:digits] for code in Facility.objects.filter(kind=kind).values_list("area_code", flat=True)
        )

    assert areas("township_hospital", 9) == Counter(towns)
    assert areas("village_clinic", 12) == Counter(villages)
    assert set(areas("health_station", 12)) == urban
    assert set(areas("hospital", 12)) == urban
    assert {Area.objects.get(code=code).kind for code in areas("hospital", 15)} == {"hospital"}


def test_every_township_hospital_has_a_negative_pressure_ambulance() -> None:
    homes = Counter(
        Vehicle.objects.filter(kind="negative_pressure_ambulance").values_list("facility", flat=True)
    )

    assert homes == Counter(Facility.objects.filter(kind="township_hospital").values_list("id", flat=True))
    assert Vehicle.objects.get(kind="sampling_vehicle").attributes["tests_per_day"] == 3000


def test_the_posts_of_an_institution_are_held_by_its_own_staff() -> None:
    kinds = ["hospital", "township_hospital", "village_clinic", "health_station"]
    posts = Post.objects.filter(facility__kind__in=kinds)
    holdings = Appointment.objects.filter(post__in=posts).select_related("post", "member")

    assert posts.count() == 16 + 16 + 285 + 32
    assert {row.post_id for row in holdings} == set(posts.values_list("id", flat=True))
    assert all(row.member.facility_id == row.post.facility_id for row in holdings)
    assert not Member.objects.exclude(facility=None).filter(phone=None).exists()


def test_six_in_one_and_the_county_group_are_those_of_the_source() -> None:
    six, group = entry(BodyTemplate, "six_in_one"), entry(BodyTemplate, "county_prevention_group")

    assert [slot.title.zh for slot in six.slots] == [
        "社区党组织", "居委会", "业委会", "物业服务企业", "楼门长", "综合服务站",
    ]  # fmt: skip
    assert not six.template_not_in_source
    assert (group.lead, len(group.slots)) == ("district_commander", 1 + 7 + 1)


def test_count_place_prints_both_numbers_and_fails_where_they_differ() -> None:
    told = StringIO()

    call_command("count_place", stdout=told)
    with transaction.atomic(), pytest.raises(CommandError, match="negative_pressure_ambulances"):
        Vehicle.objects.filter(name="泉坊镇卫生院负压救护车").delete()
        call_command("count_place", stdout=told)

    lines = told.getvalue().splitlines()
    assert any(line.split()[:2] == ["1,880", "1,880"] for line in lines)
    assert any(line.split()[:3] == ["≠", "16", "15"] for line in lines)


def test_the_mechanisms_of_the_source_are_counted_in_the_registers(place: Place) -> None:
    rows = mechanisms_of(place)

    assert counts_of(rows["m070"]) == [16, 16, 285]
    assert counts_of(rows["m074"]) == [32]
    assert counts_of(rows["m075"]) == [Vehicle.objects.filter(kind="negative_pressure_ambulance").count()]
    assert counts_of(rows["m171"]) == [20]
    assert counts_of(rows["m072"]) == [1880]
    assert [
        key for key, row in rows.items() if (row.state == "not_built") != (row.mechanism.object is None)
    ] == []
