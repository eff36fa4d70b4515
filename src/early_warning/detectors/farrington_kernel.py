"""Farrington's baseline for one period of every series: fit, reweight, refit, keep or drop the trend."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from early_warning.detectors.loglinear_fit import (
    CONVERGED,
    COUNT,
    FIT_SIZE,
    FREEDOM,
    LEVEL,
    OLD0,
    OLD1,
    SUM_ROWS,
    TREND,
    USED,
    WEIGHT,
    WORK_ROWS,
    Grid,
    IntArray,
    State,
    curvature,
    dispersions,
    downweight_outbreaks,
    fit_levels,
    load_counts,
)
from early_warning.panel import FloatArray

# columns of the result
EXPECTED, ERROR, DISPERSION, SLOPE, TREND_USED = range(5)
RESULT_COLUMNS = 5


class Window(NamedTuple):
    """Where the baseline of one period lies: see ReferencePlan, of which this is what the kernel takes."""

    first: int
    period: int
    level_count: int
    segments: IntArray
    times: FloatArray
    now: float
    uniform: bool


class Rules(NamedTuple):
    """How to fit: trend and its critical t by degrees of freedom, reweighting, which standard error."""

    trend: bool
    t_critical: FloatArray
    reweight: bool
    threshold: float
    relative_error: bool
    offset: bool
    table: FloatArray


@njit(nogil=True, error_model="numpy")
def _model(grid: Grid, state: State, rules: Rules, with_trend: bool, result: FloatArray) -> float:
    """Fit (and refit) one model; fill `result`; return t² of the trend, -1 if the fit did not converge."""
    sums, fit = state.sums, state.fit
    fit_levels(grid, state, with_trend)
    levels = 0
    for level in range(sums.shape[1]):
        levels += 1 if sums[OLD0, level] > 0.0 else 0
    freedom = fit[USED] - levels - (1 if with_trend else 0)
    if fit[CONVERGED] == 0.0 and with_trend:
        return -1.0
    pearson, relative = dispersions(grid, state)
    if rules.reweight:
        downweight_outbreaks(grid, state, with_trend, max(pearson / freedom, 1.0), rules.threshold)
        fit_levels(grid, state, with_trend)
        if fit[CONVERGED] == 0.0 and with_trend:
            return -1.0
        pearson, relative = dispersions(grid, state)
    fit[FREEDOM] = freedom
    phi = max(pearson / freedom, 1.0)
    scatter = relative / freedom if rules.relative_error and rules.reweight else pearson / freedom
    bend = curvature(sums, OLD0) if with_trend else 0.0
    away = grid.now - sums[OLD1, 0] / sums[OLD0, 0]
    variance = 1.0 / sums[OLD0, 0] + (away * away / bend if bend > 0.0 else 0.0)
    expected = grid.people_now * math.exp(sums[LEVEL, 0] + fit[TREND] * grid.now)
    result[EXPECTED] = expected
    result[ERROR] = expected * math.sqrt((scatter if rules.relative_error else phi) * variance)
    result[DISPERSION] = phi
    result[SLOPE] = fit[TREND]
    result[TREND_USED] = 1.0 if with_trend else 0.0
    return fit[TREND] ** 2 * bend / scatter if scatter > 0.0 else math.inf


@njit(nogil=True, error_model="numpy")
def _largest_used(work: FloatArray, grid: Grid, level_count: int, with_trend: bool) -> float:
    """Return the largest count (or rate) used, or NaN where the history cannot carry the model."""
    segments = grid.segments
    used = 0
    now_used = 0
    largest = 0.0
    for i in range(segments.shape[0]):
        for j in range(segments[i, 0], segments[i, 1]):
            if work[WEIGHT, j] > 0.0:
                used += 1
                now_used += 1 if segments[i, 2] == 0 else 0
                size = grid.people[j] if grid.offset else 1.0
                largest = max(largest, work[COUNT, j] / size)
    if now_used == 0 or used <= level_count + (1 if with_trend else 0):
        return math.nan
    return largest


@njit(nogil=True, cache=True, error_model="numpy")
def baselines(
    counts: FloatArray, populations: FloatArray, window: Window, rules: Rules, results: FloatArray
) -> None:
    """Fill `results` (series × RESULT_COLUMNS) with the baseline of one period; NaN where there is none."""
    size = window.times.size
    state = State(
        np.zeros((WORK_ROWS, size)),
        np.zeros((SUM_ROWS, window.level_count)),
        np.zeros(FIT_SIZE),
        np.zeros(window.level_count),
    )
    first = window.first
    for s in range(counts.shape[0]):
        people = populations[s, first : first + size] if rules.offset else window.times
        people_now = populations[s, window.period] if rules.offset else 1.0
        grid = Grid(
            window.segments, window.times, window.uniform, people, rules.offset, window.now, people_now
        )
        for with_trend in (rules.trend, False):
            state.work[WEIGHT] = 1.0
            load_counts(counts[s, first : first + size], grid, rules.table, state.work)
            largest = _largest_used(state.work, grid, window.level_count, with_trend)
            if math.isnan(largest) or not people_now > 0.0:
                results[s] = math.nan
                break
            t_squared = _model(grid, state, rules, with_trend, results[s])
            if not with_trend:
                break
            limit = rules.t_critical[min(int(state.fit[FREEDOM]), rules.t_critical.size - 1)]
            if t_squared > limit * limit and results[s, EXPECTED] <= largest * people_now:
                break
