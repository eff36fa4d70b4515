"""One score a place and day from all sources, spans, levels and neighbours, and what it is made of.

Explained in docs/detectors/fusion.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from .pooling import Evidence, Pooled, Scope, pool, single

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Correlations = Mapping[tuple[str, int], Floats]

WINSOR = 3.0  # a z beyond this counts as this when correlations are learnt
OUTBREAK = 3.0  # fused z above this is left out of the null
SMALLEST_P = 1e-300
TELLING_EXPECTATION = 3.0  # cases; correlation is learnt where all sources expect this many …
TELLING_CELLS = 500  # … if there are so many such places and periods


@dataclass(frozen=True, slots=True)
class Contribution:
    """One source's part of a warning: `share` of the fused z, which the shares add up to 1."""

    source: str
    observed: float
    expected: float
    z: float
    share: float


@dataclass(frozen=True, slots=True)
class FusedWarning:
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
class Fusion:
    """Fused scores (series, periods): `z` is calibrated, `p` its tail. NaN where no source reported.

    A cell is a scope and a span; the winning cell of a series is the one that speaks loudest for it.
    `correlations` has the sources' correlation in each cell, by (scope name, span).
    """

    p: Floats
    z: Floats
    correlations: Correlations
    winner: Ints  # number of the winning cell
    group: Ints  # the winning cell's group that holds the series
    cells: tuple[tuple[Scope, int], ...]
    evidence: tuple[Evidence, ...]
    pooled: tuple[tuple[Pooled, ...], ...]  # by cell, by source

    def warning(self, series: int, period: int) -> FusedWarning:
        """Tell what the score of one series and period is made of."""
        number = int(self.winner[series, period])
        if np.isnan(self.p[series, period]):
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
        return FusedWarning(
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
    correlations: Correlations | None = None,
) -> Fusion:
    """Add calibrated z over sources in every scope and span, and combine what these say of each series.

    Each source's counts are pooled over the group and the last periods before they are scored, so tiny counts
    add up. Sources are summed with equal weight and divided by the standard deviation of that sum under their
    `correlations`, learnt from this very evidence (without its alarms) unless given. The p-values of the
    groups that hold a series, and then of the cells, are combined by their harmonic mean (Wilson 2019), which
    needs no independence: one loud cell is enough, and it pays for having been one of many.
    """
    sources = tuple(evidence)
    _require(sources, spans)
    series = sources[0].observed.shape[0]
    chosen = tuple(scopes) if scopes is not None else (single(series),)
    cells = tuple((scope, int(span)) for scope in chosen for span in spans)
    pooled = tuple(tuple(pool(source, scope, span) for source in sources) for scope, span in cells)
    learnt: dict[tuple[str, int], Floats] = dict(correlations or {})
    shape = sources[0].observed.shape
    loudness, heard = np.zeros(shape), np.zeros(shape)
    loudest, winner, group = np.zeros(shape), np.zeros(shape, np.intp), np.zeros(shape, np.intp)
    for number, ((scope, span), parts) in enumerate(zip(cells, pooled, strict=True)):
        scores = np.stack([part.z for part in parts])
        if correlations is None:
            learnt[scope.name, span] = estimate_correlation(_tellingly(scores, parts))
        inverse = 1.0 / np.maximum(ndtr(-sum_sources(scores, learnt[scope.name, span])), SMALLEST_P)
        mean, place = _of_each_series(scope, inverse)
        heard += ~np.isnan(mean)
        loudness += np.nan_to_num(mean, nan=0.0)
        louder = mean > loudest
        loudest, winner = np.where(louder, mean, loudest), np.where(louder, number, winner)
        group = np.where(louder, place, group)
    p = np.where(heard > 0, np.minimum(heard / np.maximum(loudness, SMALLEST_P), 1.0), np.nan)
    z = -ndtri(np.clip(p, SMALLEST_P, 1 - 1e-16))
    return Fusion(p, z, learnt, winner, group, cells, sources, pooled)


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


def _tellingly(scores: Floats, parts: Sequence[Pooled]) -> Floats:
    """Leave out expectations so small that their z hardly vary, unless there is nothing else."""
    large = np.stack([part.expected for part in parts]) >= TELLING_EXPECTATION
    enough = large.all(axis=0).sum() >= TELLING_CELLS
    return np.where(large, scores, np.nan) if enough else scores


def _of_each_series(scope: Scope, inverse: Floats) -> tuple[Floats, Ints]:
    """Return the mean of 1/p over the groups that hold each series, and the group where it is largest."""
    groups_of = scope.groups.T.tocsr()
    groups_of.sort_indices()
    known = ~np.isnan(inverse)
    reports = groups_of @ known.astype(float)
    total = groups_of @ np.where(known, inverse, 0.0)
    mean = np.where(reports > 0, total / np.maximum(reports, 1.0), np.nan)
    loudest, place = np.zeros(mean.shape), np.zeros(mean.shape, np.intp)
    degree = np.diff(groups_of.indptr)
    for nth in range(int(degree.max(initial=0))):
        rows = np.flatnonzero(degree > nth)
        groups = groups_of.indices[groups_of.indptr[rows] + nth]
        louder = inverse[groups] > loudest[rows]
        loudest[rows] = np.where(louder, inverse[groups], loudest[rows])
        place[rows] = np.where(louder, groups[:, None], place[rows])
    return mean, place


def _require(sources: Sequence[Evidence], spans: Sequence[int]) -> None:
    if not sources or len({source.observed.shape for source in sources}) != 1:
        raise ValueError("fusion needs at least one source, and all sources over the same series and periods")
    if not spans or min(spans) < 1:
        raise ValueError("spans are numbers of periods, at least 1")
