"""Sums, rhythms and overdispersion of count arrays; NaN where nobody reported."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LEARNT_DAYS = 28  # how far back a source's own overdispersion is learnt
SPANS = (1, 3, 7)
CLIP = 9.0  # squared residuals beyond this many variances are outbreaks, not overdispersion
LEAST_RHYTHM = 1e-3


def overdispersion(observed: Floats, expected: Floats, dispersion: Floats) -> Floats:
    """Return by how much a source varies more than its expectation allows, learnt from the days before each.

    Of single days, and of sums over 3 and 7 days (the same absent pupils count again each day); the largest
    holds. Shape (1, days); never below 1.
    """
    known = ~(np.isnan(observed) | np.isnan(expected))
    seen, due = np.where(known, observed, 0.0), np.where(known, expected, 0.0)
    allowed = np.where(known, expected * dispersion, 0.0)
    worst = np.ones(observed.shape[1])
    for span in SPANS:
        residual = _sums(seen - due, span)
        variance = _sums(allowed, span)
        square = np.minimum(residual**2, CLIP * np.maximum(variance, 1.0)).sum(axis=0)
        ratio = _before(square, LEARNT_DAYS) / np.maximum(_before(variance.sum(axis=0), LEARNT_DAYS), 1e-9)
        worst = np.fmax(worst, ratio)
    if worst.size > LEARNT_DAYS:
        worst[:LEARNT_DAYS] = worst[LEARNT_DAYS]
    return np.asarray(worst[np.newaxis, :], dtype=np.float64)


def _sums(table: Floats, span: int) -> Floats:
    total = np.cumsum(np.pad(table, ((0, 0), (span, 0))), axis=1)
    sums: Floats = total[:, span:] - total[:, :-span]
    return sums


def _before(values: Floats, days: int) -> Floats:
    """Return for each day the sum of the `days` days before it."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(values.size)
    sums: Floats = total[ends] - total[np.maximum(ends - days, 0)]
    return sums


def whole_district(sums: Floats, reporters: Floats) -> Floats:
    """Return the district's count each day as if every grid had reported; NaN where none did."""
    total, came = np.nansum(sums, axis=0), np.nansum(reporters, axis=0)
    usual = np.max(came) if came.size else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        whole: Floats = np.where(came > 0.0, np.rint(total * usual / came), np.nan)
    return whole


def by_weekday(totals: Floats) -> Floats:
    """Return the mean of each day's weekday; of all days where that weekday never reported."""
    known = totals[~np.isnan(totals)]
    overall = float(known.mean()) if known.size else LEAST_RHYTHM
    means = np.full(totals.size, overall)
    for shift in range(7):
        same = totals[shift::7]
        if (~np.isnan(same)).any():
            means[shift::7] = np.nanmean(same)
    return means


def summed(table: Floats, groups: Ints, count: int) -> Floats:
    """Return the sums over groups of areas; NaN where nobody of a group reported."""
    known = ~np.isnan(table)
    sums, reports = np.zeros((count, table.shape[1])), np.zeros((count, table.shape[1]))
    np.add.at(sums, groups, np.where(known, table, 0.0))
    np.add.at(reports, groups, known.astype(float))
    whole: Floats = np.where(reports > 0, sums, np.nan)
    return whole
