"""Rt equals EpiEstim's numbers, and a day not reported is not a day without cases."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from early_warning import reproduction
from early_warning.reproduction import estimate_reproduction, serial_interval

VECTORS = json.loads((Path(__file__).parents[1] / "baselines" / "rt_epiestim.json").read_text())["cases"]
WEIGHTS = serial_interval(4.7, 2.9, 40)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_rt_equals_the_reference(case: dict[str, Any]) -> None:
    found = estimate_reproduction(
        case["incidence"],
        case["si"],
        window=case["window"],
        prior_mean=case["mean_prior"],
        prior_sd=case["std_prior"],
    )

    expected = {name: np.array(case[name], float) for name in ("mean", "sd", "q025", "q500", "q975")}
    given_by_reference = ~np.isnan(expected["mean"])
    assert given_by_reference.sum() > 50
    assert found.first_day == case["t_end"][0] - 1
    computed = dict(zip(("q025", "q500", "q975"), found.quantiles[:, 0], strict=True))
    computed |= {"mean": found.mean[0], "sd": found.sd[0]}
    for name, values in expected.items():
        tolerance = 1e-6 if name in {"mean", "sd"} else 1e-5
        np.testing.assert_allclose(
            computed[name][given_by_reference], values[given_by_reference], rtol=tolerance
        )


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_serial_interval_equals_the_reference(case: dict[str, Any]) -> None:
    weights = serial_interval(case["mean_si"], case["std_si"], len(case["si"]))

    np.testing.assert_allclose(weights, case["si"], atol=1e-7)


def test_one_window_by_hand() -> None:
    found = estimate_reproduction([2, 3, 5], [0.0, 0.6, 0.4], window=2, levels=(0.5,))

    shape, rate = 1 + 3 + 5, 1 / 5 + 2 * 0.6 + (3 * 0.6 + 2 * 0.4)
    assert found.mean.ravel() == pytest.approx([shape / rate])
    assert found.quantiles.ravel() == pytest.approx([gamma.ppf(0.5, shape, scale=1 / rate)])


def test_whole_and_broken_counts_go_through_the_same_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = np.random.default_rng(0).poisson(8, (5, 40))
    by_table = estimate_reproduction(cases, WEIGHTS)

    monkeypatch.setattr(reproduction, "LARGEST_TABLE", 0)

    np.testing.assert_allclose(estimate_reproduction(cases, WEIGHTS).quantiles, by_table.quantiles)


def test_a_missing_day_drops_out_and_zero_does_not() -> None:
    cases = np.full((1, 60), 20.0)
    missing, zero = cases.copy(), cases.copy()
    missing[0, 40], zero[0, 40] = np.nan, 0.0

    plain = estimate_reproduction(cases, WEIGHTS).mean[0, 40 - 7]
    without = estimate_reproduction(missing, WEIGHTS).mean[0, 40 - 7]
    with_zero = estimate_reproduction(zero, WEIGHTS).mean[0, 40 - 7]

    assert without == pytest.approx(plain, rel=0.01)
    assert with_zero < 0.9 * plain


def test_a_window_without_any_report_says_nothing() -> None:
    cases = np.full((1, 60), 20.0)
    cases[0, 30:37] = np.nan

    assert np.isnan(estimate_reproduction(cases, WEIGHTS, window=7).mean[0, 36 - 7])


@pytest.mark.parametrize(
    ("cases", "window"),
    [([[-1.0] * 20], 7), ([[np.inf] * 20], 7), ([[]], 7), ([[1.0] * 7], 7), ([[1.0] * 9], 0)],
)
def test_rt_refuses_what_it_cannot_use(cases: Any, window: int) -> None:
    with pytest.raises(ValueError, match=r"incidence|window"):
        estimate_reproduction(cases, WEIGHTS, window=window)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 1000))
def test_more_cases_in_the_last_window_never_lower_rt_and_order_of_series_is_free(
    seed: int, extra: int
) -> None:
    random = np.random.default_rng(seed)
    cases = random.poisson(random.gamma(1, 5, (6, 1)), (6, 30)).astype(float)
    order = random.permutation(6)
    more = cases.copy()
    more[:, -1] += extra

    plain = estimate_reproduction(cases, WEIGHTS)

    assert (estimate_reproduction(more, WEIGHTS).mean[:, -1] >= plain.mean[:, -1]).all()
    assert np.array_equal(estimate_reproduction(cases[order], WEIGHTS).quantiles, plain.quantiles[:, order])
    assert np.array_equal(estimate_reproduction(cases[2:3], WEIGHTS).mean[0], plain.mean[2])
