"""Tails of counts: mid-p z-scores and quantiles of Poisson and negative binomial counts, fast and exact.

One family serves both: mean m, variance φm, φ ≥ 1. Its probabilities follow P(0) = exp(-m log(φ)/(φ-1)) and
P(k+1)/P(k) = (m + k(φ-1)) / ((k+1)φ), which at φ = 1 is the Poisson law, without a switch and without loss of
precision near it. See docs/detectors/scores.md.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincc, gammainccinv, ndtri

from early_warning.panel import FloatArray

Z_LIMIT = 37.0  # beyond this the tail probability falls below what a double can hold
WALK_LIMIT = 20_000.0  # means above this use the signed root of the deviance (error in z about √φ/1000)
QUANTILE_FUZZ = 1e-13  # a cumulative probability this near the wanted one counts as reached
GAMMA_DISPERSION = 1e4  # above this dispersion a gamma distribution stands in for the negative binomial
LARGEST_MEAN = 1e15  # above this a count and its mean are not told apart by whole cases
TAIL_TERMS = 100_000
LOG_RESCALE = 200.0 * math.log(10.0)


@njit(nogil=True, error_model="numpy")
def tail_at(count: float, mean: float, dispersion: float) -> float:
    """Return the mid-p tail beyond `count`: positive p for the upper tail, -p for the lower one.

    Upper when the count is at or above the mean, so that the smaller tail is summed and stays exact.
    """
    if math.isnan(count) or math.isnan(mean) or math.isnan(dispersion):
        return math.nan
    y = math.floor(count)
    if mean <= 0.0:
        return 0.5 if y <= 0 else 0.0
    excess = max(dispersion - 1.0, 0.0)
    decay = math.log1p(excess) / excess if excess > 1e-12 else 1.0
    scale = 1.0 / (1.0 + excess)
    start = max(-mean * decay, -LOG_RESCALE)
    offset = -mean * decay - start
    pmf = math.exp(start)
    below = 0.0
    k = 0.0
    while k < y:
        below += pmf
        pmf *= (mean + k * excess) * scale / (k + 1.0)
        k += 1.0
        if pmf > 1e200:
            pmf *= 1e-200
            below *= 1e-200
            offset += LOG_RESCALE
        if pmf < 1e-300 and k > mean:
            return 0.0
    back = math.exp(offset)
    if y < mean:
        return -(below + 0.5 * pmf) * back
    return _above(y, pmf, mean, excess, scale) * back


@njit(nogil=True, error_model="numpy")
def _above(y: float, pmf: float, mean: float, excess: float, scale: float) -> float:
    total = 0.5 * pmf
    k = y
    term = pmf
    for _ in range(TAIL_TERMS):
        ratio = (mean + k * excess) * scale / (k + 1.0)
        term *= ratio
        total += term
        k += 1.0
        if ratio < 1.0 and term < 1e-16 * total * (1.0 - ratio):
            return total
    return total + term * ratio / (1.0 - ratio) if ratio < 1.0 else total


@njit(nogil=True, error_model="numpy")
def quantile_at(upper_probability: float, mean: float, dispersion: float) -> float:
    """Return the smallest count c with P(Y > c) <= `upper_probability`."""
    if math.isnan(mean) or math.isnan(dispersion):
        return math.nan
    if mean <= 0.0:
        return 0.0
    excess = max(dispersion - 1.0, 0.0)
    decay = math.log1p(excess) / excess if excess > 1e-12 else 1.0
    scale = 1.0 / (1.0 + excess)
    start = max(-mean * decay, -LOG_RESCALE)
    offset = -mean * decay - start
    pmf = math.exp(start)
    back = math.exp(offset)
    total = pmf
    wanted = 1.0 - upper_probability - QUANTILE_FUZZ
    k = 0.0
    while total * back < wanted and pmf > 0.0:
        pmf *= (mean + k * excess) * scale / (k + 1.0)
        k += 1.0
        total += pmf
        if pmf > 1e200:
            pmf *= 1e-200
            total *= 1e-200
            offset += LOG_RESCALE
            back = math.exp(offset)
    return k


@njit(nogil=True, error_model="numpy")
def deviance_z(count: float, mean: float, dispersion: float) -> float:
    """Return the signed root of the deviance: the z-score in the limit of a large mean."""
    excess = max(dispersion - 1.0, 0.0)
    size = mean / excess if excess > 1e-6 else math.inf
    own = count * math.log(count / mean) if count > 0.0 else 0.0
    if math.isinf(size):
        half = own - (count - mean)
    else:
        half = own - (count + size) * math.log((count + size) / (mean + size))
    return math.copysign(math.sqrt(2.0 * max(half, 0.0)), count - mean)


@njit(nogil=True, error_model="numpy")
def large_quantile_at(z: float, mean: float, dispersion: float) -> float:
    """Return the smallest count whose continuity-corrected deviance z reaches `z`, for large means."""
    low = 0.0
    high = mean + 10.0
    while deviance_z(high + 0.5, mean, dispersion) < z:
        high *= 2.0
    while high - low > 1.0:
        middle = math.floor((low + high) / 2.0)
        if deviance_z(middle + 0.5, mean, dispersion) < z:
            low = middle
        else:
            high = middle
    return math.ceil(high)


@njit(nogil=True, cache=True, error_model="numpy")
def _tails(counts: FloatArray, means: FloatArray, dispersions: FloatArray, out: FloatArray) -> None:
    for i in range(counts.size):
        if dispersions[i] > GAMMA_DISPERSION:
            out[i] = 0.5
        elif means[i] > WALK_LIMIT:
            out[i] = deviance_z(counts[i], means[i], dispersions[i])
        else:
            out[i] = tail_at(counts[i], means[i], dispersions[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _quantiles(upper: float, z: float, means: FloatArray, dispersions: FloatArray, out: FloatArray) -> None:
    for i in range(means.size):
        if dispersions[i] > GAMMA_DISPERSION or means[i] > LARGEST_MEAN:
            out[i] = means[i]
        elif means[i] > WALK_LIMIT:
            out[i] = large_quantile_at(z, means[i], dispersions[i])
        else:
            out[i] = quantile_at(upper, means[i], dispersions[i])


def z_of_tails(tails: FloatArray) -> FloatArray:
    """Turn signed mid-p tails (see `tail_at`) into z-scores within ±Z_LIMIT."""
    z: FloatArray = ndtri(np.abs(tails))
    signed = np.where(np.signbit(tails), z, -z)
    return np.clip(signed, -Z_LIMIT, Z_LIMIT)


def mid_p_z(counts: ArrayLike, means: ArrayLike, dispersions: ArrayLike = 1.0) -> FloatArray:
    """Return the z-score of counts under mean m and variance φm: Φ⁻¹(1 - P(Y > y) - P(Y = y)/2).

    The arguments broadcast; NaN in any of them gives NaN. A dispersion under 1 counts as 1 (Poisson). A count
    above zero where the mean is zero scores Z_LIMIT.
    """
    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (counts, means, dispersions)))
    y, m, phi = (np.require(a, requirements=["C", "W"]).ravel() for a in arrays)
    out = np.empty(y.size)
    _tails(y, m, phi, out)
    wide = phi > GAMMA_DISPERSION
    large = (m > WALK_LIMIT) & ~wide
    z = z_of_tails(np.where(large, 0.5, out))
    z[large] = np.clip(out[large], -Z_LIMIT, Z_LIMIT)
    if np.any(wide):
        z[wide] = _gamma_z(y[wide], m[wide], phi[wide])
    return z.reshape(arrays[0].shape)


def upper_quantile(alpha: float, means: ArrayLike, dispersions: ArrayLike = 1.0) -> FloatArray:
    """Return the (1 - alpha) quantile of counts of mean m and variance φm; NaN gives NaN."""
    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (means, dispersions)))
    m, phi = (np.require(a, requirements=["C", "W"]).ravel() for a in arrays)
    out = np.empty(m.size)
    _quantiles(alpha, float(ndtri(1.0 - alpha)), m, phi, out)
    wide = (phi > GAMMA_DISPERSION) & (m <= LARGEST_MEAN)
    if np.any(wide):
        out[wide] = np.floor(gammainccinv(m[wide] / phi[wide], alpha) * phi[wide])
    return out.reshape(arrays[0].shape)


def _gamma_z(counts: FloatArray, means: FloatArray, dispersions: FloatArray) -> FloatArray:
    """Return the mid-p z of counts so overdispersed that they look continuous, except where they are zero."""
    shape = means / dispersions
    middle = np.where(counts > 0.0, counts, 0.5)
    below, above = gammainc(shape, middle / dispersions), gammaincc(shape, middle / dispersions)
    below = np.where(counts > 0.0, below, below / 2.0)
    above = np.where(counts > 0.0, above, 1.0 - below)
    z: FloatArray = np.where(below < above, ndtri(below), -ndtri(above))
    return np.clip(z, -Z_LIMIT, Z_LIMIT)
