"""Read a district's counts into arrays: every grid and indicator over the days the detectors need."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import within
from anlan.organisation.models import Area, AreaLink, Holiday
from anlan.organisation.queries import in_force
from anlan.organisation.rules import AreaLevel
from anlan.surveillance.count_arrays import Floats
from anlan.surveillance.pack import Indicator
from anlan.surveillance.scoring import Counts, days_needed

WIDE_DAYS = 5 * 366  # five years of the districts' and subdistricts' sums: seasons, moving percentile
WEEKEND = 5

GRIDS = """
    SELECT indicator, area_code, string_agg(int4send("on" - %(first)s) || int4send(count), ''::bytea)
    FROM surveillance_dailycount
    WHERE area_code >= %(low)s AND area_code < %(high)s AND "on" >= %(first)s AND "on" <= %(until)s
          AND indicator = ANY(%(indicators)s)
    GROUP BY 1, 2
"""
WIDE = """
    SELECT indicator, left(area_code, 9), "on" - %(first)s, sum(count)::int, count(*)::int
    FROM surveillance_dailycount
    WHERE area_code >= %(low)s AND area_code < %(high)s AND length(area_code) = 15
          AND "on" >= %(first)s AND "on" <= %(until)s AND indicator = ANY(%(indicators)s)
    GROUP BY 1, 2, 3
"""


def read_counts(district: str, wanted: Sequence[Indicator], *, until: date, now: datetime) -> Counts:
    """Return the district's counts up to and with `until`, under the scope in force."""
    areas = _grids(district, now)
    keys = tuple(one.key for one in wanted)
    reported = np.array([bool(one.reports) for one in wanted])
    days = days_needed()
    grids = _fine(district, keys, areas, (until - timedelta(days=days - 1), until))
    grids[reported] = np.nan_to_num(grids[reported])  # of case reports, none is a zero
    subdistricts = tuple(sorted({code[:9] for code in areas}))
    first = until - timedelta(days=WIDE_DAYS - 1)
    wide, reporters = _wide(district, keys, subdistricts, (first, until))
    sizes = np.array([sum(code.startswith(one) for code in areas) for one in subdistricts], dtype=float)
    began = _began(wide[reported])
    wide[reported, :, began:] = np.nan_to_num(wide[reported, :, began:])
    reporters[reported, :, began:] = sizes[:, np.newaxis]
    holidays, workdays = _calendar(first)
    neighbours = _neighbours(district, areas, now)
    return Counts(until, keys, areas, grids, subdistricts, wide, reporters, holidays, workdays, neighbours)


def _grids(district: str, now: datetime) -> tuple[str, ...]:
    rows = Area.objects.filter(in_force(now), within(AreaRanges.of([district]), "code"))
    return tuple(rows.filter(level=AreaLevel.GRID).order_by("code").values_list("code", flat=True))


def _ask(sql: str, district: str, keys: Sequence[str], span: tuple[date, date]) -> list[tuple[Any, ...]]:
    first, until = span
    facts: dict[str, Any] = {"low": district, "high": district + "~", "first": first, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**facts, "indicators": list(keys)})
        return list(cursor.fetchall())


def _fine(district: str, keys: Sequence[str], areas: Sequence[str], span: tuple[date, date]) -> Floats:
    table = np.full((len(keys), len(areas), (span[1] - span[0]).days + 1), np.nan)
    row_of = {key: row for row, key in enumerate(keys)}
    place_of = {code: place for place, code in enumerate(areas)}
    for key, code, packed in _ask(GRIDS, district, keys, span):
        place = place_of.get(code)
        if place is not None:
            pairs = np.frombuffer(bytes(packed), dtype=">i4").reshape(-1, 2)
            table[row_of[key], place, pairs[:, 0]] = pairs[:, 1]
    return table


def _wide(
    district: str, keys: Sequence[str], subdistricts: Sequence[str], span: tuple[date, date]
) -> tuple[Floats, Floats]:
    shape = (len(keys), len(subdistricts), (span[1] - span[0]).days + 1)
    table, reporters = np.full(shape, np.nan), np.zeros(shape)
    row_of = {key: row for row, key in enumerate(keys)}
    place_of = {code: place for place, code in enumerate(subdistricts)}
    for key, code, day, total, came in _ask(WIDE, district, keys, span):
        if code in place_of:
            table[row_of[key], place_of[code], day] = total
            reporters[row_of[key], place_of[code], day] = came
    return table, reporters


def _began(wide: Floats) -> int:
    """Return the first day on which anything was ever reported: before it there was no zero either."""
    seen = np.flatnonzero(np.isfinite(wide).any(axis=(0, 1))) if wide.size else np.array([])
    return int(seen[0]) if seen.size else int(wide.shape[-1])


def _calendar(first: date) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which days were holidays and which Saturdays and Sundays were worked in exchange."""
    known = dict(Holiday.objects.filter(on__gte=first).values_list("on", "is_workday"))
    days = [first + timedelta(days=n) for n in range(WIDE_DAYS)]
    off = [known.get(day) is False for day in days]
    worked = [known.get(day) is True and day.weekday() >= WEEKEND for day in days]
    return np.array(off), np.array(worked)


def _neighbours(district: str, areas: Sequence[str], now: datetime) -> tuple[tuple[int, ...], ...]:
    place_of = {code: place for place, code in enumerate(areas)}
    beside: list[list[int]] = [[] for _ in areas]
    links = AreaLink.objects.filter(in_force(now), within(AreaRanges.of([district]), "low_code"))
    for low, high in links.values_list("low_code", "high_code"):
        if low in place_of and high in place_of:
            beside[place_of[low]].append(place_of[high])
            beside[place_of[high]].append(place_of[low])
    return tuple(tuple(sorted(set(others))) for others in beside)
