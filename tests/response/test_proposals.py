"""An assessed signal proposes its plan in the smallest scope; people change it before it is decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.scope import duty, scope
from anlan.response.actions import ProposalMoved, WiderNeedsReason, prepare_proposal, propose_plan
from anlan.response.actions.preparing import OrderReasonNeeded
from anlan.response.models import PlanProposal
from anlan.response.queries import access_proposal, proposals_to_decide, visible_proposals
from anlan.workorders.models import WorkOrder
from tests.response.steps import planned, prepare, proposed, the_proposal
from tests.surveillance.test_live_signals import meant_for
from tests.surveillance.test_loop import WHOLE, as_zhou, assessed, run_reactions
from tests.world import GRID_A, GRID_B, World


def test_an_assessed_signal_proposes_the_plan_of_its_disease_for_one_class(world: World) -> None:
    proposed(world)

    proposal = the_proposal()
    assert (proposal.plan, proposal.advised_layer, proposal.layer) == (
        "measles_rubella", "class_or_floor", "class_or_floor",
    )  # fmt: skip
    assert [option["layer"] for option in proposal.options] == [
        "class_or_floor", "estate_or_school", "community",
    ]  # fmt: skip


def test_each_wider_scope_says_whom_it_reaches_and_who_decides(world: World) -> None:
    proposed(world)

    one_class, school, community = the_proposal().options
    assert (one_class["pupils"], school["pupils"]) == (40, 80)  # by headcount; the roster knows one of each
    assert one_class["people"] < school["people"]
    assert community["households"] == 8  # the doors of grids A and B
    assert community["decided_by"] == "district_commander"
    assert one_class["decided_by"] == school["decided_by"] == "disease_control_officer"
    assert all(option["law_zh"] and option["staff_hours"] > 0 for option in (one_class, school, community))


def test_a_very_low_grade_proposes_nothing(world: World) -> None:
    assessed(world, "very_low")
    run_reactions()

    with duty("detect", ranges=WHOLE, cause="test"):
        assert not PlanProposal.objects.exists()


def test_the_reaction_run_twice_proposes_once(world: World) -> None:
    proposed(world)

    with duty("react", ranges=WHOLE, cause="test"):
        again = propose_plan(signal_id=the_proposal().signal_id, now=world.now)
        assert again is not None
        assert PlanProposal.objects.count() == 1


def test_orders_go_to_school_health_centre_education_and_the_pupils_grid(world: World) -> None:
    proposed(world)

    receivers = {order.line: order.receiver for order in planned()}
    posts = {line: post.pk for line, post in receivers.items() if post}
    assert posts["school_measures"] == world.posts["chu"].pk
    assert posts["site_investigation"] == world.posts["zheng"].pk
    assert posts["education_support"] == world.posts["zhu"].pk
    assert [order.area_code for order in planned("neighbour_response")] == [GRID_A]


def test_the_whole_school_asks_the_grids_of_all_its_pupils(world: World) -> None:
    proposed(world)

    prepare(world, layer="estate_or_school", wider_reason="两个班共用卫生间")

    assert [order.area_code for order in planned("neighbour_response")] == [GRID_A, GRID_B]
    assert the_proposal().advised_layer == "class_or_floor"
    assert the_proposal().wider_reason == "两个班共用卫生间"


def test_a_wider_scope_without_a_reason_is_refused(world: World) -> None:
    proposed(world)

    with pytest.raises(WiderNeedsReason):
        prepare(world, layer="community")
    assert the_proposal().layer == "class_or_floor"


def test_an_order_is_left_out_with_a_reason_only(world: World) -> None:
    proposed(world)
    order = planned("education_support")[0]

    with pytest.raises(OrderReasonNeeded):
        prepare(world, taken_out={order.pk: " "})
    prepare(world, taken_out={order.pk: "教育局已在现场"})

    assert [one.change_reason for one in planned("education_support")] == ["教育局已在现场"]
    assert not planned("education_support")[0].is_chosen


def test_what_was_left_out_stays_out_in_a_new_scope(world: World) -> None:
    proposed(world)
    prepare(world, taken_out={planned("education_support")[0].pk: "已在现场"})

    order = planned("education_support")[0]
    prepare(world, layer="estate_or_school", wider_reason="全校", taken_out={order.pk: "已在现场"})

    assert not planned("education_support")[0].is_chosen


def test_a_change_decided_on_an_old_version_is_a_conflict(world: World) -> None:
    proposal_id = proposed(world)
    prepare(world)
    actor = world.actor("wu")

    with scope(actor), pytest.raises(ProposalMoved):
        prepare_proposal(
            actor=actor,
            proposal_id=proposal_id,
            layer="class_or_floor",
            wider_reason="",
            taken_out={},
            now=world.now,
            expected_version=1,
        )


@pytest.mark.parametrize("handle", ["wang", "hou", "kong", "qian", "chu", "zheng"])
def test_a_proposal_is_seen_by_those_who_prepare_or_decide_alone(world: World, handle: str) -> None:
    proposal_id = proposed(world)
    actor = world.actor(handle)

    with scope(actor), pytest.raises((NotFound, NotAllowed)):
        access_proposal(actor, proposal_id)


def test_it_waits_for_disease_control_and_wide_for_the_commander(world: World) -> None:
    proposed(world)
    wu, zhao = world.actor("wu"), world.actor("zhao")

    with scope(wu):
        assert proposals_to_decide(wu).count() == 1
    with scope(zhao):
        assert proposals_to_decide(zhao).count() == 0
    prepare(world, layer="community", wider_reason="多个小区有病例")
    with scope(zhao):
        assert proposals_to_decide(zhao).count() == 1


def test_a_closed_signal_takes_its_waiting_proposal_back(world: World) -> None:
    signal_id = assessed(world)
    run_reactions()
    with duty("detect", ranges=WHOLE, cause="test"):
        the_proposal().signal.products.all().delete()
        WorkOrder.objects.all().delete()

    as_zhou(world, "close_signal", signal_id, note="核对后无后续")
    run_reactions()

    zhou = world.actor("zhou")
    with scope(zhou):
        assert visible_proposals(zhou).get().state == "declined"


def test_news_of_a_response_are_for_those_who_may_read_it(world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        proposal_id = proposed(world)

    readers = {"health", "lead"}
    assert meant_for(asked, "responses") == {"responses": readers, f"responses:{proposal_id}": readers}
