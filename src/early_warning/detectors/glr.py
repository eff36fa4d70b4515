"""Generalised likelihood ratio for negative binomial counts: how much, since when (docs/detectors/glr.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit

from early_warning.detection import Detection
from early_warning.detectors.regression_fit import baseline_regression, harmonics
from early_warning.null_score import NullScore
from early_warning.panel import FloatArray, Panel, WrongShape

NULL_SEED = 20_190_303
NULL_DRAWS = 100_000
NEWTON_STEPS = 30
LARGEST_RISE = 20.0  # log: a rise beyond e^20 is not told from it


@dataclass(frozen=True)
class GlrOptions:
    """The chart alarms where its log likelihood ratio reaches `limit`.

    `window` is how many periods back a change may have begun. The baseline is a Poisson regression on
    `seasonal_harmonics` pairs and overdispersion α from the past, or `mean` and `overdispersion` as given.
    """

    limit: float = 5.0
    window: int = 12
    seasonal_harmonics: int = 1
    mean: FloatArray | None = None
    overdispersion: float | None = None


def detect(panel: Panel, options: GlrOptions | None = None, last: int | None = None) -> Detection:
    """Run the chart over the `last` periods (the second half when None), learning from those before.

    The alternative is a rise of the level by an unknown factor beginning at an unknown period of the window.
    `details["ratio"]` is the chart, `details["rise"]` the estimated factor, `details["periods"]` since when.
    A series without a case in its past is not monitored.
    """
    chosen = options or GlrOptions()
    first = panel.period_count // 2 if last is None else panel.first_monitored(last)
    counts = np.ascontiguousarray(panel.counts[:, first:])
    means, alpha = _baseline(panel, chosen, first)
    if means.shape != counts.shape:
        raise WrongShape(f"means of shape {means.shape} for {counts.shape} monitored counts")
    results = _charts(counts, means, alpha, chosen.window, chosen.limit)
    ratio, rise, periods, upper = results
    with np.errstate(invalid="ignore"):
        alarm = ratio >= chosen.limit
    z = _null(chosen.window).z(np.sqrt(2.0 * ratio))
    details = {"ratio": ratio, "rise": rise, "periods": periods}
    return Detection("glr", np.where(means > 0.0, means, np.nan), upper, z, alarm, first, details)


def _baseline(panel: Panel, options: GlrOptions, first: int) -> tuple[FloatArray, FloatArray]:
    """Return the means of the monitored periods and α of each series."""
    shape = (panel.series_count, panel.period_count - first)
    means, alpha = np.empty(shape), np.zeros(panel.series_count)
    if options.mean is None:
        periods = np.arange(panel.period_count, dtype=np.float64)
        design = harmonics(periods, panel.calendar.periods_a_year, options.seasonal_harmonics)
        past = np.ascontiguousarray(panel.counts[:, :first])
        baseline_regression(past, design[:first], design[first:], means, alpha)
    else:
        means = np.array(np.broadcast_to(options.mean, shape), dtype=np.float64)
    if options.overdispersion is not None:
        alpha = np.full(panel.series_count, options.overdispersion)
    return means, alpha


@njit(nogil=True, error_model="numpy")
def _rise(counts: FloatArray, means: FloatArray, alpha: float) -> float:
    """Return the log factor ≥ 0 that makes the counts most likely; closed form for Poisson, else Newton."""
    cases = 0.0
    expected = 0.0
    for t in range(counts.size):
        if not math.isnan(counts[t]):
            cases += counts[t]
            expected += means[t]
    if cases <= 0.0 or expected <= 0.0:
        return 0.0
    kappa = min(max(math.log(cases / expected), 0.0), LARGEST_RISE)
    if alpha == 0.0:
        return kappa
    for _ in range(NEWTON_STEPS):
        slope = 0.0
        bend = 0.0
        for t in range(counts.size):
            if not math.isnan(counts[t]):
                raised = means[t] * math.exp(kappa)
                spread = 1.0 + alpha * raised
                slope += (counts[t] - raised) / spread
                bend += raised * (1.0 + alpha * counts[t]) / (spread * spread)
        change = slope / bend
        kappa = min(max(kappa + change, 0.0), LARGEST_RISE)
        if abs(change) < 1e-9:
            break
    return kappa


@njit(nogil=True, error_model="numpy")
def _log_ratio(counts: FloatArray, means: FloatArray, alpha: float, kappa: float) -> float:
    total = 0.0
    factor = math.exp(kappa)
    for t in range(counts.size):
        y = counts[t]
        if math.isnan(y):
            continue
        if alpha == 0.0:
            total += y * kappa - means[t] * (factor - 1.0)
        else:
            raised = math.log1p(alpha * means[t] * factor) - math.log1p(alpha * means[t])
            total += y * kappa - (y + 1.0 / alpha) * raised
    return total


@njit(nogil=True, error_model="numpy")
def _best(counts: FloatArray, means: FloatArray, alpha: float, window: int) -> tuple[float, float, int]:
    """Return the largest log ratio over where the change began, with its log factor and length."""
    best = 0.0
    best_rise = 0.0
    length = 0
    end = counts.size
    for start in range(end - 1, max(end - window, 0) - 1, -1):
        kappa = _rise(counts[start:end], means[start:end], alpha)
        ratio = _log_ratio(counts[start:end], means[start:end], alpha, kappa)
        if ratio > best:
            best, best_rise, length = ratio, kappa, end - start
    return best, best_rise, length


@njit(nogil=True, error_model="numpy")
def _count_reaching(counts: FloatArray, means: FloatArray, alpha: float, window: int, limit: float) -> float:
    """Return the largest count of the last period that does not yet reach `limit`, -1 if none does."""
    trial = counts.copy()
    low = -1.0
    high = math.ceil(means[-1]) + 4.0
    for _ in range(60):
        trial[-1] = high
        if _best(trial, means, alpha, window)[0] >= limit:
            break
        low = high
        high *= 2.0
    while high - low > 1.0:
        middle = math.floor((low + high) / 2.0)
        trial[-1] = middle
        if _best(trial, means, alpha, window)[0] >= limit:
            high = middle
        else:
            low = middle
    return low


@njit(nogil=True, cache=True, error_model="numpy")
def _charts(
    counts: FloatArray, means: FloatArray, alphas: FloatArray, window: int, limit: float
) -> FloatArray:
    """Return log ratio, factor, length and bound: (4, series, periods); NaN where not monitored."""
    results = np.full((4, *counts.shape), np.nan)
    for s in range(counts.shape[0]):
        for t in range(counts.shape[1]):
            if math.isnan(counts[s, t]) or not means[s, t] > 0.0:
                continue
            start = max(t + 1 - window, 0)
            recent, usual = counts[s, start : t + 1], means[s, start : t + 1]
            ratio, rise, length = _best(recent, usual, alphas[s], window)
            results[0, s, t] = ratio
            results[1, s, t] = math.exp(rise)
            results[2, s, t] = length
            results[3, s, t] = _count_reaching(recent, usual, alphas[s], window, limit)
    return results


@lru_cache(maxsize=16)
def _null(window: int) -> NullScore:
    """Return the null distribution of the signed root of the chart on standard normal values."""
    draws = np.random.default_rng(NULL_SEED).standard_normal((NULL_DRAWS, window))
    roots = np.cumsum(draws, axis=1) / np.sqrt(np.arange(1, window + 1))
    return NullScore.of_sample(np.maximum(roots.max(axis=1), 0.0))
