"""A replay runs through the ordinary doors, does the whole loop, and stays inside its practice district."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from anlan.exercises.replay.line_list import read_line_list
from anlan.exercises.replay.outcome import Outcome
from anlan.exercises.replay.read import read_listed
from anlan.exercises.replay.run import replay
from anlan.exercises.replay.table import table
from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.health.models import CaseReport, CountSheet
from anlan.organisation.models import AreaShape
from anlan.response.models import PlanProposal, ResponseStep
from anlan.surveillance.models import Signal, WarningProduct, WarningReceipt
from anlan.surveillance.queries import visible_signals
from anlan.workorders.models import WorkOrder
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CASES = """case,onset_on,reported_on,area,place,household,age_years,sex,syndrome,x_m,y_m
1,1861-11-01,1861-11-03,A,class 1,h1,7,female,measles,0,0
2,1861-11-02,1861-11-04,B,class 1,h2,8,male,measles,100,0
3,1861-11-05,1861-11-06,C,,h3,3,,measles,200,0
4,1861-11-06,1861-11-08,B,class 1,h2,,male,measles,100,0
4,1861-11-06,1861-11-08,B,class 1,h2,,male,measles,100,0
5,1861-11-09,1861-11-08,B,class 1,h2,,male,measles,100,0
"""
COUNTS = """day,area,indicator,count
2026-03-02,A,school_gastro,0
2026-03-02,B,school_gastro,1
2026-03-02,C,pharmacy_gastro,2
2026-03-02,D,学校因病缺课·呕吐腹泻,0
2026-03-03,A,school_gastro,4
2026-03-03,D,measles,1
2026-03-04,A,school_gastro,12
2026-03-04,A,school_gastro,12
2026-03-04,A,school_gastro,13
2026-03-04,B,no such thing,1
2026-03-04,B,school_gastro,-1
"""


@pytest.fixture
def line_list(tmp_path: Path) -> Path:
    return _file(tmp_path, "village.csv", CASES)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    return _file(tmp_path, "schools.csv", COUNTS)


def _file(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_cluster_is_warned_of_answered_by_a_plan_lifted_and_closed(world: World, line_list: Path) -> None:
    said: list[str] = []

    ground, outcome = replay(read_line_list(line_list, lambda key: True), said.append)

    assert (outcome.rows_stored, outcome.rows_rejected, outcome.rows_duplicate) == (4, 1, 1)
    assert outcome.cases_stored == 4
    assert (outcome.signals, outcome.signals_closed) == (1, 1)
    assert outcome.cases_known_then == 2
    # case 3 lies outside the school: the signal is the community's now, all three grids with cases are warned
    assert outcome.areas_warned == outcome.areas_answered == 3
    assert (outcome.plans_proposed, outcome.plans_activated, outcome.plans_lifted) == (1, 1, 1)
    assert outcome.products_signed == outcome.products_answered == 3
    assert outcome.orders_opened == outcome.orders_closed > 1
    assert (outcome.orders_open, outcome.gate_held) == (0, 0)
    assert outcome.co_responses == outcome.co_responses_done > 0
    assert outcome.lifting_told == outcome.lifting_answered > 0
    assert ground.code.startswith("99")
    _assert_loop_is_whole(ground.code, grew=True)
    _assert_invisible_from_the_real_district(world)


def _assert_loop_is_whole(code: str, *, grew: bool) -> None:
    """Signer, plan in one act, orders of six items that name their basis: as the rows say."""
    with duty("practise", ranges=AreaRanges.of([code]), cause="test"), transaction.atomic():
        notice = WarningProduct.objects.get(kind="warning_notification")
        assert notice.signer_name and notice.signed_at
        plan = PlanProposal.objects.get()
        sent = WorkOrder.objects.filter(subject_id=plan.pk)
        assert plan.decided_at is not None
        at_once = sent.filter(opened_at=plan.decided_at)
        neighbours = sent.filter(kind="neighbour_co_response")
        assert at_once.exclude(kind="neighbour_co_response").exists() and neighbours.exists()
        came_later = sent.exclude(opened_at=plan.decided_at)  # areas the signal came to concern afterwards
        assert {(order.kind, order.opened_at > plan.decided_at) for order in came_later} <= {
            ("neighbour_co_response", True)
        }
        for order in neighbours:
            assert order.items.exclude(answer="").count() == 6
            assert order.item and order.basis and order.ends_on and order.admission_id
        acts = ResponseStep.objects.order_by("at", "id").values_list("act", flat=True)
        extended = ["extend"] if grew else []
        assert list(acts) == ["propose", "approve", *extended, "lift", "end_orders", "tell_receivers"]


def _assert_invisible_from_the_real_district(world: World) -> None:
    for handle in ("zhou", "wu", "zhao", "zheng", "wang"):
        actor = world.actor(handle)
        with scope(actor), transaction.atomic():
            assert not visible_signals(actor).exists()
            assert not WarningReceipt.objects.exists()
            assert not WorkOrder.objects.exists()
    with duty("detect", ranges=AreaRanges.of(["330199"]), cause="test"), transaction.atomic():
        assert not CaseReport.objects.exists()
        assert not CountSheet.objects.exists()
        assert not Signal.objects.exists()


def test_daily_counts_go_through_healths_door_and_end_in_closed_orders(
    standard_pack: None, counts: Path
) -> None:
    said: list[str] = []

    ground, outcome = replay(read_listed(counts), said.append)

    assert outcome.kind == "daily_counts"
    assert (outcome.rows, outcome.rows_stored, outcome.rows_rejected, outcome.rows_duplicate) == (11, 7, 3, 1)
    assert (outcome.cases_stored, outcome.numbers_stored, outcome.counted_in_all) == (1, 6, 20)
    assert str(outcome.first_report) == "2026-03-02"
    assert (outcome.first_signal_rule, outcome.first_signal_count) == ("gastro_unit_counts", 12)
    assert f"{outcome.first_signal_at:%Y-%m-%d}" == "2026-03-04"
    assert outcome.signals == outcome.signals_closed == 1
    assert outcome.plans_activated == outcome.plans_lifted == 1
    assert outcome.borders_are_made_up
    assert outcome.areas_warned == outcome.areas_answered == outcome.co_responses == 2  # B and C border on A
    assert outcome.orders_opened == outcome.orders_closed
    assert "虚拟" in "\n".join(said)
    with duty("practise", ranges=AreaRanges.of([ground.code]), cause="test"), transaction.atomic():
        assert CountSheet.objects.count() == 6
        assert AreaShape.objects.filter(area__code__startswith=ground.code).count() == 7
    _assert_loop_is_whole(ground.code, grew=False)
    _assert_table_says_it(outcome)


def _assert_table_says_it(outcome: Outcome) -> None:
    said = table(outcome)

    assert "first count | 2026-03-02" in said
    assert "orders opened / closed / open" in said
    assert f"{outcome.orders_opened} / {outcome.orders_closed} / 0" in said


def test_what_the_inbox_does_not_apply_is_a_rejected_row_with_its_place(
    standard_pack: None, tmp_path: Path
) -> None:
    """The reader lets no such row through: here its item is spoilt on the way."""
    file = _file(tmp_path, "one.csv", "day,area,indicator,count\n2026-03-02,A,hotline_gastro,3\n")
    listed = read_listed(file)
    door = listed.counts[0].door  # type: ignore[union-attr]
    object.__setattr__(door, "item", "no_such_item")

    _ground, outcome = replay(listed, lambda words: None)

    assert (outcome.rows, outcome.rows_stored, outcome.rows_rejected) == (1, 0, 1)
    assert [bad.row for bad in outcome.bad_rows] == [2]
    assert "wrong_count" in outcome.bad_rows[0].reason or "poisoned" in outcome.bad_rows[0].reason


def test_the_command_prints_the_table_and_writes_the_figures(
    standard_pack: None, line_list: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"

    call_command("replay", str(line_list), "--json", str(figures))

    said = capsys.readouterr().out
    assert "cases known by then | 2" in said
    assert "rows 6 = 入库 stored 4 + 退回 rejected 1 + 重复 duplicate 1" in said
    assert "第 7 行 row 7: 退回 rejected: onset_on" in said
    written = json.loads(figures.read_text(encoding="utf-8"))
    assert written["cases_stored"] == 4
    assert written["plans_activated"] == 1
    assert written["bad_rows"][0]["outcome"] == "duplicate"
