"""Adding up counts before scoring them: over levels of the tree, neighbours and spans of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from .count_tails import mid_p_z
from .detection import Detection
from .panel import Panel

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one source saw and what its detector expected, all (series, periods), NaN where not monitored.

    `dispersion` is the counts' variance over their true mean, `error` the standard error of `expected`.
    """

    source: str
    observed: Floats
    expected: Floats
    dispersion: Floats
    error: Floats

    @classmethod
    def of(cls, source: str, panel: Panel, detection: Detection) -> Evidence:
        """Take the monitored periods of a panel beside its detection.

        Poisson, and the expectation known without error, unless the detection tells otherwise.
        """
        observed = panel.counts[:, detection.first_period : detection.last_period + 1]
        dispersion = detection.details.get("dispersion", np.ones_like(detection.expected))
        error = detection.details.get("standard_error", np.zeros_like(detection.expected))
        return cls.build(source, observed, detection.expected, dispersion, error)

    @classmethod
    def build(
        cls,
        source: str,
        observed: ArrayLike,
        expected: ArrayLike,
        dispersion: ArrayLike = 1.0,
        error: ArrayLike = 0.0,
    ) -> Evidence:
        """Check the arrays and mark as missing whatever observed or expected counts miss."""
        seen = np.atleast_2d(np.asarray(observed, float))
        mean, spread, doubt = (
            np.broadcast_to(np.asarray(a, float), seen.shape) for a in (expected, dispersion, error)
        )
        for name, table in (("observed", seen), ("expected", mean)):
            if np.isinf(table).any() or (table < 0).any():
                raise ValueError(f"{name} counts of {source} must be finite and not negative")
        known = ~(np.isnan(seen) | np.isnan(mean))
        return cls(
            source,
            np.where(known, seen, np.nan),
            np.where(known, mean, np.nan),
            np.where(known, np.fmax(spread, 1.0), np.nan),
            np.where(known, np.fmax(doubt, 0.0), np.nan),
        )


@dataclass(frozen=True, eq=False)
class Scope:
    """A way to pool series: `groups` is a sparse 0/1 matrix (groups, series); they may overlap."""

    name: str
    groups: csr_array

    def members(self, group: int) -> tuple[int, ...]:
        """Return the series of one group."""
        start, stop = self.groups.indptr[group : group + 2]
        return tuple(int(series) for series in np.sort(self.groups.indices[start:stop]))


def single(series: int, name: str = "area") -> Scope:
    """Pool nothing: every series is its own group."""
    return _scope(name, [[number] for number in range(series)], series)


def bordering_pairs(neighbours: Sequence[Sequence[int]], name: str = "bordering pair") -> Scope:
    """Pool every two series that border each other."""
    pairs = {(min(a, b), max(a, b)) for a, others in enumerate(neighbours) for b in others if a != b}
    return _scope(name, [list(pair) for pair in sorted(pairs)], len(neighbours))


def surroundings(neighbours: Sequence[Sequence[int]], name: str = "area with its neighbours") -> Scope:
    """Pool every series with all that border it."""
    groups = [sorted({number, *others}) for number, others in enumerate(neighbours)]
    return _scope(name, groups, len(neighbours))


def level(parents: Sequence[int] | NDArray[np.int_], name: str) -> Scope:
    """Pool the series that share a parent one or more levels up the tree; a negative parent is none."""
    belongs = np.asarray(parents)
    groups = [np.flatnonzero(belongs == parent).tolist() for parent in np.unique(belongs[belongs >= 0])]
    return _scope(name, groups, len(belongs))


@dataclass(frozen=True, eq=False)
class Pooled:
    """Counts pooled over a scope and a span of periods, with their z; each (groups, periods)."""

    observed: Floats
    expected: Floats
    z: Floats


def pool(evidence: Evidence, scope: Scope, span: int) -> Pooled:
    """Sum counts over each group and the last `span` periods, and score the sum by its exact law.

    Variances add, so a sum of negative binomials of one dispersion is scored exactly and others closely. An
    expectation is wrong in the same direction for all the periods of a span: there its errors add up before
    they are squared. What is missing is left out on both sides; a group without any report has no score.
    """
    known = ~np.isnan(evidence.observed)
    tables = (
        np.where(known, evidence.observed, 0.0),
        np.where(known, evidence.expected, 0.0),
        np.where(known, evidence.expected * evidence.dispersion, 0.0),
        known.astype(float),
    )
    observed, expected, variance, reports = (_last(scope.groups @ table, span) for table in tables)
    error = _last(np.where(known, evidence.error, 0.0), span)
    variance = variance + scope.groups @ error**2
    observed = np.rint(observed) if _whole(tables[0]) else observed
    dispersion = np.where(expected > 0, variance / np.where(expected > 0, expected, 1.0), 1.0)
    z = np.where(reports > 0.5, mid_p_z(observed, expected, dispersion), np.nan)
    return Pooled(observed, expected, z)


def _last(table: Floats, span: int) -> Floats:
    """Sum the last `span` periods; early periods sum what there is."""
    summed = table.copy()
    for back in range(1, min(span, table.shape[1])):
        summed[:, back:] += table[:, :-back]
    return summed


def _whole(table: Floats) -> bool:
    return bool((table == np.rint(table)).all())


def _scope(name: str, groups: Sequence[Sequence[int]], series: int) -> Scope:
    rows = [number for number, members in enumerate(groups) for _ in members]
    columns = [member for members in groups for member in members]
    ones = np.ones(len(columns))
    return Scope(name, csr_array((ones, (rows, columns)), shape=(len(groups), series)))
