"""One score a place and day from all sources, spans, levels and neighbours, and what it is made of.

Explained in docs/detectors/fusion.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import landau

from .pooling import Evidence, Pooled, Scope, pool, single
from .source_sum import SourceNull

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Nulls = Mapping[tuple[str, int], SourceNull]

SMALLEST_P = 1e-300
LANDAU_SHIFT, LANDAU_SCALE = 0.874, np.pi / 2  # the mean of L times 1/p follows this law round log L
LANDAU_END = 1e6  # beyond it the law's tail is as good as 1/x


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
    `nulls` has what the sources are when nothing goes on in each cell, by (scope name, span).
    """

    p: Floats
    z: Floats
    nulls: Nulls
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
    nulls: Nulls | None = None,
) -> Fusion:
    """Add calibrated z over sources in every scope and span, and combine what these say of each series.

    Each source's counts are pooled over the group and the last periods before they are scored, so tiny counts
    add up. Sources are summed with equal weight and scored against that sum when nothing goes on: `nulls`,
    learnt from this very evidence (without its alarms) unless given. The p-values of the groups that hold a
    series, and then of the cells, are combined by their harmonic mean (Wilson 2019), which needs no
    independence: one loud cell is enough, and it pays for having been one of many.
    """
    sources = tuple(evidence)
    _require(sources, spans)
    series = sources[0].observed.shape[0]
    chosen = tuple(scopes) if scopes is not None else (single(series),)
    cells = tuple((scope, int(span)) for scope in chosen for span in spans)
    pooled = tuple(tuple(pool(source, scope, span) for source in sources) for scope, span in cells)
    learnt: dict[tuple[str, int], SourceNull] = dict(nulls or {})
    shape = sources[0].observed.shape
    loudness, heard = np.zeros(shape), np.zeros(shape)
    loudest, winner, group = np.zeros(shape), np.zeros(shape, np.intp), np.zeros(shape, np.intp)
    for number, ((scope, span), parts) in enumerate(zip(cells, pooled, strict=True)):
        scores = np.stack([part.z for part in parts])
        if nulls is None:
            learnt[scope.name, span] = SourceNull.learn(scores, np.stack([part.expected for part in parts]))
        inverse = 1.0 / np.maximum(ndtr(-learnt[scope.name, span].score(scores)), SMALLEST_P)
        mean, place = _of_each_series(scope, inverse)
        heard += ~np.isnan(mean)
        loudness += np.nan_to_num(mean, nan=0.0)
        louder = mean > loudest
        loudest, winner = np.where(louder, mean, loudest), np.where(louder, number, winner)
        group = np.where(louder, place, group)
    p = _of_harmonic_mean(loudness, heard)
    z = -ndtri(np.clip(p, SMALLEST_P, 1 - 1e-16))
    return Fusion(p, z, learnt, winner, group, cells, sources, pooled)


def _of_harmonic_mean(loudness: Floats, heard: Floats) -> Floats:
    """Return the p-value that belongs to a sum of 1/p over the cells that were heard (Wilson 2019, eq. 4)."""
    mean = np.where(heard > 0, np.maximum(loudness, 1.0) / np.maximum(heard, 1.0), np.nan)
    where = np.log(np.maximum(heard, 1.0)) + LANDAU_SHIFT
    inside = np.minimum(mean, LANDAU_END)
    of_several = landau.sf(inside, where, LANDAU_SCALE) * inside / mean
    p: Floats = np.where(heard > 1, of_several, 1.0 / mean)
    return np.clip(p, SMALLEST_P, 1.0)


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
