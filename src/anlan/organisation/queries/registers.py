"""Questions about premises, vehicles and beds: who may see and keep them, what is missing, what is stale."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import pack_in_force, section
from anlan.foundation.scope import within
from anlan.organisation.attributes import asked_of, missing_of, renew_days_of
from anlan.organisation.models import BedCount, Facility, Post, Vehicle
from anlan.organisation.pack import FacilityKind
from anlan.organisation.pack_registers import Attribute, VehicleKind
from anlan.organisation.queries import in_force, post_roles

SEES_NEIGHBOURS = ("grid_work", "org", "lead", "health", "department")  # others see their own unit only
TOLD_APART_BY = frozenset({"yes_no", "choice", "several"})  # types of attributes a list is narrowed by
UNSAID = "unsaid"
RENEW_DAYS = 365  # of a kind that the pack no longer has


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the pack in force says of the registers, read once for a page."""

    facility_kinds: Mapping[str, FacilityKind]
    vehicle_kinds: Mapping[str, VehicleKind]
    attributes: Sequence[Attribute]

    def of(self, register: str, kind: str = "") -> list[Attribute]:
        """Return what is asked of a register's rows of a kind: facility, vehicle or member."""
        return asked_of(self.of_any_kind(register), kind)

    def of_any_kind(self, register: str) -> list[Attribute]:
        """Return all that is asked of a register's rows, of whatever kind."""
        return [one for one in self.attributes if one.of == register]

    def renew_days(self, kind: str) -> int:
        """Return after how many days facilities of a kind are to be verified again."""
        known = self.facility_kinds.get(kind)
        return renew_days_of(self.of("facility", kind), known.renew_days) if known else RENEW_DAYS

    def missing(self, register: str, kind: str, values: Mapping[str, Any]) -> list[Attribute]:
        """Return what is required of a row and not said."""
        asked = self.of(register, kind)
        keys = missing_of(values, asked)
        return [one for one in asked if one.key in keys]


def definitions_in_force() -> Definitions:
    """Return what the pack in force says."""
    version = pack_in_force()
    return Definitions(
        facility_kinds={kind.key: kind for kind in section(FacilityKind, version)},
        vehicle_kinds={kind.key: kind for kind in section(VehicleKind, version)},
        attributes=section(Attribute, version),
    )


def has_beds(facility: Facility) -> bool:
    """Say whether beds are counted in facilities of this kind."""
    kind = definitions_in_force().facility_kinds.get(facility.kind)
    return kind is not None and kind.beds


def may_enter_facility(actor: Actor, area_code: str) -> bool:
    """Say whether the actor's post enters facilities at an area."""
    return actor.has_purpose("org") and actor.ranges.covers(area_code)


def may_keep(actor: Actor, facility: Facility) -> bool:
    """Say whether the actor's post keeps what a facility has: beds, vehicles. A unit keeps its own."""
    return actor.facility_id == facility.pk or may_enter_facility(actor, facility.area_code)


def may_correct(actor: Actor, facility: Facility) -> bool:
    """Say whether the actor's post corrects and verifies a facility: who keeps it, and the grid's work."""
    on_the_spot = actor.has_purpose("grid_work") and actor.ranges.covers(facility.area_code)
    return on_the_spot or may_keep(actor, facility)


def may_keep_vehicle(actor: Actor, vehicle: Vehicle) -> bool:
    """Say whether the actor's post keeps a vehicle: an area's own, or one of its own unit."""
    own = vehicle.facility_id is not None and vehicle.facility_id == actor.facility_id
    return own or may_enter_facility(actor, vehicle.area_code)


def may_enter_vehicles(actor: Actor) -> bool:
    """Say whether the actor's post enters vehicles at all: of its areas, or of its own unit."""
    return actor.has_purpose("org") or actor.facility_id is not None


def _own_or_all(actor: Actor, column: str) -> Q:
    """Return the condition that a row is of the actor's unit, where the post sees no other's."""
    if actor.has_purpose(*SEES_NEIGHBOURS):
        return Q()
    return Q(**{f"{column}__in": [actor.facility_id] if actor.facility_id else []})


def registered_facilities(actor: Actor) -> QuerySet[Facility]:
    """Return the facilities of the actor's ranges, ended or not; a unit's post sees its own."""
    return Facility.objects.filter(within(actor.ranges), _own_or_all(actor, "pk"))


def access_facility(actor: Actor, facility_id: UUID) -> Facility:
    """Return one facility of the actor's, ended or not, or raise NotFound."""
    facility = registered_facilities(actor).filter(pk=facility_id).first()
    if facility is None:
        raise NotFound
    return facility


def wanted_facilities(actor: Actor, sought: Mapping[str, str], *, now: datetime) -> QuerySet[Facility]:
    """Return the facilities in force that the filters of the list ask for."""
    rows = registered_facilities(actor).filter(in_force(now))
    words, kind, area, view = (sought.get(key, "").strip() for key in ("q", "kind", "area", "view"))
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(address__icontains=words))
    if kind:
        rows = rows.filter(kind=kind)
    if said := sought.get("said", "").strip():
        rows = rows.filter(is_said(definitions_in_force(), said))
    if area.isdigit():
        rows = rows.filter(within(AreaRanges.of([area])))
    if view == "verify":
        rows = rows.filter(is_stale(definitions_in_force(), day_of(now)))
    if view == "incomplete":
        rows = rows.filter(is_incomplete(definitions_in_force()))
    return rows


