"""Growth, nowcast and forecast recover what was simulated and say nothing where nothing can be said."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_warning.forecast import forecast, last_value_forecast, seasonal_forecast
from early_warning.growth import growth
from early_warning.nowcast import nowcast


def test_doubling_time_of_exact_doubling_is_exact() -> None:
    found = growth([[1, 2, 4, 8, 16, 32, 64], [64, 32, 16, 8, 4, 2, 1]], window=7)

    np.testing.assert_allclose(found.doubling, [1.0, -1.0], rtol=1e-9)
    assert found.is_growing().tolist() == [True, False]


def test_growth_interval_holds_the_truth_as_often_as_it_says() -> None:
    mean = 6 * np.exp(0.1 * np.arange(14))
    counts = np.random.default_rng(1).poisson(mean, (4000, 14))

    low, high = growth(counts).interval(0.9)

    assert 0.88 <= ((low < 0.1) & (high > 0.1)).mean() <= 0.95


def test_growth_says_nothing_of_too_few_cases_or_reports() -> None:
    nan = np.nan
    found = growth(np.array([[0, 0, 0, 0, 5], [0] * 5, [nan, nan, nan, 1, 2], [3] * 5]), window=5)

    assert np.isnan(found.rate).tolist() == [True, True, True, False]
    assert found.rate[3] == pytest.approx(0, abs=1e-12)


def test_a_missing_report_does_not_bend_the_growth_and_a_zero_does() -> None:
    counts = 2.0 ** np.arange(8)
    missing, zero = counts.copy(), counts.copy()
    missing[5], zero[5] = np.nan, 0.0

    found = growth([missing, zero], window=8).rate

    assert found[0] == pytest.approx(np.log(2))
    assert abs(found[1] - np.log(2)) > 0.01


def triangle(seed: int, series: int = 400, days: int = 40) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    final = random.poisson(8, (series, days))
    reports = random.multinomial(final, [0.4, 0.3, 0.2, 0.1]).astype(float)
    for delay in range(1, 4):
        reports[:, days - delay :, delay] = np.nan
    return final, reports


def test_nowcast_completes_the_last_days() -> None:
    final, reports = triangle(1)

    found = nowcast(reports)

    np.testing.assert_allclose(found.completeness[:, -4:].mean(axis=0), [1.0, 0.9, 0.7, 0.4], atol=0.03)
    assert found.expected[:, -1].mean() == pytest.approx(final[:, -1].mean(), rel=0.08)
    inside = (found.quantiles[0] <= final) & (final <= found.quantiles[2])
    assert (inside[:, -3:].mean(axis=0) >= 0.93).all()
    assert np.array_equal(found.quantiles[1][:, :-3], final[:, :-3])


def test_nowcast_never_takes_back_a_report_and_a_day_without_any_is_unknown() -> None:
    _, reports = triangle(2, series=5)
    reports[0, -1] = np.nan

    found = nowcast(reports)

    assert np.isnan(found.quantiles[:, 0, -1]).all()
    assert (found.quantiles[0, 1:] >= found.reported[1:]).all()


def test_nowcast_refuses_a_report_after_a_gap() -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        nowcast([[[1.0, np.nan, 2.0]]])


def seasons(seed: int, series: int = 60) -> np.ndarray:
    random = np.random.default_rng(seed)
    week = np.arange(52 * 6)
    height = np.exp(random.normal(0, 0.4, (series, 6)))[:, week // 52]
    peak = 26 + random.normal(0, 3, (series, 6))[:, week // 52]
    mean = 4 + 50 * height * np.exp(-((week % 52 - peak) ** 2) / 32)
    return random.negative_binomial(mean / 0.5, 1 / 1.5)


def pinball(quantiles: np.ndarray, levels: tuple[float, ...], came: np.ndarray) -> float:
    level = np.array(levels)[:, None, None]
    return float(((came - quantiles) * (level - (came < quantiles))).mean())


def test_forecast_beats_the_last_value_and_the_same_weeks_of_earlier_years() -> None:
    counts = seasons(3)
    loss: dict[str, float] = {}
    for end in range(52 * 5, 52 * 6 - 4, 6):
        past, came = counts[:, :end], counts[:, end : end + 4]
        for made in (
            forecast(past, 4, season=52),
            last_value_forecast(past, 4),
            seasonal_forecast(past, 4, season=52),
        ):
            loss[made.method] = loss.get(made.method, 0.0) + pinball(made.quantiles, made.levels, came)

    ours, last, seasonal = loss.values()
    assert ours < 0.95 * last
    assert ours < 0.95 * seasonal


@pytest.mark.parametrize("counts", [[[-1.0] * 20], [[np.inf] * 20], [[1.0] * 5], [[]]])
def test_forecast_refuses_what_it_cannot_use(counts: Any) -> None:
    with pytest.raises(ValueError, match="counts"):
        forecast(counts, 4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_forecast_quantiles_rise_with_their_level_whatever_the_counts(seed: int) -> None:
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(0.3, 100, (5, 1)), (5, 60)).astype(float)
    counts[0] = 0
    counts[1] = 1e6
    counts[random.random(counts.shape) < 0.1] = np.nan

    quantiles = forecast(counts, 3, season=20).quantiles

    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=0) >= 0).all()
