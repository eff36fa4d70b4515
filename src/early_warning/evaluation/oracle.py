"""The oracle: a detector that knows the true mean and dispersion; no method can do better except by luck."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..fusion import fuse
from ..pooling import Evidence
from .weekly import Benchmark

Floats = NDArray[np.float64]


def oracle_evidence(truth: Benchmark, *, before: int = 0) -> list[Evidence]:
    """Return each source's counts beside their true means, from `before` periods ahead of the scored ones."""
    periods = slice(truth.evaluated_from - before, None)
    return [
        Evidence.build(
            f"source {number + 1}", counts[:, periods], mean[:, periods], truth.dispersion[:, None]
        )
        for number, (counts, mean) in enumerate(zip(truth.counts, truth.mean, strict=True))
    ]


def oracle_score(truth: Benchmark, *, spans: Sequence[int] = (1,)) -> Floats:
    """Return the fused score of the oracle's evidence in the scored periods."""
    before = max(spans) - 1
    return fuse(oracle_evidence(truth, before=before), spans=spans).z[:, before:]
