"""What each mechanism of the pack's source comes to now: is it there, and how many in the actor's ranges."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from anlan.foundation.actor import Actor
from anlan.foundation.models import PackVersion
from anlan.foundation.pack_store import pack_in_force, section
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Facility, Member, Vehicle
from anlan.organisation.pack_mechanisms import OWN_AREA, LiveObject, Mechanism
from anlan.organisation.pack_registers import Attribute
from anlan.organisation.queries import in_force
from anlan.organisation.queries.bodies import body_templates
from anlan.organisation.queries.checklists import checklists
from anlan.organisation.queries.coverage import body_coverage, checklist_coverage
from anlan.organisation.queries.registers import registered_facilities, registered_vehicles
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, MechanismState

SECTION_OF = {  # field of an object: the section its key stands in
    "body": "bodies",
    "checklist": "checklists",
    "facility_kinds": "facility_kinds",
    "vehicle_kind": "vehicle_kinds",
    "attribute": "attributes",
    "count_form": "count_forms",
    "indicator": "indicators",
    "order_kind": "order_kinds",
    "plan": "plans",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are in the actor's ranges; of what can be complete, how many are."""

    count: int
    complete: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is there: its key (of a page its address) and how many; None where none are counted."""

    key: str
    tally: Tally | None = None


@dataclass(frozen=True, slots=True)
class MechanismNow:
    """A mechanism, what sort of thing it lives in, and the parts of it that are there."""

    mechanism: Mechanism
    kind: str = ""  # a field of LiveObject
    parts: tuple[Part, ...] = ()

    @property
    def state(self) -> MechanismState:
        """Return how it stands: not built without a part, empty where all that is counted is nothing."""
        if not self.parts:
            return MechanismState.NOT_BUILT
        is_empty = all(part.tally is not None and part.tally.count == 0 for part in self.parts)
        return MechanismState.EMPTY if is_empty else MechanismState.LIVE


def mechanisms_now(actor: Actor, *, now: datetime) -> list[MechanismNow]:
    """Return the mechanisms of the pack in force, in its order, each with what it comes to now."""
    counting = _Counting(actor, now, pack_in_force())
    return [counting.resolved(row) for row in section(Mechanism, counting.version)]


def address_of(page: str, arguments: Iterable[str], actor: Actor) -> str:
    """Return the address of a page for the actor's district; empty where the product has no such page."""
    district = actor.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]]
    try:
        return reverse(page, args=[said.replace(OWN_AREA, district) for said in arguments])
    except NoReverseMatch:
        return ""


@dataclass
class _Counting:
    """Counts for one actor at one moment; what several mechanisms share is counted once."""

    actor: Actor
    now: datetime
    version: PackVersion
    _bodies: dict[str, Tally] = field(default_factory=dict)

    def resolved(self, mechanism: Mechanism) -> MechanismNow:
        """Return a mechanism with the parts of its object that are there."""
        if mechanism.object is None:
            return MechanismNow(mechanism)
        kind, keys = _named(mechanism.object)
        if kind == "page":
            address = address_of(keys[0], mechanism.object.arguments, self.actor)
            return MechanismNow(mechanism, kind, (Part(address),) if address else ())
        there = {row.model_dump()["key"] for row in section(SECTION_OF[kind], self.version)}
        parts = tuple(Part(key, self._tally(kind, key)) for key in keys if key in there)
        return MechanismNow(mechanism, kind, parts)

    def _tally(self, kind: str, key: str) -> Tally | None:
        """Return how many there are; None of what lies with the apps above."""
        counted: dict[str, Callable[[str], Tally | None]] = {
            "body": self._body,
            "checklist": self._checklist,
            "facility_kinds": lambda key: Tally(self._facilities.get(key, 0)),
            "vehicle_kind": lambda key: Tally(self._vehicles.get(key, 0)),
            "attribute": self._attribute,
        }
        return counted[kind](key) if kind in counted else None

    @cached_property
    def _areas(self) -> list[Area]:
        """Return the areas that the actor's ranges begin at."""
        return list(Area.objects.filter(in_force(self.now), code__in=self.actor.ranges.codes))

    @cached_property
    def _facilities(self) -> Mapping[str, int]:
        return _by_kind(registered_facilities(self.actor).filter(in_force(self.now)))

    @cached_property
    def _vehicles(self) -> Mapping[str, int]:
        return _by_kind(registered_vehicles(self.actor).filter(in_force(self.now)))

    def _body(self, key: str) -> Tally:
        if key not in self._bodies:
            template = body_templates()[key]
            rows = [one for area in self._areas
                    for one in body_coverage(area, template, now=self.now).values()]  # fmt: skip
            founded = sum(one.total - one.not_founded for one in rows)
            self._bodies[key] = Tally(founded, sum(one.complete for one in rows))
        return self._bodies[key]

    def _checklist(self, key: str) -> Tally | None:
        listed = checklists().get(key)
        if listed is None:  # answered with an order, not for an area
            return None
        rows = [one for area in self._areas
                for one in checklist_coverage(area, listed, now=self.now).values()]  # fmt: skip
        return Tally(sum(one.total - one.empty for one in rows), sum(one.complete for one in rows))

    def _attribute(self, key: str) -> Tally:
        asked = next(row for row in section(Attribute, self.version) if row.key == key)
        said = Q(attributes__has_key=key)
        if asked.of == "facility":
            rows = registered_facilities(self.actor).filter(in_force(self.now), said)
            return Tally(rows.count())
        if asked.of == "vehicle":
            return Tally(registered_vehicles(self.actor).filter(in_force(self.now), said).count())
        return Tally(Member.objects.filter(within(self.actor.ranges), said, is_system=False).count())


def _named(found: LiveObject) -> tuple[str, list[str]]:
    """Return the one field of an object that is said, and its keys."""
    name = next(one for one in type(found).model_fields if one != "arguments" and getattr(found, one))
    said = getattr(found, name)
    return name, list(said) if isinstance(said, list) else [said]


def _by_kind(rows: QuerySet[Facility] | QuerySet[Vehicle]) -> dict[str, int]:
    return dict(rows.order_by().values_list("kind").annotate(count=Count("pk")))
