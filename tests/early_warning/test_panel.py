"""The panel refuses what is not counts over a calendar, and keeps missing apart from zero."""

from datetime import date

import numpy as np
import pytest

from early_warning.panel import Calendar, NegativeCount, Panel, Step, WrongCalendar, WrongShape

WEEKS = Calendar(Step.ISO_WEEK, date(2024, 1, 1))


def test_a_missing_report_is_not_a_zero() -> None:
    panel = Panel.of([[0, 1, 2]], WEEKS, missing=[[True, False, False]])

    assert np.isnan(panel.counts[0, 0])
    assert panel.counts[0, 1] == 1


def test_one_series_may_be_given_flat() -> None:
    panel = Panel.of([1, 2, 3], WEEKS)

    assert panel.counts.shape == (1, 3)


def test_an_empty_panel_is_a_panel() -> None:
    panel = Panel.of(np.zeros((0, 5)), WEEKS)

    assert (panel.series_count, panel.period_count) == (0, 5)


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        ([[1, -1]], NegativeCount),
        ([[1, np.inf]], NegativeCount),
        (np.zeros((2, 2, 2)), WrongShape),
        (5, WrongShape),
        ([["one", "two"]], WrongShape),
    ],
)
def test_what_is_not_counts_is_refused(counts: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        Panel.of(counts, WEEKS)  # type: ignore[arg-type]


def test_populations_that_do_not_fit_are_refused() -> None:
    with pytest.raises(WrongShape):
        Panel.of(np.zeros((2, 3)), WEEKS, populations=[1, 2, 3, 4])


def test_a_population_per_series_holds_for_every_period() -> None:
    panel = Panel.of(np.zeros((2, 3)), WEEKS, populations=[10, 20])

    assert panel.populations is not None
    assert panel.populations.tolist() == [[10, 10, 10], [20, 20, 20]]


def test_the_given_array_can_change_without_changing_the_panel() -> None:
    counts = np.ones((1, 3))
    panel = Panel.of(counts, WEEKS)

    counts[0, 0] = 9

    assert panel.counts[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        panel.counts[0, 0] = 9


def test_iso_weeks_begin_on_monday_and_epi_weeks_on_sunday() -> None:
    assert Calendar(Step.EPI_WEEK, date(2023, 12, 31)).dates(2)[1].item() == date(2024, 1, 7)
    with pytest.raises(WrongCalendar):
        Calendar(Step.ISO_WEEK, date(2024, 1, 2))
    with pytest.raises(WrongCalendar):
        Calendar(Step.EPI_WEEK, date(2024, 1, 1))


def test_months_are_calendar_months() -> None:
    dates = Calendar(Step.MONTH, date(2024, 1, 1)).dates(3)

    assert [day.item() for day in dates] == [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]


def test_a_calendar_begins_where_a_panel_was_cut() -> None:
    assert WEEKS.shifted(2).starts_on == date(2024, 1, 15)


def test_an_undated_calendar_has_no_dates() -> None:
    with pytest.raises(WrongCalendar):
        Calendar(Step.ISO_WEEK).dates(3)


def test_chosen_series_keep_their_names_and_populations() -> None:
    panel = Panel.of(np.arange(6).reshape(3, 2), WEEKS, populations=[1, 2, 3], names=["a", "b", "c"])

    chosen = panel.series([2, 0])

    assert chosen.names == ("c", "a")
    assert chosen.counts[0].tolist() == [4, 5]
    assert chosen.populations is not None
    assert chosen.populations[:, 0].tolist() == [3, 1]
