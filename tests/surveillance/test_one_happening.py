"""What a detector and a fixed rule find in one place is one open signal, whichever comes first."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty
from anlan.health.models import CaseReport, EventFile
from anlan.health.rules import EventKind
from anlan.surveillance.detection import consider_report, consider_sheet
from anlan.surveillance.joining import corroborate, raise_or_join
from anlan.surveillance.models import Signal, SignalReason
from anlan.surveillance.queries import rule_named
from anlan.surveillance.rules import OPEN_STATES, Match, overlap
from tests.surveillance.test_any_envelopes import standing
from tests.surveillance.test_any_order import assert_orders_are_about_open_signals
from tests.surveillance.test_count_rules import SAID, send
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, SCHOOL_GRID, SPRING, World

WHOLE = AreaRanges.of([DISTRICT])
Step = Callable[[], object]


def found(world: World, kind: str, key: str, *areas: str, cases: int = 9, days: int = 7) -> Step:
    """Return the step in which a detector finds diarrhoea in an area."""
    rule = rule_named("seasonal_excess" if kind == "district" else "gastro_fused")
    last = day_of(world.now)
    first = last - timedelta(days=days - 1)
    match = Match(
        rule, "diarrhoea_vomiting", kind, key, 30, cases, first, last, words=SAID, areas=(key, *areas)
    )
    return partial(raise_or_join, [match], now=world.now)


def sheet_of_a_class(world: World) -> Step:
    """Return the step in which six of a class are absent with vomiting."""
    return partial(consider_sheet, sheet_id=send(world, 6).pk, now=world.now)


def four_in_a_building(world: World) -> Step:
    """Return the step in which four are reported from a building of grid A."""
    with duty("detect", ranges=WHOLE, cause="test"):
        file = EventFile.objects.create(
            area_code=DISTRICT, key="t", kind=EventKind.choices[0][0], reason="t", starts_at=world.now
        )
        reports = CaseReport.objects.bulk_create(
            CaseReport(
                pk=new_id(), area_code=GRID_A, event_file=file, condition="norovirus", source="page",
                building=world.buildings[GRID_A][0], onset_on=day_of(world.now), reported_at=world.now,
            )
            for _ in range(4)
        )  # fmt: skip

    def consider() -> None:
        for report in reports:
            consider_report(report_id=report.pk, now=world.now)

    return consider


def after(steps: tuple[Step, ...]) -> set[tuple[Any, ...]]:
    """Return what stands when these have come in this order; nothing of it is kept."""
    with transaction.atomic(), duty("react", ranges=WHOLE, cause="test"):
        for step in steps:
            step()
        stands = standing()
        assert_orders_are_about_open_signals()
        transaction.set_rollback(True)
    return stands


def open_now() -> list[Signal]:
    return list(Signal.objects.filter(state__in=OPEN_STATES).order_by("place_kind"))


def test_class_grid_pair_and_community_are_one_signal_of_the_class_in_any_order(world: World) -> None:
    steps = (
        sheet_of_a_class(world),
        found(world, "grid", SCHOOL_GRID),
        found(world, "grid", GRID_A, SCHOOL_GRID),
        found(world, "community", SPRING),
    )

    outcomes = [after(order) for order in permutations(steps)]

    (signal,) = alone = after(steps[:1])
    assert "class" in signal and 6 in signal
    assert all(outcome == alone for outcome in outcomes)


def test_a_detector_makes_no_two_signals_of_fixed_rules_one_in_any_order(world: World) -> None:
    steps = (
        sheet_of_a_class(world),
        four_in_a_building(world),
        found(world, "grid", GRID_A, SCHOOL_GRID),
        found(world, "community", SPRING),
    )

    outcomes = [after(order) for order in permutations(steps)]

    alone = after(steps[:2])
    assert len(alone) == 2
    assert all(outcome == alone for outcome in outcomes)


def test_two_findings_are_one_where_a_third_overlaps_both(world: World) -> None:
    steps = (
        found(world, "grid", GRID_A, days=1),
        found(world, "grid", GRID_B, cases=4, days=3),
        found(world, "grid", GRID_A, GRID_B),
    )

    outcomes = [after(order) for order in permutations(steps)]

    assert len(after(steps[:2])) == 2
    assert all(len(outcome) == 1 for outcome in outcomes)
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_fixed_rule_takes_over_the_signal_under_way_with_its_order_and_its_reasons(world: World) -> None:
    sheet = sheet_of_a_class(world)
    with duty("react", ranges=WHOLE, cause="test"), transaction.atomic():
        found(world, "grid", SCHOOL_GRID)()
        (before,) = open_now()
        sheet()

        (signal,) = Signal.objects.all()
        rules = set(SignalReason.objects.filter(signal=signal).values_list("rule", flat=True))
    assert (before.is_statistical, before.place_kind, before.case_count) == (True, "grid", 9)
    assert signal.pk == before.pk and not signal.is_statistical
    assert (signal.place_kind, signal.case_count) == ("class", 6)
    assert signal.first_on == signal.last_on == day_of(world.now)  # not the seven days of the detector
    assert rules == {"gastro_fused", "gastro_class_counts"}


def test_the_neighbouring_grid_is_another_happening(world: World) -> None:
    assert len(after((found(world, "grid", GRID_C), sheet_of_a_class(world)))) == 2


def test_a_rise_of_the_whole_district_does_not_swallow_the_signal_of_a_class(world: World) -> None:
    sheet = sheet_of_a_class(world)
    with duty("react", ranges=WHOLE, cause="test"), transaction.atomic():
        found(world, "district", DISTRICT, cases=300)()
        sheet()

        assert [(one.place_kind, one.case_count) for one in open_now()] == [("class", 6), ("district", 300)]


def test_a_wider_rise_neither_moves_nor_counts_in_the_signal_of_a_grid(world: World) -> None:
    with duty("react", ranges=WHOLE, cause="test"), transaction.atomic():
        found(world, "grid", SCHOOL_GRID)()
        found(world, "district", DISTRICT, cases=300)()

        (signal,) = open_now()
        assert (signal.place_kind, signal.area_code, signal.case_count) == ("grid", SCHOOL_GRID, 9)
        assert signal.reasons.count() == 2


def test_what_all_sources_showed_is_said_of_the_signal_that_goes_on(world: World) -> None:
    sheet = sheet_of_a_class(world)
    rule, today = rule_named("gastro_fused"), day_of(world.now)
    match = Match(rule, "diarrhoea_vomiting", "grid", SCHOOL_GRID, 9, 9, today, today, words=SAID)
    with duty("react", ranges=WHOLE, cause="test"), transaction.atomic():
        found(world, "grid", GRID_A)()
        found(world, "grid", GRID_B)()
        looked_at = max(open_now(), key=lambda one: (one.raised_at, one.pk))
        sheet()
        found(world, "grid", GRID_A, GRID_B, SCHOOL_GRID)()  # all of it is one, while somebody still looks

        assert corroborate(looked_at, match, now=world.now)
        assert SignalReason.objects.get(rule="gastro_fused", place=match.place).signal.state in OPEN_STATES

        Signal.objects.filter(state__in=OPEN_STATES).update(state="closed")
        assert not corroborate(looked_at, match, now=world.now)


@pytest.mark.parametrize(
    ("some", "others", "is_one"),
    [
        ([GRID_A], [GRID_A], True),
        ([GRID_A], [SPRING], True),
        ([SPRING], [GRID_B, GRID_C], True),
        ([GRID_A], [GRID_B], False),
        ([GRID_A], [DISTRICT], False),
        ([DISTRICT], [DISTRICT], False),
        ([], [GRID_A], False),
    ],
)
def test_areas_overlap_up_to_a_community(some: list[str], others: list[str], is_one: bool) -> None:
    assert overlap(some, others) is overlap(others, some) is is_one