def told_apart(definitions: Definitions) -> list[Attribute]:
    """Return the attributes by which facilities can be told apart."""
    return [one for one in definitions.of_any_kind("facility") if one.type in TOLD_APART_BY]


def narrowing(definitions: Definitions, kind: str) -> list[Attribute]:
    """Return those that narrow a list of one kind; of all kinds, what several answer with yes or no."""
    known = told_apart(definitions)
    if kind:
        return asked_of(known, kind)
    return [one for one in known if one.type == "yes_no" and len(one.kinds) > 1]


def answers_to(attribute: Attribute) -> dict[str, Any]:
    """Return what may be said of an attribute, by its word in an address; None where nothing is said."""
    said: dict[str, Any] = {"yes": True, "no": False} if attribute.type == "yes_no" else {}
    return {**said, **{one.key: one.key for one in attribute.choices}, UNSAID: None}


def is_said(definitions: Definitions, said: str) -> Q:
    """Return the condition that this is said of a facility: the attribute's key, a full stop, the answer."""
    key, _stop, word = said.partition(".")
    attribute = next((one for one in told_apart(definitions) if one.key == key), None)
    if attribute is None or word not in (answers := answers_to(attribute)):
        return Q(pk__in=[])
    of_its_kinds = Q(kind__in=attribute.kinds) if attribute.kinds else Q()
    if word == UNSAID:
        return of_its_kinds & ~Q(attributes__has_key=key)
    value = answers[word]
    return of_its_kinds & Q(attributes__contains={key: [value] if attribute.type == "several" else value})


def is_incomplete(definitions: Definitions) -> Q:
    """Return the condition that a facility lacks something the pack requires of its kind."""
    condition = Q(pk__in=[])
    for kind in definitions.facility_kinds:
        required = [one.key for one in definitions.missing("facility", kind, {})]
        if required:
            condition |= Q(kind=kind) & ~Q(attributes__has_keys=required)
    return condition


def is_stale(definitions: Definitions, today: date) -> Q:
    """Return the condition that a facility was never verified, or longer ago than its kind allows."""
    known = list(definitions.facility_kinds)
    kinds_by_days: dict[int, list[str]] = defaultdict(list)
    for kind in known:
        kinds_by_days[definitions.renew_days(kind)].append(kind)
    stale = Q(verified_on=None) | (~Q(kind__in=known) & _before(today, RENEW_DAYS))
    for days, kinds in kinds_by_days.items():
        stale |= Q(kind__in=kinds) & _before(today, days)
    return stale


def _before(today: date, days: int) -> Q:
    return Q(verified_on__lt=today - timedelta(days=days))


def due_on(facility: Facility, definitions: Definitions) -> date | None:
    """Return the last day on which what is known of a facility counts as verified; None if it never was."""
    if facility.verified_on is None:
        return None
    return facility.verified_on + timedelta(days=definitions.renew_days(facility.kind))


def posts_of_facility(facility: Facility, *, now: datetime) -> QuerySet[Post]:
    """Return the posts in force that belong to a facility."""
    return Post.objects.filter(in_force(now), facility=facility).order_by("role", "pk")


def kinds_of_posts(facility_ids: Iterable[UUID], *, now: datetime) -> Mapping[UUID, list[list[str]]]:
    """Return, of each facility, the kinds that the roles of its posts allow."""
    ids = list(facility_ids)
    roles = post_roles() if ids else {}
    found: dict[UUID, list[list[str]]] = defaultdict(list)
    posts = Post.objects.filter(in_force(now), facility__in=ids)
    for facility, role in posts.values_list("facility_id", "role"):
        if facility and role in roles and roles[role].unit_kinds:
            found[facility].append(roles[role].unit_kinds)
    return found


def registered_vehicles(actor: Actor) -> QuerySet[Vehicle]:
    """Return the vehicles of the actor's ranges, ended or not; a unit's post sees its own."""
    return Vehicle.objects.filter(within(actor.ranges), _own_or_all(actor, "facility"))


def access_vehicle(actor: Actor, vehicle_id: UUID) -> Vehicle:
    """Return one vehicle of the actor's, ended or not, or raise NotFound."""
    vehicle = registered_vehicles(actor).filter(pk=vehicle_id).select_related("facility").first()
    if vehicle is None:
        raise NotFound
    return vehicle


def wanted_vehicles(actor: Actor, sought: Mapping[str, str], *, now: datetime) -> QuerySet[Vehicle]:
    """Return the vehicles in force that the filters of the list ask for."""
    rows = registered_vehicles(actor).filter(in_force(now)).select_related("facility")
    words, kind, area, state = (sought.get(key, "").strip() for key in ("q", "kind", "area", "state"))
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(facility__name__icontains=words))
    if kind:
        rows = rows.filter(kind=kind)
    if area.isdigit():
        rows = rows.filter(within(AreaRanges.of([area])))
    if state:
        rows = rows.filter(state=state)
    return rows


def vehicles_of(facility: Facility, *, now: datetime) -> list[Vehicle]:
    """Return the vehicles in force that belong to a facility."""
    rows = Vehicle.objects.filter(in_force(now), facility=facility)
    return list(rows.order_by("kind", "name", "pk"))


def beds_since(facility: Facility, since: date) -> list[BedCount]:
    """Return what was counted in a facility from a day on, the earliest first."""
    return list(BedCount.objects.filter(facility=facility, on__gte=since).order_by("on"))
