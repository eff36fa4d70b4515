"""Kulldorff Poisson, expectation-based Poisson and space-time permutation scans (docs/detectors/scan.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import random_table

from . import kernel
from .windows import Windows

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator], Floats]  # one replicate: (spans, areas)

LARGEST_EXACT_FLOAT32 = 2**24
EULER_GAMMA = 0.5772156649015329
REPLICATES_AT_ONCE = 64  # fits the cache; does not change results


@dataclass(frozen=True, slots=True)
class Cluster:
    """One group of areas with more cases than expected over the last `days` periods."""

    members: tuple[int, ...]
    days: int
    observed: float
    expected: float
    score: float
    p_monte_carlo: float
    p_gumbel: float

    @property
    def relative_risk(self) -> float:
        """Return observed over expected cases."""
        return self.observed / self.expected if self.expected > 0 else np.inf

    @property
    def recurrence(self) -> float:
        """Return in how many analyses one cluster this strong comes by chance alone (1/p, Gumbel tail)."""
        return 1.0 / self.p_gumbel if self.p_gumbel > 0 else np.inf


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Clusters that do not overlap, strongest first, and the largest score of each replicate."""

    clusters: tuple[Cluster, ...]
    replicate_maxima: Floats


@dataclass(frozen=True, slots=True)
class _Question:
    counts: Floats  # (spans, areas): cases of the last 1, 2, … days
    expected: Floats  # (spans, areas)
    total: float
    kind: int
    draw: Draw


def poisson_scan(
    cases: ArrayLike,
    population: ArrayLike,
    windows: Windows,
    *,
    max_days: int = 1,
    replicates: int = 999,
    seed: int = 0,
    max_clusters: int = 5,
) -> ScanResult:
    """Scan for windows where the rate is higher inside than outside, given the total (Kulldorff 1997).

    `cases` is (areas,) or (areas, days), oldest day first; `population` the same shape, or (areas,) for every
    day. With days, windows are cylinders of the last 1 … `max_days` days.
    """
    table = _counts(cases, windows)
    people = _measure(population, table.shape, "population")
    total = float(table.sum())
    share = people / people.sum()
    spans = min(max_days, table.shape[1])
    flat = share[:, ::-1][:, :spans].T.ravel()  # newest day first, so that sums over spans are cumulative
    cells = np.append(flat, max(0.0, 1.0 - flat.sum()))
    cells /= cells.sum()

    def draw(random: np.random.Generator) -> Floats:
        drawn = random.multinomial(int(total), cells)[:-1]
        return np.cumsum(drawn.reshape(spans, -1), axis=0, dtype=float)

    question = _Question(
        _last_days(table, spans), _last_days(share * total, spans), total, kernel.CONDITIONAL, draw
    )
    return _answer(question, windows, replicates, seed, max_clusters)


def expectation_scan(
    cases: ArrayLike,
    expected: ArrayLike,
    windows: Windows,
    *,
    max_days: int = 1,
    replicates: int = 999,
    seed: int = 0,
    max_clusters: int = 5,
) -> ScanResult:
    """Scan for windows with more cases than their own baselines say (expectation-based Poisson, Neill 2009).

    Shapes as in `poisson_scan`. Unlike it, a rise everywhere at once is found too.
    """
    table = _counts(cases, windows)
    baseline = _measure(expected, table.shape, "expected")
    spans = min(max_days, table.shape[1])
    newest_first = baseline[:, ::-1][:, :spans].T

    def draw(random: np.random.Generator) -> Floats:
        return np.cumsum(random.poisson(newest_first), axis=0, dtype=float)

    question = _Question(
        _last_days(table, spans), _last_days(baseline, spans), float(table.sum()), kernel.EXPECTATION, draw
    )
    return _answer(question, windows, replicates, seed, max_clusters)


def permutation_scan(
    cases: ArrayLike,
    windows: Windows,
    *,
    max_days: int = 14,
    replicates: int = 999,
    seed: int = 0,
    max_clusters: int = 5,
) -> ScanResult:
    """Scan (areas, days) counts for space-time interaction, without populations (Kulldorff 2005).

    Expected = cases of the area × cases of the day / all cases; replicates keep both margins, so neither
    a busy day everywhere nor a busy area always is a cluster.
    """
    table = _counts(cases, windows)
    total = float(table.sum())
    spans = min(max_days, table.shape[1])
    of_area, of_day = table.sum(axis=1), table.sum(axis=0)[::-1]
    columns = np.append(of_day[:spans], of_day[spans:].sum()).astype(np.int64)
    rows = of_area.astype(np.int64)

    def draw(random: np.random.Generator) -> Floats:
        if total == 0:
            return np.zeros((spans, len(rows)))
        drawn = random_table.rvs(rows, columns, random_state=random)
        return np.cumsum(drawn[:, :spans].T, axis=0, dtype=float)

    expected = np.cumsum(of_day[:spans, None] * of_area[None, :], axis=0) / max(total, 1.0)
    question = _Question(_last_days(table, spans), expected, total, kernel.CONDITIONAL, draw)
    return _answer(question, windows, replicates, seed, max_clusters)


