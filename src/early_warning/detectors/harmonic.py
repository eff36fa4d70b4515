"""Harmonic regression for weekly counts: a trend and yearly waves. See docs/detectors/harmonic.md.

Beside Farrington's levels it spends fewer parameters and leaves out fewer of the last weeks, so its
expectation wavers less; that is what sums over weeks and sources live on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.special import ndtr

from early_warning.count_tails import mid_p_z, tail_at, upper_quantile
from early_warning.detection import Detection
from early_warning.detectors.regression_fit import solve_positive
from early_warning.panel import FloatArray, Panel

STEPS = 20
PRECISION = 1e-7  # relative change of the coefficients at which a fit is done
WALK_FROM = 2.0  # Anscombe residual under which a count is no outlier whatever its exact tail
LARGEST_LOG_MEAN = 20.0


@dataclass(frozen=True)
class HarmonicOptions:
    """`years` of history, `waves` a year, the last `excluded` periods left out.

    Counts whose z lies above `outlier_z` are weakened. `at_least` is how many reports the history must hold;
    `alpha` the chance of a false alarm.
    """

    years: int = 5
    waves: int = 2
    excluded: int = 8
    outlier_z: float = 2.5
    at_least: int = 104
    alpha: float = 0.01


def harmonic(panel: Panel, options: HarmonicOptions | None = None, last: int | None = None) -> Detection:
    """Monitor the `last` periods (all when None).

    `details` holds `dispersion` and `standard_error` of the mean; bound and score take both into account. A
    period is monitored where the reports of the years before it suffice and its own report came.
    """
    chosen = options or HarmonicOptions()
    first = panel.first_monitored(last)
    season = panel.calendar.periods_a_year
    design = _design(panel.period_count, season, chosen.waves)
    shape = (panel.series_count, panel.period_count - first)
    expected, dispersion, error = (np.full(shape, np.nan) for _ in range(3))
    window = (first, chosen.years * season, chosen.excluded, chosen.at_least)
    tail = float(ndtr(-chosen.outlier_z))
    _monitor(np.ascontiguousarray(panel.counts), design, window, tail, expected, dispersion, error)
    counts = panel.counts[:, first:]
    spread = dispersion + error**2 / expected
    upper = upper_quantile(chosen.alpha, expected, spread)
    with np.errstate(invalid="ignore"):
        alarm = counts > upper
    return Detection(
        method="harmonic",
        expected=expected,
        upper=upper,
        z=mid_p_z(counts, expected, spread),
        alarm=alarm,
        first_period=first,
        details={"dispersion": dispersion, "standard_error": error},
    )


def _design(periods: int, season: int, waves: int) -> FloatArray:
    time = np.arange(periods, dtype=float)
    columns = [np.ones(periods), time / season]
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * time / season
        columns += [np.cos(angle), np.sin(angle)]
    return np.ascontiguousarray(np.column_stack(columns))


@njit(nogil=True, cache=True, error_model="numpy")
def _monitor(  # noqa: PLR0917 (compiled code takes arrays by position)
    counts: FloatArray,
    design: FloatArray,
    window: tuple[int, int, int, int],
    tail: float,
    expected: FloatArray,
    dispersion: FloatArray,
    error: FloatArray,
) -> None:
    first, length, excluded, at_least = window
    size = design.shape[1]
    for s in range(counts.shape[0]):
        coefficients = np.zeros(size)
        for column in range(expected.shape[1]):
            now = first + column
            stop = now - excluded
            start = max(0, now - length)
            reports = 0
            total = 0.0
            for t in range(start, stop):
                if not math.isnan(counts[s, t]):
                    reports += 1
                    total += counts[s, t]
            if reports < at_least:
                continue
            if total == 0.0:  # nothing ever: as if half a case had come in all that time
                expected[s, column] = 0.5 / reports
                dispersion[s, column] = 1.0
                error[s, column] = 0.0
                continue
            x = design[start : now + 1].copy()
            x[:, 1] -= design[stop - 1, 1]  # time from the baseline's end keeps the equations well scaled
            coefficients[:] = 0.0
            coefficients[0] = math.log(total / reports)
            mean, phi, variance = _fit(counts[s, start:stop], x, tail, coefficients)
            expected[s, column] = mean
            dispersion[s, column] = phi
            error[s, column] = mean * math.sqrt(phi * variance)


@njit(nogil=True, error_model="numpy")
def _fit(y: FloatArray, x: FloatArray, tail: float, coefficients: FloatArray) -> tuple[float, float, float]:
    """Fit, weaken outliers, fit again.

    Return the mean at the last row of `x`, the dispersion, and the variance of the mean's logarithm at
    dispersion 1.
    """
    size = x.shape[1]
    weights = np.ones(y.size)
    for t in range(y.size):
        if math.isnan(y[t]):
            weights[t] = 0.0
    matrix = np.zeros((size, size))
    means = np.empty(y.size)
    _solve(y, x, weights, coefficients, means, matrix)
    phi = _pearson(y, weights, means, size)
    if _weaken(y, means, phi, tail, weights):
        _solve(y, x, weights, coefficients, means, matrix)
        phi = _pearson(y, weights, means, size)
    now = x[x.shape[0] - 1]
    right = now.copy()
    solve_positive(matrix, right)
    eta = 0.0
    variance = 0.0
    for i in range(size):
        eta += now[i] * coefficients[i]
        variance += now[i] * right[i]
    return math.exp(min(eta, LARGEST_LOG_MEAN)), phi, max(variance, 0.0)


@njit(nogil=True, error_model="numpy")
def _solve(  # noqa: PLR0917
    y: FloatArray,
    x: FloatArray,
    weights: FloatArray,
    coefficients: FloatArray,
    means: FloatArray,
    matrix: FloatArray,
) -> None:
    """Newton steps for a Poisson log-linear model; leaves the information matrix in `matrix`."""
    size = x.shape[1]
    step = np.empty(size)
    working = np.empty((size, size))
    for _ in range(STEPS):
        matrix[:, :] = 0.0
        step[:] = 0.0
        for t in range(y.size):
            eta = 0.0
            for i in range(size):
                eta += x[t, i] * coefficients[i]
            means[t] = math.exp(min(eta, LARGEST_LOG_MEAN))
            if weights[t] == 0.0:
                continue
            rest = weights[t] * (y[t] - means[t])
            weight = weights[t] * means[t]
            for i in range(size):
                step[i] += x[t, i] * rest
                part = weight * x[t, i]
                for k in range(i + 1):
                    matrix[i, k] += part * x[t, k]
        working[:, :] = matrix
        solve_positive(working, step)
        largest = 0.0
        for i in range(size):
            moved = min(max(step[i], -2.0), 2.0)
            coefficients[i] += moved
            largest = max(largest, abs(moved))
        if largest < PRECISION:
            return


@njit(nogil=True, error_model="numpy")
def _pearson(y: FloatArray, weights: FloatArray, means: FloatArray, parameters: int) -> float:
    total = 0.0
    reports = 0
    for t in range(y.size):
        if weights[t] > 0.0:
            reports += 1
            total += weights[t] * (y[t] - means[t]) ** 2 / max(means[t], 1e-9)
    return max(total / max(reports - parameters, 1), 1.0)


@njit(nogil=True, error_model="numpy")
def _weaken(y: FloatArray, means: FloatArray, phi: float, tail: float, weights: FloatArray) -> bool:
    """Give counts whose exact upper tail is under `tail` the weight residual^-2; keep the weights' sum."""
    reports = 0
    total = 0.0
    changed = False
    for t in range(y.size):
        if weights[t] == 0.0:
            continue
        reports += 1
        weights[t] = 1.0
        root = math.sqrt(means[t])
        residual = 1.5 * (y[t] ** (2.0 / 3.0) * means[t] ** (-1.0 / 6.0) - root) / math.sqrt(phi)
        if residual > WALK_FROM:
            chance = tail_at(y[t], means[t], phi)
            if 0.0 <= chance < tail:
                weights[t] = residual**-2
                changed = True
        total += weights[t]
    for t in range(y.size):
        weights[t] *= reports / total
    return changed
