"""An approved plan sends orders and notices in one act; lifting ends what is open and tells all receivers."""

from datetime import timedelta

import pytest

from anlan.affairs.models import Admission
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.models import AuditEntry, Fact
from anlan.foundation.scope import duty, scope
from anlan.response import queries
from anlan.response.actions import (
    ConditionsOpen,
    NoticeMissing,
    ProposalMoved,
    ReasonNeeded,
    acknowledge_lifting,
    decline_proposal,
    sending,
)
from anlan.response.models import LiftingNotice, ResponseStep
from anlan.surveillance.actions import BlanksLeft
from anlan.surveillance.models import WarningProduct, WarningReceipt
from anlan.surveillance.queries import visible_receipts
from anlan.workorders.actions import open_order
from anlan.workorders.models import OrderStep, WorkOrder
from anlan.workorders.queries import my_orders, visible_orders
from tests.response.steps import approve, lift, planned, prepare, proposed, rows, the_proposal
from tests.surveillance.test_loop import WHOLE, run_reactions, sign
from tests.world import GRID_A, GRID_B, World


def orders_of_plan() -> dict[str, WorkOrder]:
    return {order.kind: order for order in rows(WorkOrder) if order.subject_id == the_proposal().pk}


def test_one_approval_sends_orders_to_unit_health_centre_department_and_grid(world: World) -> None:
    proposed(world)

    approve(world)

    accountable = {kind: order.accountable_id for kind, order in orders_of_plan().items()}
    assert accountable["unit_measures"] == world.posts["chu"].pk
    assert accountable["field_investigation"] == world.posts["zheng"].pk
    assert accountable["department_support"] == world.posts["zhu"].pk
    assert accountable["neighbour_co_response"] == world.posts["wang"].pk
    assert the_proposal().state == "running"


def test_the_same_approval_signs_and_hands_over_the_warning(world: World) -> None:
    proposed(world)

    approve(world)

    told = {(row.area_code, row.role) for row in rows(WarningReceipt)}
    assert (GRID_A, "") in told
    assert {role for _code, role in told} >= {"school_health_officer", "education_officer"}
    assert all(row.product_id == the_proposal().product_id for row in rows(WarningReceipt))


def test_a_warning_signed_before_is_taken_as_it_is(world: World) -> None:
    proposed(world)
    product = sign(world, the_proposal().signal_id)

    approve(world, text="")

    assert the_proposal().product_id == product.pk


def test_the_whole_school_warns_and_asks_the_grids_of_all_pupils(world: World) -> None:
    proposed(world)
    prepare(world, layer="estate_or_school", wider_reason="两班共用卫生间")

    approve(world)

    assert GRID_B in {row.area_code for row in rows(WarningReceipt)}
    asked = [order.area_code for order in rows(WorkOrder) if order.kind == "neighbour_co_response"]
    assert asked == [GRID_A, GRID_B]


def test_a_grid_order_carries_item_basis_minutes_and_end_and_awaits_review(world: World) -> None:
    proposed(world)

    approve(world)

    admission = rows(Admission)[0]
    order = orders_of_plan()["neighbour_co_response"]
    assert (order.admission_id, order.minutes, bool(order.basis)) == (admission.pk, 30, True)
    assert order.ends_on == the_proposal().ends_on
    assert admission.is_emergency
    assert admission.review_due_at == world.now + timedelta(hours=72)


def test_an_order_left_out_is_not_sent(world: World) -> None:
    proposed(world)
    prepare(world, taken_out={planned("education_support")[0].pk: "教育局已在现场"})

    approve(world)

    assert "department_support" not in orders_of_plan()


def test_grid_and_department_read_the_task_without_the_place_or_the_plan(world: World) -> None:
    proposed(world)
    approve(world)
    wang = world.actor("wang")

    with scope(wang):
        order = my_orders(wang).get()
        assert (order.kind, order.place_name) == ("neighbour_co_response", "")
        assert "麻疹" not in order.task
        assert not queries.visible_proposals(wang).exists()


@pytest.mark.parametrize("handle", ["hou", "gao"])
def test_a_grid_that_is_not_concerned_sees_nothing(world: World, handle: str) -> None:
    proposed(world)
    approve(world)
    lift(world)
    actor = world.actor(handle)

    with scope(actor):
        assert not visible_orders(actor).exists()
        assert not visible_receipts(actor).exists()
        assert not queries.visible_lifting_notices(actor).exists()
        assert not queries.visible_proposals(actor).exists()


def test_the_investigation_is_seen_by_health_posts_alone(world: World) -> None:
    proposed(world)
    approve(world)

    for handle, sees in (("zheng", True), ("qian", False), ("kong", False), ("zhao", False)):
        actor = world.actor(handle)
        with scope(actor):
            found = visible_orders(actor).filter(subject_id=the_proposal().pk, kind="field_investigation")
            assert found.exists() is sees, handle


def test_a_failure_in_the_middle_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed(world)
    before = (len(rows(WorkOrder)), len(rows(Fact)), len(rows(Admission)))
    real, calls = open_order, []

    def fails_at_the_third(**asked: object) -> WorkOrder:
        calls.append(asked)
        if len(calls) == 3:
            raise RuntimeError("the machine stopped")
        return real(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "open_order", fails_at_the_third)

    with pytest.raises(RuntimeError, match="stopped"):
        approve(world)

    assert (len(rows(WorkOrder)), len(rows(Fact)), len(rows(Admission))) == before
    assert not rows(WarningReceipt)
    assert the_proposal().state == "proposed"
    assert not rows(WarningProduct)[0].signed_at


