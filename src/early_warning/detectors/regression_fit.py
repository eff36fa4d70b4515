"""Log-linear regression of every series on one design: Poisson or negative binomial, series by series."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from early_warning.panel import FloatArray

EPSILON = 1e-8
ITERATIONS = 25
MOMENT_STEPS = 20
ALIASED = 1e-9  # a column whose pivot falls below this share of its own size is left out


@njit(nogil=True, error_model="numpy")
def solve_positive(matrix: FloatArray, right: FloatArray) -> None:
    """Solve a symmetric system in place (Cholesky, lower triangle); aliased columns get 0."""
    size = right.size
    for j in range(size):
        own = matrix[j, j]
        for k in range(j):
            matrix[j, j] -= matrix[j, k] * matrix[j, k]
        if not matrix[j, j] > ALIASED * own:
            matrix[j, j] = 0.0
            for i in range(j + 1, size):
                matrix[i, j] = 0.0
            continue
        matrix[j, j] = math.sqrt(matrix[j, j])
        for i in range(j + 1, size):
            for k in range(j):
                matrix[i, j] -= matrix[i, k] * matrix[j, k]
            matrix[i, j] /= matrix[j, j]
    for i in range(size):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] = right[i] / matrix[i, i] if matrix[i, i] > 0.0 else 0.0
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            right[i] -= matrix[k, i] * right[k]
        right[i] = right[i] / matrix[i, i] if matrix[i, i] > 0.0 else 0.0


@njit(nogil=True, error_model="numpy")
def _accumulate(
    row: FloatArray, weight: float, response: float, matrix: FloatArray, right: FloatArray
) -> None:
    for i in range(row.size):
        part = weight * row[i]
        if part != 0.0:
            right[i] += part * response
            for k in range(i + 1):
                matrix[i, k] += part * row[k]


@njit(nogil=True, error_model="numpy")
def fit_regression(
    counts: FloatArray,
    weights: FloatArray,
    design: FloatArray,
    overdispersion: float,
    coefficients: FloatArray,
) -> bool:
    """Fit E(y) = exp(design · b), variance m + overdispersion · m², by iteratively reweighted least squares.

    NaN counts and zero weights are left out. Starts from the given coefficients, or at count + 0.1 where they
    are all zero; stops at a relative change of deviance of EPSILON and returns whether it got there.
    """
    cold = not np.any(coefficients)
    size = design.shape[1]
    matrix = np.zeros((size, size))
    before = 0.0
    for iteration in range(ITERATIONS + 1):
        matrix[:, :] = 0.0
        right = np.zeros(size)
        deviance = 0.0
        for t in range(counts.size):
            y = counts[t]
            if math.isnan(y) or weights[t] == 0.0:
                continue
            eta = 0.0
            for i in range(size):
                eta += design[t, i] * coefficients[i]
            if cold and iteration == 0:
                mean = y + 0.1
                eta = math.log(mean)
            else:
                mean = math.exp(min(eta, 700.0))
            own = y * math.log(y / mean) if y > 0.0 else 0.0
            if overdispersion > 0.0:
                size_y = y + 1.0 / overdispersion
                deviance += (
                    2.0 * weights[t] * (own - size_y * math.log(size_y / (mean + 1.0 / overdispersion)))
                )
            else:
                deviance += 2.0 * weights[t] * (own - (y - mean))
            weight = weights[t] * mean / (1.0 + overdispersion * mean)
            _accumulate(design[t], weight, eta + (y - mean) / mean, matrix, right)
        if iteration > 1 and abs(deviance - before) < EPSILON * (abs(deviance) + 0.1):
            return True
        before = deviance
        solve_positive(matrix, right)
        coefficients[:] = right
    return False


@njit(nogil=True, error_model="numpy")
def overdispersion_of(counts: FloatArray, means: FloatArray, weights: FloatArray, freedom: float) -> float:
    """Return α ≥ 0 at which the Pearson statistic of variance m + αm² equals its degrees of freedom."""
    alpha = 0.0
    for _ in range(MOMENT_STEPS):
        statistic = -freedom
        slope = 0.0
        for t in range(counts.size):
            if weights[t] > 0.0 and means[t] > 1e-6:
                spread = 1.0 + alpha * means[t]
                part = weights[t] * (counts[t] - means[t]) ** 2 / (means[t] * spread)
                statistic += part
                slope -= part * means[t] / spread
        if alpha == 0.0 and statistic <= 0.0:
            return 0.0
        if slope == 0.0:
            return alpha
        change = -statistic / slope
        alpha = max(alpha + change, 0.0)
        if abs(change) < 1e-7 * (alpha + 1e-3):
            break
    return alpha


@njit(nogil=True, cache=True, error_model="numpy")
def baseline_regression(
    counts: FloatArray, design: FloatArray, later: FloatArray, means: FloatArray, alphas: FloatArray
) -> None:
    """Fit each series (Poisson) on `design`; fill `means` with what it predicts for the rows of `later`.

    `alphas` takes each series' overdispersion by moments. A series without a case has mean 0.
    """
    coefficients = np.zeros(design.shape[1])
    weights = np.zeros(counts.shape[1])
    fitted = np.zeros(counts.shape[1])
    for s in range(counts.shape[0]):
        total = 0.0
        for t in range(counts.shape[1]):
            weights[t] = 0.0 if math.isnan(counts[s, t]) else 1.0
            total += counts[s, t] if weights[t] > 0.0 else 0.0
        coefficients[:] = 0.0
        alphas[s] = 0.0
        means[s] = 0.0
        if total == 0.0:
            continue
        fit_regression(counts[s], weights, design, 0.0, coefficients)
        for t in range(counts.shape[1]):
            fitted[t] = math.exp(np.dot(design[t], coefficients))
        alphas[s] = overdispersion_of(counts[s], fitted, weights, np.sum(weights) - design.shape[1])
        for row in range(later.shape[0]):
            means[s, row] = math.exp(np.dot(later[row], coefficients))


def harmonics(periods: FloatArray, period: float, count: int) -> FloatArray:
    """Return an intercept and `count` pairs of sine and cosine of the season, one row a period."""
    angles = 2.0 * np.pi * np.outer(periods, np.arange(1, count + 1)) / period
    return np.ascontiguousarray(
        np.column_stack(
            [np.ones(periods.size), *(f(angles[:, [j]]) for j in range(count) for f in (np.sin, np.cos))]
        )
    )


@njit(nogil=True, error_model="numpy")
def information(
    weights: FloatArray, means: FloatArray, design: FloatArray, overdispersion: float
) -> FloatArray:
    """Return X'WX at given means, for the standard error of a prediction."""
    size = design.shape[1]
    matrix = np.zeros((size, size))
    right = np.zeros(size)
    for t in range(means.size):
        if weights[t] > 0.0:
            weight = weights[t] * means[t] / (1.0 + overdispersion * means[t])
            _accumulate(design[t], weight, 0.0, matrix, right)
    return matrix


@njit(nogil=True, error_model="numpy")
def quadratic_form(matrix: FloatArray, row: FloatArray) -> float:
    """Return row' · matrix⁻¹ · row; aliased columns count nothing."""
    solved = row.copy()
    solve_positive(matrix.copy(), solved)
    total = 0.0
    for i in range(row.size):
        total += row[i] * solved[i]
    return max(total, 0.0)
