"""What every detector must keep, whatever the counts: order, silence, missing reports, more cases."""

from collections.abc import Callable
from datetime import date
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_warning.detection import Detection
from early_warning.detectors import (
    case_rules,
    cusum,
    daily_regression,
    ears,
    farrington,
    glr,
    harmonic,
    moving_percentile,
    shrunken_exact,
)
from early_warning.panel import Calendar, FloatArray, Panel, Step

Detect = Callable[[Panel], Detection]
WEEKS = Calendar(Step.ISO_WEEK, date(2018, 1, 1))
DAYS = Calendar(Step.DAY, date(2024, 1, 1))
THREE_YEARS = farrington.FarringtonOptions(years=3)
SERIES = 6
LAST = 4


def _exact(panel: Panel) -> Detection:
    areas = np.zeros(panel.series_count, dtype=int)
    options = shrunken_exact.ShrinkageOptions(baseline=60, shapes=(2.0, 2.0))
    return shrunken_exact.detect(panel, [areas], options, LAST)


WEEKLY: dict[str, Detect] = {
    "farrington": partial(farrington.flexible, options=THREE_YEARS, last=LAST),
    "farrington_1996": partial(farrington.original, last=LAST),
    "farrington_delta": partial(
        farrington.flexible,
        options=farrington.FarringtonOptions(years=3, threshold=farrington.Threshold.DELTA),
        last=LAST,
    ),
    "farrington_muan": partial(
        farrington.flexible,
        options=farrington.FarringtonOptions(years=3, threshold=farrington.Threshold.UPPER_MEAN),
        last=LAST,
    ),
    "moving_percentile": partial(
        moving_percentile.detect, options=moving_percentile.PercentileOptions(years=3), last=LAST
    ),
    "glr": partial(glr.detect, last=LAST),
    "harmonic": partial(harmonic.harmonic, last=LAST),
}
DAILY: dict[str, Detect] = {
    "ears_c1": partial(ears.c1, last=LAST),
    "ears_c2": partial(ears.c2, last=LAST),
    "ears_c3": partial(ears.c3, last=LAST),
    "cusum_rossi": partial(cusum.detect, last=LAST),
    "cusum_seasonal": partial(cusum.detect, options=cusum.CusumOptions(seasonal_harmonics=1), last=LAST),
    "daily_regression": partial(daily_regression.detect, last=LAST),
    "shrunken_exact": _exact,
    "single_case": partial(case_rules.single_case, last=LAST),
    "cases_in_periods": partial(case_rules.cases_in_periods, cases=3, periods=7, last=LAST),
}
ALL = {**WEEKLY, **DAILY}
FIXED_RULES = ("single_case", "cases_in_periods")  # they alarm on a constant level, as they should


def _calendar(name: str) -> tuple[Calendar, int]:
    return (WEEKS, 290) if name in WEEKLY else (DAYS, 140)


def _counts(name: str, mean: float, seed: int) -> FloatArray:
    _, periods = _calendar(name)
    size = mean / 1.5
    drawn = np.random.default_rng(seed).negative_binomial(size, size / (size + mean), (SERIES, periods))
    return drawn.astype(np.float64)


def _same(one: Detection, other: Detection, rows: list[int] | slice) -> None:
    for ours, theirs in ((one.z, other.z), (one.upper, other.upper), (one.expected, other.expected)):
        np.testing.assert_allclose(ours[rows], theirs, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(one.alarm[rows], other.alarm)


means = st.sampled_from([0.05, 0.6, 4.0, 60.0])
seeds = st.integers(0, 10_000)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=12, deadline=None)
@given(mean=means, seed=seeds, extra=st.integers(1, 50))
def test_more_cases_never_lower_the_score(name: str, mean: float, seed: int, extra: int) -> None:
    calendar, _ = _calendar(name)
    counts = _counts(name, mean, seed)
    more = counts.copy()
    more[:, -1] += extra

    usual = ALL[name](Panel.of(counts, calendar)).z[:, -1]
    raised = ALL[name](Panel.of(more, calendar)).z[:, -1]

    scored = ~np.isnan(usual)
    assert np.all(raised[scored] >= usual[scored] - 1e-9)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=6, deadline=None)
