"""Find the grid, building or class a report is about, in however large an area."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Building, FacilityGroup
from anlan.organisation.queries import area_names, in_force
from anlan.organisation.rules import AreaLevel

FOUND_AT_MOST = 12  # of grids, and of buildings
MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """A grid, or a building or class in it, as it is offered."""

    area_code: str
    label: str
    building_id: UUID | None = None
    facility_id: UUID | None = None
    group_id: UUID | None = None

    @property
    def value(self) -> str:
        """Return how a form names it."""
        if self.building_id:
            return f"building:{self.building_id}"
        return f"class:{self.group_id}" if self.group_id else self.area_code


def grids_in_range(actor: Actor, *, now: datetime) -> QuerySet[Area]:
    """Return the grids in the actor's ranges, in their order."""
    rows = Area.objects.filter(within(actor.ranges, "code"), in_force(now), level=AreaLevel.GRID)
    return rows.order_by("code")


def places_found(actor: Actor, words: str, *, now: datetime) -> list[ReportPlace]:
    """Return the grids, buildings and classes in range that these words name, grids first.

    A word names a grid (by its name, its community's, or its code) or a building in a grid that is named; or
    all words name a class of a unit.
    """
    said = words.split()[:MOST_WORDS]
    if not said:
        return []
    grids, rest = grids_in_range(actor, now=now), []
    for word in said:
        narrower = grids.filter(_names_grid(actor, word, now))
        if narrower.exists():
            grids = narrower
        else:
            rest.append(word)
    if rest:
        codes = None if len(rest) == len(said) else list(grids.values_list("code", flat=True))
        return _buildings(actor, codes, rest, now) + _classes(actor, said, now)
    shown = list(grids[:FOUND_AT_MOST])
    found = [ReportPlace(grid.code, grid.name) for grid in shown]
    inside = _buildings(actor, [shown[0].code], [], now) if len(shown) == 1 else []
    return found + inside + _classes(actor, said, now)


def place_of(actor: Actor, value: str, *, now: datetime) -> ReportPlace | None:
    """Return the place a form's value names, if it is in range."""
    kind, _colon, key = value.partition(":")
    if not key:
        grid = grids_in_range(actor, now=now).filter(code=kind).first()
        return ReportPlace(grid.code, grid.name) if grid else None
    try:
        row_id = UUID(key)
    except ValueError:
        return None
    if kind == "building":
        return next(iter(_placed(Building.objects.filter(within(actor.ranges), pk=row_id), now)), None)
    return next(iter(_in_units(FacilityGroup.objects.filter(within(actor.ranges), pk=row_id))), None)


def _names_grid(actor: Actor, word: str, now: datetime) -> Q:
    named = Q(name__icontains=word)
    if word.isascii() and word.isdigit():
        return named | Q(code__startswith=word)
    communities = Area.objects.filter(
        within(actor.ranges, "code"), in_force(now), level=AreaLevel.COMMUNITY, name__icontains=word
    )
    return named | Q(parent_code__in=communities.values("code"))


def _buildings(actor: Actor, codes: list[str] | None, words: list[str], now: datetime) -> list[ReportPlace]:
    rows = Building.objects.filter(within(actor.ranges), in_force(now))
    if codes is not None:
        rows = rows.filter(area_code__in=codes)
    for word in words:
        rows = rows.filter(Q(name__icontains=word) | Q(number=word.removesuffix("号楼").removesuffix("号")))
    return _placed(rows.order_by("area_code", "number", "pk")[:FOUND_AT_MOST], now)


def _placed(rows: Iterable[Building], now: datetime) -> list[ReportPlace]:
    found = list(rows)
    names = area_names({row.area_code for row in found}, now=now)
    return [
        ReportPlace(row.area_code, f"{names.get(row.area_code, '')} {row.name or row.number}".strip(), row.pk)
        for row in found
    ]


def _classes(actor: Actor, words: list[str], now: datetime) -> list[ReportPlace]:
    rows = FacilityGroup.objects.filter(within(actor.ranges), in_force(now))
    for word in words:
        rows = rows.filter(Q(name__icontains=word) | Q(facility__name__icontains=word))
    return _in_units(rows.order_by("facility", "name", "pk")[:FOUND_AT_MOST])


def _in_units(rows: QuerySet[FacilityGroup]) -> list[ReportPlace]:
    return [
        ReportPlace(
            row.area_code,
            f"{row.facility.name} {row.name}",
            facility_id=row.facility_id,
            group_id=row.pk,
        )
        for row in rows.select_related("facility")
    ]
