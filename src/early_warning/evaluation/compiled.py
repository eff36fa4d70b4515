"""`compile`: have the detectors' loops compiled now, so that no process waits for it at its first alarm."""

from __future__ import annotations

import argparse
from datetime import date

import numpy as np

from ..detectors import cusum, daily_regression, ears, farrington, harmonic, moving_percentile, shrunken_exact
from ..panel import Calendar, Panel, Step

DAYS, WEEKS = 1500, 320  # enough for every detector's baseline


def run(_arguments: argparse.Namespace) -> int:
    """Run detectors once on small counts; numba keeps the machine code beside the sources."""
    counts = np.random.default_rng(1).poisson(3.0, size=(2, DAYS)).astype(float)
    days = Panel.of(counts, Calendar(Step.DAY, date(2024, 1, 1)))
    weeks = Panel.of(counts[:, :WEEKS], Calendar(Step.ISO_WEEK, date(2018, 1, 1)))
    shrunken_exact.detect(days, [np.zeros(2, dtype=np.intp)], last=1)
    daily_regression.detect(days, last=1)
    moving_percentile.detect(days, last=1)
    ears.c2(days, last=1)
    farrington.flexible(weeks, last=1)
    harmonic.harmonic(weeks, last=1)
    cusum.detect(weeks, last=1)
    return 0
