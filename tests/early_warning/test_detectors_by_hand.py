"""Each detector on cases small enough to work out by hand."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from early_warning.count_tails import mid_p_z
from early_warning.detectors import (
    case_rules,
    cusum,
    daily_regression,
    ears,
    farrington,
    glr,
    moving_percentile,
    shrunken_exact,
)
from early_warning.detectors.daily_design import day_kinds
from early_warning.detectors.reference_periods import ReferenceShape, anniversaries, reference_plan
from early_warning.panel import Calendar, Panel, Step, WrongCalendar, WrongShape

DAYS = Calendar(Step.DAY, date(2024, 1, 1))
WEEKS = Calendar(Step.ISO_WEEK, date(2018, 1, 1))


def daily(counts: object) -> Panel:
    """Return a daily panel beginning on a Monday."""
    return Panel.of(counts, DAYS)  # type: ignore[arg-type]


def test_c1_compares_with_the_seven_days_before() -> None:
    found = ears.c1(daily([1, 3, 1, 3, 1, 3, 2, 9]), last=1)

    deviation = np.std([1, 3, 1, 3, 1, 3, 2], ddof=1)
    assert found.expected[0, 0] == 2.0
    assert found.upper[0, 0] == pytest.approx(2.0 + 3.0 * deviation)
    assert found.alarm[0, 0]


def test_c2_leaves_two_days_between() -> None:
    found = ears.c2(daily([1, 3, 1, 3, 1, 3, 2, 50, 50, 9]), last=1)

    assert found.expected[0, 0] == 2.0
    assert found.alarm[0, 0]


def test_c3_adds_up_three_days_of_moderate_excess() -> None:
    past = [1, 3, 1, 3, 1, 3, 2] * 2
    deviation = np.std([1, 3, 1, 3, 1, 3, 2], ddof=1)
    high = 2.0 + 1.8 * deviation  # an excess of about 0.8 each: 2 alone are not enough, 3 are

    two = ears.c3(daily([*past, 2, high, high]), last=1)
    three = ears.c3(daily([*past, high, high, high]), last=1)

    assert not two.alarm[0, 0]
    assert three.alarm[0, 0]
    assert three.upper[0, 0] < high


def test_the_reference_softwares_c3_is_only_a_switch() -> None:
    past = [1, 3, 1, 3, 1, 3, 2] * 2

    published = ears.c3(daily([*past, 60]), last=1)
    compatible = ears.c3(daily([*past, 60]), last=1, r_compat=True)

    assert published.alarm[0, 0]
    assert not compatible.alarm[0, 0]


def test_too_few_reports_in_the_baseline_are_not_monitored() -> None:
    found = ears.c1(daily([np.nan, np.nan, np.nan, np.nan, 1, 2, 1, 9]), last=1)

    assert np.isnan(found.z[0, 0])
    assert not found.alarm[0, 0]


def test_cusum_adds_up_what_exceeds_its_reference_value() -> None:
    options = cusum.CusumOptions(k=0.5, h=2.0, transform=cusum.Transform.STANDARD, mean=(4.0,))

    found = cusum.detect(daily([7, 7, 4, 7]), options, last=4)

    assert found.details["sum"][0].tolist() == [1.0, 2.0, 1.5, 2.5]
    assert found.alarm[0].tolist() == [False, True, False, True]
    assert found.upper[0].tolist() == [9.0, 7.0, 5.0, 6.0]


@pytest.mark.parametrize("transform", list(cusum.Transform))
def test_the_bound_of_the_cusum_is_the_count_that_reaches_it(transform: cusum.Transform) -> None:
    options = cusum.CusumOptions(transform=transform, mean=(6.0,), overdispersion=0.1)
    bound = float(cusum.detect(daily([6, 6]), options, last=1).upper[0, 0])

    below = cusum.detect(daily([6, bound - 1e-6]), options, last=1)
    above = cusum.detect(daily([6, bound + 1e-6]), options, last=1)

    assert not below.alarm[0, 0]
    assert above.alarm[0, 0]


def test_a_missing_report_leaves_the_chart_where_it_was() -> None:
    options = cusum.CusumOptions(k=0.5, h=2.0, transform=cusum.Transform.STANDARD, mean=(4.0,))

    found = cusum.detect(daily([7, np.nan, 7]), options, last=3)

    assert found.details["sum"][0, 2] == 2.0


def test_the_moving_percentile_takes_the_same_weeks_of_earlier_years() -> None:
    counts = np.zeros(53 * 3)
    now = 52 * 2 + 20
    for mark in (now - 104, now - 52):
        counts[mark - 1 : mark + 2] = [1, 2, 3]
    counts[now] = 3
    panel = Panel.of(counts[: now + 1], Calendar(Step.ISO_WEEK))
    options = moving_percentile.PercentileOptions(percentile=80, windows=3, years=2)

    found = moving_percentile.detect(panel, options, last=1)

    assert found.upper[0, 0] == np.percentile([1, 2, 3, 1, 2, 3], 80)
    assert not found.alarm[0, 0]


def test_daily_counts_are_compared_seven_days_at_a_time() -> None:
    sums = moving_percentile.window_sums(np.array([[1.0, 2, 3, np.nan, 1, 1, 1]]), 3)

    np.testing.assert_array_equal(sums, [[np.nan, np.nan, 6, np.nan, np.nan, np.nan, 3]])


def test_anniversaries_by_date_keep_the_nearest_week() -> None:
    period = (date(2024, 3, 4) - date(2018, 1, 1)).days // 7

    marks = anniversaries(WEEKS, period, 3, by_date=True)

    assert [WEEKS.dates(mark + 1)[-1].item() for mark in marks] == [
        date(2024, 3, 4),
        date(2023, 3, 6),
        date(2022, 3, 7),
        date(2021, 3, 1),
    ]


def test_reference_weeks_have_ten_levels_and_leave_out_half_a_year() -> None:
    plan = reference_plan(Calendar(Step.ISO_WEEK), 300, ReferenceShape(5, 3, 10, 26, False))

    assert plan is not None
    assert plan.first == 300 - 5 * 52 - 3
    assert plan.first + plan.times.size == 300 - 26
    now = [int(stop - start) for start, stop, level in plan.segments if level == 0]
    assert now == [7, 7, 7, 7, 7]
    assert sorted({int(level) for *_, level in plan.segments}) == list(range(10))


def test_too_short_a_history_is_not_monitored() -> None:
    found = farrington.flexible(Panel.of(np.ones(200), WEEKS), last=1)

    assert np.isnan(found.z[0, 0])


def test_farrington_without_trend_expects_the_mean_of_the_windows() -> None:
    counts = np.random.default_rng(1).poisson(5.0, 300).astype(float)
    options = farrington.FarringtonOptions(levels=1, trend=False, reweight_above=None, by_date=False)

    found = farrington.flexible(Panel.of(counts, WEEKS), options, last=1)

    marks = [299 - 52 * year for year in range(1, 6)]
    reference = np.concatenate([counts[mark - 3 : mark + 4] for mark in marks])
    phi = max(np.sum((reference - reference.mean()) ** 2 / reference.mean()) / 34, 1.0)
    assert found.expected[0, 0] == pytest.approx(reference.mean())
    assert found.details["dispersion"][0, 0] == pytest.approx(phi, rel=2e-4)
    assert found.z[0, 0] == pytest.approx(float(mid_p_z(counts[-1], reference.mean(), phi)), abs=1e-4)


def test_populations_scale_the_expectation() -> None:
    counts = np.random.default_rng(2).poisson(50.0, 300).astype(float)
    people = np.full(300, 1000.0)
    grown = np.concatenate([people[:-1], [3000.0]])
    options = farrington.FarringtonOptions(use_populations=True)

    before = farrington.flexible(Panel.of(counts, WEEKS, populations=people[np.newaxis]), options, last=1)
    after = farrington.flexible(Panel.of(counts, WEEKS, populations=grown[np.newaxis]), options, last=1)

    assert after.expected[0, 0] == pytest.approx(3.0 * before.expected[0, 0])
    with pytest.raises(ValueError, match="populations"):
        farrington.flexible(Panel.of(counts, WEEKS), options, last=1)


def test_past_outbreaks_lose_weight() -> None:
    counts = np.random.default_rng(3).poisson(5.0, 300).astype(float)
    counts[299 - 52] = 60

    weighed = farrington.flexible(Panel.of(counts, WEEKS), last=1)
    plain = farrington.flexible(Panel.of(counts, WEEKS), farrington.FarringtonOptions(reweight_above=None), 1)

    assert weighed.expected[0, 0] < plain.expected[0, 0]
    assert weighed.upper[0, 0] < plain.upper[0, 0]


def test_few_cases_in_four_weeks_do_not_alarm_where_so_ruled() -> None:
    counts = np.zeros(300)
    counts[-1] = 4
    ruled = farrington.FarringtonOptions(cases_needed=5)

    assert farrington.flexible(Panel.of(counts, WEEKS), last=1).alarm[0, 0]
    assert not farrington.flexible(Panel.of(counts, WEEKS), ruled, 1).alarm[0, 0]


def test_glr_of_poisson_counts_has_a_closed_form() -> None:
    options = glr.GlrOptions(mean=np.full((1, 3), 2.0), overdispersion=0.0, window=3)

    found = glr.detect(daily([2, 2, 2, 2, 6, 6]), options, last=3)

    assert found.details["ratio"][0, 2] == pytest.approx(12 * np.log(3.0) - 8.0)
    assert found.details["rise"][0, 2] == pytest.approx(3.0)
    assert found.details["periods"][0, 2] == 2


def test_glr_alarms_just_above_its_bound() -> None:
    options = glr.GlrOptions(mean=np.full((1, 1), 2.0), overdispersion=0.3)
    bound = float(glr.detect(daily([2, 2]), options, last=1).upper[0, 0])

    assert not glr.detect(daily([2, bound]), options, last=1).alarm[0, 0]
    assert glr.detect(daily([2, bound + 1]), options, last=1).alarm[0, 0]


def test_a_single_case_alarms_and_says_how_unusual_it_is() -> None:
    found = case_rules.single_case(daily([0] * 99 + [1]), last=1)

    expected = 0.5 / 99
    assert found.alarm[0, 0]
    assert found.upper[0, 0] == 0
    assert found.z[0, 0] == pytest.approx(float(mid_p_z(1, expected, 1 + expected / 0.5)))


def test_three_cases_in_seven_days_alarm_and_on_the_eighth_no_more() -> None:
    counts = [0] * 20 + [1, 0, 1, 0, 1] + [0] * 5

    found = case_rules.cases_in_periods(daily(counts), cases=3, periods=7)

    assert np.flatnonzero(found.alarm[0]).tolist() == [24, 25, 26]


def test_a_silent_grid_leans_on_its_community() -> None:
    counts = np.zeros((4, 120))
    counts[1:3, ::4] = 1.0
    areas = np.array([0, 0, 1, 1])

    found = shrunken_exact.detect(
        daily(counts), [areas], shrunken_exact.ShrinkageOptions(baseline=100, shapes=(5.0, 5.0)), last=1
    )

    assert found.expected[0, 0] > 0.0
    assert found.expected[0, 0] < found.expected[1, 0]
    assert found.expected[0, 0] == pytest.approx(found.expected[3, 0])


def test_the_posterior_is_the_gamma_poisson_one() -> None:
    shape, rate = shrunken_exact.posterior(
        np.array([3.0, 1.0]), np.array([100.0, 100.0]), [np.array([0, 0])], shapes=(2.0, 1.0)
    )

    overall = 4.5 / 200.0
    assert shape.tolist() == [5.0, 3.0]
    np.testing.assert_allclose(rate, 2.0 / overall + 100.0)


def test_tests_of_tiny_counts_keep_their_level() -> None:
    rates = 0.05 * np.random.default_rng(1).gamma(4.0, 0.25, 2000)
    counts = np.random.default_rng(2).poisson(rates[:, np.newaxis], (2000, 220))
    areas = [np.arange(2000) // 10, np.arange(2000) // 100]

    found = shrunken_exact.detect(daily(counts), areas, last=20)

    assert np.mean(found.z > 1.645) == pytest.approx(stats.norm.sf(1.645), abs=0.02)
    assert np.mean(found.alarm) <= 0.001


def test_parents_that_do_not_fit_are_refused() -> None:
    with pytest.raises(WrongShape):
        shrunken_exact.detect(daily(np.zeros((2, 300))), [[0]])


def test_the_daily_regression_learns_weekday_holiday_and_make_up_workday() -> None:
    days = 3 * 365
    random = np.random.default_rng(5)
    holidays = random.random(days) < 0.04
    make_up = (np.arange(days) % 7 >= 5) & (random.random(days) < 0.1) & ~holidays
    kinds = day_kinds(DAYS, days, holidays, make_up)
    weekend = (kinds.weekday >= 5) & ~make_up
    means = np.where(holidays, 3.0, np.where(weekend, 8.0, 20.0))
    counts = random.poisson(means, (60, days))

    found = daily_regression.detect(daily(counts), holidays, make_up, last=140)

    recent = means[-140:]
    ratio = found.expected.mean(axis=0) / recent
    for kind in (holidays, weekend, make_up):
        assert np.mean(ratio[kind[-140:]]) == pytest.approx(1.0, abs=0.12)
    assert np.mean(found.alarm) < 0.03


def test_the_daily_regression_wants_days() -> None:
    with pytest.raises(WrongCalendar):
        daily_regression.detect(Panel.of(np.ones(300), WEEKS))


def test_a_day_is_not_both_holiday_and_make_up_workday() -> None:
    with pytest.raises(WrongShape):
        day_kinds(DAYS, 2, [True, False], [True, False])
