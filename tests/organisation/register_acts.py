"""Acts on the register of premises by people of the town, for tests."""

from datetime import date
from typing import Any
from uuid import UUID

from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    Beds,
    FacilityFacts,
    VehicleFacts,
    enter_facility,
    enter_vehicle,
    record_beds,
)
from anlan.organisation.models import BedCount, Facility, Vehicle
from tests.world import GRID_A, World

CLINIC = {"standardised": True, "treatment_area": True}


def enter(
    world: World,
    kind: str = "village_clinic",
    name: str = "春泉卫生室",
    *,
    by: str = "qian",
    at: str = GRID_A,
    facility_id: UUID | None = None,
    **attributes: Any,
) -> Facility:
    actor = world.actor(by)
    with scope(actor):
        return enter_facility(
            actor=actor,
            facility_id=facility_id or new_id(),
            area_code=at,
            facts=FacilityFacts(kind, name, "春泉路 1 号", attributes),
            now=utc_now(),
        )


def enter_car(world: World, facility: Facility, name: str = "浙A·00001", *, by: str = "qian") -> Vehicle:
    actor = world.actor(by)
    facts = VehicleFacts("negative_pressure_ambulance", name, facility.pk, attributes={"patient_places": 2})
    with scope(actor):
        return enter_vehicle(actor=actor, vehicle_id=new_id(), facts=facts, now=utc_now())


def say_beds(
    world: World,
    facility: Facility,
    on: date,
    opened: int,
    occupied: int,
    *,
    by: str = "zheng",
    version: int = 0,
    reason: str = "",
) -> BedCount:
    actor = world.actor(by)
    with scope(actor):
        return record_beds(
            actor=actor,
            facility_id=facility.pk,
            beds=Beds(on, opened, occupied, reason),
            expected_version=version,
            now=utc_now(),
        )
