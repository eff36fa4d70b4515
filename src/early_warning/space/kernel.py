"""The compiled inner loop of the scans: the best score over all windows, for many replicates side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

CONDITIONAL = 0  # Kulldorff: c log(c/e) + (C-c) log((C-c)/(C-e))
EXPECTATION = 1  # Neill: c log(c/e) + e - c


@njit(cache=True, nogil=True)
def score(cases: float, expected: float, total: float, kind: int) -> float:
    """Return the log-likelihood ratio of one window, 0 where it has no excess."""
    if cases <= expected:
        return 0.0
    if expected <= 0.0:
        return np.inf
    inside: float = cases * np.log(cases / expected)
    if kind == EXPECTATION:
        return inside + expected - cases
    outside = total - cases
    if outside > 0.0:
        inside += outside * np.log(outside / (total - expected))
    return inside


@njit(cache=True, nogil=True, fastmath={"contract"})
def maxima(  # noqa: PLR0917 (compiled code takes arrays by position)
    order: NDArray[np.int32],
    length: NDArray[np.int32],
    counts: NDArray[Any],
    expected: NDArray[np.float64],
    total: float,
    kind: int,
    best: NDArray[Any],
) -> None:
    """Raise `best` (replicates,) to the largest score over all windows.

    `counts` is (spans, areas, replicates), `expected` is (spans, areas); a span is a number of last days.
    Most windows are dismissed by an upper bound of the score that needs no logarithm: with d = c - e > 0,
    LLR <= d^2/2e + d^2/2(C-e) (1 + d/(C-e)), since (1-y)log(1-y)+y <= y^2 (1+y)/2 on [0, 1].
    """
    spans, _, replicates = counts.shape
    cases = np.empty(replicates, counts.dtype)
    number = counts.dtype.type
    slack = number(0.999)
    nothing = number(0)
    for span in range(spans):
        for row in range(order.shape[0]):
            cases[:] = 0
            sum_expected = 0.0
            for place in range(length[row]):
                area = order[row, place]
                sum_expected += expected[span, area]
                outside = max(total - sum_expected, 1e-9)
                square = 0.5 / max(sum_expected, 1e-300)
                cube = 0.0
                if kind == CONDITIONAL:
                    square += 0.5 / outside
                    cube = 0.5 / (outside * outside)
                centre = number(sum_expected)
                square_factor = number(min(square, 1e30))
                cube_factor = number(min(cube, 1e30))
                hits = 0
                for replicate in range(replicates):
                    cases[replicate] += counts[span, area, replicate]
                    excess = max(cases[replicate] - centre, nothing)
                    bound = excess * excess * (square_factor + excess * cube_factor)
                    hits += bound > best[replicate] * slack
                if hits > 0:
                    for replicate in range(replicates):
                        found = score(cases[replicate], sum_expected, total, kind)
                        best[replicate] = max(best[replicate], found)


@njit(cache=True, nogil=True)
def best_of_each_row(  # noqa: PLR0917
    order: NDArray[np.int32],
    length: NDArray[np.int32],
    counts: NDArray[np.float64],
    expected: NDArray[np.float64],
    total: float,
    kind: int,
    best: NDArray[np.float64],
    size: NDArray[np.int64],
    days: NDArray[np.int64],
) -> None:
    """Find for each row its best score, with the window's size and span; `counts` is (spans, areas)."""
    for row in range(order.shape[0]):
        for span in range(counts.shape[0]):
            cases = 0.0
            sum_expected = 0.0
            for place in range(length[row]):
                area = order[row, place]
                cases += counts[span, area]
                sum_expected += expected[span, area]
                found = score(cases, sum_expected, total, kind)
                if found > best[row]:
                    best[row] = found
                    size[row] = place + 1
                    days[row] = span + 1
