"""What a plan would reach in each layer of scope: people, households, pupils, families, hours, cost, law."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.foundation.pack_store import entry, section
from anlan.health.queries import groups_of_reports
from anlan.organisation.models import Building, Facility, FacilityGroup
from anlan.organisation.pack import FacilityKind
from anlan.organisation.queries import area_names, in_force
from anlan.people.queries import Affected, affected_by_groups, affected_by_homes
from anlan.response.pack import Plan, ScopeLayer
from anlan.response.rules import layers_for
from anlan.surveillance.models import Signal

COMMUNITY_DIGITS, GRID_DIGITS = 12, 15
EDUCATION = "education"
HOMES_OF_GROUP = frozenset({"class", "dormitory"})


@dataclass(frozen=True, slots=True)
class ScopeOption:
    """One layer of scope for one place; hours of staff, yuan, hours of care a day are rough."""

    layer: str
    place: str
    area_code: str
    people: int
    households: int
    pupils: int
    families: int
    staff_hours: int
    yuan: int
    care_hours: int
    decided_by: str
    law_zh: str
    law_en: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a signal lies, as far as its kind tells."""

    kind: str
    area_code: str
    group: FacilityGroup | None = None
    facility: Facility | None = None
    building: Building | None = None
    household_id: UUID | None = None
    name: str = ""
    met_groups: tuple[UUID, ...] = ()  # the classes and dormitories the signal was met in or has reports of

    @property
    def facility_group(self) -> str:
        """Return the group of the unit's kind in the pack (education, care, …), '' without a unit."""
        if self.facility is None:
            return ""
        kinds = {kind.key: kind.group for kind in section(FacilityKind)}
        return kinds.get(self.facility.kind, "")


def place_of(signal: Signal) -> Place:
    """Return the place of a signal. Read under a duty: units and homes may lie beyond the actor's ranges."""
    kind, key = signal.place_kind, signal.place_key
    found: dict[str, object] = {}
    if kind in HOMES_OF_GROUP:
        group = FacilityGroup.objects.filter(pk=key).select_related("facility").first()
        found = {"group": group, "facility": group.facility if group else None}
    elif kind == "unit":
        found = {"facility": Facility.objects.filter(pk=key).first()}
    elif kind == "building":
        found = {"building": Building.objects.filter(pk=key).first()}
    elif kind == "household":
        home = UUID(key)
        found = {"household_id": home, "building": Building.objects.filter(households=home).first()}
    met = (place.partition(":") for place in signal.places)
    named = [UUID(of) for what, _colon, of in met if what in HOMES_OF_GROUP]
    found["met_groups"] = tuple(dict.fromkeys([*named, *groups_of_reports(signal.report_ids)]))
    return Place(kind, signal.area_code, name=signal.place_name, **found)  # type: ignore[arg-type]


def options_for(place: Place, plan: Plan, *, now: datetime) -> list[ScopeOption]:
    """Return the layers this plan may take for this place, the smallest effective first."""
    is_school = place.kind == "unit" and place.facility_group == EDUCATION
    layers = layers_for("school" if is_school else place.kind, plan.layers)
    return [_option(place, layer, now) for layer in layers]


def _option(place: Place, layer: str, now: datetime) -> ScopeOption:
    line = entry(ScopeLayer, layer)
    name, code, reached = _reached(place, layer, now)
    return ScopeOption(
        layer=layer,
        place=name,
        area_code=code,
        people=reached.people,
        households=reached.households,
        pupils=reached.pupils,
        families=reached.families,
        staff_hours=round(
            (line.staff_minutes_fixed + line.staff_minutes_per_household * reached.households) / 60
        ),
        yuan=line.yuan_per_person * reached.people,
        care_hours=line.care_hours_per_family * reached.families,
        decided_by=line.decided_by,
        law_zh=line.law.zh,
        law_en=line.law.en,
    )


def _reached(place: Place, layer: str, now: datetime) -> tuple[str, str, Affected]:
    code = place.area_code
    if layer == "class_or_floor" and place.group is not None:
        return place.name, code, affected_by_groups([place.group], now=now)
    if layer == "estate_or_school" and place.facility is not None and place.facility_group == EDUCATION:
        return place.facility.name, code, affected_by_groups(groups_of(place.facility, now), now=now)
    if layer == "household" and place.household_id is not None:
        return place.name, code, affected_by_homes(now=now, household_id=place.household_id)
    if layer == "building_or_unit" and place.building is not None:
        own = place.building.name or place.building.number
        return own, code, affected_by_homes(now=now, building_id=place.building.pk)
    if layer == "building_or_unit" and place.facility is not None:
        return place.facility.name, code, affected_by_groups(groups_of(place.facility, now), now=now)
    wide = code[:COMMUNITY_DIGITS] if layer == "community" else code[:GRID_DIGITS]
    return area_names([wide], now=now).get(wide, wide), wide, affected_by_homes(now=now, area_code=wide)


def groups_of(facility: Facility, now: datetime) -> Sequence[FacilityGroup]:
    """Return the classes, dormitories and wards a unit has now."""
    return list(FacilityGroup.objects.filter(in_force(now), facility=facility))


def groups_in_scope(place: Place, layer: str, now: datetime) -> Sequence[FacilityGroup]:
    """Return the classes whose homes a response in this layer concerns.

    A signal that has grown beyond its class concerns, in the layer of classes, every class it was met in
    or has reports of.
    """
    if place.group is not None and layer == "class_or_floor":
        return [place.group]
    if place.met_groups and layer == "class_or_floor":
        return list(FacilityGroup.objects.filter(pk__in=place.met_groups))
    return groups_of(place.facility, now) if place.facility is not None else []