@given(mean=means, seed=seeds)
def test_the_order_of_series_does_not_matter(name: str, mean: float, seed: int) -> None:
    calendar, _ = _calendar(name)
    panel = Panel.of(_counts(name, mean, seed), calendar)
    order = list(np.random.default_rng(seed).permutation(SERIES))

    _same(ALL[name](panel), ALL[name](panel.series(order)), order)


@pytest.mark.parametrize("name", [name for name in ALL if name != "shrunken_exact"])
def test_a_series_alone_gets_the_same_answer_to_the_last_bit(name: str) -> None:
    calendar, _ = _calendar(name)
    panel = Panel.of(_counts(name, 4.0, 1), calendar)
    together = ALL[name](panel)

    for row in range(SERIES):
        alone = ALL[name](panel.series([row]))
        np.testing.assert_array_equal(together.z[[row]], alone.z)
        np.testing.assert_array_equal(together.upper[[row]], alone.upper)


@pytest.mark.parametrize("name", ALL)
def test_a_missing_report_is_not_monitored_and_not_a_zero(name: str) -> None:
    calendar, _ = _calendar(name)
    counts = _counts(name, 4.0, 2)
    silent, zero = counts.copy(), counts.copy()
    silent[:, -1] = np.nan
    zero[:, -1] = 0.0

    unknown = ALL[name](Panel.of(silent, calendar))
    known = ALL[name](Panel.of(zero, calendar))

    assert np.all(np.isnan(unknown.z[:, -1]))
    assert not np.any(unknown.alarm[:, -1])
    assert np.all(~np.isnan(known.z[:, -1]))


@pytest.mark.parametrize("name", ALL)
def test_missing_reports_in_the_past_are_left_out_not_counted_as_none(name: str) -> None:
    calendar, _ = _calendar(name)
    counts = _counts(name, 40.0, 3)
    holes = np.random.default_rng(4).random(counts.shape) < 0.1
    holes[:, -12:] = False
    silent, zero = np.where(holes, np.nan, counts), np.where(holes, 0.0, counts)

    full = ALL[name](Panel.of(counts, calendar)).expected[:, -1]
    unknown = ALL[name](Panel.of(silent, calendar)).expected[:, -1]
    none = ALL[name](Panel.of(zero, calendar)).expected[:, -1]

    assert not np.any(np.isnan(unknown))
    if name.startswith("ears"):
        np.testing.assert_array_equal(unknown, full)
    else:
        assert np.mean(np.abs(unknown - full)) < np.mean(np.abs(none - full))


@pytest.mark.parametrize("name", [name for name in ALL if name not in FIXED_RULES])
@pytest.mark.parametrize("level", [0.0, 1.0, 7.0, 1e6, 1e9])
def test_a_constant_series_is_answered_without_alarm(name: str, level: float) -> None:
    calendar, periods = _calendar(name)
    panel = Panel.of(np.full((2, periods), level), calendar)

    found = ALL[name](panel)

    assert not np.any(found.alarm)
    assert not np.any(np.isinf(found.z))


@pytest.mark.parametrize("name", ALL)
def test_a_huge_count_is_answered_finitely(name: str) -> None:
    calendar, _ = _calendar(name)
    counts = _counts(name, 4.0, 5)
    counts[:, -1] = 1e9

    found = ALL[name](Panel.of(counts, calendar))

    assert np.all(np.isfinite(found.z[:, -1]))
    assert np.all(found.z[:, -1] > 3.0)
    assert np.all(found.alarm[:, -1])


@pytest.mark.parametrize("name", ALL)
def test_no_series_and_no_history_are_answers_too(name: str) -> None:
    calendar, periods = _calendar(name)

    nobody = ALL[name](Panel.of(np.zeros((0, periods)), calendar))
    short = ALL[name](Panel.of(np.zeros((2, 3)), calendar))

    assert nobody.z.shape[0] == 0
    assert short.z.shape == (2, 3)
    assert not np.any(short.alarm)


@pytest.mark.parametrize("name", ["farrington", "daily_regression", "shrunken_exact"])
def test_scores_are_about_standard_normal_when_nothing_goes_on(name: str) -> None:
    calendar, periods = _calendar(name)
    counts = np.random.default_rng(6).poisson(3.0, (400, periods)).astype(float)

    z = ALL[name](Panel.of(counts, calendar)).z

    assert abs(np.nanmean(z)) < 0.1
    assert 0.85 < np.nanstd(z) < 1.15
