"""A sum of sources alarms as often as stated, also where detectors err a little, and hides no rise."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm, poisson

from early_warning.fusion import fuse
from early_warning.pooling import Evidence, pool, single
from early_warning.source_sum import FEW, SourceNull, estimate_correlation

SERIES, PERIODS, MEAN = 2000, 30, 6.0
LIMIT = float(-ndtri(0.01))


def sources(seed: int, number: int, correlation: float, expected: float = MEAN) -> list[Evidence]:
    """Return sources whose detectors expect `expected` where the truth is MEAN."""
    random = np.random.default_rng(seed)
    shared = random.standard_normal((SERIES, PERIODS))
    found = []
    for place in range(number):
        own = random.standard_normal((SERIES, PERIODS))
        noise = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
        counts = poisson.ppf(norm.cdf(noise), MEAN)
        found.append(Evidence.build(str(place), counts, np.full(counts.shape, expected)))
    return found


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_the_rate_is_kept_where_every_expectation_is_a_little_high(correlation: float) -> None:
    evidence = sources(1, 4, correlation, expected=MEAN * 1.04)
    z = np.stack([pool(one, single(SERIES), 1).z for one in evidence])

    found = fuse(evidence, spans=(1,))

    uncorrected = SourceNull(found.nulls["area", 1].correlation).score(z)
    assert (uncorrected > LIMIT).mean() < 0.008
    assert 0.008 <= (found.z > LIMIT).mean() <= 0.012


def test_a_rise_everywhere_does_not_become_the_new_normal() -> None:
    evidence = sources(2, 3, 0.0, expected=MEAN / 1.5)

    null = fuse(evidence, spans=(1,)).nulls["area", 1]

    assert null.centre == 0.0
    assert null.spread <= 1.1


def test_a_source_alone_is_scored_by_its_own_law() -> None:
    null = SourceNull(np.array([[1.0, 0.5], [0.5, 1.0]]), centre=-0.1, spread=0.95)
    z = np.array([[2.0, 2.0, np.nan], [1.0, np.nan, np.nan]])

    np.testing.assert_allclose(null.score(z), [(3 / np.sqrt(3) + 0.1) / 0.95, 2.0, np.nan])


def test_few_places_say_little_of_correlation() -> None:
    alike = np.array([[0.5, -1.0, 1.5, 0.0]] * 2)

    assert estimate_correlation(alike)[0, 1] == pytest.approx(0.99 * 4 / (4 + FEW))


def test_an_expectation_errs_alike_in_all_weeks_of_a_span() -> None:
    known = Evidence.build("clinic", [[9.0, 9.0]], [[5.0, 5.0]])
    unsure = Evidence.build("clinic", [[9.0, 9.0]], [[5.0, 5.0]], error=2.0)

    apart = Evidence.build("clinic", [[9.0, 9.0]], [[5.0, 5.0]], 1.0 + 2.0**2 / 5.0)
    z = [pool(one, single(1), 2).z[0] for one in (known, unsure, apart)]

    assert z[1][0] == z[2][0] < z[0][0]
    assert z[1][1] < z[2][1] < z[0][1]