def gumbel_tail(maxima: ArrayLike, score: float) -> float:
    """Return P(maximum >= score) from a Gumbel law fitted to replicate maxima by moments (Abrams 2010)."""
    values = np.asarray(maxima, float)
    if len(values) < 2 or values.std() == 0:
        return float("nan")
    scale = values.std(ddof=1) * np.sqrt(6) / np.pi
    place = values.mean() - EULER_GAMMA * scale
    return float(-np.expm1(-np.exp(-(score - place) / scale)))


def _answer(
    question: _Question, windows: Windows, replicates: int, seed: int, max_clusters: int
) -> ScanResult:
    maxima = _replicate_maxima(question, windows, replicates, seed)
    rows = len(windows.length)
    best, size, days = np.zeros(rows), np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    kernel.best_of_each_row(
        windows.order, windows.length, question.counts, question.expected, question.total, question.kind,
        best, size, days,
    )  # fmt: skip
    clusters: list[Cluster] = []
    taken: set[int] = set()
    for row in np.argsort(-best, kind="stable"):
        if best[row] <= 0 or len(clusters) == max_clusters:
            break
        members = windows.members(int(row), int(size[row]))
        if taken.isdisjoint(members):
            taken.update(members)
            clusters.append(_cluster(question, members, int(days[row]), float(best[row]), maxima))
    return ScanResult(tuple(clusters), maxima)


def _cluster(
    question: _Question, members: tuple[int, ...], days: int, score: float, maxima: Floats
) -> Cluster:
    areas = list(members)
    as_strong = int((maxima >= score * (1 - 1e-9)).sum())
    return Cluster(
        members=members,
        days=days,
        observed=float(question.counts[days - 1, areas].sum()),
        expected=float(question.expected[days - 1, areas].sum()),
        score=score,
        p_monte_carlo=(1 + as_strong) / (1 + len(maxima)),
        p_gumbel=gumbel_tail(maxima, score),
    )


def _replicate_maxima(question: _Question, windows: Windows, replicates: int, seed: int) -> Floats:
    kind = np.float32 if question.total < LARGEST_EXACT_FLOAT32 else np.float64
    maxima = np.empty(replicates)
    for first in range(0, replicates, REPLICATES_AT_ONCE):
        numbers = range(first, min(first + REPLICATES_AT_ONCE, replicates))
        # each replicate has a generator of its own, so batches cannot change the result
        drawn = [question.draw(np.random.default_rng([seed, number])) for number in numbers]
        best = np.zeros(len(drawn))
        counts = np.ascontiguousarray(np.stack(drawn, axis=2, dtype=kind, casting="unsafe"))
        kernel.maxima(
            windows.order, windows.length, counts, question.expected, question.total, question.kind, best
        )
        maxima[first : first + len(drawn)] = best
    return maxima


def _counts(cases: ArrayLike, windows: Windows) -> Floats:
    table = np.asarray(cases, float)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or table.shape[0] != windows.areas or table.shape[1] == 0:
        raise ValueError(f"cases have shape {table.shape}, but the windows cover {windows.areas} areas")
    if not np.isfinite(table).all():
        raise ValueError("a scan needs a count for every area and day; leave areas with missing reports out")
    if (table < 0).any() or (table != np.rint(table)).any():
        raise ValueError("cases must be whole numbers, not negative")
    return table


def _measure(values: ArrayLike, shape: tuple[int, ...], name: str) -> Floats:
    table = np.asarray(values, float)
    if table.ndim == 1:
        table = np.repeat(table[:, None], shape[1], axis=1)
    if table.shape != shape:
        raise ValueError(f"{name} has shape {table.shape}, but cases have {shape}")
    if not (np.isfinite(table).all() and (table >= 0).all() and table.sum() > 0):
        raise ValueError(f"{name} must be finite, not negative, and not zero everywhere")
    return table


def _last_days(table: Floats, spans: int) -> Floats:
    return np.ascontiguousarray(np.cumsum(table[:, ::-1][:, :spans], axis=1).T)
