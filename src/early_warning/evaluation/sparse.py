"""A thousand grids that hardly ever report, and small outbreaks across a border between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..fusion import fuse
from ..panel import Calendar, Panel, Step
from ..pooling import Evidence, bordering_pairs, single
from .measures import threshold_for

Floats = NDArray[np.float64]

ROWS, COLUMNS = 25, 40
MEAN = 0.05  # cases a grid and day
UNEVENNESS = 4.0  # shape of the gamma law of the grids' means
HISTORY_DAYS = 365
SCORED_DAYS = 105
EPISODE_DAYS = 7
APART_DAYS = 21  # an outbreak begins every three weeks of a panel, in places far apart
OUTBREAKS_AT_ONCE = 20
LEAST_CASES, MOST_CASES = 3, 6
SPANS = (1, 3, 7)


@dataclass(frozen=True, slots=True)
class Outbreak:
    """Cases injected into two bordering grids within a week."""

    grids: tuple[int, int]
    starts: int
    cases: int


@dataclass(frozen=True, eq=False)
class SparseTown:
    """The same town twice: without outbreaks, and with them."""

    quiet: Panel
    struck: Panel
    outbreaks: tuple[Outbreak, ...]
    neighbours: tuple[tuple[int, ...], ...]
    communities: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SparseMeasure:
    """What a method achieves at one false-positive rate a grid and day."""

    rate: float
    detected: float
    detected_error: float
    delay: float


def sparse_town(*, seed: int) -> SparseTown:
    """Simulate one town; grids on a lattice, 20 to a community."""
    random = np.random.default_rng(seed)
    series, days = ROWS * COLUMNS, HISTORY_DAYS + SCORED_DAYS
    mean = random.gamma(UNEVENNESS, MEAN / UNEVENNESS, (series, 1))
    quiet = random.poisson(mean, (series, days)).astype(float)
    neighbours = lattice_neighbours(ROWS, COLUMNS)
    struck = quiet.copy()
    outbreaks: list[Outbreak] = []
    for starts in range(HISTORY_DAYS, days - EPISODE_DAYS + 1, APART_DAYS):
        taken: set[int] = set()
        while len(taken) < OUTBREAKS_AT_ONCE:
            one = int(random.integers(series))
            around = {one, *neighbours[one]}
            if taken & {far for near in around for far in neighbours[near]}:
                continue
            other = int(random.choice(sorted(neighbours[one])))
            taken.add(one)
            cases = int(random.integers(LEAST_CASES, MOST_CASES + 1))
            where = random.choice([one, other], cases)
            np.add.at(struck, (where, starts + random.integers(0, EPISODE_DAYS, cases)), 1.0)
            outbreaks.append(Outbreak((one, other), starts, cases))
    place = np.arange(series)
    communities = (place // COLUMNS // 5) * (COLUMNS // 4) + place % COLUMNS // 4
    calendar = Calendar(Step.DAY, date(2024, 1, 1))
    return SparseTown(
        Panel.of(quiet, calendar), Panel.of(struck, calendar), tuple(outbreaks), neighbours, communities
    )


def lattice_neighbours(rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """Return for each cell of a lattice the up to eight cells that touch it."""
    return tuple(
        tuple(
            other_row * columns + other_column
            for other_row in range(max(row - 1, 0), min(row + 2, rows))
            for other_column in range(max(column - 1, 0), min(column + 2, columns))
            if (other_row, other_column) != (row, column)
        )
        for row in range(rows)
        for column in range(columns)
    )


def pooled_scores(town: SparseTown, evidence: Evidence, *, spans: Sequence[int] = SPANS) -> Floats:
    """Return the fused score of every grid and day over single grids, bordering pairs and spans."""
    scopes = [
        single(len(town.neighbours), "grid"),
        bordering_pairs(town.neighbours),
    ]
    return fuse([evidence], scopes=scopes, spans=spans).z


def measure_sparse(
    town: SparseTown, quiet: Floats, struck: Floats, rates: Sequence[float], *, seed: int = 0
) -> Mapping[float, SparseMeasure]:
    """Score (grids, scored days): thresholds from the quiet town, detections from the struck one.

    An outbreak is detected by an alarm in either of its grids within the week; delay counts from the first
    case. Ties, which counts of 0 and 1 have in plenty, are broken at random so that every method gets exactly
    the stated rate.
    """
    random = np.random.default_rng(seed)
    days = slice(-SCORED_DAYS, None)
    calm, scores = (
        np.nan_to_num(table[:, days], nan=-99.0) + 1e-7 * random.random((table.shape[0], SCORED_DAYS))
        for table in (quiet, struck)
    )
    found: dict[float, SparseMeasure] = {}
    for rate in rates:
        alarm = scores > threshold_for(calm.ravel(), rate)
        delays: list[int] = []
        for outbreak in town.outbreaks:
            grids, first = list(outbreak.grids), outbreak.starts - HISTORY_DAYS
            week = slice(first, first + EPISODE_DAYS)
            seen = town.struck.counts[grids] - town.quiet.counts[grids]
            begun = int(np.flatnonzero(seen[:, HISTORY_DAYS:][:, week].any(axis=0))[0])
            days_alarmed = np.flatnonzero(alarm[grids, week].any(axis=0))
            after = days_alarmed[days_alarmed >= begun]
            delays.append(int(after[0]) - begun if len(after) else -1)
        waited = np.array(delays)
        share = float((waited >= 0).mean())
        found[rate] = SparseMeasure(
            rate,
            share,
            float(np.sqrt(share * (1 - share) / len(waited))),
            float(waited[waited >= 0].mean()) if share else float("nan"),
        )
    return found
