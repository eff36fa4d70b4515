"""One score a place and day from all sources, spans, levels and neighbours, and what it is made of.

Explained in docs/detectors/fusion.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .pooling import Evidence, Pooled, Scope, pool, single

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

WINSOR = 3.0  # a z beyond this counts as this when correlations are learnt
OUTBREAK = 3.0  # fused z above this is left out of the null
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One source's part of a warning: `share` of the fused z, which the shares add up to 1."""

    source: str
    observed: float
    expected: float
    z: float
    share: float


@dataclass(frozen=True, slots=True)
class Warning:
    """A fused warning for one series and period, with the reasons a page prints as a sentence.

    `members` are the series whose counts were pooled over the last `span` periods; `scope` says how they
    belong together; `contributions` has every source that reported, strongest first.
    """

    series: int
    period: int
    scope: str
    members: tuple[int, ...]
    span: int
    z: float
    p: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, eq=False)
class NullModel:
    """How scores behave when nothing goes on: correlation of sources in each cell, and of the cells."""

    correlations: dict[tuple[str, int], Floats]
    cell_correlation: float

    def p_of_best(self, best: Floats, cells: Floats) -> Floats:
        """Return P(the largest of `cells` equally correlated z >= best), by one common factor."""
        common = min(max(self.cell_correlation, 0.0), 0.999)
        own = np.sqrt(1.0 - common)
        p = np.zeros(best.shape)
        for node, weight in zip(NODES, NODE_WEIGHTS / np.sqrt(2 * np.pi), strict=True):
            exceeds = ndtr((np.sqrt(common) * node - best) / own)
            p += weight * -np.expm1(cells * np.log1p(-np.minimum(exceeds, 1 - 1e-16)))
        return np.minimum(p, 1.0)


@dataclass(frozen=True, eq=False)
class Fusion:
    """Fused scores (series, periods): `z` is the calibrated score, `best` the largest z of any cell.

    A cell is a scope and a span. NaN where no source reported.
    """

    best: Floats
    p: Floats
    z: Floats
    null: NullModel
    winner: Ints  # number of the winning cell
    group: Ints  # group of the winning cell that holds the series
    cells: tuple[tuple[Scope, int], ...]
    evidence: tuple[Evidence, ...]
    pooled: tuple[tuple[Pooled, ...], ...]  # by cell, by source

    def warning(self, series: int, period: int) -> Warning:
        """Tell what the score of one series and period is made of."""
        number = int(self.winner[series, period])
        if np.isnan(self.best[series, period]):
            raise ValueError(f"no source reported on series {series} in period {period}")
        scope, span = self.cells[number]
        group = int(self.group[series, period])
        parts = [
            (
                evidence.source,
                found.observed[group, period],
                found.expected[group, period],
                found.z[group, period],
            )
            for evidence, found in zip(self.evidence, self.pooled[number], strict=True)
            if not np.isnan(found.z[group, period])
        ]
        total = sum(max(float(z), 0.0) for *_, z in parts)
        contributions = [
            Contribution(
                source, float(seen), float(due), float(z), max(float(z), 0.0) / total if total else 0.0
            )
            for source, seen, due, z in parts
        ]
        return Warning(
            series=series,
            period=period,
            scope=scope.name,
            members=scope.members(group),
            span=span,
            z=float(self.z[series, period]),
            p=float(self.p[series, period]),
            contributions=tuple(sorted(contributions, key=lambda part: -part.z)),
        )