def test_open_places_in_the_notice_stop_the_whole_plan(world: World) -> None:
    proposed(world)

    with pytest.raises(BlanksLeft):
        approve(world, text="请在«时限»前完成")

    assert not orders_of_plan()


def test_pressed_twice_it_runs_once(world: World) -> None:
    proposed(world)
    version = the_proposal().version
    approve(world, version=version)
    sent = len(rows(WorkOrder))

    with pytest.raises(ProposalMoved):
        approve(world, version=version)

    assert len(rows(WorkOrder)) == sent


@pytest.mark.parametrize("handle", ["zhou", "zhao"])
def test_only_the_entitled_post_approves(world: World, handle: str) -> None:
    proposed(world)

    with pytest.raises(NotAllowed):
        approve(world, handle)


def test_a_wide_plan_needs_the_commander_and_a_signed_notice(world: World) -> None:
    proposed(world)
    prepare(world, layer="community", wider_reason="多个小区有病例")
    with pytest.raises(NotAllowed):
        approve(world, "wu")
    with pytest.raises(NoticeMissing):
        approve(world, "zhao")
    sign(world, the_proposal().signal_id)

    approve(world, "zhao", text="")

    assert the_proposal().decided_name == "赵敏"


def test_declined_with_a_reason_it_sends_nothing(world: World) -> None:
    proposal_id = proposed(world)
    actor = world.actor("wu")

    with scope(actor):
        for reason in (" ", "x" * 1001):
            with pytest.raises(ReasonNeeded):
                decline_proposal(
                    actor=actor, proposal_id=proposal_id, reason=reason, now=world.now, expected_version=1
                )
        decline_proposal(
            actor=actor, proposal_id=proposal_id, reason="学校已处理", now=world.now, expected_version=1
        )

    assert (the_proposal().state, the_proposal().decline_reason) == ("declined", "学校已处理")
    assert not orders_of_plan()


@pytest.mark.parametrize(("days", "confirmed"), [(3, ("vaccinated",)), (30, ())])
def test_it_is_not_lifted_while_a_condition_is_open(
    world: World, days: int, confirmed: tuple[str, ...]
) -> None:
    proposed(world)
    approve(world)

    with pytest.raises(ConditionsOpen):
        lift(world, days=days, confirmed=confirmed)

    assert the_proposal().state == "running"


def test_from_assessed_signal_to_lifted_every_receiver_hears_both(world: World) -> None:
    proposed(world)
    approve(world)
    run_reactions()
    warned = {(row.area_code, row.role) for row in rows(WarningReceipt)}
    asked = {order.accountable_id for order in orders_of_plan().values()}

    lift(world)
    run_reactions()

    told = {(row.area_code, row.role) for row in rows(LiftingNotice)}
    assert told >= warned
    for handle in ("wang", "chu", "zheng", "zhu"):
        assert world.posts[handle].pk in asked
        actor = world.actor(handle)
        with scope(actor):
            mine = [
                one for one in queries.visible_lifting_notices(actor) if queries.may_acknowledge(actor, one)
            ]
            assert mine, handle
            for notice in mine:
                acknowledge_lifting(actor=actor, notice_id=notice.pk, now=world.now)
    assert all(row.acknowledged_by for row in rows(LiftingNotice))
    assert {order.stage for order in orders_of_plan().values()} == {"closed"}
    ended = [step for step in rows(OrderStep) if step.act == "withdraw"]
    assert {step.note for step in ended} == {"末例后满 21 天无新发"}
    assert the_proposal().lifted_name == "吴岚"
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        verbs = set(
            AuditEntry.objects.filter(subject_ids__contains=[the_proposal().pk]).values_list(
                "verb", flat=True
            )
        )
    assert verbs >= {"propose_plan", "approve_plan", "lift_plan"}


def test_what_was_done_before_stays_done(world: World) -> None:
    proposed(world)
    approve(world)
    kinds_before = {step.act for step in rows(OrderStep)}

    lift(world)

    assert {step.act for step in rows(OrderStep)} == kinds_before | {"withdraw"}
    assert [step.act for step in queries_steps(world)] == [
        "propose", "approve", "lift", "end_orders", "tell_receivers",
    ]  # fmt: skip


def queries_steps(world: World) -> list[ResponseStep]:
    actor = world.actor("wu")
    with scope(actor):
        return list(queries.steps_of(the_proposal()))


def test_lifted_twice_is_a_conflict_and_the_neighbour_may_not_acknowledge(world: World) -> None:
    proposed(world)
    approve(world)
    version = the_proposal().version
    lift(world, version=version)

    with pytest.raises(Conflict):
        lift(world, version=version)
    grid_notice = next(row for row in rows(LiftingNotice) if row.area_code == GRID_A)
    hou = world.actor("hou")
    with scope(hou), pytest.raises(NotFound):
        acknowledge_lifting(actor=hou, notice_id=grid_notice.pk, now=world.now)


def test_the_three_first_times_are_in_minutes(world: World) -> None:
    proposed(world)
    approve(world)
    wu, wang = world.actor("wu"), world.actor("wang")

    with scope(wu):
        times = queries.first_times(wu, world.now - timedelta(days=1))
    with scope(wang):
        hidden = queries.first_times(wang, world.now - timedelta(days=1))

    assert (times.report_to_signal, times.signal_to_verification, times.count) == (
        1,
        None,
        1,
    ) or times.count == 1
    assert hidden.count == 0
