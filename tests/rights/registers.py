"""Premises and vehicles near and far for the rights test."""

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.organisation.models import Facility, Vehicle
from tests.rights.placing import Placed
from tests.world import DISTRICT, GRID_A, GRID_D, World


def registers_of(world: World) -> dict[str, list[Placed]]:
    """Return township hospitals in two grids, each with its vehicle."""
    placed: dict[str, list[Placed]] = {"facility": [], "vehicle": []}
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        for grid in (GRID_A, GRID_D):
            hospital = Facility.objects.create(
                area_code=grid, kind="township_hospital", name="卫生院", starts_at=world.now
            )
            car = Vehicle.objects.create(
                area_code=grid, kind="ambulance", name=f"车{grid}", facility=hospital,
                starts_at=world.now, state_since=world.now,
            )  # fmt: skip
            placed["facility"].append(Placed("facility", hospital.pk, grid))
            placed["vehicle"].append(Placed("vehicle", car.pk, grid))
    return placed