def fuse(
    evidence: Sequence[Evidence],
    *,
    scopes: Sequence[Scope] | None = None,
    spans: Sequence[int] = (1, 2),
    null: NullModel | None = None,
) -> Fusion:
    """Add calibrated z over sources in every scope and span, and take each series' strongest cell.

    Each source's counts are pooled over the group and the last periods before they are scored, so tiny counts
    add up. Sources are summed with equal weight and divided by the standard deviation of that sum under the
    `null` correlation, learnt from this very evidence (without its alarms) unless given. `z` corrects the
    strongest cell for having been chosen.
    """
    sources = tuple(evidence)
    _require(sources, spans)
    series = sources[0].observed.shape[0]
    chosen = tuple(scopes) if scopes is not None else (single(series),)
    cells = tuple((scope, int(span)) for scope in chosen for span in spans)
    pooled = tuple(tuple(pool(source, scope, span) for source in sources) for scope, span in cells)
    scores = [np.stack([part.z for part in parts]) for parts in pooled]
    if null is None:
        learnt = {
            (scope.name, span): estimate_correlation(score)
            for (scope, span), score in zip(cells, scores, strict=True)
        }
    else:
        learnt = null.correlations
    fused = [
        sum_sources(score, learnt[scope.name, span])
        for (scope, span), score in zip(cells, scores, strict=True)
    ]
    by_cell, groups = _per_series(cells, fused, series)
    model = null or NullModel(learnt, _mean_correlation(by_cell))
    filled = np.where(np.isnan(by_cell), -np.inf, by_cell)
    winner = filled.argmax(axis=0)
    best = np.take_along_axis(by_cell, winner[None], axis=0)[0]
    p = model.p_of_best(best, (~np.isnan(by_cell)).sum(axis=0).astype(float))
    return Fusion(
        best=best,
        p=p,
        z=-ndtri(np.clip(p, 1e-300, 1 - 1e-16)),
        null=model,
        winner=winner,
        group=np.take_along_axis(groups, winner[None], axis=0)[0],
        cells=cells,
        evidence=sources,
        pooled=pooled,
    )


def estimate_correlation(z: Floats) -> Floats:
    """Estimate the sources' correlation when nothing goes on, from z of shape (sources, …).

    Outbreaks raise all sources together and would look like correlation: extreme z are pulled in, and what
    the sum itself would call an outbreak is left out. Never below 0: no credit is taken for opposed noise.
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
                    value = float(np.clip(np.corrcoef(a, b)[0, 1], 0.0, 0.99))
                    correlation[one, other] = correlation[other, one] = value
    return correlation


def sum_sources(z: Floats, correlation: Floats) -> Floats:
    """Sum z over the first axis and divide by the sum's standard deviation; a missing source drops out."""
    known = ~np.isnan(z)
    total = np.where(known, z, 0.0).sum(axis=0)
    flat = known.reshape(len(z), -1).astype(float)
    variance = np.einsum("st,sr,rt->t", flat, correlation, flat, optimize=True).reshape(total.shape)
    return np.where(variance > 0, total / np.sqrt(np.maximum(variance, 1e-12)), np.nan)


def _per_series(
    cells: Sequence[tuple[Scope, int]], fused: Sequence[Floats], series: int
) -> tuple[Floats, Ints]:
    """Return for each cell the best group of each series: z and group number, (cells, series, periods)."""
    shape = (len(cells), series, fused[0].shape[1])
    best, group_of = np.full(shape, np.nan), np.zeros(shape, np.intp)
    for number, ((scope, _), z) in enumerate(zip(cells, fused, strict=True)):
        by_series = scope.groups.T.tocsr()
        by_series.sort_indices()
        degree = np.diff(by_series.indptr)
        for nth in range(int(degree.max(initial=0))):
            rows = np.flatnonzero(degree > nth)
            groups = by_series.indices[by_series.indptr[rows] + nth]
            better = ~(z[groups] <= best[number, rows]) & ~np.isnan(z[groups])
            best[number, rows] = np.where(better, z[groups], best[number, rows])
            group_of[number, rows] = np.where(better, groups[:, None], group_of[number, rows])
    return best, group_of


def _mean_correlation(by_cell: Floats) -> float:
    if len(by_cell) == 1:
        return 0.0
    return float(estimate_correlation(by_cell)[np.triu_indices(len(by_cell), 1)].mean())


def _require(sources: Sequence[Evidence], spans: Sequence[int]) -> None:
    if not sources or len({source.observed.shape for source in sources}) != 1:
        raise ValueError("fusion needs at least one source, and all sources over the same series and periods")
    if not spans or min(spans) < 1:
        raise ValueError("spans are numbers of periods, at least 1")
