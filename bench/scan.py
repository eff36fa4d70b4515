"""Scan statistics over 1,000 areas, against merely adding up the counts of the same windows."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bench.figure import Figure
from early_warning.space import Windows, circles, expectation_scan, permutation_scan, poisson_scan

AREAS, DAYS, NEAREST = 1000, 14, 50
LIMIT_SECONDS = 1.5  # issue C: Kulldorff with 999 replicates, space-time with 199
MANY, FEW, AT_ONCE = 999, 199, 64


def main() -> Iterator[Figure]:
    """Time each scan in process CPU, after compilation."""
    random = np.random.default_rng(1)
    x, y = random.random(AREAS), random.random(AREAS)
    people = random.integers(500, 5000, AREAS)
    cases = random.poisson(people * 1e-3)
    days = random.poisson(people[:, None] * 1e-4, (AREAS, DAYS))
    half, near = circles(x, y, people), circles(x, y, people, max_areas=NEAREST)
    runs: list[tuple[str, Callable[[], Any], Windows, int, int]] = [
        (
            "Kulldorff, 1,000 areas x 999",
            lambda: poisson_scan(cases, people, half, replicates=MANY),
            half, 1, MANY,
        ),
        (
            "space-time permutation, 14 days x 50 x 199",
            lambda: permutation_scan(days, near, max_days=DAYS, replicates=FEW),
            near, DAYS, FEW,
        ),
        (
            "space-time Poisson, 14 days x 50 x 199",
            lambda: poisson_scan(days, people, near, max_days=DAYS, replicates=FEW),
            near, DAYS, FEW,
        ),
        (
            "space-time expectation, 14 days x 50 x 199",
            lambda: expectation_scan(days, people * 1e-4, near, max_days=DAYS, replicates=FEW),
            near, DAYS, FEW,
        ),
    ]  # fmt: skip
    for name, run, windows, spans, replicates in runs:
        run()
        ours = _seconds(run)
        floor = _seconds(
            lambda windows=windows, spans=spans, many=replicates: _only_add(windows, spans, many)
        )
        yield Figure(name, ours, floor, "s CPU", "adding the same windows up", ours_at_most=LIMIT_SECONDS)


def _seconds(run: Callable[[], Any]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _only_add(windows: Windows, spans: int, replicates: int) -> None:
    counts = np.ones((windows.areas, AT_ONCE), np.float32)
    _add(windows.order[:2], windows.length[:2], counts)  # compiles
    for _ in range(spans * -(-replicates // AT_ONCE)):
        _add(windows.order, windows.length, counts)


@njit(nogil=True)
def _add(order: NDArray[np.int32], length: NDArray[np.int32], counts: NDArray[np.float32]) -> float:
    cases = np.empty(counts.shape[1], counts.dtype)
    seen = 0.0
    for row in range(order.shape[0]):
        cases[:] = 0
        for place in range(length[row]):
            area = order[row, place]
            for replicate in range(counts.shape[1]):
                cases[replicate] += counts[area, replicate]
        seen += cases[0]
    return seen
