"""A z-score for a statistic with its own null distribution, by a seeded simulation of that distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from early_warning.count_tails import Z_LIMIT
from early_warning.panel import FloatArray

TAIL_SHARE = 0.005  # the share of the simulation the tail beyond it is extrapolated from
KNOTS = 400


@dataclass(frozen=True, eq=False)
class NullScore:
    """A monotone table from statistic to z, with a straight tail beyond it.

    A statistic that is often exactly zero takes the middle of that probability there (mid-p).
    """

    statistics: FloatArray
    scores: FloatArray

    @classmethod
    def of_sample(cls, sample: FloatArray) -> NullScore:
        """Build the table from independent draws (≥ 0) of the statistic when nothing goes on."""
        ordered = np.sort(sample)
        zero_share = float(np.mean(ordered <= 0.0))
        lowest = max(zero_share, 1.0 / KNOTS)
        probabilities = np.linspace(lowest, 1.0 - TAIL_SHARE, KNOTS)
        statistics = np.quantile(ordered, probabilities)
        scores = ndtri(probabilities)
        if zero_share > 0.0:
            statistics = np.concatenate([[0.0], statistics[1:]])
            scores = np.concatenate([[ndtri(zero_share / 2.0)], scores[1:]])
        kept = np.concatenate([[True], np.diff(statistics) > 0.0])
        return cls(statistics[kept], scores[kept])

    def z(self, statistics: FloatArray) -> FloatArray:
        """Return the z-scores; NaN stays NaN."""
        inside = np.interp(statistics, self.statistics, self.scores)
        last, before = -1, -1 - max(1, self.scores.size // 20)
        rise = self.scores[last] - self.scores[before]
        slope = rise / (self.statistics[last] - self.statistics[before])
        beyond = self.scores[last] + slope * (statistics - self.statistics[last])
        scored: FloatArray = np.where(statistics > self.statistics[last], beyond, inside)
        return np.minimum(scored, Z_LIMIT)
