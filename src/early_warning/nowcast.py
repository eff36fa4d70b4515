"""What today's count will be once late reports are in, with intervals (docs/detectors/nowcast.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import nbinom

Floats = NDArray[np.float64]

PRIOR_REPORTS = 1.0  # weight of the pooled delay pattern against a series' own, in reports
LEVEL_DAYS = 14  # the recent level that an unfinished day leans on
LEVEL_WEIGHT = 1.0  # shape of the gamma law of a day's mean around that level; 1 = it may lie far from it


@dataclass(frozen=True, slots=True)
class Nowcast:
    """Expected final counts with quantiles; arrays (series, days), `quantiles` (levels, series, days).

    `completeness` is the share of a day's cases expected to be reported by now.
    """

    reported: Floats
    expected: Floats
    completeness: Floats
    levels: tuple[float, ...]
    quantiles: Floats


def nowcast(
    triangle: ArrayLike,
    *,
    history: int = 56,
    pool: float = PRIOR_REPORTS,
    levels: Sequence[float] = (0.025, 0.5, 0.975),
) -> Nowcast:
    """Complete a reporting triangle (series, days, delays): cases of a day reported d days later.

    NaN marks what has not yet had time to arrive (and nothing else may follow it). Delays are learnt from the
    last `history` days by the reverse hazard (chain ladder); each series leans on the pattern of all series
    by `pool` reports a delay. A day's mean follows a gamma law around the series' recent level, so unreported
    cases are negative binomial given those reported.
    """
    table = _checked(triangle)
    known = ~np.isnan(table)
    reports = np.where(known, table, 0.0)
    completeness = _completeness(reports[:, -history:], known[:, -history:], pool)
    delays = np.maximum(known.sum(axis=2) - 1, 0)
    share = np.take_along_axis(completeness, delays, axis=1)
    share = np.where(known.any(axis=2), share, np.nan)
    reported = np.where(known.any(axis=2), reports.sum(axis=2), np.nan)
    shape, rate = _level(reported, share)
    probability = np.minimum((rate + share) / (rate + 1.0), 1.0)
    late = (shape + reported) * (1.0 - share) / (rate + share)
    quantiles = np.stack([reported + nbinom.ppf(level, shape + reported, probability) for level in levels])
    return Nowcast(reported, reported + late, share, tuple(levels), quantiles)


def _completeness(reports: Floats, known: NDArray[np.bool_], pool: float) -> Floats:
    """Return (series, delays): the share of cases reported by each delay."""
    series, _, delays = reports.shape
    upto = np.cumsum(reports, axis=2)
    share = np.ones((series, delays))
    for delay in range(delays - 1, 0, -1):
        seen = known[:, :, delay]
        now = (reports[:, :, delay] * seen).sum(axis=1)
        all_so_far = (upto[:, :, delay] * seen).sum(axis=1)
        everywhere = now.sum() / all_so_far.sum() if all_so_far.sum() > 0 else 0.0
        hazard = (
            (now + pool * everywhere) / (all_so_far + pool)
            if pool > 0
            else now / np.maximum(all_so_far, 1e-9)
        )
        share[:, delay - 1] = share[:, delay] * (1.0 - np.minimum(hazard, 1.0 - 1e-6))
    return share


def _level(reported: Floats, share: Floats) -> tuple[float, Floats]:
    """Return shape and rate of the gamma law of a day's mean, from the last two weeks of each series."""
    cases = np.nansum(reported[:, -LEVEL_DAYS:], axis=1, keepdims=True)
    days = np.nansum(share[:, -LEVEL_DAYS:], axis=1, keepdims=True)
    mean = (cases + 0.5) / np.maximum(days, 0.5)
    return LEVEL_WEIGHT, LEVEL_WEIGHT / mean


def _checked(triangle: ArrayLike) -> Floats:
    table = np.asarray(triangle, float)
    if table.ndim == 2:
        table = table[None]
    if table.ndim != 3 or 0 in table.shape:
        raise ValueError("a reporting triangle has the shape (series, days, delays)")
    if np.isinf(table).any() or (table < 0).any():
        raise ValueError("reports must be finite and not negative; use NaN for what has not arrived")
    missing = np.isnan(table)
    if (missing[:, :, :-1] & ~missing[:, :, 1:]).any():
        raise ValueError("a report cannot follow one that has not arrived")
    return table
