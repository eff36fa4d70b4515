"""The roll-up equals its rows: whatever is counted, amended, excluded, in any order and at the same time."""

from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from itertools import count
from random import Random
from uuid import UUID, uuid5

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.health.models import CaseReport, EventFile
from anlan.health.rules import CaseState, EventKind
from anlan.surveillance.counting import Addition, count_report, disagreements, keep
from anlan.surveillance.models import Counted, DailyCount
from anlan.surveillance.recounting import rebuild_counts
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, World

WHOLE = AreaRanges.of([DISTRICT])
SOURCES = [uuid5(UUID(int=7), str(number)) for number in range(4)]
MONDAY = date(2026, 3, 2)


def additions() -> st.SearchStrategy[list[Addition]]:
    one = st.builds(
        Addition,
        indicator=st.sampled_from(["reported_gastro", "reported_rash"]),
        area_code=st.sampled_from([GRID_A, GRID_B]),
        on=st.sampled_from([MONDAY, MONDAY + timedelta(days=1)]),
        facility_id=st.just(None),
        group_id=st.sampled_from([None, UUID(int=1), UUID(int=2)]),
        count=st.integers(0, 5),
        denominator=st.integers(0, 40),
    )
    return st.lists(
        one, max_size=4, unique_by=lambda a: (a.indicator, a.area_code, a.on, a.facility_id, a.group_id)
    )


@given(steps=st.lists(st.tuples(st.sampled_from(SOURCES), additions()), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_roll_up_is_the_sum_of_what_each_source_says_last(
    world: World, steps: list[tuple[UUID, list[Addition]]]
) -> None:
    with duty("detect", ranges=WHOLE, cause="test"):
        Counted.objects.all().delete()
        DailyCount.objects.all().delete()
        for source, wanted in steps:
            keep(source_id=source, wanted=wanted, now=world.now)

        last = dict(steps)
        expected: dict[tuple[str, str, date], int] = {}
        for one in (addition for said in last.values() for addition in said):
            cell = (one.indicator, one.area_code, one.on)
            expected[cell] = expected.get(cell, 0) + one.count
        kept = {(row.indicator, row.area_code, row.on): row.count for row in DailyCount.objects.all()}
        assert kept == expected
        assert disagreements(DISTRICT) == []


def test_a_report_of_none_is_a_row_and_no_report_is_no_row(world: World) -> None:
    none_ill = Addition("reported_gastro", GRID_A, MONDAY, None, None, 0, 38)

    with duty("detect", ranges=WHOLE, cause="test"):
        keep(source_id=SOURCES[0], wanted=[none_ill], now=world.now)

        row = DailyCount.objects.get()
        assert (row.count, row.denominator, row.source_count) == (0, 38, 1)
        keep(source_id=SOURCES[0], wanted=[], now=world.now)
        assert not DailyCount.objects.exists()


@dataclass
class Reports:
    """Makes case reports without the door."""

    world: World
    file: EventFile
    numbers: "count[int]"

    def one(self, condition: str = "norovirus", grid: str = GRID_A, days_ago: int = 0) -> CaseReport:
        return CaseReport.objects.create(
            area_code=grid,
            event_file=self.file,
            condition=condition,
            reported_at=self.world.now - timedelta(days=days_ago, minutes=next(self.numbers)),
            source="page",
        )


@pytest.fixture
def reports(world: World) -> Reports:
    with duty("detect", ranges=WHOLE, cause="test"):
        file = EventFile.objects.create(
            area_code=DISTRICT, key="t", kind=EventKind.choices[0][0], reason="t", starts_at=world.now
        )
    return Reports(world, file, count())


def test_a_report_counts_once_and_an_excluded_one_no_more(world: World, reports: Reports) -> None:
    with duty("detect", ranges=WHOLE, cause="test"):
        report = reports.one()

        assert count_report(report=report, now=world.now)
        assert not count_report(report=report, now=world.now)
        report.state = CaseState.EXCLUDED
        report.save()
        assert count_report(report=report, now=world.now)

        assert not DailyCount.objects.exists()


def test_a_rebuild_agrees_with_what_was_kept(world: World, reports: Reports) -> None:
    random = Random(5)
    with duty("detect", ranges=WHOLE, cause="test"):
        kinds, grids = ["norovirus", "measles", "mumps"], [GRID_A, GRID_C]
        made = [reports.one(random.choice(kinds), random.choice(grids), day) for day in (0, 0, 1, 1, 2, 5)]
        random.shuffle(made)
        for report in made:
            count_report(report=report, now=world.now)

        found = rebuild_counts(DISTRICT, mend=False, now=world.now)

    assert found.agrees
    assert found.source_count == len(made)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE surveillance_dailycount SET count = count + 1",
        "DELETE FROM surveillance_dailycount",
        "DELETE FROM surveillance_counted",
        "UPDATE surveillance_counted SET source_id = gen_random_uuid()",
    ],
)
def test_a_rebuild_finds_and_mends_what_does_not_agree(world: World, reports: Reports, damage: str) -> None:
    with duty("detect", ranges=WHOLE, cause="test"):
        count_report(report=reports.one(), now=world.now)
        before = list(DailyCount.objects.values_list("indicator", "area_code", "on", "count"))
        with connection.cursor() as cursor:
            cursor.execute(damage)

        assert not rebuild_counts(DISTRICT, mend=True, now=world.now).agrees

        assert list(DailyCount.objects.values_list("indicator", "area_code", "on", "count")) == before
        assert rebuild_counts(DISTRICT, mend=False, now=world.now).agrees


def test_the_command_prints_disagreements_and_fails(world: World, reports: Reports) -> None:
    with duty("detect", ranges=WHOLE, cause="test"):
        count_report(report=reports.one(), now=world.now)
        DailyCount.objects.update(count=7)
    said = StringIO()

    with pytest.raises(CommandError):
        call_command("rebuild_counts", stdout=said)

    assert "7 ≠ 1" in said.getvalue()
    call_command("rebuild_counts", stdout=said)
