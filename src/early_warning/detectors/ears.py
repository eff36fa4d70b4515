"""EARS C1, C2 and C3: today against the mean of the last days. See docs/detectors/ears.md."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from scipy.special import ndtri, stdtr

from early_warning.count_tails import Z_LIMIT
from early_warning.detection import BoolArray, Detection
from early_warning.null_score import NullScore
from early_warning.panel import FloatArray, Panel

C1_GAP = 0
C2_GAP = 2  # periods between the baseline and today, so that an outbreak's first days do not hide it
C3_LIMIT = 2.0  # CDC: the sum of three periods' excesses over one standard deviation
SCORE_SIGMA = 0.5  # no standard deviation below this in the z-score: counts cannot be that steady
NULL_SEED = 20_190_301
NULL_DRAWS = 60_000


@dataclass(frozen=True)
class EarsOptions:
    """`baseline` periods, alarm above `threshold` standard deviations, none taken as less than `min_sigma`.

    `at_least` is how many of the baseline's reports must have come.
    """

    baseline: int = 7
    threshold: float = 3.0
    min_sigma: float = 0.0
    at_least: int = 4


@njit(nogil=True, cache=True, error_model="numpy")
def _baselines(
    counts: FloatArray,
    shape: tuple[int, int, int, int],
    min_sigma: float,
    means: FloatArray,
    sigmas: FloatArray,
) -> None:
    """Fill mean and standard deviation of the baseline before each monitored period."""
    first, gap, baseline, at_least = shape
    for s in range(counts.shape[0]):
        for column in range(means.shape[1]):
            end = first + column - gap
            start = end - baseline
            means[s, column] = np.nan
            sigmas[s, column] = np.nan
            if start < 0:
                continue
            number = 0
            total = 0.0
            for j in range(start, end):
                if not np.isnan(counts[s, j]):
                    number += 1
                    total += counts[s, j]
            if number < at_least or number < 2:
                continue
            mean = total / number
            square = 0.0
            for j in range(start, end):
                if not np.isnan(counts[s, j]):
                    square += (counts[s, j] - mean) ** 2
            means[s, column] = mean
            sigmas[s, column] = max(np.sqrt(square / (number - 1)), min_sigma)


def c1(
    panel: Panel, options: EarsOptions | None = None, last: int | None = None, score: bool = True
) -> Detection:
    """Compare each of the `last` periods with the `baseline` periods just before it.

    Without `score` the z-scores stay NaN, which is much faster.
    """
    return _mean_chart(panel, options or EarsOptions(), last, C1_GAP, score)


def c2(
    panel: Panel, options: EarsOptions | None = None, last: int | None = None, score: bool = True
) -> Detection:
    """As C1, with two periods left out between the baseline and today."""
    return _mean_chart(panel, options or EarsOptions(), last, C2_GAP, score)


def c3(
    panel: Panel, options: EarsOptions | None = None, last: int | None = None, r_compat: bool = False
) -> Detection:
    """Alarm where the excesses of C2 over 1, of today and the two periods before, sum to more than 2 (CDC).

    Where the two earlier periods alone pass the limit, every count alarms and `upper` is -1. With `r_compat`
    the alarm and bound are those of R surveillance, in which today's count cannot raise its own alarm;
    `options.threshold` is then its quantile. The score is the published method's either way.
    """
    chosen = options or EarsOptions()
    first = panel.first_monitored(last)
    begin = max(first - 2, 0)
    means, sigmas = _mean_and_sigma(panel, chosen, begin, C2_GAP)
    counts = panel.counts[:, begin:]
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.maximum((counts - means) / sigmas - 1.0, 0.0)
        padded = np.pad(excess, ((0, 0), (2 - (first - begin), 0)), constant_values=np.nan)
        earlier = padded[:, 1:-1] + padded[:, :-2]
        means, sigmas, counts = (
            means[:, first - begin :],
            sigmas[:, first - begin :],
            counts[:, first - begin :],
        )
        if r_compat:
            upper = np.maximum(counts + sigmas * (chosen.threshold - earlier), 0.0)
            alarm = counts > upper
        else:
            earlier = np.nan_to_num(earlier, nan=0.0, posinf=np.inf)
            spare = C3_LIMIT - earlier
            upper = np.where(spare < 0.0, -1.0, means + sigmas * (1.0 + spare))
            alarm = counts > upper
    total = np.nan_to_num(earlier, nan=0.0, posinf=np.inf) + np.maximum(
        _ratio(counts, means, sigmas) - 1.0, 0.0
    )
    z = _c3_null(chosen.baseline).z(total)
    return Detection("ears_c3", means, upper, z, alarm & ~np.isnan(z), first)


def _mean_chart(panel: Panel, options: EarsOptions, last: int | None, gap: int, score: bool) -> Detection:
    first = panel.first_monitored(last)
    means, sigmas = _mean_and_sigma(panel, options, first, gap)
    counts = panel.counts[:, first:]
    upper = means + options.threshold * sigmas
    with np.errstate(invalid="ignore"):
        alarm: BoolArray = counts > upper
    z = _t_score(counts, means, sigmas, options.baseline) if score else np.full_like(means, np.nan)
    return Detection("ears_c1" if gap == C1_GAP else "ears_c2", means, upper, z, alarm, first)


def _mean_and_sigma(
    panel: Panel, options: EarsOptions, first: int, gap: int
) -> tuple[FloatArray, FloatArray]:
    shape = (panel.series_count, panel.period_count - first)
    means, sigmas = np.empty(shape), np.empty(shape)
    window = (first, gap, options.baseline, options.at_least)
    _baselines(panel.counts, window, options.min_sigma, means, sigmas)
    return means, sigmas


def _t_score(counts: FloatArray, means: FloatArray, sigmas: FloatArray, baseline: int) -> FloatArray:
    """Return the z of Student's predictive distribution, averaged over the count's two half-unit bounds."""
    spread = np.maximum(sigmas, SCORE_SIGMA) * np.sqrt(1.0 + 1.0 / baseline)
    distance = counts - means
    side = np.where(distance >= 0.0, 1.0, -1.0)
    size = np.abs(distance)
    near = stdtr(baseline - 1, -(size - 0.5) / spread)
    far = stdtr(baseline - 1, -(size + 0.5) / spread)
    z: FloatArray = -side * ndtri(0.5 * (near + far))
    return np.clip(z, -Z_LIMIT, Z_LIMIT)


def _ratio(counts: FloatArray, means: FloatArray, sigmas: FloatArray) -> FloatArray:
    ratio: FloatArray = (counts - means) / np.maximum(sigmas, SCORE_SIGMA)
    return ratio


@lru_cache(maxsize=16)
def _c3_null(baseline: int) -> NullScore:
    """Return the null distribution of C3 on steady, independent normal counts."""
    draws = np.random.default_rng(NULL_SEED).standard_normal((NULL_DRAWS, baseline + C2_GAP + 3))
    total = np.zeros(NULL_DRAWS)
    for lag in range(3):
        window = draws[:, lag : lag + baseline]
        ratio = (draws[:, lag + baseline + C2_GAP] - window.mean(axis=1)) / window.std(axis=1, ddof=1)
        total += np.maximum(ratio - 1.0, 0.0)
    return NullScore.of_sample(total)
