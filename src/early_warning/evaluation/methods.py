"""Which detectors the benchmark runs, by the names its tables print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..detection import Detection
from ..detectors import (
    case_rules,
    cusum,
    daily_regression,
    ears,
    farrington,
    glr,
    harmonic,
    moving_percentile,
    shrunken_exact,
)
from ..panel import Panel

Method = Callable[[Panel, int], Detection]

FARRINGTON = "Farrington-NB (Noufaily)"
HARMONIC = "harmonic regression"
STEADY = ears.EarsOptions(min_sigma=1.0)  # counts near 0 have a standard deviation near 0 by chance


def weekly_methods() -> Mapping[str, Method]:
    """Return the detectors for weekly series with years of history."""
    return {
        "EARS C1": lambda panel, last: ears.c1(panel, STEADY, last),
        "EARS C2": lambda panel, last: ears.c2(panel, STEADY, last),
        "EARS C3": lambda panel, last: ears.c3(panel, STEADY, last),
        "CUSUM (Rossi)": lambda panel, last: _by_chart(cusum.detect(panel, None, last), "sum"),
        "CUSUM (Rossi, GLM)": lambda panel, last: _by_chart(
            cusum.detect(panel, cusum.CusumOptions(seasonal_harmonics=1), last), "sum"
        ),
        "GLR-NB": lambda panel, last: _by_chart(glr.detect(panel, None, last), "ratio"),
        "moving percentile P80": lambda panel, last: moving_percentile.detect(panel, None, last),
        "Farrington 1996": lambda panel, last: farrington.original(panel, None, last),
        FARRINGTON: lambda panel, last: farrington.flexible(panel, None, last),
        HARMONIC: lambda panel, last: harmonic.harmonic(panel, None, last),
    }


def daily_methods(holidays: NDArray[np.bool_]) -> Mapping[str, Method]:
    """Return the detectors for daily series."""
    return {
        "EARS C1": lambda panel, last: ears.c1(panel, STEADY, last),
        "EARS C2": lambda panel, last: ears.c2(panel, STEADY, last),
        "EARS C3": lambda panel, last: ears.c3(panel, STEADY, last),
        "CUSUM (Rossi)": lambda panel, last: _by_chart(cusum.detect(panel, None, last), "sum"),
        "daily NB regression": lambda panel, last: daily_regression.detect(panel, holidays, last=last),
    }


def sparse_methods(communities: NDArray[np.int64]) -> Mapping[str, Method]:
    """Return the detectors that look at one grid of a sparse town at a time."""
    return {
        "EARS C1": lambda panel, last: ears.c1(panel, STEADY, last),
        "EARS C2": lambda panel, last: ears.c2(panel, STEADY, last),
        "EARS C3": lambda panel, last: ears.c3(panel, STEADY, last),
        "CUSUM (Rossi)": lambda panel, last: _by_chart(cusum.detect(panel, None, last), "sum"),
        "GLR-NB": lambda panel, last: _by_chart(glr.detect(panel, None, last), "ratio"),
        "3 cases in 7 days": lambda panel, last: case_rules.cases_in_periods(panel, 3, 7, last),
        "exact test, shrunken": lambda panel, last: shrunken_exact.detect(panel, [communities], last=last),
    }


def _by_chart(detection: Detection, chart: str) -> Detection:
    """Rank a chart by its own statistic: its z stops at a limit that a drifting chart passes often."""
    return replace(detection, z=detection.details[chart])
