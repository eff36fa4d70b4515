"""Moving percentile, the method of China's national system. See docs/detectors/moving_percentile.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from early_warning.count_tails import mid_p_z
from early_warning.detection import Detection
from early_warning.detectors.reference_periods import anniversaries
from early_warning.panel import FloatArray, Panel, Step, WrongShape

DAYS_A_WINDOW = 7


@dataclass(frozen=True)
class PercentileOptions:
    """Alarm above the `percentile` of `windows` (odd) windows of each of `years` earlier years.

    A window is `length` periods; None: 7 days for daily panels, one period otherwise. `at_least` is the share
    of reference windows that must be complete. `by_date` finds anniversaries by date; None: if dated.
    """

    percentile: float = 80.0
    windows: int = 5
    years: int = 5
    length: int | None = None
    at_least: float = 0.6
    by_date: bool | None = None


def detect(panel: Panel, options: PercentileOptions | None = None, last: int | None = None) -> Detection:
    """Compare the cases of the window ending now with those of the same season in earlier years.

    A window with a missing report is unknown: now it is not monitored, in the past it is left out. `expected`
    is the reference mean (half a case added to all of them together); the score comes from a negative
    binomial with the references' mean and variance, widened for their number.
    """
    chosen = options or PercentileOptions()
    if chosen.windows % 2 == 0 or chosen.windows < 1 or chosen.years < 1:
        raise WrongShape("a moving percentile needs an odd number of windows and at least one year")
    daily = panel.calendar.step is Step.DAY
    length = chosen.length or (DAYS_A_WINDOW if daily else 1)
    first = panel.first_monitored(last)
    sums = window_sums(panel.counts, length)
    shape = (panel.series_count, panel.period_count - first)
    results = np.full((3, *shape), np.nan)
    needed = int(np.ceil(chosen.at_least * chosen.windows * chosen.years))
    for column in range(shape[1]):
        places = _reference_ends(panel, first + column, length, chosen)
        if places.size:
            results[:, :, column] = _percentiles(sums, places, chosen.percentile, needed)
    expected, upper, variance = results
    now = sums[:, first:]
    with np.errstate(invalid="ignore", divide="ignore"):
        alarm = now > upper
        spread = np.where(expected > 0.0, variance / expected, 1.0)
    z = mid_p_z(now, expected, np.maximum(spread, 1.0) * (1.0 + 1.0 / (chosen.windows * chosen.years)))
    return Detection("moving_percentile", expected, upper, z, alarm, first, {"window_count": now})


def window_sums(counts: FloatArray, length: int) -> FloatArray:
    """Return the sum of the `length` periods ending at each period, NaN where one is missing."""
    if length == 1:
        return counts
    missing = np.isnan(counts)
    totals = np.cumsum(np.where(missing, 0.0, counts), axis=1)
    gaps = np.cumsum(missing, axis=1)
    sums = np.full_like(counts, np.nan)
    if counts.shape[1] >= length:
        earlier = np.pad(totals, ((0, 0), (1, 0)))[:, : counts.shape[1] - length + 1]
        holes = np.pad(gaps, ((0, 0), (1, 0)))[:, : counts.shape[1] - length + 1]
        whole = gaps[:, length - 1 :] == holes
        sums[:, length - 1 :] = np.where(whole, totals[:, length - 1 :] - earlier, np.nan)
    return sums


def _reference_ends(panel: Panel, period: int, length: int, options: PercentileOptions) -> NDArray[np.int64]:
    by_date = panel.calendar.starts_on is not None if options.by_date is None else options.by_date
    half = options.windows // 2
    marks = anniversaries(panel.calendar, period, options.years, by_date)[1:]
    ends = [mark + length * shift for mark in marks for shift in range(-half, half + 1)]
    if min(ends) < length - 1:
        return np.empty(0, dtype=np.int64)
    return np.array([end for end in ends if end < period], dtype=np.int64)


@njit(nogil=True, cache=True, error_model="numpy")
def _percentiles(sums: FloatArray, places: NDArray[np.int64], percentile: float, needed: int) -> FloatArray:
    """Return mean, percentile (linear between order statistics) and variance of each series' references."""
    results = np.full((3, sums.shape[0]), np.nan)
    values = np.empty(places.size)
    for s in range(sums.shape[0]):
        number = 0
        total = 0.0
        for place in places:
            value = sums[s, place]
            if not np.isnan(value):
                slot = number
                while slot > 0 and values[slot - 1] > value:
                    values[slot] = values[slot - 1]
                    slot -= 1
                values[slot] = value
                number += 1
                total += value
        if number < needed or number < 2:
            continue
        mean = total / number
        square = 0.0
        for i in range(number):
            square += (values[i] - mean) ** 2
        position = percentile / 100.0 * (number - 1)
        low = int(position)
        high = min(low + 1, number - 1)
        results[0, s] = (total + 0.5) / number
        results[1, s] = values[low] + (position - low) * (values[high] - values[low])
        results[2, s] = square / (number - 1)
    return results
