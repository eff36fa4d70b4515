"""The design of a daily regression: weekday, holidays, make-up workdays, season and trend, one row a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from early_warning.panel import Calendar, FloatArray, WrongShape

WEEK = 7
DAYS_A_YEAR = 365.25
WORKDAYS = 5  # Monday to Friday


@dataclass(frozen=True)
class DayKinds:
    """What kind of day each day of a panel was; made by `day_kinds`."""

    weekday: NDArray[np.int64]
    holiday: NDArray[np.bool_]
    workday: NDArray[np.bool_]
    after_holiday: NDArray[np.bool_]


def day_kinds(
    calendar: Calendar,
    count: int,
    holidays: ArrayLike | None = None,
    make_up_workdays: ArrayLike | None = None,
) -> DayKinds:
    """Return the kinds of the first `count` days of a calendar.

    `holidays` and `make_up_workdays` are boolean, one a day: public holidays with their adjoining days off,
    and the Saturdays and Sundays on which China works in exchange. In an undated calendar day 0 is a Monday.
    """
    weekday = np.arange(count, dtype=np.int64) % WEEK
    if calendar.starts_on is not None:
        weekday = (weekday + calendar.starts_on.weekday()) % WEEK
    holiday = _flags(holidays, count, "holidays")
    workday = _flags(make_up_workdays, count, "make-up workdays")
    if np.any(holiday & workday):
        raise WrongShape("a day cannot be a holiday and a make-up workday")
    after = np.zeros(count, dtype=np.bool_)
    after[1:] = holiday[:-1] & ~holiday[1:]
    return DayKinds(weekday, holiday, workday, after)


def daily_design(kinds: DayKinds, pairs: int, trend: bool) -> FloatArray:
    """Return the design: level, trend, weekdays, holiday, first day after, and `pairs` of sine and cosine.

    A holiday is a kind of day of its own, without weekday. A make-up workday is an average workday: a fifth
    of each of Monday to Friday. Columns no day needs are left out by the caller's fit.
    """
    count = kinds.weekday.size
    days = np.arange(count, dtype=np.float64)
    weekdays = np.zeros((count, WEEK))
    weekdays[np.arange(count), kinds.weekday] = 1.0
    weekdays[kinds.workday] = 0.0
    weekdays[kinds.workday, :WORKDAYS] = 1.0 / WORKDAYS
    weekdays[kinds.holiday] = 0.0
    columns = [np.ones((count, 1))]
    if trend:
        columns.append(((days - count / 2.0) / DAYS_A_YEAR)[:, np.newaxis])
    columns.append(weekdays[:, 1:])
    if np.any(kinds.holiday):
        columns.append(kinds.holiday[:, np.newaxis].astype(np.float64))
        columns.append(kinds.after_holiday[:, np.newaxis].astype(np.float64))
    angles = 2.0 * np.pi * np.outer(days, np.arange(1, pairs + 1)) / DAYS_A_YEAR
    columns += [np.sin(angles), np.cos(angles)]
    return np.ascontiguousarray(np.concatenate(columns, axis=1))


def _flags(values: ArrayLike | None, count: int, what: str) -> NDArray[np.bool_]:
    if values is None:
        return np.zeros(count, dtype=np.bool_)
    flags = np.asarray(values)
    if flags.shape != (count,):
        raise WrongShape(f"{what} are one value a day, {count} of them, not {flags.shape}")
    return flags.astype(np.bool_)
