"""The detectors, in process CPU a series-period, beside statsmodels' regression of the same series."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import statsmodels.api as sm

from bench.figure import Figure
from early_warning.detectors import cusum, daily_regression, ears, farrington, glr, moving_percentile
from early_warning.detectors.reference_periods import ReferenceShape, reference_plan
from early_warning.panel import Calendar, FloatArray, Panel, Step

WEEKS, MONITORED, SERIES, MANY = 624, 20, 500, 100_000
FARRINGTON_US, MANY_SECONDS, BOUND_US, SCORE_US = 25.0, 3.0, 0.1, 1.0  # issue C
PEERS = 20  # series-weeks statsmodels fits
MEANS = (0.14, 1.0, 1.7, 4.5, 12.0, 43.0, 150.0)  # levels of the benchmark's seven parameter sets


def main() -> Iterator[Figure]:
    """Time each detector after compilation; the lower of three runs."""
    weekly = Panel.of(_counts(SERIES, WEEKS), Calendar(Step.ISO_WEEK))
    a_week = _peer(weekly)
    each = _seconds(lambda: farrington.flexible(weekly, None, MONITORED)) / (SERIES * MONITORED) * 1e6
    yield Figure(
        "Farrington-NB, a series-week",
        each,
        a_week,
        "us CPU",
        "two statsmodels GLM fits",
        ours_at_most=FARRINGTON_US,
    )
    crowd = Panel.of(np.tile(weekly.counts[:, -270:], (MANY // SERIES, 1)), weekly.calendar)
    whole = _seconds(lambda: farrington.flexible(crowd, None, 1), runs=1)
    yield Figure(
        "Farrington-NB, 100,000 series, one week",
        whole,
        a_week * MANY / 1e6,
        "s CPU",
        "the same fits by statsmodels",
        ours_at_most=MANY_SECONDS,
    )
    yield from _simple(Panel.of(_counts(2000, 400), Calendar(Step.DAY)))
    yield from _modelled(weekly, a_week)


def _simple(daily: Panel) -> Iterator[Figure]:
    """Yield the charts with a fixed baseline, with and without score, beside numpy's moving mean and sd."""
    cells = daily.series_count * 365

    def moving() -> None:
        windows = np.lib.stride_tricks.sliding_window_view(daily.counts, 7, axis=1)[:, -365:]
        windows.mean(axis=2)
        windows.std(axis=2, ddof=1)

    floor = _seconds(moving) / cells * 1e6
    runs: list[tuple[str, Callable[[], Any], float]] = [
        ("EARS C1, alarm and bound, a series-day", lambda: ears.c1(daily, None, 365, score=False), BOUND_US),
        ("EARS C1 with z", lambda: ears.c1(daily, None, 365), SCORE_US),
        ("EARS C2, alarm and bound", lambda: ears.c2(daily, None, 365, score=False), BOUND_US),
        ("EARS C3 with z", lambda: ears.c3(daily, None, 365), SCORE_US),
        ("CUSUM, alarm and bound", lambda: cusum.detect(daily, None, 365, score=False), BOUND_US),
        ("CUSUM with z", lambda: cusum.detect(daily, None, 365), SCORE_US),
    ]
    for name, run, limit in runs:
        each = _seconds(run) / cells * 1e6
        yield Figure(name, each, floor, "us CPU", "numpy's moving mean and sd", ours_at_most=limit)


def _modelled(weekly: Panel, a_week: float) -> Iterator[Figure]:
    daily = Panel.of(_counts(50, 1500), Calendar(Step.DAY))
    percentile = moving_percentile.PercentileOptions()
    runs: list[tuple[str, Callable[[], Any], int]] = [
        (
            "Moving percentile, a series-week",
            lambda: moving_percentile.detect(weekly, percentile, 52),
            SERIES * 52,
        ),
        ("GLR-NB, a series-week", lambda: glr.detect(weekly, None, 52), SERIES * 52),
        ("Daily regression, a series-day", lambda: daily_regression.detect(daily, last=28), 50 * 28),
    ]
    for name, run, cells in runs:
        yield Figure(name, _seconds(run) / cells * 1e6, a_week, "us CPU", "two statsmodels GLM fits")


def _counts(series: int, periods: int) -> FloatArray:
    random = np.random.default_rng(1)
    means = np.array(MEANS)[np.arange(series) % len(MEANS), np.newaxis]
    season = np.exp(0.4 * np.cos(2 * np.pi * np.arange(periods) / 52))
    return random.negative_binomial(means * season, 0.5).astype(np.float64)


def _peer(panel: Panel) -> float:
    """Return statsmodels' CPU microseconds for the two fits of one series-week."""
    plan = reference_plan(panel.calendar, WEEKS - 1, ReferenceShape(5, 3, 10, 26, False))
    assert plan is not None
    design = np.zeros((plan.times.size, 11))
    for start, stop, level in plan.segments:
        design[start:stop, level] = 1.0
    design[:, 10] = plan.times
    window = slice(plan.first, plan.first + plan.times.size)

    def fit_all() -> None:
        for row in range(PEERS):
            counts = panel.counts[row % 7 + 1, window]
            for _ in range(2):
                sm.GLM(counts, design, family=sm.families.Poisson()).fit(scale="X2")

    return _seconds(fit_all) / PEERS * 1e6


def _seconds(run: Callable[[], Any], runs: int = 3) -> float:
    run()
    best = np.inf
    for _ in range(runs):
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
    return float(best)
