"""The event gauge: words for every line of the pack, and what it counts in which place."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from anlan.foundation.pack_store import section
from anlan.foundation.scope import scope
from anlan.health.actions import NewReport, record_case_report
from anlan.health.pack import EventGauge
from anlan.surveillance.gauge import Reading, fullest, readings, words
from anlan.surveillance.models import Signal
from anlan.surveillance.queries import open_signals
from tests.surveillance.test_loop import run_reactions
from tests.world import GRID_A, World


def lines() -> list[EventGauge]:
    return section(EventGauge)


def test_every_line_of_the_pack_has_its_words(standard_pack: None) -> None:
    for gauge in lines():
        limit, unit = gauge.at_least, {"cases": "例", "admitted": "例住院", "deaths": "例死亡"}[gauge.counts]
        below, reached = words(Reading(gauge, limit - 1)), words(Reading(gauge, limit))
        unknown = words(Reading(gauge, None))
        assert below.zh.startswith(f"{limit - 1}/{limit}：尚未达到") and f"达到 {limit} {unit}" in below.zh
        assert below.en.startswith(f"{limit - 1} of {limit}: not yet a reportable event; at {limit}: ")
        assert reached.zh.startswith(f"{limit}/{limit}：已达到") and "小时内报告" in reached.zh
        assert reached.en.startswith(f"{limit} of {limit}: a reportable event; report within ")
        assert gauge.words.zh in unknown.zh and gauge.words.en in unknown.en
    assert len(lines()) > 30


def test_the_sentence_of_the_story(standard_pack: None) -> None:
    gauge = next(gauge for gauge in lines() if gauge.key == "diarrhoea_cluster")

    assert words(Reading(gauge, 14)).en == "14 of 20: not yet a reportable event; at 20: two hours"
    assert words(Reading(gauge, 14)).zh == "14/20：尚未达到突发公共卫生事件报告标准；达到 20 例，2 小时内报告"


@pytest.mark.parametrize(
    ("days", "within", "most"),
    [
        ([1, 1, 1], 7, 3),
        ([1, 7], 7, 2),
        ([1, 8], 7, 1),
        ([1, 2, 9, 10, 11], 7, 3),
        ([1, 40], None, 2),
        ([], 7, 0),
    ],
)
def test_the_fullest_window_is_counted(days: list[int], within: int | None, most: int) -> None:
    assert fullest([date(2026, 1, 1) + timedelta(days=n) for n in days], within) == most


def report_ill(world: World, count: int, *, days_ago: int, in_school: bool = True, group: int = 0) -> None:
    actor = world.actor("wang")
    for _ in range(count):
        with scope(actor):
            record_case_report(
                actor=actor,
                report=NewReport(
                    area_code=GRID_A,
                    condition="norovirus",
                    onset_on=(world.now - timedelta(days=days_ago)).date(),
                    facility_id=world.school.pk if in_school else None,
                    group_id=world.classes[group].pk if in_school else None,
                    building_id=None if in_school else world.buildings[GRID_A][0].pk,
                    source="page",
                ),
                now=world.now,
            )
    run_reactions()


def reading_of(world: World, key: str, handle: str = "zhou") -> Reading:
    actor = world.actor(handle)
    with scope(actor):
        signals = list(open_signals(actor))
        found: dict[UUID, list[Reading]] = readings(actor, signals)
    return next(one for one in found[signals[0].pk] if one.gauge.key == key)


def test_a_class_counts_all_cases_of_its_school_within_the_week(world: World) -> None:
    report_ill(world, 6, days_ago=1)
    report_ill(world, 4, days_ago=2, group=1)  # another class of the same school
    report_ill(world, 3, days_ago=20)  # too long ago
    report_ill(world, 2, days_ago=1, in_school=False)  # at home, in another building

    reading = reading_of(world, "diarrhoea_cluster")

    assert (reading.count, reading.is_reached, reading.share) == (10, False, 50)


def test_deaths_and_admissions_are_not_counted_here_and_said_so(world: World) -> None:
    report_ill(world, 6, days_ago=1)

    reading = reading_of(world, "diarrhoea_death")

    assert reading.count is None and not reading.is_reached


def test_at_the_limit_it_is_a_reportable_event(world: World) -> None:
    report_ill(world, 20, days_ago=1)

    assert reading_of(world, "diarrhoea_cluster").is_reached


@pytest.mark.parametrize(
    ("place_kind", "count", "known"),
    [("class", 20, 20), ("unit", 20, 20), ("grid", 19, 19), ("grid", 20, None), ("district", 300, None)],
)
def test_so_many_in_a_whole_grid_are_not_so_many_in_one_unit(
    world: World, place_kind: str, count: int, known: int | None
) -> None:
    actor, today = world.actor("zhou"), world.now.date()
    signal = Signal(
        condition="diarrhoea_vomiting", place_kind=place_kind, area_code=GRID_A, case_count=count,
        first_on=today, last_on=today, raised_at=world.now, is_statistical=True,
    )  # fmt: skip

    with scope(actor):
        found = readings(actor, [signal])[signal.pk]

    reading = next(one for one in found if one.gauge.key == "diarrhoea_cluster")
    assert (reading.count, reading.is_reached) == (known, known == 20)


def test_a_condition_without_a_line_has_no_gauge(world: World) -> None:
    actor = world.actor("zhou")
    signal = Signal(condition="unspecified_illness", first_on=world.now.date(), last_on=world.now.date())

    with scope(actor):
        assert readings(actor, [signal])[signal.pk] == []
