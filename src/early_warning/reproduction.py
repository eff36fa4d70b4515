"""The reproduction number Rt over time by the closed form of Cori et al. (docs/detectors/reproduction.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincinv

Floats = NDArray[np.float64]

LARGEST_TABLE = 2_000_000  # quantiles are looked up by case count while the table stays below this


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Posterior of Rt for windows ending on days `first_day`, `first_day` + 1, …; arrays (series, windows).

    `quantiles` is (levels, series, windows). NaN where no day of the window was reported.
    """

    first_day: int
    mean: Floats
    sd: Floats
    levels: tuple[float, ...]
    quantiles: Floats


def serial_interval(mean: float, sd: float, days: int) -> Floats:
    """Return the weights of days 0 … `days` - 1 of a shifted-gamma serial interval (Cori 2013)."""
    if mean <= 1 or sd <= 0 or days < 2:
        raise ValueError("a serial interval needs a mean above 1 day, a positive sd and at least 2 days")
    shape = ((mean - 1) / sd) ** 2
    scale = sd**2 / (mean - 1)
    day = np.arange(days, dtype=float)

    def upto(value: Floats, extra: int = 0) -> Floats:
        return np.asarray(gammainc(shape + extra, np.maximum(value, 0.0) / scale))

    weights = day * upto(day) + (day - 2) * upto(day - 2) - 2 * (day - 1) * upto(day - 1)
    weights += shape * scale * (2 * upto(day - 1, 1) - upto(day - 2, 1) - upto(day, 1))
    return np.maximum(weights, 0.0)


def infection_pressure(incidence: ArrayLike, weights: ArrayLike) -> Floats:
    """Return the cases of earlier days weighted by the serial interval, (series, days).

    A missing earlier day is left out and the other weights are scaled up; NaN where over half is missing.
    """
    cases = np.asarray(incidence, float)
    interval = np.asarray(weights, float)
    missing = np.isnan(cases)
    known = np.where(missing, 0.0, cases)
    pressure = _weighted_past(known, interval)
    if not missing.any():
        return pressure
    lost = _weighted_past(missing.astype(float), interval)
    return np.where(lost <= 0.5, pressure / np.maximum(1.0 - lost, 0.5), np.nan)


def estimate_reproduction(
    incidence: ArrayLike,
    weights: ArrayLike,
    *,
    window: int = 7,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    levels: Sequence[float] = (0.025, 0.5, 0.975),
) -> Reproduction:
    """Estimate Rt of every series in every window of `window` days from the second day on.

    `incidence` is (series, days) or (days,); `weights[s]` is the serial interval at s days, weights[0] = 0.
    A day not reported (NaN) drops out of its windows; it never counts as zero.
    """
    cases = np.atleast_2d(np.asarray(incidence, float))
    interval = np.asarray(weights, float)
    _require(cases, interval, window, levels)
    pressure = infection_pressure(cases, interval)
    used = ~(np.isnan(cases) | np.isnan(pressure))
    shape0, rate0 = (prior_mean / prior_sd) ** 2, prior_mean / prior_sd**2
    sum_cases = _window_sums(np.where(used, cases, 0.0), window)
    shape = shape0 + sum_cases
    scale = 1.0 / (rate0 + _window_sums(np.where(used, pressure, 0.0), window))
    scale[_window_sums(used.astype(float), window) == 0] = np.nan
    standard = _gamma_quantiles(sum_cases, shape0, np.asarray(levels, float))
    return Reproduction(window, shape * scale, np.sqrt(shape) * scale, tuple(levels), standard * scale)


def _weighted_past(values: Floats, interval: Floats) -> Floats:
    total = np.zeros_like(values)
    for lag in range(1, min(len(interval), values.shape[-1])):
        if interval[lag] > 0:
            total[..., lag:] += interval[lag] * values[..., :-lag]
    return total


def _window_sums(values: Floats, window: int) -> Floats:
    """Sum each window that starts on the second day or later (the first day has no earlier cases)."""
    upto = np.cumsum(values, axis=1)
    return np.maximum(upto[:, window:] - upto[:, :-window], 0.0)


def _gamma_quantiles(sum_cases: Floats, shape0: float, levels: Floats) -> Floats:
    """Return quantiles of Gamma(shape0 + cases, 1); whole counts share one table, so each is solved once."""
    largest = sum_cases.max(initial=0.0)
    if largest < LARGEST_TABLE and np.array_equal(sum_cases, np.rint(sum_cases)):
        counts = sum_cases.astype(np.int64)
        present = np.flatnonzero(np.bincount(counts.ravel(), minlength=1))
        table = np.empty((len(levels), int(largest) + 1))
        table[:, present] = gammaincinv(shape0 + present, levels[:, None])
        return np.asarray(table[:, counts])
    return np.asarray(gammaincinv(shape0 + sum_cases, levels[:, None, None]))


def _require(cases: Floats, interval: Floats, window: int, levels: Sequence[float]) -> None:
    if cases.ndim != 2 or not 1 <= window < cases.shape[1]:
        raise ValueError(
            f"a window of {window} days needs incidence of shape (series, more than {window} days)"
        )
    if np.isinf(cases).any() or (cases < 0).any():
        raise ValueError("incidence must be finite and not negative; use NaN for a missing report")
    if interval.ndim != 1 or not np.isfinite(interval).all() or (interval < 0).any() or interval[0] != 0:
        raise ValueError("serial interval weights must be finite, not negative, and 0 at day 0")
    if not all(0 < level < 1 for level in levels):
        raise ValueError("levels must lie between 0 and 1")
