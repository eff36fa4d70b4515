"""How large the grids of an area are: households to a worker, too large, too small, without anybody."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import AreaRanges
from anlan.foundation.known_settings import KnownSetting
from anlan.foundation.scope import duty, within
from anlan.organisation.models import Area
from anlan.organisation.queries import in_force, live_appointments, setting, staffing
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.people.queries.totals import Totals, totals_below

# 300 to 500 households to a grid is what cities' rules on grids say; from memory, to be checked before use.
MOST_HOUSEHOLDS = KnownSetting(
    "grids.most_households",
    _("一个网格的户数上限"),
    _("超过即标为过大，建议拆分。"),
    500,
    100,
    3_000,
)
LEAST_HOUSEHOLDS = KnownSetting(
    "grids.least_households",
    _("一个网格的户数下限"),
    _("不足即标为过小，可与相邻网格合并。"),
    100,
    0,
    1_000,
)
GRID_SETTINGS = (MOST_HOUSEHOLDS, LEAST_HOUSEHOLDS)
LISTED = 100
GRID_CODE = CODE_LENGTH[AreaLevel.GRID]


@dataclass(frozen=True, slots=True)
class GridSize:
    """A grid with what its workers have to look after."""

    code: str
    name: str
    households: int
    people: int
    workers: int
    is_special: bool
    size: str  # large, small, or '' for one within the bounds

    @property
    def per_worker(self) -> int | None:
        """Return households to a worker, None where there is none."""
        return round(self.households / self.workers) if self.workers else None

    @property
    def is_unanswered(self) -> bool:
        """Say whether nobody answers for an ordinary grid."""
        return not self.workers and not self.is_special

    @property
    def state(self) -> str:
        """Return what asks to be done first: open (nobody answers for it), large, small, or ''."""
        return "open" if self.is_unanswered else self.size


@dataclass(frozen=True, slots=True)
class GridSizes:
    """The grids of an area, the largest first, with the bounds they are held against."""

    grids: list[GridSize]
    most: int
    least: int
    households: int
    people: int
    workers: int

    @property
    def large(self) -> int:
        """Return how many are too large."""
        return sum(grid.size == "large" for grid in self.grids)

    @property
    def small(self) -> int:
        """Return how many are too small."""
        return sum(grid.size == "small" for grid in self.grids)

    @property
    def unanswered(self) -> int:
        """Return how many have nobody who answers for them."""
        return sum(grid.is_unanswered for grid in self.grids)


def grid_sizes(area: Area, *, now: datetime) -> GridSizes:
    """Return the grids of an area with their households, people and workers: numbers alone."""
    arrangement = staffing.arrangement_in_force()
    inside = AreaRanges.of([area.code])
    areas = Area.objects.filter(within(inside, "code"), in_force(now), level=AreaLevel.GRID)
    with transaction.atomic(), duty("size_grids", ranges=inside, cause="grid_sizes"):
        counted = totals_below(area.code, digits=GRID_CODE)
    workers = _workers(inside, arrangement.needed_in_grids, now)
    most = setting(MOST_HOUSEHOLDS.key, area.code, now=now, default=MOST_HOUSEHOLDS.default)
    least = setting(LEAST_HOUSEHOLDS.key, area.code, now=now, default=LEAST_HOUSEHOLDS.default)
    special_kinds, grids = set(arrangement.special_kinds), []
    for code, name, kind in areas.values_list("code", "name", "kind"):
        found, special = counted.get(code, Totals()), kind in special_kinds
        count = found.households
        size = "" if special else "large" if count > most else "small" if count < least else ""
        held = workers.get(code, 0)
        grids.append(GridSize(code, name, count, found.residents, held, special, size))
    grids.sort(key=lambda grid: (-grid.households, grid.code))
    households = sum(row.households for row in counted.values())
    people = sum(row.residents for row in counted.values())
    return GridSizes(grids, most, least, households, people, sum(workers.values()))


def _workers(inside: AreaRanges, roles: list[str], now: datetime) -> dict[str, int]:
    """Return how many hold a duty that every grid needs, by grid."""
    held = live_appointments(now).filter(within(inside, "post__area_code"), post__role__in=roles)
    counted = held.order_by().values_list("post__area_code").annotate(Count("member", distinct=True))
    return {code[:GRID_CODE]: count for code, count in counted}
