"""Rules over what units count: a class with six absent, a sheet amended, a school counted and reported."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

import numpy as np
import pytest
from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewCount, NewCounts, record_counts
from anlan.health.models import CaseReport, CountSheet, EventFile
from anlan.health.rules import EventKind
from anlan.organisation.models import Area
from anlan.surveillance.counting import disagreements
from anlan.surveillance.detection import consider_report, consider_sheet
from anlan.surveillance.indicators import matter_of
from anlan.surveillance.joining import raise_or_join
from anlan.surveillance.models import DailyCount, Signal, SignalReason
from anlan.surveillance.queries import statistical_rules, visible_signals
from anlan.surveillance.recounting import rebuild_counts
from anlan.surveillance.rules import OPEN_STATES, Match
from tests.surveillance.test_loop import run_reactions
from tests.world import DISTRICT, FIELD, GRID_A, GRIDS, SCHOOL_GRID, World

SAID = {"parts": ("学校 6、药店 4、诊所 4", "schools 6, pharmacies 4, clinics 4"), "chance": ("", "")}
WHOLE = AreaRanges.of([DISTRICT])


def send(world: World, *counts: int, item: str = "vomiting", days_ago: int = 0) -> CountSheet:
    """Let the school send how many are absent in each of its classes."""
    actor = world.actor("chu")
    lines = tuple(
        NewCount(item=item, count=count, group_id=group.pk, denominator=40)
        for group, count in zip(world.classes, counts, strict=False)
        if count
    )
    sheet = NewCounts(
        form="school_absence",
        on=day_of(world.now) - timedelta(days=days_ago),
        facility_id=world.school.pk,
        lines=lines,
        source="page",
    )
    with scope(actor):
        return record_counts(actor=actor, sheet=sheet, now=world.now)


def signals() -> list[Signal]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(Signal.objects.filter(state__in=OPEN_STATES).order_by("raised_at"))


def words() -> set[str]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return set(SignalReason.objects.values_list("words_zh", flat=True))


def total(indicator: str = "school_gastro") -> list[tuple[int, int, int]]:
    with duty("detect", ranges=WHOLE, cause="test"):
        rows = DailyCount.objects.filter(indicator=indicator)
        return list(rows.values_list("count", "denominator", "source_count"))


def test_six_absent_with_vomiting_in_one_class_raise_a_signal_that_says_so(world: World) -> None:
    send(world, 6)
    run_reactions()

    (signal,) = signals()
    assert (signal.place_kind, signal.area_code, signal.case_count) == ("class", SCHOOL_GRID, 6)
    assert signal.condition == "diarrhoea_vomiting"
    (said,) = words()
    assert "一（1）班" in said and "6 人" in said and "5 人" in said


def test_four_absent_do_not(world: World) -> None:
    send(world, 4)
    run_reactions()

    assert signals() == []
    assert total() == [(4, 40, 1)]


def test_the_same_pupils_absent_for_days_are_not_added_up(world: World) -> None:
    for days_ago in (2, 1, 0):
        send(world, 3, days_ago=days_ago)
    run_reactions()

    assert signals() == []


def test_a_sheet_without_lines_is_a_zero_for_each_indicator_of_its_form(world: World) -> None:
    send(world)
    run_reactions()

    assert total("school_gastro") == total("school_fever") == [(0, 0, 1)]


def test_an_amended_sheet_replaces_what_it_said(world: World) -> None:
    send(world, 9)
    run_reactions()
    send(world, 6)
    run_reactions()

    assert total() == [(6, 40, 1)]
    assert len(signals()) == 1
    with duty("detect", ranges=WHOLE, cause="test"):
        assert disagreements(DISTRICT) == []
        assert rebuild_counts(DISTRICT, mend=False, now=world.now).agrees


def test_what_was_sent_is_judged_also_where_it_was_amended_before_anybody_looked(world: World) -> None:
    send(world, 6)
    send(world, 2)
    run_reactions()

    (signal,) = signals()
    assert signal.case_count == 6
    assert total() == [(2, 40, 1)]


@pytest.mark.parametrize("first", [0, 1])
def test_every_day_that_reaches_the_number_is_a_day_of_the_signal(world: World, first: int) -> None:
    sent = [(12, 1), (11, 0)]  # how many, days ago: the fuller day gives the words
    for count, days_ago in (sent[first], sent[1 - first]):
        send(world, count, days_ago=days_ago)
        run_reactions()

    (signal,) = signals()
    today = day_of(world.now)
    assert (signal.first_on, signal.last_on) == (today - timedelta(days=1), today)


def test_two_classes_of_a_school_are_one_signal_of_the_school(world: World) -> None:
    send(world, 6, 7)
    run_reactions()

    (signal,) = signals()
    assert (signal.place_kind, signal.case_count) == ("unit", 13)


def test_nobody_of_grid_community_or_command_sees_it_raw(world: World) -> None:
    send(world, 6)
    run_reactions()

    for handle in ("wang", "kong", "qian", "zhao", "chu"):
        with scope(world.actor(handle)):
            assert not visible_signals(world.actor(handle)).exists()


def quiet_past(world: World) -> None:
    """Let schools, pharmacies and clinics of forty grids have sent for eight months, all but one today."""
    random, today = np.random.default_rng(7), day_of(world.now)
    more = [FIELD + f"{number:03}" for number in range(10, 44)]
    areas = [Area(code=c, parent_code=FIELD, level="grid", name=c, starts_at=world.now) for c in more]
    Area.objects.bulk_create(areas)
    DailyCount.objects.bulk_create(
        DailyCount(
            indicator=key,
            area_code=grid,
            on=today - timedelta(days=back),
            count=int(random.poisson(0.4)),
            source_count=1,
            changed_at=world.now,
        )
        for key in ("school_gastro", "pharmacy_gastro", "clinic_gastro")
        for grid in (*GRIDS, *more, SCHOOL_GRID)
        for back in range(240)
        if back or grid != SCHOOL_GRID
    )
    for key in ("pharmacy_gastro", "clinic_gastro"):
        DailyCount.objects.filter(indicator=key, area_code=GRID_A, on=today).update(count=4)


def test_a_signal_of_a_class_says_at_once_what_each_source_contributed(world: World) -> None:
    with duty("build_district", ranges=WHOLE, cause="test"), transaction.atomic():
        quiet_past(world)
    send(world, 6)
    run_reactions()
    run_reactions()

    (signal,) = signals()
    assert (signal.place_kind, signal.case_count, signal.is_statistical) == ("class", 6, False)
    (fused,) = [said for said in words() if "多源综合" in said]
    assert all(f"{source} " in fused for source in ("学校", "药店", "诊所"))
    assert fused.count("贡献") == 3


def test_sales_and_visits_found_by_a_detector_neither_move_a_signal_nor_count_as_cases(world: World) -> None:
    send(world, 6)
    run_reactions()
    rule = next(rule for rule in statistical_rules() if rule.key == "gastro_fused")
    today = day_of(world.now)
    both = (SCHOOL_GRID, GRID_A)
    found = Match(rule, "diarrhoea_vomiting", "grid", GRID_A, 14, 8, today, today, words=SAID, areas=both)

    with duty("detect", ranges=WHOLE, cause="test"), transaction.atomic():
        raise_or_join([found], now=world.now)

    (signal,) = signals()
    assert (signal.place_kind, signal.case_count) == ("class", 6)
    assert len(words()) == 2


def test_a_detectors_signal_counts_cases_once_a_fixed_rule_speaks(world: World) -> None:
    rule = next(rule for rule in statistical_rules() if rule.key == "gastro_fused")
    today = day_of(world.now)
    found = Match(
        rule, "diarrhoea_vomiting", "grid", SCHOOL_GRID, 14, 8, today, today, words=SAID, areas=(SCHOOL_GRID,)
    )
    with duty("detect", ranges=WHOLE, cause="test"), transaction.atomic():
        raise_or_join([found], now=world.now)

    send(world, 6)
    run_reactions()

    assert [(signal.place_kind, signal.case_count) for signal in signals()] == [("class", 6)]


def test_indicators_judged_each_alone_do_not_make_their_conditions_one_matter(standard_pack: None) -> None:
    assert matter_of("diarrhoea_vomiting") != matter_of("fever_respiratory") != matter_of("fever_rash")


@pytest.mark.parametrize("seed", range(3))
def test_sheets_and_reports_in_any_order_stand_as_one_signal(world: World, seed: int) -> None:
    with duty("detect", ranges=WHOLE, cause="test"):
        file = EventFile.objects.create(
            area_code=DISTRICT, key="t", kind=EventKind.choices[0][0], reason="t", starts_at=world.now
        )
    sheets = [send(world, 6, 2, days_ago=1).pk, send(world, 5, 6).pk]
    made = []
    with duty("detect", ranges=WHOLE, cause="test"):
        for number in range(6):
            report = CaseReport.objects.create(
                area_code=SCHOOL_GRID,
                event_file=file,
                condition="norovirus",
                facility=world.school,
                group=world.classes[0],
                reported_at=world.now - timedelta(hours=number),
                source="page",
            )
            made.append(report.pk)
    steps: list[Callable[..., object]] = [partial(consider_sheet, sheet_id=pk) for pk in sheets]
    steps += [partial(consider_report, report_id=pk) for pk in made]
    random, outcomes = Random(seed), []

    for _order in range(4):
        random.shuffle(steps)
        with transaction.atomic(), duty("react", ranges=WHOLE, cause="test"):
            for consider in [*steps, *steps[:3]]:
                consider(now=world.now)
            (signal,) = signals()
            place = (signal.place_kind, signal.place_key, signal.case_count, signal.condition)
            outcomes.append((*place, frozenset(signal.report_ids), frozenset(words())))
            transaction.set_rollback(True)

    assert outcomes[0][0] == "unit"
    assert len(set(outcomes)) == 1
