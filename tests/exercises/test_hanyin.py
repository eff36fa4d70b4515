"""The county of the pack hanyin: 170 data centres, and 5,106 liaison people of three lines."""

from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from anlan.exercises.pack import Place
from anlan.foundation.pack_store import entry
from anlan.organisation.models import Area, Facility, Member
from anlan.organisation.pack import BodyTemplate, Checklist
from anlan.organisation.pack_registers import Attribute
from tests.exercises.places import built, counts_of, mechanisms_of

LINES = {"party_member": 2123, "deputy": 629, "household_head": 2354}  # of the source


@pytest.fixture(scope="module", autouse=True)
def place(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """The county, small, made once."""
    yield from built("hanyin", tmp_path_factory.mktemp("hanyin"), django_db_blocker)


def test_county_towns_and_villages_have_a_data_centre_each() -> None:
    centres = list(Facility.objects.filter(kind="data_centre"))
    communities = Area.objects.filter(level="community").count()

    assert len(centres) == 170 == 1 + Area.objects.filter(level="subdistrict").count() + communities
    assert len({centre.area_code[:12] for centre in centres}) == communities
    assert {centre.attributes["is_online"] for centre in centres} == {True, False}


def test_the_staff_a_data_centre_says_it_has_is_there() -> None:
    said = {row.id: row.attributes["staff_count"] for row in Facility.objects.filter(kind="data_centre")}

    assert Counter(Member.objects.exclude(facility=None).values_list("facility", flat=True)) == said


def test_the_three_lines_have_the_people_of_the_source_spread_over_the_county() -> None:
    members = Member.objects.filter(facility=None, attributes__has_key="liaison_line")
    lines = Counter(member.attributes["liaison_line"] for member in members)

    assert lines == LINES
    assert members.count() == 5106
    assert not members.exclude(appointments=None).exists()
    assert {choice.key for choice in entry(Attribute, "liaison_line").choices} == set(LINES)
    everywhere = set(Area.objects.filter(level="community").values_list("code", flat=True))
    assert {member.area_code[:12] for member in members} == everywhere


def test_what_the_source_only_names_is_the_packs_own_and_says_so() -> None:
    for key in ("six_in_one", "five_on_one", "three_tier_contracting"):
        assert entry(BodyTemplate, key).template_not_in_source
    assert entry(Checklist, "five_haves_one_grid").template_not_in_source
    assert len(entry(BodyTemplate, "five_on_one").slots) == 5
    assert len(entry(BodyTemplate, "three_tier_contracting").slots) == 3
    assert len(entry(Checklist, "five_haves_one_grid").items) == 5


def test_the_rows_hold_what_the_place_declares() -> None:
    told = StringIO()

    call_command("count_place", stdout=told)

    assert "5,106  5,106" in told.getvalue()


def test_the_mechanisms_of_the_source_are_counted_in_the_registers(place: Place) -> None:
    rows = mechanisms_of(place)

    assert counts_of(rows["m034"]) == [170]
    assert counts_of(rows["m031"]) == [5106]
    assert [
        key for key, row in rows.items() if (row.state == "not_built") != (row.mechanism.object is None)
    ] == []
