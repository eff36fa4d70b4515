"""Where a group text belongs: an area in the actor's ranges, or one building there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anlan.exchange.models import GroupList
from anlan.foundation.actor import RANGE_END, Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import within
from anlan.organisation.models import Building
from anlan.organisation.queries import area_names, areas_below, in_force
from anlan.people.queries import access_building

AREA, BUILDING = "area", "building"
MOST_BUILDINGS = 300  # offered to choose from


@dataclass(frozen=True, slots=True)
class Place:
    """An area, or one building of it."""

    area_code: str
    building_id: UUID | None = None
    name: str = ""

    @property
    def homes(self) -> Q:
        """Return the condition that a household lies here."""
        here = Q(area_code__gte=self.area_code, area_code__lt=self.area_code + RANGE_END)
        return here & Q(building_id=self.building_id) if self.building_id else here


def place_of(listed: GroupList) -> Place:
    """Return the place of a list."""
    return Place(listed.area_code, listed.building_id, listed.place_name)


def read_place(actor: Actor, said: str, *, now: datetime) -> Place:
    """Return the place that a choice names (`area:…` or `building:…`); raise NotFound."""
    kind, _colon, key = said.partition(":")
    if kind == AREA and key.isascii() and key.isdigit() and actor.ranges.covers(key):
        names = area_names([key], now=now)
        if key in names:
            return Place(key, None, names[key])
    if kind == BUILDING:
        building = access_building(actor, _uuid(key))
        areas = area_names([building.area_code], now=now)
        return Place(building.area_code, building.pk, _building_name(building, areas))
    raise NotFound


def places_offered(actor: Actor, *, now: datetime) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (choice, name) of the areas and of the buildings to choose from."""
    own = list(actor.ranges.codes)
    below = [area.code for code in own for area in areas_below(code, now=now)]
    codes = list(dict.fromkeys([*own, *below]))
    names = area_names(codes, now=now)
    areas = [(f"{AREA}:{code}", names[code]) for code in codes if code in names]
    return areas, _buildings_offered(actor, now)


def _buildings_offered(actor: Actor, now: datetime) -> list[tuple[str, str]]:
    rows = Building.objects.filter(within(actor.ranges), in_force(now)).order_by("area_code", "number", "pk")
    listed = list(rows[: MOST_BUILDINGS + 1])
    if len(listed) > MOST_BUILDINGS:
        return []
    listed.sort(key=lambda row: (row.area_code, len(row.number), row.number))
    names = area_names({row.area_code for row in listed}, now=now)
    return [(f"{BUILDING}:{row.pk}", _building_name(row, names)) for row in listed]


def _building_name(building: Building, areas: dict[str, str]) -> str:
    return f"{areas.get(building.area_code, '')} {building.name or building.number + '号楼'}".strip()


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
