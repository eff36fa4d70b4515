"""Vehicles are free, on duty, in maintenance or out; beds are said day by day and corrected."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    BedsChanged,
    BedsInvalid,
    VehicleChanged,
    VehicleFacts,
    VehicleInvalid,
    correct_vehicle,
    enter_vehicle,
    set_vehicle_state,
)
from anlan.organisation.models import BedCount, Vehicle
from anlan.organisation.queries.premises_figures import premises_complete
from anlan.organisation.queries.registers import wanted_vehicles
from tests.organisation.register_acts import enter, enter_car, say_beds
from tests.world import FIELD, GRID_B, NORTH, World

pytestmark = pytest.mark.django_db
TODAY = day_of(utc_now())


def set_state(world: World, car: Vehicle, state: str, by: str, version: int = 1) -> Vehicle:
    actor = world.actor(by)
    with scope(actor):
        return set_vehicle_state(
            actor=actor, vehicle_id=car.pk, state=state, expected_version=version, now=utc_now()
        )


def seen(world: World, by: str, **sought: str) -> list[str]:
    actor = world.actor(by)
    with scope(actor):
        return [car.name for car in wanted_vehicles(actor, sought, now=utc_now()).order_by("name")]


def test_a_vehicle_stands_where_its_facility_does_and_is_free(world: World) -> None:
    car = enter_car(world, world.health_centre, by="zheng")

    assert (car.area_code, car.state, car.attributes) == (GRID_B, "free", {"patient_places": 2})


def test_a_unit_sets_the_state_of_its_own_vehicle_and_the_same_state_changes_nothing(world: World) -> None:
    car = enter_car(world, world.health_centre)

    first = set_state(world, car, "on_duty", "zheng")
    again = set_state(world, car, "on_duty", "zheng")

    assert (first.state, first.version, again.version) == ("on_duty", 2, 2)
    assert again.state_since == first.state_since > car.state_since


def test_a_state_set_over_another_version_is_refused_and_an_unknown_one_too(world: World) -> None:
    car = enter_car(world, world.health_centre)
    set_state(world, car, "on_duty", "zheng")

    with pytest.raises(VehicleChanged):
        set_state(world, car, "maintenance", "zheng", version=1)
    with pytest.raises(VehicleInvalid):
        set_state(world, car, "flying", "zheng", version=2)


def test_no_unit_touches_the_vehicle_of_another(world: World) -> None:
    clinic = enter(world)
    car = enter_car(world, clinic)

    with pytest.raises(NotAllowed):  # sees it for the work of health
        set_state(world, car, "out", "zheng")
    with pytest.raises(NotFound):  # sees its own unit only
        set_state(world, car, "out", "chu")
    with pytest.raises(NotAllowed):
        enter_car(world, clinic, "浙A·00002", by="zheng")


def test_a_plate_is_entered_once(world: World) -> None:
    enter_car(world, world.health_centre, "浙A 00001")

    with pytest.raises(VehicleInvalid) as refusal:
        enter_car(world, world.health_centre, "浙a00001")

    assert list(refusal.value.fields) == ["name"]


def test_a_vehicle_that_goes_to_another_facility_lies_where_that_lies(world: World) -> None:
    clinic, qian = enter(world), world.actor("qian")
    car = enter_car(world, world.health_centre)
    facts = VehicleFacts(car.kind, car.name, clinic.pk, attributes=car.attributes)

    with scope(qian):
        moved = correct_vehicle(actor=qian, vehicle_id=car.pk, expected_version=1, facts=facts, now=utc_now())

    assert (moved.area_code, moved.facility_id, moved.version) == (clinic.area_code, clinic.pk, 2)


def test_an_area_keeps_vehicles_of_its_own_and_a_unit_without_purpose_does_not_see_them(world: World) -> None:
    qian = world.actor("qian")
    facts = VehicleFacts("sanitation_vehicle", "消杀一号", area_code=NORTH)
    with scope(qian):
        enter_vehicle(actor=qian, vehicle_id=new_id(), facts=facts, now=utc_now())

    assert seen(world, "qian", state="free") == ["消杀一号"]
    assert seen(world, "qian", state="out") == []
    assert [seen(world, by) for by in ("wei", "bai")] == [[], []]


def test_beds_are_said_again_for_one_day_and_what_was_is_kept(world: World) -> None:
    first = say_beds(world, world.health_centre, TODAY, 20, 12)
    same = say_beds(world, world.health_centre, TODAY, 20, 12)
    second = say_beds(world, world.health_centre, TODAY, 20, 15, version=1)

    assert first.pk == same.pk == second.pk
    assert (same.version, second.version, second.occupied_count) == (1, 2, 15)
    assert [was[:3] for was in second.earlier] == [[20, 12, ""]]


def test_beds_said_over_another_version_are_refused(world: World) -> None:
    say_beds(world, world.health_centre, TODAY, 20, 12)

    with pytest.raises(BedsChanged):
        say_beds(world, world.health_centre, TODAY, 18, 12, by="qian")


@pytest.mark.parametrize(
    ("days", "opened", "occupied", "field"),
    [
        (-1, 5, 1, "on"),
        (32, 5, 1, "on"),
        (0, -1, 0, "open_count"),
        (0, 5, 20_001, "occupied_count"),
        (0, 5, 6, "reason"),
    ],
)
def test_beds_that_cannot_be_are_refused_at_their_field(
    world: World, days: int, opened: int, occupied: int, field: str
) -> None:
    with pytest.raises(BedsInvalid) as refusal:
        say_beds(world, world.health_centre, TODAY - timedelta(days=days), opened, occupied)

    assert field in refusal.value.fields


def test_more_taken_than_open_is_said_with_a_reason(world: World) -> None:
    assert say_beds(world, world.health_centre, TODAY, 5, 6, reason="加床 1 张").occupied_count == 6


def test_only_units_with_beds_count_them_and_only_their_own(world: World) -> None:
    clinic = enter(world, kind="township_hospital", name="望山卫生院")

    with pytest.raises(BedsInvalid):
        say_beds(world, world.pharmacy, TODAY, 5, 1, by="wei")
    with pytest.raises(NotAllowed):
        say_beds(world, clinic, TODAY, 5, 1, by="zheng")
    with pytest.raises(NotAllowed):
        say_beds(world, world.health_centre, TODAY, 5, 1, by="liu")


def test_the_database_takes_no_more_beds_taken_than_open_without_a_reason(world: World) -> None:
    row = BedCount(
        area_code=GRID_B, facility=world.health_centre, on=TODAY, open_count=1, occupied_count=2,
        taken_at=utc_now(), post_title="试",
    )  # fmt: skip

    with scope(world.actor("zheng")), pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_figures_of_an_area_tell_kinds_standard_and_beds(world: World) -> None:
    enter(world, standardised=True)
    enter(world, kind="township_hospital", name="望山卫生院", standardised=False)
    say_beds(world, world.health_centre, TODAY - timedelta(days=1), 20, 20)
    say_beds(world, world.health_centre, TODAY, 20, 12)

    with scope(world.actor("qian")):
        found = premises_complete(world.actor("qian"), NORTH, now=utc_now())
    with scope(world.actor("bai")):
        elsewhere = premises_complete(world.actor("bai"), FIELD, now=utc_now())

    kinds = {row.kind: row for row in found.kinds}
    assert (kinds["village_clinic"].share, kinds["township_hospital"].share) == (100, 0)
    assert kinds["pharmacy"].share is None
    assert found.basic_care == (1, 2)
    assert found.count == found.stale == sum(row.count for row in found.kinds)
    assert (found.beds.on, found.beds.open_count, found.beds.free_count) == (TODAY, 20, 8)
    assert (found.beds.counted_units, found.beds.units) == (1, 2)
    assert (elsewhere.count, elsewhere.basic_care, elsewhere.beds.on) == (0, None, None)
