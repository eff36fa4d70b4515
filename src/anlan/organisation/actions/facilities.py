"""Enter one facility, correct it, find it true, end it: each keeps what stood there before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.advisory_locks import AdvisoryLock, hold
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, Text
from anlan.foundation.history import keep_changes
from anlan.foundation.live import announce_change
from anlan.organisation.actions.premises import AREAS
from anlan.organisation.attributes import check_attributes
from anlan.organisation.models import Facility
from anlan.organisation.queries import access_area_of, in_force
from anlan.organisation.queries.registers import (
    access_facility,
    definitions_in_force,
    kinds_of_posts,
    may_correct,
    may_enter_facility,
    posts_of_facility,
    vehicles_of,
)
from anlan.organisation.rules import place_word

SUBJECT = "organisation.Facility"
FACILITIES = "facilities"  # live topic of their list and pages
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_REASON = 60, 200, 300


class FacilityInvalid(Invalid):
    """Say which field of a facility cannot be accepted."""

    code = "facility_invalid"


class FacilityChanged(Conflict):
    """Somebody changed the facility first, or it is over."""

    code = "facility_changed"
    sentence = _("这家单位的登记刚被别人改过或已经终止，请对照最新内容后再保存。")


class FacilityInUse(Conflict):
    """Something still belongs to the facility."""

    code = "facility_in_use"
    sentence = _("这家单位还有岗位或车辆，请先结束岗位、调出车辆，再终止登记。")


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """What is said of a facility; attributes that are left out are not said, and what stood goes."""

    kind: str
    name: str
    address: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def enter_facility(
    *, actor: Actor, facility_id: UUID, area_code: str, facts: FacilityFacts, now: datetime
) -> Facility:
    """Enter a facility at an area; a second sending with the same id is the same act.

    Raises NotFound, NotAllowed, FacilityInvalid, Conflict.
    """
    with transaction.atomic():
        area = access_area_of(actor, area_code, now=now)
        if not may_enter_facility(actor, area.code):
            raise NotAllowed
        hold(AdvisoryLock.PREMISES, Facility._meta.label)
        earlier = Facility.objects.filter(pk=facility_id).first()
        if earlier is not None:
            return _same_act(earlier, area.code, facts)
        values = _checked(facts)
        facility = Facility(id=facility_id, area_code=area.code, starts_at=now, **values)
        _check_mark(facility, now)
        facility.save(force_insert=True)
        detail = {"kind": facility.kind, "attributes": sorted(facility.attributes)}
        audit.record("enter_facility", SUBJECT, [facility.pk], area_code=area.code, detail=detail)
        _tell(facility)
    return facility


def correct_facility(
    *, actor: Actor, facility_id: UUID, expected_version: int, facts: FacilityFacts, now: datetime
) -> Facility:
    """Give a facility what is said of it now; the same once more changes nothing.

    A facility's kind is changed only by who enters facilities there.
    Raises NotFound, NotAllowed, FacilityInvalid, FacilityChanged.
    """
    with transaction.atomic():
        facility = _held(actor, facility_id)
        values = _checked(facts)
        before = {name: getattr(facility, name) for name in values if getattr(facility, name) != values[name]}
        if not before:
            return facility
        _in_step(facility, expected_version, now)
        if "kind" in before:
            _check_kind(actor, facility, facts.kind, now)
        changes = _changes(facility, values)
        mark = facility.mark
        for name, value in values.items():
            setattr(facility, name, value)
        if facility.mark != mark:
            _check_mark(facility, now)
        facility.version += 1
        facility.save()
        keep_changes(actor, facility, changes, source="page", now=now)
        _note("correct_facility", facility, {"fields": sorted(changes)})
    return facility


def verify_facility(*, actor: Actor, facility_id: UUID, expected_version: int, now: datetime) -> Facility:
    """Say that what the register knows of a facility was found true today.

    Twice through one post on one day is one act. Raises NotFound, NotAllowed, FacilityChanged.
    """
    with transaction.atomic():
        facility = _held(actor, facility_id)
        if (facility.verified_on, facility.verified_by) == (day_of(now), actor.post_title):
            return facility
        _in_step(facility, expected_version, now)
        facility.verified_on, facility.verified_by = day_of(now), actor.post_title
        facility.version += 1
        facility.save(update_fields=["verified_on", "verified_by", "version"])
        _note("verify_facility", facility, {})
    return facility


def end_facility(
    *, actor: Actor, facility_id: UUID, expected_version: int, reason: str, now: datetime
) -> Facility:
    """End a facility, with its groups; one that is over already stays as it is.

    Raises NotFound, NotAllowed, FacilityInvalid, FacilityChanged, FacilityInUse.
    """
    with transaction.atomic():
        facility = _held(actor, facility_id)
        if not may_enter_facility(actor, facility.area_code):
            raise NotAllowed
        if facility.ends_at is not None:
            return facility
        words = reason.strip()
        if not words or len(words) > LONGEST_REASON:
            raise FacilityInvalid(fields={"reason": _("请写明终止原因（1 到 300 字）。")})
        _in_step(facility, expected_version, now)
        if posts_of_facility(facility, now=now).exists() or vehicles_of(facility, now=now):
            raise FacilityInUse
        facility.ends_at = now
        facility.version += 1
        facility.save(update_fields=["ends_at", "version"])
        facility.groups.filter(in_force(now)).update(ends_at=now)
        _note("end_facility", facility, {}, why=words)
    return facility


def _same_act(earlier: Facility, area_code: str, facts: FacilityFacts) -> Facility:
    if (earlier.area_code, earlier.kind, earlier.name) != (area_code, facts.kind, facts.name.strip()):
        raise Conflict
    return earlier


def _held(actor: Actor, facility_id: UUID) -> Facility:
    """Return the facility, locked, if the actor may correct it."""
    if not may_correct(actor, access_facility(actor, facility_id)):
        raise NotAllowed
    hold(AdvisoryLock.PREMISES, Facility._meta.label)
    return Facility.objects.select_for_update().get(pk=facility_id)


def _in_step(facility: Facility, expected_version: int, now: datetime) -> None:
    if facility.version != expected_version or (facility.ends_at and facility.ends_at <= now):
        raise FacilityChanged


def _checked(facts: FacilityFacts) -> dict[str, Any]:
    """Return the fields as they are stored, or say which cannot be."""
    errors: dict[str, Text] = {}
    name, address = " ".join(facts.name.split()), " ".join(facts.address.split())
    definitions = definitions_in_force()
    if facts.kind not in definitions.facility_kinds:
        errors["kind"] = _("配置包里没有这个单位类型。")
    if not place_word(name) or len(name) > LONGEST_NAME:
        errors["name"] = _("请填写单位名称（1 到 60 字）。")
    if len(address) > LONGEST_ADDRESS:
        errors["address"] = _("地址最多 200 个字。")
    found = check_attributes(facts.attributes, definitions.of("facility", facts.kind))
    errors |= found.errors
    if errors:
        raise FacilityInvalid(fields=errors)
    return {"kind": facts.kind, "name": name, "address": address, "attributes": dict(found.values)}


def _check_mark(facility: Facility, now: datetime) -> None:
    """Refuse a second facility of one kind and name at one area."""
    alike = Facility.objects.filter(in_force(now), area_code=facility.area_code, kind=facility.kind)
    if any(row.mark == facility.mark for row in alike.exclude(pk=facility.pk)):
        raise FacilityInvalid(fields={"name": _("这个区域已经登记了一家同类同名的单位。")})


def _check_kind(actor: Actor, facility: Facility, kind: str, now: datetime) -> None:
    if not may_enter_facility(actor, facility.area_code):
        raise FacilityInvalid(fields={"kind": _("单位类型由管理机构更改。")})
    if any(kind not in allowed for allowed in kinds_of_posts([facility.pk], now=now)[facility.pk]):
        raise FacilityInvalid(fields={"kind": _("这家单位的岗位不设在这一类单位，请先结束这些岗位。")})


def _changes(facility: Facility, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (before, after) of each field that changes, attributes one by one under their keys."""
    plain = ("kind", "name", "address")
    found = {name: (getattr(facility, name), values[name]) for name in plain}
    old, new = facility.attributes, values["attributes"]
    found |= {f"attributes.{key}": (old.get(key), new.get(key)) for key in sorted({*old, *new})}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _note(verb: str, facility: Facility, detail: Mapping[str, object], why: str = "") -> None:
    """Put an act on record under the facility's place, and tell open pages."""
    said = {**detail, "version": facility.version}
    audit.record(verb, SUBJECT, [facility.pk], area_code=facility.area_code, why=why, detail=said)
    _tell(facility)


def _tell(facility: Facility) -> None:
    for topic in (FACILITIES, f"{FACILITIES}:{facility.pk}", AREAS):
        announce_change(topic, facility.area_code)
