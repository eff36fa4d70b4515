"""Tails of counts agree with scipy's distributions, in every range the detectors meet."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from early_warning.count_tails import Z_LIMIT, mid_p_z, upper_quantile


def distribution(mean: float, dispersion: float) -> "stats.rv_frozen":
    """Return scipy's distribution of the same mean and variance."""
    if dispersion == 1.0:
        return stats.poisson(mean)
    return stats.nbinom(mean / (dispersion - 1.0), 1.0 / dispersion)


@pytest.mark.parametrize("mean", [0.01, 0.5, 3.0, 40.0, 900.0, 15_000.0])
@pytest.mark.parametrize("dispersion", [1.0, 1.2, 5.0, 60.0])
def test_z_is_that_of_the_mid_p_value(mean: float, dispersion: float) -> None:
    known = distribution(mean, dispersion)
    counts = np.unique(np.concatenate([np.arange(4), known.ppf([0.001, 0.2, 0.5, 0.9, 0.999, 0.9999999])]))

    above = known.sf(counts) + 0.5 * known.pmf(counts)
    below = known.cdf(counts) - 0.5 * known.pmf(counts)
    wanted = np.where(counts >= mean, -ndtri(above), ndtri(below))

    np.testing.assert_allclose(mid_p_z(counts, mean, dispersion), np.clip(wanted, -37, 37), atol=1e-7)


@pytest.mark.parametrize("mean", [0.01, 0.5, 3.0, 40.0, 900.0, 15_000.0])
@pytest.mark.parametrize("dispersion", [1.0, 1.2, 5.0, 60.0])
@pytest.mark.parametrize("alpha", [0.05, 0.01, 1e-5])
def test_the_quantile_is_exact(mean: float, dispersion: float, alpha: float) -> None:
    assert upper_quantile(alpha, mean, dispersion) == distribution(mean, dispersion).isf(alpha)


@pytest.mark.parametrize(("mean", "dispersion"), [(50_000.0, 1.0), (1e6, 4.0)])
def test_large_means_are_approximated_closely(mean: float, dispersion: float) -> None:
    known = distribution(mean, dispersion)
    counts = np.round(mean + known.std() * np.array([-3.0, -1.0, 0.0, 2.0, 4.0]))

    wanted = -ndtri(known.sf(counts) + 0.5 * known.pmf(counts))

    np.testing.assert_allclose(mid_p_z(counts, mean, dispersion), wanted, atol=0.01)


def test_z_near_the_poisson_limit_is_continuous() -> None:
    assert mid_p_z(5, 3.0, 1.0 + 1e-10) == pytest.approx(float(mid_p_z(5, 3.0, 1.0)), abs=1e-8)


def test_the_edges_have_answers() -> None:
    assert mid_p_z(0, 0.0) == 0.0
    assert mid_p_z(1, 0.0) == Z_LIMIT
    assert mid_p_z(1e9, 1.0) == Z_LIMIT
    assert np.isnan(mid_p_z(np.nan, 1.0))
    assert np.isnan(upper_quantile(0.01, np.nan))
    assert upper_quantile(0.01, 0.0) == 0.0
    assert upper_quantile(0.01, np.inf) == np.inf


def test_huge_dispersion_is_answered_and_ordered() -> None:
    z = mid_p_z([0, 1, 5, 100, 1e6], 5.0, 1e6)

    assert np.all(np.diff(z) > 0.0)
