"""What a table wrote of buildings and facilities is taken back, but for what others refer to since."""

import pytest

from anlan.exchange.actions import what_would_stay
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import BatchState
from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.health.models import CaseReport, EventFile
from anlan.organisation.models import Building, Facility, FacilityGroup
from anlan.people.models import Household
from tests.exchange.premises import (
    BUILDING_KEYED,
    CARE_HOME,
    FOUR,
    ONE_NAMED,
    THREE,
    send_buildings,
    send_facilities,
    standing,
    with_keys,
)
from tests.exchange.tables import NEWCOMER, batch_of, csv_of, reasons, send, undo, write
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db


def report_illness(world: World, building: Building, area_code: str) -> None:
    """Let a report that lies in an area name a building."""
    with duty("record_case_report", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        file = EventFile.objects.create(
            area_code=area_code, key="test", kind="standing", reason="test", starts_at=world.now
        )
        CaseReport.objects.create(
            area_code=area_code, event_file=file, building=building, condition="fever",
            reported_at=world.now, source="page",
        )  # fmt: skip


def test_an_undo_leaves_the_register_as_it_was(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        before = standing(Building)
    batch_id = send_buildings(world, "wang", [THREE, ONE_NAMED])
    write(world, "wang", batch_id)

    batch = undo(world, "wang", batch_id)

    assert (batch.state, batch.written_count, batch.stayed_count) == (BatchState.UNDONE, 0, 0)
    with scope(wang):
        assert standing(Building) == before
    assert write(world, "wang", send_buildings(world, "wang", [THREE])) == {2: "new"}


def test_a_building_with_households_by_now_stays(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send_buildings(world, "wang", [THREE, FOUR])
    write(world, "wang", batch_id)
    with scope(wang):
        three = Building.objects.get(number="3号楼")
        Household.objects.create(area_code=GRID_A, building=three, unit=3, room="101")
        register = REGISTERS["buildings"](wang, world.now)
        assert what_would_stay(batch_of(wang, batch_id), register) == (1, {2: "referred_to"})

    batch = undo(world, "wang", batch_id)

    assert (batch.written_count, batch.stayed_count) == (1, 1)
    with scope(wang):
        assert list(Building.objects.filter(number__in=["3号楼", "4"])) == [three]


@pytest.mark.parametrize(("area", "foreseen"), [(GRID_A, 1), (GRID_B, 0)])
def test_a_building_that_a_report_of_illness_names_stays(world: World, area: str, foreseen: int) -> None:
    wang = world.actor("wang")
    batch_id = send_buildings(world, "wang", [THREE, FOUR])
    write(world, "wang", batch_id)
    with scope(wang):
        three = Building.objects.get(number="3号楼")
    report_illness(world, three, area)
    with scope(wang):
        _taken, stays = what_would_stay(batch_of(wang, batch_id), REGISTERS["buildings"](wang, world.now))
    assert len(stays) == foreseen

    batch = undo(world, "wang", batch_id)

    assert (batch.state, batch.stayed_count) == (BatchState.UNDONE, 1)
    assert reasons(wang, batch_id)[2] == [("", "referred_to")]
    with scope(wang):
        assert list(Building.objects.filter(number__in=["3号楼", "4"])) == [three]


def test_more_units_that_are_lived_in_by_now_are_not_taken_back(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send_buildings(world, "wang", [("春泉第一网格", "1", "", "4", "")])
    assert write(world, "wang", batch_id) == {2: "changed"}
    with scope(wang):
        one = Building.objects.get(area_code=GRID_A, number="1")
        Household.objects.create(area_code=GRID_A, building=one, unit=4, room="101")

    batch = undo(world, "wang", batch_id)

    assert batch.stayed_count == 1
    assert reasons(wang, batch_id) == {2: [("", "no_longer_fits")]}
    with scope(wang):
        assert Building.objects.get(pk=one.pk).unit_count == 4


def test_a_free_number_is_given_by_key_and_taken_back(world: World) -> None:
    wang = world.actor("wang")
    write(world, "wang", send_buildings(world, "wang", [THREE]))
    with scope(wang):
        three = Building.objects.get(number="3号楼")
        before = standing(Building)
    three.number = "5"

    batch_id = send_buildings(world, "wang", with_keys(three), BUILDING_KEYED)

    assert write(world, "wang", batch_id) == {2: "changed"}
    with scope(wang):
        assert Building.objects.get(pk=three.pk).number == "5"
    assert undo(world, "wang", batch_id).state == BatchState.UNDONE
    with scope(wang):
        assert standing(Building) == before


def test_a_facility_with_classes_by_now_stays(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send_facilities(world, "wang", [CARE_HOME, ("", "药店", "春泉药房", "")])
    write(world, "wang", batch_id)
    with scope(wang):
        home = Facility.objects.get(name="春泉颐养院")
        FacilityGroup.objects.create(area_code=GRID_A, facility=home, name="三楼", starts_at=world.now)

    batch = undo(world, "wang", batch_id)

    assert (batch.written_count, batch.stayed_count) == (1, 1)
    assert reasons(wang, batch_id)[2] == [("", "referred_to")]
    with scope(wang):
        assert list(Facility.objects.filter(area_code=GRID_A)) == [home]


def test_a_row_behind_a_door_of_a_building_that_went_is_a_conflict(world: World) -> None:
    buildings = send_buildings(world, "wang", [THREE])
    write(world, "wang", buildings)
    residents = send(world, "wang", csv_of([("春泉第一网格", "3", "1", "101", *NEWCOMER[4:])]))
    undo(world, "wang", buildings)

    assert write(world, "wang", residents) == {2: "conflict"}
    assert reasons(world.actor("wang"), residents) == {2: [("", "moved_on")]}


def test_a_row_behind_a_door_of_a_building_that_bears_another_number_is_a_conflict(world: World) -> None:
    write(world, "wang", send_buildings(world, "wang", [THREE]))
    residents = send(world, "wang", csv_of([("春泉第一网格", "3", "1", "101", *NEWCOMER[4:])]))
    with scope(world.actor("wang")):
        building = Building.objects.get(number="3号楼")
    building.number = "5"
    write(world, "wang", send_buildings(world, "wang", with_keys(building), BUILDING_KEYED))

    assert write(world, "wang", residents) == {2: "conflict"}
