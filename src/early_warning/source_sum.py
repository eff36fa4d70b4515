"""The sum of several sources' z, against what it is when nothing goes on. See docs/detectors/fusion.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

WINSOR = 3.0  # a z beyond this counts as this when correlations are learnt
OUTBREAK = 3.0  # a sum above this is left out of the null
TELLING_EXPECTATION = 3.0  # cases; the null is learnt where all sources expect this many …
TELLING_CELLS = 500  # … if there are so many such places and periods
LOWER_HALF = np.linspace(0.025, 0.5, 20)  # outbreaks raise z: the lower half is nearly free of them
FEW = 20  # places and periods that weigh as much as the belief that sources are independent
DOUBT = 5_000  # places and periods that weigh as much as the law itself when centre and spread are learnt
LOWEST_CENTRE = -0.15
SPREADS = (0.9, 1.1)


@dataclass(frozen=True, eq=False)
class SourceNull:
    """What the sources' z and their sum are when nothing goes on.

    `correlation` between sources; `centre` and `spread` of the sum after division by the standard deviation
    that follows from the correlation. A source alone is scored by its exact law and needs neither.
    """

    correlation: Floats
    centre: float = 0.0
    spread: float = 1.0

    @classmethod
    def learn(cls, z: Floats, expected: Floats) -> SourceNull:
        """Learn from z and expected counts, both (sources, …), of mostly quiet places and periods.

        Detectors err a little: past outbreaks in a history raise expectation and dispersion, a tiny count's z
        varies less than 1. One source's exact tail hardly shows it, but in a sum such errors add up and its
        stated rate would come out too low. So centre and spread are read off the lower half of the sums, in
        narrow bounds and never above 0: a rise everywhere must not become the new normal.
        """
        large = expected >= TELLING_EXPECTATION
        enough = int(large.all(axis=0).sum()) >= TELLING_CELLS
        correlation = estimate_correlation(np.where(large, z, np.nan) if enough else z)
        if len(z) < 2 or not enough:
            return cls(correlation)
        sums = sum_sources(z, correlation)[large.all(axis=0) & ~np.isnan(z).any(axis=0)]
        sums = sums[sums <= OUTBREAK]
        spread, centre = np.polyfit(ndtri(LOWER_HALF), np.quantile(sums, LOWER_HALF), 1)
        trust = sums.size / (sums.size + DOUBT)
        return cls(
            correlation,
            trust * float(np.clip(centre, LOWEST_CENTRE, 0.0)),
            1.0 + trust * (float(np.clip(spread, *SPREADS)) - 1.0),
        )

    def score(self, z: Floats) -> Floats:
        """Return the calibrated sum over the first axis; a missing source drops out."""
        total = sum_sources(z, self.correlation)
        several = (~np.isnan(z)).sum(axis=0) > 1
        return np.where(several, (total - self.centre) / self.spread, total)


def estimate_correlation(z: Floats) -> Floats:
    """Estimate the sources' correlation when nothing goes on, from z of shape (sources, …).

    Outbreaks raise all sources together and would look like correlation: extreme z are pulled in, and what
    the sum itself would call an outbreak is left out. Never below 0: no credit is taken for opposed noise. A
    few places and periods say little, and are believed that much.
    """
    table = np.clip(z.reshape(len(z), -1), -WINSOR, WINSOR)
    correlation = np.eye(len(z))
    for _ in range(2):
        quiet = ~(sum_sources(table, correlation) > OUTBREAK)
        for one in range(len(z)):
            for other in range(one):
                both = quiet & ~np.isnan(table[one]) & ~np.isnan(table[other])
                a, b = table[one, both], table[other, both]
                if len(a) > 2 and a.std() > 0 and b.std() > 0:
                    value = float(np.clip(np.corrcoef(a, b)[0, 1], 0.0, 0.99)) * a.size / (a.size + FEW)
                    correlation[one, other] = correlation[other, one] = value
    return correlation


def sum_sources(z: Floats, correlation: Floats) -> Floats:
    """Sum z over the first axis and divide by the sum's standard deviation; a missing source drops out."""
    known = ~np.isnan(z)
    total = np.where(known, z, 0.0).sum(axis=0)
    flat = known.reshape(len(z), -1).astype(float)
    variance = np.einsum("st,sr,rt->t", flat, correlation, flat, optimize=True).reshape(total.shape)
    return np.where(variance > 0, total / np.sqrt(np.maximum(variance, 1e-12)), np.nan)
