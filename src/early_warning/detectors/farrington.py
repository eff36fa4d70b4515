"""Farrington's method, the original of 1996 and the flexible one (docs/detectors/farrington.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.special import ndtri, stdtrit

from early_warning.count_tails import mid_p_z, upper_quantile
from early_warning.detection import BoolArray, Detection
from early_warning.detectors.farrington_kernel import (
    DISPERSION,
    ERROR,
    EXPECTED,
    RESULT_COLUMNS,
    SLOPE,
    TREND_USED,
    Rules,
    Window,
    baselines,
)
from early_warning.detectors.loglinear_fit import count_table
from early_warning.detectors.reference_periods import ReferenceShape, reference_plan
from early_warning.panel import FloatArray, Panel

MIN_TREND_YEARS = 3  # Farrington 1996: no trend from fewer years


class Threshold(StrEnum):
    """How the alarm threshold follows from the fitted mean."""

    DELTA = "delta"  # normal approximation after a power transformation, by the delta method
    NEGATIVE_BINOMIAL = "nbPlugin"  # quantile of the negative binomial at the fitted mean
    UPPER_MEAN = "muan"  # the same at the upper confidence limit of the mean


class Power(StrEnum):
    """The transformation of the delta threshold."""

    TWO_THIRDS = "2/3"
    HALF = "1/2"
    NONE = "none"


EXPONENT = {Power.TWO_THIRDS: 2.0 / 3.0, Power.HALF: 0.5, Power.NONE: 1.0}


@dataclass(frozen=True)
class FarringtonOptions:
    """What can be chosen; the defaults are the flexible method as Noufaily et al. 2013 recommend it.

    years, half_width   how many earlier years, and ± how many periods around the anniversary
    levels              seasonal levels, 1 for the windows alone
    excluded            how many of the last periods the baseline leaves out
    reweight_above      Anscombe residual above which past outbreaks lose weight; None: no reweighting
    trend, trend_below  fit a trend; keep it only where its p-value is below (1: always). It is always dropped
                        where it would extrapolate above every reference count
    cases_needed, within_periods   no alarm below so many cases in the last periods, the present one included
    by_date             find anniversaries by date; None: if the calendar has dates
    use_populations     model rates: the panel's populations as an offset
    r_compat            use R surveillance's standard errors after reweighting (it takes prior weights for
                        working weights, which changes the trend test and the delta and muan thresholds)
    """

    years: int = 5
    half_width: int = 3
    levels: int = 10
    excluded: int = 26
    reweight_above: float | None = 2.58
    trend: bool = True
    trend_below: float = 1.0
    threshold: Threshold = Threshold.NEGATIVE_BINOMIAL
    alpha: float = 0.01
    power: Power = Power.TWO_THIRDS
    cases_needed: float = 0
    within_periods: int = 4
    by_date: bool | None = None
    use_populations: bool = False
    r_compat: bool = False


ORIGINAL_1996 = FarringtonOptions(
    levels=1,
    excluded=3,
    reweight_above=1.0,
    trend_below=0.05,
    threshold=Threshold.DELTA,
    alpha=0.025,  # one side of the published two-sided 5 %
    cases_needed=5,
)


def flexible(panel: Panel, options: FarringtonOptions | None = None, last: int | None = None) -> Detection:
    """Monitor the `last` periods (all when None) of every series; weekly data with some years of history.

    A period is monitored where the panel reaches `years` years back and a report came. `details` holds
    `dispersion`, `standard_error` of the mean, `trend` a year (log) and `trend_used`.
    """
    chosen = options or FarringtonOptions()
    if chosen.use_populations and panel.populations is None:
        raise ValueError("use_populations needs a panel with populations")
    first = panel.first_monitored(last)
    results = _baselines(panel, chosen, first)
    expected, error, phi = results[EXPECTED], results[ERROR], results[DISPERSION]
    counts = panel.counts[:, first:]
    upper = _upper(expected, error, phi, chosen)
    with np.errstate(invalid="ignore"):
        alarm = (counts > upper) & _enough_cases(panel, chosen, first)
    return Detection(
        method="farrington",
        expected=expected,
        upper=upper,
        z=mid_p_z(counts, expected, phi),
        alarm=alarm,
        first_period=first,
        details={
            "dispersion": phi,
            "standard_error": error,
            "trend": results[SLOPE],
            "trend_used": results[TREND_USED],
        },
    )


def original(panel: Panel, options: FarringtonOptions | None = None, last: int | None = None) -> Detection:
    """Monitor by the method of Farrington et al. 1996 (its options: `ORIGINAL_1996`)."""
    return replace(flexible(panel, options or ORIGINAL_1996, last), method="farrington_1996")


def _baselines(panel: Panel, options: FarringtonOptions, first: int) -> FloatArray:
    """Return the fits as (RESULT_COLUMNS, series, monitored periods)."""
    count = panel.period_count - first
    results = np.full((RESULT_COLUMNS, panel.series_count, count), np.nan)
    by_date = panel.calendar.starts_on is not None if options.by_date is None else options.by_date
    one_period = np.empty((panel.series_count, RESULT_COLUMNS))
    people = panel.populations if options.use_populations and panel.populations is not None else panel.counts
    rules = Rules(
        trend=options.trend and options.years >= MIN_TREND_YEARS,
        t_critical=_t_critical(options.trend_below, panel.period_count),
        reweight=options.reweight_above is not None,
        threshold=options.reweight_above or 0.0,
        relative_error=options.r_compat,
        offset=options.use_populations,
        table=count_table(),
    )
    shape = ReferenceShape(options.years, options.half_width, options.levels, options.excluded, by_date)
    for column in range(count):
        plan = reference_plan(panel.calendar, first + column, shape)
        if plan is None:
            continue
        window = Window(
            plan.first, first + column, options.levels, plan.segments, plan.times, plan.now, plan.uniform
        )
        baselines(panel.counts, people, window, rules, one_period)
        results[:, :, column] = one_period.T
    return results


def _t_critical(below: float, size: int) -> FloatArray:
    """Return the absolute t, by degrees of freedom, whose two-sided p-value is `below`."""
    freedom = np.arange(size + 1)
    if below >= 1.0:
        return np.zeros(size + 1)
    critical: FloatArray = -stdtrit(np.maximum(freedom, 1), below / 2.0)
    return critical


def upper_mean(expected: FloatArray, error: FloatArray, alpha: float) -> FloatArray:
    """Return the upper (1 - alpha) confidence limit of the mean, on the log scale."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        limit: FloatArray = expected * np.exp(-ndtri(alpha) * error / expected)
    return limit


def _upper(
    expected: FloatArray, error: FloatArray, phi: FloatArray, options: FarringtonOptions
) -> FloatArray:
    z = -ndtri(options.alpha)
    if options.threshold is Threshold.NEGATIVE_BINOMIAL:
        return upper_quantile(options.alpha, expected, phi)
    if options.threshold is Threshold.UPPER_MEAN:
        return upper_quantile(options.alpha, upper_mean(expected, error, options.alpha), phi)
    exponent = EXPONENT[options.power]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = exponent * z * np.sqrt(phi * expected + error**2) / expected
        upper: FloatArray = expected * np.maximum(1.0 + spread, 0.0) ** (1.0 / exponent)
    return upper


def _enough_cases(panel: Panel, options: FarringtonOptions, first: int) -> BoolArray:
    """Return whether the last periods hold enough cases; a missing report adds none."""
    totals = np.cumsum(np.nan_to_num(panel.counts, nan=0.0), axis=1)
    totals = np.concatenate([np.zeros((panel.series_count, 1)), totals], axis=1)
    ends = np.arange(first, panel.period_count) + 1
    starts = np.maximum(ends - options.within_periods, 0)
    enough: BoolArray = totals[:, ends] - totals[:, starts] >= options.cases_needed
    return enough
