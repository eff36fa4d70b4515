"""Scores of a detector on a simulated benchmark, at a false-positive rate that is the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .weekly import Benchmark

Floats = NDArray[np.float64]

RATES = (0.005, 0.01, 0.02, 0.05)
STRENGTHS: Mapping[str, tuple[int, int]] = {"k 1-3": (1, 3), "k 4-6": (4, 6), "k 7-10": (7, 10)}


@dataclass(frozen=True, slots=True)
class Measures:
    """What one detector achieves at one threshold; `*_error` are standard errors over series."""

    threshold: float
    false_positive_rate: float
    false_positive_error: float
    detected: float
    detected_error: float
    detected_first: float
    sensitivity: float
    precision: float
    delay: float
    by_strength: Mapping[str, float]


def measure(
    benchmark: Benchmark, score: Floats, *, rate: float | None = None, threshold: float = 0.0
) -> Measures:
    """Score (series, scored periods) against the truth; with `rate`, at the threshold that gives that rate.

    FPR: alarms in periods without outbreak cases. Detected (POD): at least one alarm between the first and
    the last period of an outbreak. Delay: periods from the first to the alarm, over detected outbreaks. A
    period without score (NaN) is a period without alarm.
    """
    ill = benchmark.outbreak_periods
    quiet = ~ill
    filled = np.where(np.isnan(score), -np.inf, score)
    if rate is not None:
        threshold = threshold_for(filled[quiet], rate)
    alarm: NDArray[np.bool_] = filled > threshold
    exists: NDArray[np.bool_] = np.asarray(ill.any(axis=1))
    first = ill.argmax(axis=1)
    last = ill.shape[1] - 1 - ill[:, ::-1].argmax(axis=1)
    period = np.arange(ill.shape[1])
    inside = (period >= first[:, None]) & (period <= last[:, None]) & exists[:, None]
    caught = np.any(alarm & inside, axis=1)[exists]
    waited = ((alarm & inside).argmax(axis=1) - first)[exists]
    false_of_each: Floats = (alarm & quiet).sum(axis=1) / quiet.sum(axis=1)
    strength = benchmark.strength[exists]
    return Measures(
        threshold=threshold,
        false_positive_rate=float((alarm & quiet).sum() / quiet.sum()),
        false_positive_error=float(false_of_each.std() / np.sqrt(len(false_of_each))),
        detected=float(caught.mean()),
        detected_error=float(np.sqrt(caught.mean() * (1 - caught.mean()) / len(caught))),
        detected_first=float(alarm[np.arange(len(first)), first][exists].mean()),
        sensitivity=float((alarm & ill).sum() / ill.sum()),
        precision=float((alarm & ill).sum() / max(int(alarm.sum()), 1)),
        delay=float(waited[caught].mean()) if caught.any() else float("nan"),
        by_strength={
            name: _share(caught[(low <= strength) & (strength <= high)])
            for name, (low, high) in STRENGTHS.items()
        },
    )


def _share(caught: NDArray[np.bool_]) -> float:
    return float(caught.mean()) if len(caught) else float("nan")


def threshold_for(null_scores: Floats, rate: float) -> float:
    """Return the smallest threshold that at most a share `rate` of the null scores exceeds."""
    ordered = np.sort(null_scores)
    return float(ordered[min(len(ordered) - 1, len(ordered) - 1 - int(rate * len(ordered)))])


def false_positive_rate_by(
    benchmark: Benchmark, alarm: NDArray[np.bool_], group: NDArray[np.int64]
) -> Floats:
    """Return the false-positive rate of each group of series (say, parameter sets)."""
    quiet = ~benchmark.outbreak_periods
    return np.array(
        [
            (alarm[group == number] & quiet[group == number]).sum() / quiet[group == number].sum()
            for number in np.unique(group)
        ]
    )
