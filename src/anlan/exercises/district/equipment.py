"""What institutions of the place have: the beds they have open today, and vehicles."""

from datetime import datetime
from uuid import UUID

from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.place_names import vehicle_name
from anlan.exercises.district.roles import roles_in_force
from anlan.exercises.district.units import Units
from anlan.exercises.pack import Place, VehicleLine
from anlan.foundation.clock import day_of
from anlan.organisation.models import BedCount, Vehicle
from anlan.organisation.rules import VehicleState

COUNTED_BY = {"hospital": "hospital_reporter", "township_hospital": "health_centre_officer"}


def store_beds(place: Place, units: Units, ids: Ids, now: datetime) -> int:
    """Store today's count of beds of every institution that has some; return how many are open."""
    roles, rows = roles_in_force(), []
    for line in place.institutions:
        facilities = units.of_line(line.key) if line.beds else []
        for number, facility in enumerate(facilities):
            count = line.beds // len(facilities) + (number < line.beds % len(facilities))
            role = COUNTED_BY.get(line.kind)
            rows.append(
                BedCount(
                    id=UUID(ids.take(1)[0]), area_code=facility.code, facility_id=UUID(facility.id),
                    on=day_of(now), open_count=count, occupied_count=int(count * place.beds_taken),
                    taken_at=now, post_title=roles[role].title if role else facility.name,
                )
            )  # fmt: skip
    BedCount.objects.bulk_create(rows)
    return sum(row.open_count for row in rows)


def store_vehicles(place: Place, units: Units, ids: Ids, since: datetime) -> int:
    """Store every vehicle of the place, all of them free; return how many."""
    rows = [row for line in place.vehicles for row in _vehicles_of(line, place, units, ids, since)]
    return len(Vehicle.objects.bulk_create(rows))


def _vehicles_of(line: VehicleLine, place: Place, units: Units, ids: Ids, since: datetime) -> list[Vehicle]:
    homes = units.of_line(line.at)
    return [
        Vehicle(
            id=UUID(ids.take(1)[0]), area_code=homes[number % len(homes)].code, kind=line.kind,
            name=vehicle_name(line, number + 1, place.name, homes[number % len(homes)].name),
            facility_id=UUID(homes[number % len(homes)].id), state=VehicleState.FREE, state_since=since,
            attributes=line.said(), starts_at=since,
        )
        for number in range(line.count)
    ]  # fmt: skip
