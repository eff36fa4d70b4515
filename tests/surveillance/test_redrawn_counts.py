"""Counts after a redraw: as reported they stay; in today's borders they go with building, unit or code."""

from datetime import timedelta

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, record_case_report
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from anlan.surveillance.counting import count_report, disagreements
from anlan.surveillance.models import Counted, DailyCount
from anlan.surveillance.queries import counts_by_day
from anlan.surveillance.recasting import recast_counts
from anlan.surveillance.recounting import rebuild_counts
from tests.organisation.redrawing import split_off, undone, wished
from tests.world import DISTRICT, GRID_A, GRID_B, SCHOOL_GRID, SPRING, World

GASTRO = "reported_gastro"
NEW_GRID = SPRING + "003"


@pytest.fixture
def three_reports(world: World) -> World:
    """One from a house of A that will leave it, one from A alone, one from the school."""
    going = world.buildings[GRID_A][1].pk
    for handle, area, where in (
        ("wang", GRID_A, {"building_id": going}),
        ("wang", GRID_A, {}),
        ("chu", SCHOOL_GRID, {"facility_id": world.school.pk}),
    ):
        actor = world.actor(handle)
        with scope(actor):
            sent = NewReport(area_code=area, condition="diarrhoea_vomiting", source="page", **where)
            report = record_case_report(actor=actor, report=sent, now=utc_now())
        with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            count_report(report=report, now=utc_now())
    return world


def recast(codes: tuple[str, ...]) -> int:
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return recast_counts(codes=codes, now=utc_now())


def by_area() -> dict[str, int]:
    with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return dict(DailyCount.objects.filter(indicator=GASTRO).values_list("area_code", "count"))


def as_reported(world: World, code: str) -> int:
    zhou = world.actor("zhou")
    with scope(zhou):
        since = day_of(utc_now() - timedelta(days=9))
        rows = counts_by_day(zhou, GASTRO, code, since, as_reported=True)
        return sum(count for _day, count in rows)


def test_what_was_reported_of_a_building_goes_with_it(three_reports: World) -> None:
    assert by_area() == {GRID_A: 2, SCHOOL_GRID: 1}
    going = three_reports.buildings[GRID_A][1].pk

    redraw = wished(three_reports, "qian", split_off(GRID_A, keeps="一", new="二", building_ids=(going,)))

    assert recast((GRID_A, NEW_GRID)) == 1
    assert recast((GRID_A, NEW_GRID)) == 0
    assert by_area() == {GRID_A: 1, NEW_GRID: 1, SCHOOL_GRID: 1}
    assert as_reported(three_reports, GRID_A) == 2
    assert as_reported(three_reports, NEW_GRID) == 0
    undone(three_reports, "qian", redraw)
    recast((GRID_A, NEW_GRID))
    assert by_area() == {GRID_A: 2, SCHOOL_GRID: 1}


def test_an_ended_code_counts_where_it_leads(three_reports: World) -> None:
    wished(three_reports, "qian", Wish(kind=RedrawKind.MERGE, code=GRID_B, others=(GRID_A, SCHOOL_GRID)))

    recast((GRID_A, GRID_B, SCHOOL_GRID))

    assert by_area() == {GRID_B: 3}
    assert as_reported(three_reports, GRID_A) == 2
    zhou = three_reports.actor("zhou")
    with scope(zhou):
        assert [n for _day, n in counts_by_day(zhou, GASTRO, GRID_B, day_of(utc_now()))] == [3]


def test_a_recount_from_scratch_agrees(three_reports: World) -> None:
    going = three_reports.buildings[GRID_A][1].pk
    wished(three_reports, "qian", split_off(GRID_A, keeps="一", new="二", building_ids=(going,)))
    recast((GRID_A, NEW_GRID))

    with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        kept = set(Counted.objects.values_list("source_id", "indicator", "place_code", "count"))
        assert disagreements(DISTRICT) == []
        assert rebuild_counts(DISTRICT, mend=True, now=utc_now()).agrees
        Counted.objects.all().delete()
        rebuild_counts(DISTRICT, mend=True, now=utc_now())
        assert set(Counted.objects.values_list("source_id", "indicator", "place_code", "count")) == kept
    assert by_area() == {GRID_A: 1, NEW_GRID: 1, SCHOOL_GRID: 1}
