"""Where reports and counts lie: the places of each kind, their names, and what holds what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.foundation.clock import day_of
from anlan.health.models import CaseReport
from anlan.organisation.models import Building, Facility, FacilityGroup
from anlan.organisation.queries import area_names
from anlan.surveillance.rules import PlacedReport, place

AREA_DIGITS = {"grid": 15, "community": 12, "subdistrict": 9, "district": 6}
GROUPS = frozenset({"class", "dormitory"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a rule: where it lies, what it is called, and every place it lies in, itself included."""

    kind: str
    key: str
    area_code: str
    name: str
    inside: frozenset[str]

    @property
    def joins(self) -> frozenset[str]:
        """Return the places by which two findings are one: its own, and the unit or building around it."""
        around = {"class": "unit:", "dormitory": "unit:", "household": "building:"}.get(self.kind)
        own = {place(self.kind, self.key)}
        return frozenset(own | {one for one in self.inside if around and one.startswith(around)})


def areas_holding(area_code: str) -> frozenset[str]:
    """Return the areas a code lies in, as places."""
    return frozenset(
        place(kind, area_code[:digits]) for kind, digits in AREA_DIGITS.items() if len(area_code) >= digits
    )


def group_place_kind(group: FacilityGroup) -> str:
    """Return the kind of place a group of a facility is to rules."""
    return "dormitory" if group.kind == "dormitory" else "class"


def placed(report: CaseReport) -> PlacedReport:
    """Return a report as the rules see it."""
    places = {kind: report.area_code[:digits] for kind, digits in AREA_DIGITS.items()}
    if report.household_id:
        places["household"] = str(report.household_id)
    if report.building_id:
        places["building"] = str(report.building_id)
    if report.facility_id:
        places["unit"] = str(report.facility_id)
    if report.group is not None:
        places[group_place_kind(report.group)] = str(report.group_id)
    on = report.onset_on or day_of(report.reported_at)
    return PlacedReport(report.pk, report.condition, on, report.reported_at, places)


def placed_reports(report_ids: Iterable[UUID]) -> list[PlacedReport]:
    """Return these reports as the rules see them."""
    rows = CaseReport.objects.filter(pk__in=list(report_ids)).select_related("group")
    return [placed(row) for row in rows]


def place_of(kind: str, key: str, *, now: datetime) -> Place:
    """Return one place by kind and key."""
    if kind in AREA_DIGITS:
        return Place(kind, key, key, _area_name(key, now), areas_holding(key))
    if kind in GROUPS:
        group = FacilityGroup.objects.select_related("facility").get(pk=key)
        unit = group.facility
        inside = {place(kind, key), place("unit", str(unit.pk))} | areas_holding(unit.area_code)
        return Place(kind, key, unit.area_code, f"{unit.name} {group.name}".strip(), frozenset(inside))
    if kind == "unit":
        unit = Facility.objects.get(pk=key)
        inside = {place(kind, key)} | areas_holding(unit.area_code)
        return Place(kind, key, unit.area_code, unit.name, frozenset(inside))
    if kind == "household":
        return _household(key, now)
    building = Building.objects.get(pk=key)
    inside = {place(kind, key)} | areas_holding(building.area_code)
    name = _door_name(building.area_code, building, now)
    return Place(kind, key, building.area_code, name, frozenset(inside))


def _household(key: str, now: datetime) -> Place:
    """Return a household by the reports that name it: who lives there is not for rules to read."""
    report = CaseReport.objects.select_related("building").filter(household_id=key).order_by("pk")[0]
    inside = {place("household", key)} | areas_holding(report.area_code)
    if report.building_id:
        inside |= {place("building", str(report.building_id))}
    name = _door_name(report.area_code, report.building, now)
    return Place("household", key, report.area_code, name, frozenset(inside))


def _door_name(area_code: str, building: Building | None, now: datetime) -> str:
    name = _area_name(area_code, now)
    return f"{name} {building.name or building.number}" if building is not None else name


def _area_name(area_code: str, now: datetime) -> str:
    return area_names([area_code], now=now).get(area_code, area_code)
