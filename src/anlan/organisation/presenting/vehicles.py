"""How vehicles are put before people: lines of the list, the parts of one's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from anlan.foundation.actor import Actor
from anlan.organisation.models import Vehicle
from anlan.organisation.presenting.registers import facility_crumbs, facts_of, way_to
from anlan.organisation.queries import area_names
from anlan.organisation.queries.registers import (
    definitions_in_force,
    may_keep_vehicle,
)
from anlan.organisation.rules import VehicleState
from anlan.organisation.words import in_words


def vehicle_kind_words() -> dict[str, str]:
    """Return what each kind of vehicle is called."""
    return {key: in_words(kind.title) for key, kind in definitions_in_force().vehicle_kinds.items()}


@dataclass(frozen=True, slots=True)
class VehicleLine:
    """One vehicle as a row of the list."""

    row: Vehicle
    kind: str
    place: str
    unit: str
    missing: tuple[str, ...]
    may_keep: bool


def vehicle_lines(actor: Actor, rows: Iterable[Vehicle], *, now: datetime) -> list[VehicleLine]:
    """Return vehicles as rows; a unit's name is read with them."""
    shown = list(rows)
    names = area_names({row.area_code for row in shown}, now=now)
    definitions = definitions_in_force()
    lines = []
    for row in shown:
        missing = definitions.missing("vehicle", row.kind, row.attributes)
        kind = definitions.vehicle_kinds.get(row.kind)
        lines.append(
            VehicleLine(
                row=row,
                kind=in_words(kind.title if kind else None, row.kind),
                place=names.get(row.area_code, row.area_code),
                unit=row.facility.name if row.facility else "",
                missing=tuple(in_words(one.title) for one in missing),
                may_keep=may_keep_vehicle(actor, row),
            )
        )
    return lines


def vehicle_context(actor: Actor, vehicle: Vehicle, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a vehicle's page."""
    [line] = vehicle_lines(actor, [vehicle], now=now)
    way = facility_crumbs(vehicle.facility, now=now) if vehicle.facility else way_to(vehicle.area_code, now)
    return {
        "line": line,
        "vehicle": vehicle,
        "facts": facts_of(definitions_in_force().of("vehicle", vehicle.kind), vehicle.attributes),
        "states": VehicleState.choices,
        "crumbs": [*way, {"label": vehicle.name, "href": reverse("vehicle", args=[vehicle.pk])}],
    }
