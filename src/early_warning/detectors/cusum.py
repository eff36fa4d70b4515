"""CUSUM of standardised counts: small shifts that last, added up. See docs/detectors/cusum.md."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numba import njit

from early_warning.detection import Detection
from early_warning.detectors.regression_fit import baseline_regression, harmonics
from early_warning.null_score import NullScore
from early_warning.panel import FloatArray, Panel

NULL_SEED = 20_190_302
NULL_CHAINS = 20_000
NULL_STEPS = 60


class Transform(StrEnum):
    """How a count is standardised against its mean m."""

    STANDARD = "standard"  # (y - m) / sqrt(m)
    ROSSI = "rossi"  # (y - 3m + 2 sqrt(ym)) / (2 sqrt(m))
    ANSCOMBE = "anscombe"  # 3/2 (y^(2/3) - m^(2/3)) / m^(1/6)
    NONE = "none"  # y - m
    PEARSON_NB = "pearsonNegBin"  # (y - m) / sqrt(m + αm²)


CODES = {transform: code for code, transform in enumerate(Transform)}
STANDARD, ROSSI, ANSCOMBE, NONE, PEARSON_NB = range(5)


@dataclass(frozen=True)
class CusumOptions:
    """Reference value `k`, decision limit `h`, and the baseline.

    The mean is estimated before the monitored periods: their average, or with `seasonal_harmonics` a Poisson
    regression on so many sine and cosine pairs of the year. `mean` gives it instead, one value or one a
    monitored period. `overdispersion` α is only for PEARSON_NB. `whole_bounds` rounds bounds up to a count.
    With `r_compat` Rossi's bound, where the chart is past `h` whatever the count, is the square of a negative
    root as in R surveillance, instead of 0.
    """

    k: float = 1.04
    h: float = 2.26
    transform: Transform = Transform.ROSSI
    seasonal_harmonics: int = 0
    mean: tuple[float, ...] | None = None
    overdispersion: float = 0.0
    whole_bounds: bool = False
    r_compat: bool = False


@njit(nogil=True, error_model="numpy")
def _standardised(y: float, m: float, code: int, overdispersion: float) -> float:
    if code == ROSSI:
        return (y - 3.0 * m + 2.0 * math.sqrt(y * m)) / (2.0 * math.sqrt(m))
    if code == ANSCOMBE:
        return 1.5 * (math.pow(y, 2.0 / 3.0) - math.pow(m, 2.0 / 3.0)) / math.pow(m, 1.0 / 6.0)
    if code == NONE:
        return y - m
    return (y - m) / math.sqrt(m + overdispersion * m * m)


@njit(nogil=True, error_model="numpy")
def _count_reaching(x: float, m: float, code: int, overdispersion: float, mirrored: bool) -> float:
    """Return the count whose standardised value is `x`, 0 where even no case exceeds it."""
    if code == ROSSI:
        inside = 4.0 * m + 2.0 * math.sqrt(m) * x
        root = math.sqrt(inside) - math.sqrt(m) if inside > 0.0 else 0.0
        return root * root if root > 0.0 or mirrored else 0.0
    if code == ANSCOMBE:
        inside = 2.0 / 3.0 * math.pow(m, 1.0 / 6.0) * x + math.pow(m, 2.0 / 3.0)
        return math.pow(inside, 1.5) if inside > 0.0 else 0.0
    if code == NONE:
        return max(m + x, 0.0)
    return max(m + x * math.sqrt(m + overdispersion * m * m), 0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def _chart(
    counts: FloatArray,
    means: FloatArray,
    numbers: tuple[float, float, int, float, bool],
    sums: FloatArray,
    upper: FloatArray,
) -> None:
    """Fill the chart and its bound; a missing report leaves the sum as it was and gives NaN."""
    k, h, code, overdispersion, mirrored = numbers
    for s in range(counts.shape[0]):
        held = 0.0
        for t in range(counts.shape[1]):
            m = means[s, t]
            y = counts[s, t]
            sums[s, t] = np.nan
            upper[s, t] = np.nan
            if not m > 0.0:
                continue
            upper[s, t] = _count_reaching(h + k - held, m, code, overdispersion, mirrored)
            if np.isnan(y):
                continue
            held = max(0.0, held + _standardised(y, m, code, overdispersion) - k)
            sums[s, t] = held


def detect(
    panel: Panel, options: CusumOptions | None = None, last: int | None = None, score: bool = True
) -> Detection:
    """Run the chart over the `last` periods (the second half when None), from 0; alarm where it reaches h.

    `details["sum"]` is the chart. Without `score` the z-scores stay NaN. A series with no case before the
    monitored periods has no mean to compare with and is not monitored.
    """
    chosen = options or CusumOptions()
    first = panel.period_count // 2 if last is None else panel.first_monitored(last)
    counts = np.ascontiguousarray(panel.counts[:, first:])
    means = _means(panel, chosen, first)
    sums, upper = np.empty_like(counts), np.empty_like(counts)
    numbers = (chosen.k, chosen.h, CODES[chosen.transform], chosen.overdispersion, chosen.r_compat)
    _chart(counts, means, numbers, sums, upper)
    if chosen.whole_bounds:
        upper = np.ceil(upper)
    with np.errstate(invalid="ignore"):
        alarm = sums >= chosen.h
    z = _null(chosen.k).z(sums) if score else np.full_like(sums, np.nan)
    return Detection("cusum", means, upper, z, alarm, first, {"sum": sums})


def _means(panel: Panel, options: CusumOptions, first: int) -> FloatArray:
    shape = (panel.series_count, panel.period_count - first)
    if options.mean is not None:
        return np.array(np.broadcast_to(np.asarray(options.mean, dtype=np.float64), shape))
    past = panel.counts[:, :first]
    if options.seasonal_harmonics == 0:
        reports = np.sum(~np.isnan(past), axis=1)
        total = np.nansum(past, axis=1)
        average = np.where(reports > 0, total / np.maximum(reports, 1), np.nan)
        return np.ascontiguousarray(np.broadcast_to(average[:, np.newaxis], shape))
    periods = np.arange(panel.period_count, dtype=np.float64)
    design = harmonics(periods, panel.calendar.periods_a_year, options.seasonal_harmonics)
    means = np.empty(shape)
    past = np.ascontiguousarray(past)
    baseline_regression(past, design[:first], design[first:], means, np.empty(panel.series_count))
    return means


@lru_cache(maxsize=16)
def _null(k: float) -> NullScore:
    """Return the null distribution of the chart on standard normal values, after it has settled."""
    random = np.random.default_rng(NULL_SEED)
    held = np.zeros(NULL_CHAINS)
    kept = []
    for moment in range(NULL_STEPS):
        held = np.maximum(held + random.standard_normal(NULL_CHAINS) - k, 0.0)
        if moment % 10 == 9 and moment >= 20:
            kept.append(held)
    return NullScore.of_sample(np.concatenate(kept))
