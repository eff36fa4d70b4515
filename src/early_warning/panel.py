"""The panel: many count series over one calendar, with populations, where a missing report is not a zero.

Missing is NaN, everywhere and only NaN: counts are float64, so a report that never came cannot be mistaken
for a report of no cases, and every detector must say what it does with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
DateArray = NDArray[np.datetime64]

MONDAY = 0
SUNDAY = 6


class PanelError(ValueError):
    """The given arrays cannot be a panel; the message says which rule they break.

    PanelError
    ├── WrongShape       not series × time, or an array that does not fit the counts
    ├── NegativeCount    a count or a population below zero, or infinite
    └── WrongCalendar    a first day that does not begin a period, or dates asked of an undated calendar
    """


class WrongShape(PanelError):
    """An array is not series × time, or does not fit beside the counts."""


class NegativeCount(PanelError):
    """A count or population is negative or infinite."""


class WrongCalendar(PanelError):
    """The first day does not begin a period, or dates were asked of an undated calendar."""


class Step(StrEnum):
    """The length of one period of a calendar."""

    DAY = "day"
    ISO_WEEK = "iso_week"  # Monday to Sunday
    EPI_WEEK = "epi_week"  # Sunday to Saturday, the week of MMWR
    MONTH = "month"


PERIODS_A_YEAR = {Step.DAY: 365, Step.ISO_WEEK: 52, Step.EPI_WEEK: 52, Step.MONTH: 12}
FIRST_WEEKDAY = {Step.ISO_WEEK: MONDAY, Step.EPI_WEEK: SUNDAY}


@dataclass(frozen=True)
class Calendar:
    """When each column of a panel was: its step and the first day of its first period.

    Without a first day the calendar is undated: a year is then a fixed number of periods (52 weeks), which is
    how older literature counts and is what some reference vectors use.
    """

    step: Step
    starts_on: date | None = None

    def __post_init__(self) -> None:
        if self.starts_on is None:
            return
        weekday = FIRST_WEEKDAY.get(self.step)
        if weekday is not None and self.starts_on.weekday() != weekday:
            raise WrongCalendar(f"{self.starts_on} does not begin an {self.step}")
        if self.step is Step.MONTH and self.starts_on.day != 1:
            raise WrongCalendar(f"{self.starts_on} does not begin a month")

    @property
    def periods_a_year(self) -> int:
        """Return how many periods a year of this step has, to the nearest whole period."""
        return PERIODS_A_YEAR[self.step]

    def dates(self, count: int) -> DateArray:
        """Return the first days of the first `count` periods as datetime64[D]."""
        if self.starts_on is None:
            raise WrongCalendar("this calendar is undated")
        if self.step is Step.MONTH:
            first_month = np.datetime64(self.starts_on, "M")
            return (first_month + np.arange(count)).astype("datetime64[D]")
        days = 1 if self.step is Step.DAY else 7
        return np.datetime64(self.starts_on, "D") + days * np.arange(count)

    def shifted(self, periods: int) -> Calendar:
        """Return the calendar whose first period is this one's period number `periods`."""
        if self.starts_on is None or periods == 0:
            return self
        moved: date = self.dates(periods + 1)[-1].item()
        return Calendar(self.step, moved)


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts of shape (series, time), NaN where no report came, with populations of the same shape or None.

    Build it with `Panel.of`, which checks; the arrays are read-only.
    """

    counts: FloatArray
    calendar: Calendar
    populations: FloatArray | None = None
    names: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        counts: ArrayLike,
        calendar: Calendar,
        populations: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        missing: ArrayLike | None = None,
    ) -> Panel:
        """Check the arrays and make a panel of them.

        `counts` is (series, time), or (time,) for one series; NaN, or True in the boolean array `missing`,
        means no report. `populations` is (series, time), or (series,) where it does not change.
        Raises a PanelError. Nothing is repaired silently.
        """
        table = _table(counts, "counts")
        if missing is not None:
            table = np.where(_fitting(missing, table.shape, "missing").astype(bool), np.nan, table)
        _refuse_negative(table, "counts")
        people = None
        if populations is not None:
            people = _fitting(populations, table.shape, "populations")
            _refuse_negative(people, "populations")
        labels = None if names is None else tuple(names)
        if labels is not None and len(labels) != table.shape[0]:
            raise WrongShape(f"{len(labels)} names for {table.shape[0]} series")
        return cls(_frozen(table), calendar, None if people is None else _frozen(people), labels)

    @property
    def series_count(self) -> int:
        """Return the number of series (rows)."""
        return int(self.counts.shape[0])

    @property
    def period_count(self) -> int:
        """Return the number of periods (columns)."""
        return int(self.counts.shape[1])

    def series(self, rows: slice | NDArray[np.intp] | Sequence[int]) -> Panel:
        """Return the panel of the chosen rows, in the order given."""
        chosen = np.arange(self.series_count)[rows]
        people = None if self.populations is None else _frozen(self.populations[chosen])
        names = None if self.names is None else tuple(self.names[row] for row in chosen)
        return Panel(_frozen(self.counts[chosen]), self.calendar, people, names)

    def until(self, period: int) -> Panel:
        """Return the panel of the periods before `period`: what was known at its beginning."""
        people = None if self.populations is None else self.populations[:, :period]
        return Panel(self.counts[:, :period], self.calendar, people, self.names)

    def first_monitored(self, last: int | None) -> int:
        """Return the first period of the `last` ones (0 when `last` is None, meaning all)."""
        if last is None:
            return 0
        if last < 1:
            raise WrongShape(f"cannot monitor the last {last} periods")
        return max(0, self.period_count - last)


def _table(values: ArrayLike, what: str) -> FloatArray:
    array = np.asarray(values)
    if array.dtype.kind not in "iufb":
        raise WrongShape(f"{what} must be numbers, not {array.dtype}")
    table = np.array(array, dtype=np.float64, order="C", copy=True)
    if table.ndim == 1:
        table = table[np.newaxis, :]
    if table.ndim != 2:
        raise WrongShape(f"{what} must be series × time, not {table.ndim}-dimensional")
    return table


def _fitting(values: ArrayLike, shape: tuple[int, ...], what: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 1 and array.shape[0] == shape[0]:
        array = array[:, np.newaxis]
    try:
        return np.array(np.broadcast_to(array, shape), order="C")
    except ValueError as error:
        raise WrongShape(f"{what} of shape {array.shape} do not fit counts of shape {shape}") from error


def _refuse_negative(table: FloatArray, what: str) -> None:
    if np.any(table < 0):
        raise NegativeCount(f"{what} must not be negative")
    if np.any(np.isinf(table)):
        raise NegativeCount(f"{what} must be finite; a missing report is NaN")


def _frozen(table: FloatArray) -> FloatArray:
    table.setflags(write=False)
    return table
