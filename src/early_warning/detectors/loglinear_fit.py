"""The fast fit behind Farrington's methods: levels plus one trend, quasi-Poisson, in a few microseconds.

Model: log m(t) = a[level(t)] + b·t (+ log population). Because the trend is one number, m(t) is a level times
a geometric sequence: an iteration needs no exponential per observation, and its normal equations are an arrow
matrix solved by one scalar. Iterations start, step and stop as the usual iteratively reweighted least squares
do (start at count + 0.1, stop at a relative change of deviance of 1e-8), so that results agree with other
software also where a level has no cases at all. See docs/detectors/farrington.md.

The grid is every period from the first reference period to the last; an observation not used has weight 0.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from early_warning.panel import FloatArray

IntArray = NDArray[np.int64]

EPSILON = 1e-8  # relative change of deviance at which iteration stops
ITERATIONS = 25


class Grid(NamedTuple):
    """The periods of a fit: runs (start, stop, level) of times, populations if rates are modelled, now."""

    segments: IntArray
    times: FloatArray
    uniform: bool
    people: FloatArray
    offset: bool
    now: float
    people_now: float


class State(NamedTuple):
    """The working arrays of a fit: `work` by period, `sums` and `right` by level, `fit` for single values."""

    work: FloatArray
    sums: FloatArray
    fit: FloatArray
    right: FloatArray


# rows of `work`, one value per grid period
WEIGHT, GROWTH, COUNT, POWER, START, DEVIANCE0, OWN, BEFORE = range(8)
WORK_ROWS = 8
# rows of `sums`, one value per level
CASES, S0, S1, S2, OLD0, OLD1, OLD2, LEVEL, OLD_LEVEL, FACTOR, OLD_SIZE = range(11)
SUM_ROWS = 11
# entries of `fit`
TREND, OLD_TREND, CASE_TREND, FREEDOM, CONVERGED, USED, OWN_SUM = range(7)
FIT_SIZE = 7

TABLE_SIZE = 2048


def count_table() -> FloatArray:
    """Return what the fit needs of each count 0 … TABLE_SIZE-1: logarithms are taken once.

    Columns: count^(2/3); (y+.1) log(y+.1) - .1, the first working response times its weight; the first
    deviance; y log y.
    """
    y = np.arange(TABLE_SIZE, dtype=np.float64)
    own = y * np.log(np.maximum(y, 1.0))
    first = (y + 0.1) * np.log(y + 0.1) - 0.1
    return np.ascontiguousarray(
        np.stack([y ** (2.0 / 3.0), first, 2.0 * (own - y * np.log(y + 0.1) + 0.1), own], axis=1)
    )


@njit(nogil=True, error_model="numpy")
def load_counts(counts: FloatArray, grid: Grid, table: FloatArray, work: FloatArray) -> None:
    """Fill the rows of `work` that depend on the counts alone."""
    populations, offset = grid.people, grid.offset
    for j in range(counts.size):
        y = counts[j]
        if math.isnan(y) or (offset and not populations[j] > 0.0):
            work[WEIGHT, j] = 0.0
            y = 0.0
        k = int(y) if y < TABLE_SIZE else -1
        work[COUNT, j] = y
        if k == y:
            work[POWER, j] = table[k, 0]
            work[START, j] = table[k, 1]
            work[DEVIANCE0, j] = table[k, 2]
            work[OWN, j] = table[k, 3]
        else:
            own = y * math.log(y)
            work[POWER, j] = y ** (2.0 / 3.0)
            work[START, j] = (y + 0.1) * math.log(y + 0.1) - 0.1
            work[DEVIANCE0, j] = 2.0 * (own - y * math.log(y + 0.1) + 0.1)
            work[OWN, j] = own
        if offset and work[WEIGHT, j] > 0.0:
            work[START, j] -= (y + 0.1) * math.log(populations[j])
            work[OWN, j] -= y * math.log(populations[j])


@njit(nogil=True, error_model="numpy")
def fill_growth(grid: Grid, trend: float, factor: float, row: FloatArray) -> None:
    """Set row[j] = (population · exp(trend · time))^factor, by multiplication where times are uniform."""
    times, uniform, populations, offset = grid.times, grid.uniform, grid.people, grid.offset
    n = row.size
    if uniform and n > 8:
        step = math.exp(trend * factor * (times[1] - times[0]))
        row[0] = math.exp(trend * factor * times[0])
        for j in range(1, 4):
            row[j] = row[j - 1] * step
        stride = step**4
        for j in range(4, n):
            row[j] = row[j - 4] * stride
    else:
        for j in range(n):
            row[j] = math.exp(trend * factor * times[j])
    if offset:
        for j in range(n):
            row[j] *= populations[j] ** factor if populations[j] > 0.0 else 1.0


@njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def first_sums(grid: Grid, state: State) -> float:
    """Sum what the first step needs (weights count + 0.1), and the cases; return the first deviance."""
    segments, times = grid.segments, grid.times
    work, sums, fit = state.work, state.sums, state.fit
    sums[:, :] = 0.0
    deviance = 0.0
    used = 0.0
    own = 0.0
    case_trend = 0.0
    for i in range(segments.shape[0]):
        level = segments[i, 2]
        s0 = s1 = s2 = cases = response = response_trend = 0.0
        for j in range(segments[i, 0], segments[i, 1]):
            w = work[WEIGHT, j]
            t = times[j]
            q = w * (work[COUNT, j] + 0.1)
            s0 += q
            s1 += q * t
            s2 += q * t * t
            cases += w * work[COUNT, j]
            case_trend += w * work[COUNT, j] * t
            response += w * work[START, j]
            response_trend += w * work[START, j] * t
            deviance += w * work[DEVIANCE0, j]
            own += w * work[OWN, j]
            used += 1.0 if w > 0.0 else 0.0
        sums[S0, level] += s0
        sums[S1, level] += s1
        sums[S2, level] += s2
        sums[CASES, level] += cases
        sums[LEVEL, level] += response
        fit[TREND] += response_trend
    fit[CASE_TREND] = case_trend
    fit[USED] = used
    fit[OWN_SUM] = own
    return deviance


@njit(nogil=True, error_model="numpy", fastmath={"contract"})
def model_sums(grid: Grid, state: State) -> None:
    """Set S0, S1, S2 of each level to its sums of weight · mean · time^0, 1, 2 at the coefficients."""
    segments, times, work, sums = grid.segments, grid.times, state.work, state.sums
    for level in range(sums.shape[1]):
        sums[S0, level] = sums[S1, level] = sums[S2, level] = 0.0
    for i in range(segments.shape[0]):
        s0 = s1 = s2 = 0.0
        for j in range(segments[i, 0], segments[i, 1]):
            q = work[WEIGHT, j] * work[GROWTH, j]
            s0 += q
            s1 += q * times[j]
            s2 += q * times[j] * times[j]
        level = segments[i, 2]
        sums[S0, level] += s0
        sums[S1, level] += s1
        sums[S2, level] += s2
    for level in range(sums.shape[1]):
        size = math.exp(sums[LEVEL, level])
        sums[S0, level] *= size
        sums[S1, level] *= size
        sums[S2, level] *= size


@njit(nogil=True, error_model="numpy")
def curvature(sums: FloatArray, row0: int) -> float:
    """Return the information on the trend beside the fitted levels (Schur complement of the arrow matrix)."""
    total = 0.0
    for level in range(sums.shape[1]):
        s0 = sums[row0, level]
        if s0 > 0.0:
            total += sums[row0 + 2, level] - sums[row0 + 1, level] ** 2 / s0
    return total


@njit(nogil=True, error_model="numpy")
def step(sums: FloatArray, right: FloatArray, right_trend: float, with_trend: bool) -> float:
    """Solve the arrow equations: `right` becomes the change of each level; return that of the trend."""
    change = 0.0
    if with_trend:
        for level in range(sums.shape[1]):
            if sums[S0, level] > 0.0:
                right_trend -= sums[S1, level] / sums[S0, level] * right[level]
        bend = curvature(sums, S0)
        change = right_trend / bend if bend > 0.0 else 0.0
    for level in range(sums.shape[1]):
        if sums[S0, level] > 0.0:
            right[level] = (right[level] - sums[S1, level] * change) / sums[S0, level]
        else:
            right[level] = 0.0
    return change


@njit(nogil=True, error_model="numpy")
def fit_levels(grid: Grid, state: State, with_trend: bool) -> None:
    """Fit under the weights in `work`; leave coefficients and the last step's sums in the state."""
    work, sums, fit, right = state.work, state.sums, state.fit, state.right
    fit[:] = 0.0
    before = first_sums(grid, state)
    fit[TREND] = step(sums, sums[LEVEL], fit[TREND], with_trend)
    for iteration in range(ITERATIONS):
        fill_growth(grid, fit[TREND], 1.0, work[GROWTH])
        model_sums(grid, state)
        deviance = fit[OWN_SUM] - fit[TREND] * fit[CASE_TREND]
        slope = fit[CASE_TREND]
        for level in range(sums.shape[1]):
            deviance += sums[S0, level] - sums[CASES, level] * (1.0 + sums[LEVEL, level])
            right[level] = sums[CASES, level] - sums[S0, level]
            slope -= sums[S1, level]
        deviance *= 2.0
        if iteration > 0 and abs(deviance - before) < EPSILON * (abs(deviance) + 0.1):
            fit[CONVERGED] = 1.0
            return
        before = deviance
        fit[OLD_TREND] = fit[TREND]
        fit[TREND] += step(sums, right, slope, with_trend)
        for level in range(sums.shape[1]):
            sums[OLD0, level] = sums[S0, level]
            sums[OLD1, level] = sums[S1, level]
            sums[OLD2, level] = sums[S2, level]
            sums[OLD_LEVEL, level] = sums[LEVEL, level]
            sums[LEVEL, level] += right[level]


@njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def dispersions(grid: Grid, state: State) -> tuple[float, float]:
    """Return the Pearson sums: of weight · mean · relative residual², and of weight · relative residual²."""
    segments, work, sums, fit = grid.segments, state.work, state.sums, state.fit
    fill_growth(grid, fit[OLD_TREND], 1.0, work[BEFORE])
    fill_growth(grid, fit[TREND], -1.0, work[GROWTH])
    for level in range(sums.shape[1]):
        sums[FACTOR, level] = math.exp(-sums[LEVEL, level])
        sums[OLD_SIZE, level] = math.exp(sums[OLD_LEVEL, level])
    pearson = 0.0
    relative = 0.0
    for i in range(segments.shape[0]):
        level = segments[i, 2]
        inverse = sums[FACTOR, level]
        part = 0.0
        for j in range(segments[i, 0], segments[i, 1]):
            residual = work[COUNT, j] * inverse * work[GROWTH, j] - 1.0
            square = work[WEIGHT, j] * residual * residual
            part += square * work[BEFORE, j]
            relative += square
        pearson += part * sums[OLD_SIZE, level]
    return pearson, relative


@njit(nogil=True, error_model="numpy")
def downweight_outbreaks(
    grid: Grid, state: State, with_trend: bool, dispersion: float, threshold: float
) -> None:
    """Weigh past outbreaks by residual^-2 where the standardised Anscombe residual is over `threshold`."""
    segments, times, work, sums, fit = grid.segments, grid.times, state.work, state.sums, state.fit
    fill_growth(grid, fit[TREND], -1.0 / 6.0, work[GROWTH])
    for level in range(sums.shape[1]):
        sums[FACTOR, level] = math.exp(-sums[LEVEL, level] / 6.0)
    bend = curvature(sums, OLD0) if with_trend else 0.0
    bend_inverse = 1.0 / bend if bend > 0.0 else 0.0
    total = 0.0
    for i in range(segments.shape[0]):
        level = segments[i, 2]
        root = sums[FACTOR, level]
        size = sums[OLD_SIZE, level]
        share = 1.0 / sums[OLD0, level]
        centre = sums[OLD1, level] * share
        for j in range(segments[i, 0], segments[i, 1]):
            if work[WEIGHT, j] == 0.0:
                continue
            u = root * work[GROWTH, j]
            residual = 1.5 * (work[POWER, j] * u - 1.0 / (u * u * u))
            away = times[j] - centre
            leverage = size * work[BEFORE, j] * (share + away * away * bend_inverse)
            variance = dispersion * (1.0 - leverage)
            if residual > 0.0 and residual * residual > threshold * threshold * variance:
                work[WEIGHT, j] = variance / (residual * residual)
            total += work[WEIGHT, j]
    gain = fit[USED] / total
    for i in range(segments.shape[0]):
        for j in range(segments[i, 0], segments[i, 1]):
            work[WEIGHT, j] *= gain
