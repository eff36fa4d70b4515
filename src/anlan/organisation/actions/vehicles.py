"""Enter a vehicle, correct it, say whether it can be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, Text
from anlan.foundation.history import keep_changes
from anlan.foundation.live import announce_change
from anlan.organisation.attributes import check_attributes
from anlan.organisation.models import Facility, Vehicle
from anlan.organisation.queries import access_area_of, in_force
from anlan.organisation.queries.registers import (
    access_facility,
    access_vehicle,
    definitions_in_force,
    may_enter_facility,
    may_keep,
    may_keep_vehicle,
)
from anlan.organisation.rules import VehicleState, place_word

SUBJECT = "organisation.Vehicle"
VEHICLES = "vehicles"  # live topic
LONGEST_NAME = 40


class VehicleInvalid(Invalid):
    """Say which field of a vehicle cannot be accepted."""

    code = "vehicle_invalid"


class VehicleChanged(Conflict):
    """Somebody changed the vehicle first, or it is gone."""

    code = "vehicle_changed"
    sentence = _("这辆车的登记刚被别人改过，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """What is said of a vehicle; it stands where its facility does, or at the area where it has none."""

    kind: str
    name: str
    facility_id: UUID | None = None
    area_code: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def enter_vehicle(*, actor: Actor, vehicle_id: UUID, facts: VehicleFacts, now: datetime) -> Vehicle:
    """Enter a vehicle, free; a second sending with the same id is the same act.

    Raises NotFound, NotAllowed, VehicleInvalid, Conflict.
    """
    with transaction.atomic():
        place = _place(actor, facts, now)
        earlier = Vehicle.objects.select_for_update().filter(pk=vehicle_id).first()
        if earlier is not None:
            return _same_act(earlier, facts)
        values = {**_checked(facts), **place}
        vehicle = Vehicle(id=vehicle_id, starts_at=now, state_since=now, **values)
        _check_name(vehicle, now)
        vehicle.save(force_insert=True)
        _note("enter_vehicle", vehicle, {"kind": vehicle.kind})
    return vehicle


def correct_vehicle(
    *, actor: Actor, vehicle_id: UUID, expected_version: int, facts: VehicleFacts, now: datetime
) -> Vehicle:
    """Give a vehicle what is said of it now; the same once more changes nothing.

    Raises NotFound, NotAllowed, VehicleInvalid, VehicleChanged.
    """
    with transaction.atomic():
        vehicle = _held(actor, vehicle_id)
        values = {**_checked(facts), **_place(actor, facts, now)}
        changes = {
            name: (getattr(vehicle, name), value)
            for name, value in values.items()
            if getattr(vehicle, name) != value
        }
        if not changes:
            return vehicle
        _in_step(vehicle, expected_version, now)
        for name, value in values.items():
            setattr(vehicle, name, value)
        if "name" in changes:
            _check_name(vehicle, now)
        vehicle.version += 1
        vehicle.save()
        keep_changes(actor, vehicle, changes, source="page", now=now)
        _note("correct_vehicle", vehicle, {"fields": sorted(changes)})
    return vehicle


def set_vehicle_state(
    *, actor: Actor, vehicle_id: UUID, state: str, expected_version: int, now: datetime
) -> Vehicle:
    """Say that a vehicle is free, on duty, in maintenance or out; the state it has changes nothing.

    Raises NotFound, NotAllowed, VehicleInvalid, VehicleChanged.
    """
    with transaction.atomic():
        vehicle = _held(actor, vehicle_id)
        if state not in VehicleState.values:
            raise VehicleInvalid(fields={"state": _("没有这种状态。")})
        if vehicle.state == state:
            return vehicle
        _in_step(vehicle, expected_version, now)
        before, vehicle.state, vehicle.state_since = vehicle.state, VehicleState(state), now
        vehicle.version += 1
        vehicle.save(update_fields=["state", "state_since", "version"])
        _note("set_vehicle_state", vehicle, {"before": str(before), "after": state})
    return vehicle


def _same_act(earlier: Vehicle, facts: VehicleFacts) -> Vehicle:
    if (earlier.kind, place_word(earlier.name)) != (facts.kind, place_word(facts.name)):
        raise Conflict
    return earlier


def _held(actor: Actor, vehicle_id: UUID) -> Vehicle:
    """Return the vehicle, locked, if the actor keeps it."""
    if not may_keep_vehicle(actor, access_vehicle(actor, vehicle_id)):
        raise NotAllowed
    return Vehicle.objects.select_for_update().get(pk=vehicle_id)


def _in_step(vehicle: Vehicle, expected_version: int, now: datetime) -> None:
    if vehicle.version != expected_version or (vehicle.ends_at and vehicle.ends_at <= now):
        raise VehicleChanged


def _place(actor: Actor, facts: VehicleFacts, now: datetime) -> dict[str, Any]:
    """Return the facility and the area a vehicle belongs to, if the actor may put it there."""
    if facts.facility_id is not None:
        facility: Facility = access_facility(actor, facts.facility_id)
        if not may_keep(actor, facility):
            raise NotAllowed
        if facility.ends_at is not None and facility.ends_at <= now:
            raise VehicleInvalid(fields={"facility": _("这家单位已经终止登记。")})
        return {"facility_id": facility.pk, "area_code": facility.area_code}
    area = access_area_of(actor, facts.area_code, now=now)
    if not may_enter_facility(actor, area.code):
        raise NotAllowed
    return {"facility_id": None, "area_code": area.code}


def _checked(facts: VehicleFacts) -> dict[str, Any]:
    errors: dict[str, Text] = {}
    name = " ".join(facts.name.split())
    definitions = definitions_in_force()
    if facts.kind not in definitions.vehicle_kinds:
        errors["kind"] = _("配置包里没有这个车辆类型。")
    if not place_word(name) or len(name) > LONGEST_NAME:
        errors["name"] = _("请填写车牌号或名称（1 到 40 字）。")
    found = check_attributes(facts.attributes, definitions.of("vehicle", facts.kind))
    errors |= found.errors
    if errors:
        raise VehicleInvalid(fields=errors)
    return {"kind": facts.kind, "name": name, "attributes": dict(found.values)}


def _check_name(vehicle: Vehicle, now: datetime) -> None:
    """Refuse a second vehicle of one plate within the actor's sight."""
    names = Vehicle.objects.filter(in_force(now)).exclude(pk=vehicle.pk).values_list("name", flat=True)
    if place_word(vehicle.name) in {place_word(name) for name in names}:
        raise VehicleInvalid(fields={"name": _("已经登记了这个车牌号或名称。")})


def _note(verb: str, vehicle: Vehicle, detail: Mapping[str, object]) -> None:
    said = {**detail, "version": vehicle.version}
    audit.record(verb, SUBJECT, [vehicle.pk], area_code=vehicle.area_code, detail=said)
    announce_change(VEHICLES, vehicle.area_code)
    if vehicle.facility_id:
        announce_change(f"facilities:{vehicle.facility_id}", vehicle.area_code)
