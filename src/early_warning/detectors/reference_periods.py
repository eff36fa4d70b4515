"""Which past periods Farrington's methods compare a period with: the season in earlier years, in levels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from early_warning.detectors.loglinear_fit import IntArray
from early_warning.panel import Calendar, FloatArray, Step


@dataclass(frozen=True, eq=False)
class ReferencePlan:
    """The reference periods of one period, the same for every series of a calendar.

    `first` is the panel's period where the grid of `times` begins; `segments` are runs (start, stop, level)
    of that grid; `times` and `now` are in years around the middle of the grid.
    """

    first: int
    segments: IntArray
    times: FloatArray
    now: float
    uniform: bool


def anniversaries(calendar: Calendar, period: int, years: int, by_date: bool) -> list[int]:
    """Return the panel's periods that are `period` and the same time 1 … `years` years earlier.

    By date: the period beginning on the same date, for weeks the one nearest to it. Otherwise by a fixed
    number of periods a year. Periods before the panel are negative.
    """
    if not by_date:
        return [period - back * calendar.periods_a_year for back in range(years + 1)]
    if calendar.step is Step.MONTH:
        return [period - back * 12 for back in range(years + 1)]
    first: date = calendar.dates(1)[0].item()
    days = 1 if calendar.step is Step.DAY else 7
    today = first + timedelta(days=days * period)
    found = [period]
    for back in range(1, years + 1):
        offset = (_years_before(today, back) - first).days
        found.append(offset if days == 1 else round(offset / 7))
    return found


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 3, 1)


@dataclass(frozen=True)
class ReferenceShape:
    """How many years back, ± how many periods, in how many levels, without how many of the last periods."""

    years: int
    half_width: int
    level_count: int
    excluded: int
    by_date: bool


def reference_plan(calendar: Calendar, period: int, shape: ReferenceShape) -> ReferencePlan | None:
    """Return the reference periods of `period`, or None where the panel does not reach back far enough.

    Level 0 is the window of ±`half_width` periods around each anniversary. With more than one level the rest
    of each year is cut into `level_count` - 1 blocks, the first ones longer where it does not divide. The
    last `excluded` periods before `period` are left out.
    """
    half_width, level_count, by_date = shape.half_width, shape.level_count, shape.by_date
    marks = anniversaries(calendar, period, shape.years, by_date)
    first = marks[-1] - half_width
    last = period - shape.excluded  # excluded itself
    if first < 0 or last <= first:
        return None
    levels = np.full(last - first, -1, dtype=np.int64)
    if level_count > 1:
        _fill_blocks(levels, [mark - first for mark in marks], half_width, level_count - 1)
    for mark in marks if level_count > 1 else marks[1:]:
        levels[max(mark - half_width - first, 0) : max(mark + half_width + 1 - first, 0)] = 0
    used = np.flatnonzero(levels >= 0)
    levels = levels[: used[-1] + 1]
    times, now = _times(calendar, first, levels.size, period, by_date)
    uniform = not (by_date and calendar.step is Step.MONTH)
    return ReferencePlan(first, _segments(levels), times, now, uniform)


def _fill_blocks(levels: IntArray, marks: list[int], half_width: int, block_count: int) -> None:
    for later, earlier in pairwise(marks):
        start, stop = earlier + half_width + 1, later - half_width
        length, longer = divmod(stop - start, block_count)
        sizes = [length + (1 if block < longer else 0) for block in range(block_count)]
        edges = start + np.concatenate([[0], np.cumsum(sizes)])
        for block in range(block_count):
            levels[edges[block] : edges[block + 1]] = block + 1


def _segments(levels: IntArray) -> IntArray:
    edges = np.flatnonzero(np.diff(levels)) + 1
    starts = np.concatenate([[0], edges])
    stops = np.concatenate([edges, [levels.size]])
    rows = np.stack([starts, stops, levels[starts]], axis=1)
    return np.ascontiguousarray(rows[rows[:, 2] >= 0])


def _times(calendar: Calendar, first: int, size: int, period: int, by_date: bool) -> tuple[FloatArray, float]:
    if by_date and calendar.step is Step.MONTH:
        days = calendar.dates(period + 1).astype(np.float64)
        middle, year = days[first + size // 2], 365.25
        return (days[first : first + size] - middle) / year, float((days[period] - middle) / year)
    middle, year = first + size // 2, float(calendar.periods_a_year)
    return (np.arange(first, first + size) - middle) / year, (period - middle) / year
