"""Negative binomial regression for daily counts. See docs/detectors/daily_regression.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from early_warning.count_tails import mid_p_z, upper_quantile
from early_warning.detection import Detection
from early_warning.detectors.daily_design import daily_design, day_kinds
from early_warning.detectors.regression_fit import (
    fit_regression,
    information,
    overdispersion_of,
    quadratic_form,
)
from early_warning.panel import FloatArray, Panel, Step, WrongCalendar

TWO_YEARS = 730


@dataclass(frozen=True)
class DailyOptions:
    """How much past, how the season bends, when to alarm.

    history        days of past the regression may use; `least_history` it needs
    gap            last days before the fit left out, lest an outbreak teach the model
    refit_every    days between fits; within them the same coefficients predict
    pairs          sine and cosine pairs a year, used with two years of history or more
    reweight_above past days with a larger standardised residual lose weight (None: none do)
    """

    history: int = 3 * 365
    least_history: int = 84
    gap: int = 7
    refit_every: int = 7
    pairs: int = 2
    trend: bool = True
    reweight_above: float | None = 2.58
    alpha: float = 0.01


def detect(
    panel: Panel,
    holidays: ArrayLike | None = None,
    make_up_workdays: ArrayLike | None = None,
    options: DailyOptions | None = None,
    last: int | None = None,
) -> Detection:
    """Compare each of the `last` days with the day its weekday, holidays, season and trend lead to expect.

    `holidays` and `make_up_workdays` are boolean, one a day of the panel. `details["overdispersion"]` is α of
    variance m + αm²; the score also carries the uncertainty of m.
    """
    chosen = options or DailyOptions()
    if panel.calendar.step is not Step.DAY:
        raise WrongCalendar("the daily regression needs a daily panel")
    first = panel.first_monitored(last)
    kinds = day_kinds(panel.calendar, panel.period_count, holidays, make_up_workdays)
    shape = (panel.series_count, panel.period_count - first)
    expected, error, alpha = (np.full(shape, np.nan) for _ in range(3))
    for start in range(first, panel.period_count, chosen.refit_every):
        stop = min(start + chosen.refit_every, panel.period_count)
        end = start - chosen.gap
        begin = max(end - chosen.history, 0)
        if end - begin < chosen.least_history:
            continue
        pairs = chosen.pairs if end - begin >= TWO_YEARS else 0
        design = daily_design(kinds, pairs, chosen.trend and pairs > 0)
        columns = slice(start - first, stop - first)
        expected[:, columns], error[:, columns], alpha[:, columns] = _predict(
            panel.counts[:, begin:end].copy(),  # always of one layout, so that one compilation serves
            design[begin:end],
            design[start:stop],
            chosen.reweight_above or 0.0,
        )
    counts = panel.counts[:, first:]
    with np.errstate(invalid="ignore", divide="ignore"):
        dispersion = 1.0 + alpha * expected + np.where(expected > 0.0, error**2 / expected, 0.0)
    upper = upper_quantile(chosen.alpha, expected, dispersion)
    z = mid_p_z(counts, expected, dispersion)
    with np.errstate(invalid="ignore"):
        alarm = counts > upper
    details = {"overdispersion": alpha, "standard_error": error}
    return Detection("daily_regression", expected, upper, z, alarm, first, details)


@njit(nogil=True, error_model="numpy")
def _weigh(
    counts: FloatArray, means: FloatArray, weights: FloatArray, alpha: float, threshold: float
) -> None:
    """Give days far above their mean the weight (Anscombe residual)^-2, others 1; keep the sum."""
    total = 0.0
    used = 0.0
    for t in range(counts.size):
        if math.isnan(counts[t]) or not means[t] > 1e-6:
            continue
        root = 1.5 * (counts[t] ** (2.0 / 3.0) * means[t] ** (-1.0 / 6.0) - math.sqrt(means[t]))
        residual = root / math.sqrt(1.0 + alpha * means[t])
        weights[t] = residual**-2 if residual > threshold else 1.0
        used += 1.0
        total += weights[t]
    if total > 0.0:
        for t in range(counts.size):
            weights[t] *= used / total


@njit(nogil=True, cache=True, error_model="numpy")
def _predict(counts: FloatArray, design: FloatArray, later: FloatArray, threshold: float) -> FloatArray:
    """Return mean, its standard error and α for the rows of `later`: (3, series, rows)."""
    size = design.shape[1]
    results = np.full((3, counts.shape[0], later.shape[0]), np.nan)
    means = np.zeros(counts.shape[1])
    weights = np.zeros(counts.shape[1])
    for s in range(counts.shape[0]):
        used = 0
        total = 0.0
        for t in range(counts.shape[1]):
            weights[t] = 0.0 if math.isnan(counts[s, t]) else 1.0
            used += 1 if weights[t] > 0.0 else 0
            total += counts[s, t] if weights[t] > 0.0 else 0.0
        if used < 2 * size or total == 0.0:
            if used >= 2 * size:
                results[0, s], results[1, s], results[2, s] = 0.5 / used, 0.5 / used, 0.0
            continue
        coefficients = np.zeros(size)
        alpha = 0.0
        for stage in range(3 if threshold > 0.0 else 2):
            fit_regression(counts[s], weights, design, alpha, coefficients)
            for t in range(counts.shape[1]):
                means[t] = math.exp(min(np.dot(design[t], coefficients), 700.0))
            alpha = overdispersion_of(counts[s], means, weights, used - size)
            if stage == 0 and threshold > 0.0:
                _weigh(counts[s], means, weights, alpha, threshold)
        matrix = information(weights, means, design, alpha)
        for row in range(later.shape[0]):
            mean = math.exp(min(np.dot(later[row], coefficients), 700.0))
            results[0, s, row] = mean
            results[1, s, row] = mean * math.sqrt(quadratic_form(matrix, later[row]))
            results[2, s, row] = alpha
    return results
