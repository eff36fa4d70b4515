"""The harmonic regression finds the mean behind weekly counts and keeps its false-alarm rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_warning.detectors.harmonic import HarmonicOptions, harmonic
from early_warning.panel import Calendar, Panel, Step

WEEKS = 52 * 6
CALENDAR = Calendar(Step.ISO_WEEK)


def yearly(level: float, trend: float = 0.1) -> np.ndarray:
    week = np.arange(WEEKS)
    return level * np.exp(trend * week / 52 + 0.6 * np.cos(2 * np.pi * week / 52))


def simulated(seed: int, series: int, level: float = 10.0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(yearly(level), (series, WEEKS)).astype(float)


def test_exact_waves_are_found_exactly() -> None:
    found = harmonic(Panel.of(yearly(500.0)[None], CALENDAR), last=20)

    np.testing.assert_allclose(found.expected[0], yearly(500.0)[-20:], rtol=1e-6)
    np.testing.assert_allclose(found.z, 0, atol=0.05)


def test_mean_and_false_alarm_rate_are_as_stated() -> None:
    found = harmonic(Panel.of(simulated(1, 300), CALENDAR), last=52)

    np.testing.assert_allclose(found.expected.mean(axis=0), yearly(10.0)[-52:], rtol=0.06)
    assert 0.006 <= (found.z > 2.326).mean() <= 0.013
    assert 0.003 <= found.alarm.mean() <= 0.011


def test_past_outbreaks_hardly_raise_the_expectation() -> None:
    counts = simulated(2, 50)
    struck = counts.copy()
    struck[:, [100, 101, 200, 201]] += 40

    plain, after = (harmonic(Panel.of(table, CALENDAR), last=10) for table in (counts, struck))

    assert after.expected.mean() < 1.03 * plain.expected.mean()
    assert after.details["dispersion"].mean() < 1.3 * plain.details["dispersion"].mean()


def test_missing_weeks_are_left_out_and_zero_weeks_are_not() -> None:
    counts = simulated(3, 40)
    missing, zero = counts.copy(), counts.copy()
    missing[:, 150:190], zero[:, 150:190] = np.nan, 0.0

    plain, without, with_zero = (
        harmonic(Panel.of(table, CALENDAR), last=10).expected.mean() for table in (counts, missing, zero)
    )

    assert without == pytest.approx(plain, rel=0.03)
    assert abs(with_zero - plain) > 0.05 * plain


def test_short_history_and_missing_reports_are_not_monitored_and_silence_is() -> None:
    counts = np.zeros((3, WEEKS))
    counts[1] = np.nan
    counts[1, -60:] = 2
    counts[2, -1] = np.nan

    found = harmonic(Panel.of(counts, CALENDAR), last=2)

    assert np.isnan(found.z).tolist() == [[False, False], [True, True], [False, True]]
    assert 0 < found.expected[0, 0] < 0.01
    assert not found.alarm.any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 10_000))
def test_more_cases_never_lower_z_and_series_do_not_touch_each_other(seed: int, more: int) -> None:
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(0.5, 5, (5, 1)), (5, WEEKS)).astype(float)
    raised = counts.copy()
    raised[:, -1] += more
    order = random.permutation(5)

    plain = harmonic(Panel.of(counts, CALENDAR), HarmonicOptions(years=3), last=2)

    assert (harmonic(Panel.of(raised, CALENDAR), HarmonicOptions(years=3), last=1).z >= plain.z[:, 1:]).all()
    turned = harmonic(Panel.of(counts[order], CALENDAR), HarmonicOptions(years=3), last=2)
    assert np.array_equal(turned.z, plain.z[order])
    assert np.array_equal(
        harmonic(Panel.of(counts[3:4], CALENDAR), HarmonicOptions(years=3), last=2).z[0], plain.z[3]
    )
