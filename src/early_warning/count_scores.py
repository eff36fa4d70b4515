"""The mid-p z-score of a count: calibrated even where counts are 0, 1 or 2 (docs/detectors/fusion.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammainc, gammaincc, ndtri

Floats = NDArray[np.float64]

SMALLEST_TAIL = 1e-300  # z stops rising at 37: beyond that a double cannot hold the tail
ALMOST_POISSON = 1e-6


def mid_p_z(observed: ArrayLike, expected: ArrayLike, dispersion: ArrayLike = 1.0) -> Floats:
    """Return z with P(Z > z) = P(Y > y) + P(Y = y) / 2, Y negative binomial.

    Variance = dispersion × mean; dispersion 1 is Poisson. NaN in gives NaN out; an expectation of 0 gives 0
    for no case, 37 for any.
    """
    count, mean, spread = np.broadcast_arrays(
        np.asarray(observed, float), np.asarray(expected, float), np.asarray(dispersion, float)
    )
    below, above = np.empty(count.shape), np.empty(count.shape)
    poisson = ~(spread > 1.0 + ALMOST_POISSON)
    below[poisson], above[poisson] = _poisson_tails(count[poisson], mean[poisson])
    rest = ~poisson
    below[rest], above[rest] = _negative_binomial_tails(count[rest], mean[rest], spread[rest])
    high = above < below
    tail = np.clip(np.where(high, above, below), SMALLEST_TAIL, 0.5)
    z = np.where(high, -ndtri(tail), ndtri(tail))
    return np.where(np.isnan(count) | np.isnan(mean) | np.isnan(spread), np.nan, z)


def _poisson_tails(count: Floats, mean: Floats) -> tuple[Floats, Floats]:
    mean = np.maximum(mean, 0.0)
    some = count > 0
    less = np.where(some, gammaincc(np.maximum(count, 1e-9), mean), 0.0)
    upto = gammaincc(count + 1, mean)
    more, at_least = gammainc(count + 1, mean), np.where(some, gammainc(np.maximum(count, 1e-9), mean), 1.0)
    return (less + upto) / 2, (more + at_least) / 2


def _negative_binomial_tails(count: Floats, mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    size = np.maximum(mean, 1e-12) / (spread - 1.0)
    none, rest = 1.0 / spread, 1.0 - 1.0 / spread
    some = count > 0
    before = np.maximum(count, 1e-9)
    less, upto = np.where(some, betainc(size, before, none), 0.0), betainc(size, count + 1, none)
    more, at_least = betainc(count + 1, size, rest), np.where(some, betainc(before, size, rest), 1.0)
    return (less + upto) / 2, (more + at_least) / 2
