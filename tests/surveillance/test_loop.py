"""The main job through once: from reports in a class to a closed signal, each step by its own post."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.models import Fact
from anlan.foundation.outbox import read_event
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, UnknownPlace, record_case_report
from anlan.health.models import CaseReport, ReportReceipt
from anlan.insight.queries import loop_figures
from anlan.surveillance import actions
from anlan.surveillance.models import Signal, WarningProduct, WarningReceipt
from anlan.surveillance.queries import may_acknowledge, open_signals, visible_receipts
from anlan.surveillance.rules import SignalState
from anlan.wiring.reactions import REACTIONS
from anlan.workorders.actions import ItemReply, advance_order, answer_items
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import my_orders
from anlan.workorders.rules import Act, ItemAnswer, Stage
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, GRID_D, SCHOOL_GRID, World

WHOLE = AreaRanges.of([DISTRICT])


def run_reactions() -> None:
    """Carry out what follows from every waiting fact, as the worker does."""
    with duty("react", ranges=WHOLE, cause="test"):
        for fact in list(Fact.objects.filter(state=Fact.State.WAITING).order_by("id")):
            event = read_event(fact)
            for consequence in REACTIONS.get(type(event), ()):
                consequence(event, now=fact.occurred_at)
            fact.state = Fact.State.DONE
            fact.save(update_fields=["state"])


def report_measles(world: World, handle: str, now: datetime, *, grid: str = GRID_A) -> CaseReport:
    actor = world.actor(handle)
    with scope(actor):
        return record_case_report(
            actor=actor,
            report=NewReport(
                area_code=grid,
                condition="measles",
                onset_on=(now - timedelta(days=1)).date(),
                facility_id=world.school.pk,
                group_id=world.classes[0].pk,
                source="page",
            ),
            now=now,
        )


def raise_signal(world: World) -> UUID:
    for index in range(2):
        report_measles(world, "wang", world.now + timedelta(minutes=index))
    run_reactions()
    with scope(world.actor("zhou")):
        return open_signals(world.actor("zhou")).get(place_kind="class").pk


def version_of(signal_id: UUID) -> int:
    with duty("detect", ranges=WHOLE, cause="test"):
        return Signal.objects.get(pk=signal_id).version


def as_zhou(world: World, step: str, signal_id: UUID, **words: object) -> Signal:
    actor = world.actor("zhou")
    with scope(actor):
        act = getattr(actions, step)
        signal: Signal = act(
            actor=actor, signal_id=signal_id, now=world.now, expected_version=version_of(signal_id), **words
        )
    return signal


def verified(world: World) -> UUID:
    signal_id = raise_signal(world)
    as_zhou(world, "acknowledge_signal", signal_id)
    as_zhou(world, "verify_signal", signal_id, holds=True, note="电话核实，两名学生出疹")
    return signal_id


def assessed(world: World, grade: str = "low") -> UUID:
    signal_id = verified(world)
    assessment = actions.Assessment(
        grade=grade, likelihood=3, impact=2, vulnerability=3, evidence="同班两例，接种史不详"
    )
    as_zhou(world, "assess_signal", signal_id, assessment=assessment)
    return signal_id


NOTICE = "辖区附近班级出现传染病聚集，请留意发热出疹。"


def product_of(signal_id: UUID) -> WarningProduct:
    with duty("detect", ranges=WHOLE, cause="test"):
        return WarningProduct.objects.select_related("signal").get(signal_id=signal_id)


def sign(world: World, signal_id: UUID, *, handle: str = "wu", text: str = NOTICE) -> WarningProduct:
    actor, product = world.actor(handle), product_of(signal_id)
    with scope(actor):
        return actions.sign_product(
            actor=actor,
            product_id=product.pk,
            text=text,
            now=world.now,
            expected_version=product.version,
        )


def signed(world: World) -> UUID:
    signal_id = assessed(world)
    sign(world, signal_id)
    return signal_id


def test_two_measles_cases_in_a_class_raise_one_signal_for_the_duty_officer(world: World) -> None:
    signal_id = raise_signal(world)

    with scope(world.actor("zhou")):
        signal = Signal.objects.get(pk=signal_id)
        assert signal.case_count == 2
        assert signal.area_code == SCHOOL_GRID
        assert any("2 例" in reason.words_zh for reason in signal.reasons.all())


def test_a_raw_signal_is_hidden_from_grid_community_and_command(world: World) -> None:
    signal_id = raise_signal(world)

    for handle in ("wang", "kong", "qian", "zhao", "chu"):
        actor = world.actor(handle)
        with scope(actor), pytest.raises(NotFound):
            actions.acknowledge_signal(actor=actor, signal_id=signal_id, now=world.now, expected_version=1)


def test_leaders_see_a_signal_once_it_is_verified(world: World) -> None:
    signal_id = verified(world)

    with scope(world.actor("zhao")):
        assert open_signals(world.actor("zhao")).filter(pk=signal_id).exists()


def test_the_reporter_hears_that_it_holds(world: World) -> None:
    verified(world)
    run_reactions()

    with scope(world.actor("wang")):
        assert set(ReportReceipt.objects.values_list("reply", flat=True)) == {"confirmed"}


def test_the_health_centre_gets_the_order_to_verify_and_the_grid_does_not(world: World) -> None:
    raise_signal(world)

    with scope(world.actor("zheng")):
        assert my_orders(world.actor("zheng")).get().kind == "verify_signal"
    with scope(world.actor("wang")):
        assert not WorkOrder.objects.exists()


def test_bordering_grids_are_told_and_others_see_nothing(world: World) -> None:
    signed(world)

    seen = {}
    for handle in ("wang", "liu", "hou", "du"):
        with scope(world.actor(handle)):
            seen[handle] = visible_receipts(world.actor(handle)).count()
    assert seen == {"wang": 1, "liu": 0, "hou": 0, "du": 0}  # grid A alone borders on the school


def test_a_notice_names_no_case_and_leaves_no_blank(world: World) -> None:
    signed(world)

    with scope(world.actor("wang")):
        text = WarningReceipt.objects.get().text
    assert "«" not in text
    assert "陈晓雯" not in text


def test_a_notice_with_open_places_cannot_be_signed(world: World) -> None:
    signal_id = assessed(world)

    with pytest.raises(actions.BlanksLeft):
        sign(world, signal_id, text="请在«时限»前完成")


def test_the_duty_officer_cannot_sign(world: World) -> None:
    signal_id = assessed(world)

    with pytest.raises(NotAllowed):
        sign(world, signal_id, handle="zhou")


def test_a_step_decided_on_an_old_version_is_a_conflict(world: World) -> None:
    signal_id = raise_signal(world)
    actor = world.actor("zhou")
    as_zhou(world, "acknowledge_signal", signal_id)

    with scope(actor), pytest.raises(Conflict):
        actions.verify_signal(
            actor=actor, signal_id=signal_id, holds=True, note="属实", now=world.now, expected_version=1
        )


def finish_order(world: World) -> None:
    steps = [
        ("zheng", Act.HANDLE, ""),
        ("zheng", Act.FEED_BACK, "到校核实，两名学生出疹"),
        ("zhou", Act.CHECK, ""),
        ("zhou", Act.CLOSE, ""),
    ]
    for handle, act, note in steps:
        actor = world.actor(handle)
        with scope(actor):
            order = WorkOrder.objects.get(kind="verify_signal", place_name__contains=world.classes[0].name)
            if act is Act.FEED_BACK:
                replies = [ItemReply(item.key, ItemAnswer.DONE, "1") for item in order.items.all()]
                answer_items(actor=actor, order_id=order.pk, replies=replies, now=world.now)
            advance_order(
                actor=actor,
                order_id=order.pk,
                act=act,
                note=note,
                now=world.now,
                expected_version=order.version,
            )


def answer(world: World, handle: str) -> WarningReceipt:
    actor = world.actor(handle)
    with scope(actor):
        receipt = next(row for row in visible_receipts(actor) if may_acknowledge(actor, row))
        return actions.acknowledge_warning(actor=actor, receipt_id=receipt.pk, now=world.now)


def test_a_signal_closes_after_its_order_and_its_answers(world: World) -> None:
    signal_id = signed(world)
    with pytest.raises(actions.OrdersStillOpen):
        as_zhou(world, "close_signal", signal_id, note="疫情结束")

    finish_order(world)
    with pytest.raises(actions.NoticesUnanswered):
        as_zhou(world, "close_signal", signal_id, note="疫情结束")

    for handle in ("wang", "chu", "zheng", "zhu"):  # grid A, the school, its health centre, education
        answer(world, handle)
    run_reactions()
    closed = as_zhou(world, "close_signal", signal_id, note="疫情结束")

    assert closed.state == SignalState.CLOSED
    with scope(world.actor("zhou")):
        assert set(WorkOrder.objects.values_list("stage", flat=True)) >= {Stage.CLOSED}


def test_the_same_facts_carried_out_twice_change_nothing(world: World) -> None:
    raise_signal(world)
    with duty("react", ranges=WHOLE, cause="test"):
        before = Signal.objects.count(), WorkOrder.objects.count()
        Fact.objects.update(state=Fact.State.WAITING)
    run_reactions()

    with duty("react", ranges=WHOLE, cause="test"):
        assert (Signal.objects.count(), WorkOrder.objects.count()) == before


def test_a_report_sent_twice_is_one_report(world: World) -> None:
    actor = world.actor("wang")
    report = NewReport(area_code=GRID_A, condition="measles", source="page")

    with scope(actor):
        first = record_case_report(actor=actor, report=report, now=world.now)
        second = record_case_report(actor=actor, report=report, now=world.now)

    assert first.pk == second.pk


def test_a_grid_worker_cannot_report_from_another_grid(world: World) -> None:
    actor = world.actor("wang")

    for grid in (GRID_B, GRID_C, GRID_D):
        with scope(actor), pytest.raises(NotAllowed):
            record_case_report(
                actor=actor,
                report=NewReport(area_code=grid, condition="measles", source="page"),
                now=world.now,
            )


def test_an_id_that_is_taken_out_of_sight_is_answered_like_a_malformed_one(world: World) -> None:
    actor = world.actor("wang")
    report = NewReport(area_code=GRID_A, condition="measles", source="page")
    with scope(actor):
        taken = record_case_report(actor=actor, report=report, now=world.now)
    with (
        connections["default"].cursor() as cursor,
        duty("detect", ranges=AreaRanges.everywhere(), cause="test"),
    ):
        cursor.execute("UPDATE health_casereport SET area_code = '440199001001001' WHERE id = %s", [taken.pk])

    with scope(actor), pytest.raises(UnknownPlace):
        record_case_report(actor=actor, report=report, now=world.now)


def test_an_excluded_signal_that_was_closed_is_not_counted_as_verified(world: World) -> None:
    signal_id = raise_signal(world)
    as_zhou(world, "acknowledge_signal", signal_id)
    as_zhou(world, "verify_signal", signal_id, holds=False, note="核实为药疹")
    finish_order(world)
    as_zhou(world, "close_signal", signal_id, note="已排除")

    with scope(world.actor("zhou")):
        figures = loop_figures(world.actor("zhou"), world.now + timedelta(hours=1))
    assert (figures.verified, figures.closed) == (0, 1)
