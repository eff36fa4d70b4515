"""Which scores become warnings: a false-discovery rate, or so many a worker and day."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .fusion import FusedWarning, Fusion

Mask = NDArray[np.bool_]


def discoveries(p: ArrayLike, rate: float) -> Mask:
    """Return which p-values to act on so that at most `rate` of them are false (Benjamini-Hochberg 1995).

    Works over all entries at once; NaN is never chosen. Holds under the positive dependence of neighbours.
    """
    values = np.asarray(p, float)
    if not 0 < rate < 1:
        raise ValueError("a false-discovery rate lies between 0 and 1")
    flat = values.ravel()
    order = np.argsort(flat, kind="stable")  # NaN sorts last
    tested = int((~np.isnan(flat)).sum())
    passing = flat[order[:tested]] <= rate * np.arange(1, tested + 1) / max(tested, 1)
    chosen = np.zeros(len(flat), bool)
    if passing.any():
        chosen[order[: int(np.flatnonzero(passing)[-1]) + 1]] = True
    return chosen.reshape(values.shape)


def choose_warnings(
    fusion: Fusion,
    period: int,
    *,
    workers: Sequence[Hashable] | None = None,
    per_worker: int | None = None,
    rate: float | None = None,
    largest_p: float = 0.05,
) -> list[FusedWarning]:
    """Choose the warnings of one period, strongest first, at most `per_worker` for each of `workers`.

    `workers[i]` is who answers for series i (one for all if not given). Candidates pass the false-discovery
    `rate` if given, else p <= `largest_p`. A place already in a chosen warning is not warned of again.
    """
    p = fusion.p[:, period]
    candidates = discoveries(p, rate) if rate is not None else p <= largest_p
    chosen: list[FusedWarning] = []
    taken: set[int] = set()
    used: dict[Hashable, int] = {}
    for series in np.argsort(p, kind="stable"):  # NaN sorts last and is no candidate
        worker = workers[series] if workers is not None else None
        full = per_worker is not None and used.get(worker, 0) >= per_worker
        if not candidates[series] or full or int(series) in taken:
            continue
        warning = fusion.warning(int(series), period)
        if taken.isdisjoint(warning.members):
            chosen.append(warning)
            used[worker] = used.get(worker, 0) + 1
            taken.update(warning.members)
    return chosen
