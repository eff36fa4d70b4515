"""Runs of the detectors: three sources in one sentence, the alert budget, what was held, how often right."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.pack_store import section
from anlan.foundation.scope import duty, scope
from anlan.surveillance import actions
from anlan.surveillance.alert_budget import Spent, choose
from anlan.surveillance.findings import Finding, Part
from anlan.surveillance.gauge import readings
from anlan.surveillance.models import DailyCount, DetectionRun, HeldFinding, Signal, SignalReason
from anlan.surveillance.pack import AlertBudget
from anlan.surveillance.queries import statistical_rules, visible_signals
from anlan.surveillance.rules import OPEN_STATES
from anlan.surveillance.runs import cases_of, run_detectors, run_district
from anlan.surveillance.verdicts import held_findings, rule_records, wilson
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, GRID_D, GRID_E, SCHOOL_GRID, World

WHOLE = AreaRanges.of([DISTRICT])
ALL_GRIDS = (GRID_A, GRID_B, GRID_C, GRID_D, GRID_E, SCHOOL_GRID)
SOURCES = ("school_gastro", "pharmacy_gastro", "clinic_gastro")


def history(world: World, *, days: int = 240, mean: float = 0.4, seed: int = 3) -> None:
    """Write quiet days of three sources in every grid, up to yesterday, and zeros for today."""
    random, today = np.random.default_rng(seed), day_of(world.now)
    rows = [
        DailyCount(
            indicator=key,
            area_code=grid,
            on=today - timedelta(days=back),
            count=int(random.poisson(mean)) if back else 0,
            source_count=1,
            changed_at=world.now,
        )
        for key in SOURCES
        for grid in ALL_GRIDS
        for back in range(days)
    ]
    DailyCount.objects.bulk_create(rows)


def set_today(world: World, grid: str, **counts: int) -> None:
    for key, count in counts.items():
        rows = DailyCount.objects.filter(indicator=key, area_code=grid, on=day_of(world.now))
        rows.update(count=count, changed_at=world.now + timedelta(minutes=30))


def open_rows() -> list[Signal]:
    return list(Signal.objects.filter(state__in=OPEN_STATES).order_by("raised_at", "pk"))


def test_a_signal_names_school_pharmacy_and_clinic_with_what_each_contributed(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=4, clinic_gastro=4)

        run_detectors(now=world.now)

        (signal,) = open_rows()
        words = SignalReason.objects.get(signal=signal).words_zh
    assert signal.is_statistical
    assert signal.area_code == GRID_C
    assert all(part in words for part in ("学校 6", "药店 4", "诊所 4", "预期", "贡献"))


def test_pupils_are_cases_and_neither_sales_nor_other_sources_are_added_to_them(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=14, clinic_gastro=4)

        run_detectors(now=world.now)

        (signal,) = open_rows()
        said = SignalReason.objects.get(signal=signal)
    assert signal.is_statistical and signal.case_count == 6
    assert said.count == 24 and "药店 14" in said.words_zh  # the sentence names all that was counted
    zhou = world.actor("zhou")
    with scope(zhou):
        reading = next(
            one for one in readings(zhou, [signal])[signal.pk] if one.gauge.key == "diarrhoea_cluster"
        )
    assert (reading.count, reading.is_reached) == (6, False)


def test_sales_alone_are_a_signal_of_no_known_case_and_its_page_says_no_number(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        DailyCount.objects.exclude(indicator="pharmacy_gastro").delete()  # nobody else reports
        set_today(world, GRID_C, pharmacy_gastro=24)

        run_detectors(now=world.now)

        (signal,) = open_rows()
    assert signal.is_statistical and signal.case_count == 0
    client = world.sign_in(Client(), "zhou")
    page = client.get(f"/signals/{signal.pk}/").content.decode()
    assert "药店 24" in page and "已知" not in page and "份报告" not in page


def test_pupils_absent_for_days_are_counted_on_the_fullest_day(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        DailyCount.objects.exclude(indicator="school_gastro").delete()
        for back, count in enumerate((8, 9, 8, 8)):
            rows = DailyCount.objects.filter(indicator="school_gastro", area_code=GRID_C)
            rows.filter(on=day_of(world.now) - timedelta(days=back)).update(count=count)

        run_detectors(now=world.now)

        (signal,) = open_rows()
        said = SignalReason.objects.get(signal=signal).words_zh
    assert any(f"学校 {count}（" in said for count in range(24, 60))  # pupil-days of several days
    assert signal.case_count == 9


def part(indicator: str, observed: float, fullest_day: float) -> Part:
    return Part(indicator, observed, 1.0, 0.5, fullest_day)


@pytest.mark.parametrize(
    ("parts", "known"),
    [
        ([part("school_gastro", 21, 5), part("clinic_gastro", 9, 4)], 9),  # visits of three days add up
        ([part("school_gastro", 21, 12), part("clinic_gastro", 9, 4)], 12),  # pupil-days do not
        ([part("pharmacy_gastro", 60, 30), part("reported_gastro", 2, 1)], 2),
        ([part("hotline_gastro", 60, 30)], 0),
    ],
)
def test_cases_are_those_of_the_source_that_knows_most(
    standard_pack: None, parts: list[Part], known: int
) -> None:
    rule = next(rule for rule in statistical_rules() if rule.kind == "fused")
    assert cases_of(Finding(rule, date(2026, 3, 2), "grid", GRID_C, (GRID_C,), 3, 5.0, tuple(parts))) == known


def test_a_quiet_district_raises_nothing_and_the_run_is_kept(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)

        run_detectors(now=world.now)

        assert open_rows() == []
        run = DetectionRun.objects.get()
        assert (run.area_count, run.raised_count, run.held_count) == (len(ALL_GRIDS), 0, 0)


def test_nothing_new_is_not_looked_at_again_and_a_second_look_joins(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=4, clinic_gastro=4)
        later = world.now + timedelta(minutes=60)

        assert run_detectors(now=later) == 1
        assert run_detectors(now=later + timedelta(minutes=1)) == 0
        run = run_district(DISTRICT, now=later + timedelta(minutes=2))

        assert (run.joined, run.raised) == (1, 0)
        assert len(open_rows()) == 1


def test_a_missing_report_is_not_a_zero(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=12, pharmacy_gastro=0, clinic_gastro=0)
        with_zeros = run_district(DISTRICT, now=world.now)
        Signal.objects.all().delete()
        rows = DailyCount.objects.filter(on=day_of(world.now), area_code=GRID_C)
        rows.exclude(indicator="school_gastro").delete()

        run_district(DISTRICT, now=world.now)

        words = SignalReason.objects.get().words_zh
    assert "药店" not in words
    assert with_zeros.raised <= 1


def test_what_the_budget_holds_back_is_kept_for_the_cdc_and_rises_later(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        for _number in range(5):
            _raised_today(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=4, clinic_gastro=4)

        assert run_district(DISTRICT, now=world.now).held == 1
        assert not Signal.objects.filter(is_statistical=True).exists()
    with scope(world.actor("zhou")):
        (kept,) = held_findings(world.actor("zhou"))
        assert kept.held_by == "cdc_desk" and "学校 6" in kept.words_zh
    for handle in ("wang", "kong", "zhao"):
        with scope(world.actor(handle)):
            assert not held_findings(world.actor(handle)).exists()

    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        Signal.objects.all().delete()
        assert run_district(DISTRICT, now=world.now + timedelta(minutes=1)).raised == 1
        assert HeldFinding.objects.get().signal_id == Signal.objects.get().pk


def _raised_today(world: World) -> Signal:
    return Signal.objects.create(
        area_code=GRID_E,
        matter=str(new_id()),
        condition="measles",
        place_kind="grid",
        place_key=GRID_E,
        urgency="same_day",
        first_on=day_of(world.now),
        last_on=day_of(world.now),
        raised_at=world.now,
        state_entered_at=world.now,
    )


def finding(place: str, z: float) -> Finding:
    rule = next(rule for rule in statistical_rules() if rule.kind == "fused")
    seen = Part("clinic_gastro", 5, 1, 1.0, 5)
    return Finding(rule, date(2026, 3, 2), "grid", place, (place,), 1, z, (seen,))


def test_the_budget_takes_the_strongest_and_one_a_week_of_a_community(standard_pack: None) -> None:
    lines = section(AlertBudget)
    places = [f"33019900{c}001001" for c in range(1, 8)]
    found = [finding(place, 9.0 - number) for number, place in enumerate(places)]

    choice = choose(found, lines, Spent(1, {places[0][:12]: 1}), lambda one: "gastro")

    assert [one.place_key for one in choice.raised] == places[1:5]
    assert [line for _one, line in choice.held] == ["community_desk", "cdc_desk", "cdc_desk"]


def test_nobody_of_grid_or_community_is_rung_by_a_detector(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=4, clinic_gastro=4)
        run_detectors(now=world.now)

    for handle in ("hou", "li", "qian", "zhao"):
        with scope(world.actor(handle)):
            assert not visible_signals(world.actor(handle)).exists()


def test_how_often_a_rule_was_right_comes_with_an_interval(world: World) -> None:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        history(world)
        set_today(world, GRID_C, school_gastro=6, pharmacy_gastro=4, clinic_gastro=4)
        run_detectors(now=world.now)
        signal = open_rows()[0]
    zhou = world.actor("zhou")
    with scope(zhou):
        signal = actions.acknowledge_signal(
            actor=zhou, signal_id=signal.pk, now=world.now, expected_version=signal.version
        )
        actions.verify_signal(
            actor=zhou,
            signal_id=signal.pk,
            holds=True,
            note="属实",
            now=world.now,
            expected_version=signal.version,
        )
        (record,) = rule_records(zhou)

    assert (record.rule, record.verified, record.excluded, record.undecided) == ("gastro_fused", 1, 0, 0)
    assert record.low is not None and record.low == pytest.approx(0.2065, abs=1e-3) and record.high == 1.0


def test_wilson_against_a_known_value() -> None:
    low, high = wilson(7, 180)

    assert (round(low, 3), round(high, 3)) == (0.019, 0.078)
