"""A signal grows under a plan: areas that come to be concerned are told, asked, and told when it is over."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.test import Client
from django.urls import reverse

from anlan.affairs.models import AddressedArea, Admission, GateEntry
from anlan.affairs.rules import AdmissionState, Decision
from anlan.foundation.models import Fact
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, record_case_report
from anlan.people.actions import move_resident
from anlan.response.actions import extend_response
from anlan.response.models import LiftingNotice, ResponseStep
from anlan.response.queries import visible_lifting_notices
from anlan.surveillance.models import WarningReceipt
from anlan.surveillance.queries import visible_receipts
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import my_orders
from tests.affairs.test_gate import decide
from tests.response.steps import approve, lift, planned, prepare, proposed, rows, the_proposal
from tests.surveillance.test_loop import WHOLE, run_reactions
from tests.world import GRID_A, GRID_B, GRID_C, GRID_D, World

ASKED = "neighbour_response"
WORKERS = {GRID_A: "wang", GRID_B: "liu", GRID_C: "hou", GRID_D: "du"}


def case_in(world: World, grid: str, *, group: int = 0, minutes: int = 10) -> None:
    """Let the worker of a grid report one more pupil of a class, who lives there; carry out what follows."""
    actor = world.actor(WORKERS[grid])
    report = NewReport(
        area_code=grid, condition="measles", source="page", facility_id=world.school.pk,
        group_id=world.classes[group].pk, onset_on=(world.now - timedelta(days=1)).date(),
    )  # fmt: skip
    with scope(actor):
        record_case_report(actor=actor, report=report, now=world.now + timedelta(minutes=minutes))
    run_reactions()  # the report is counted, the signal grows
    run_reactions()  # and the plan follows it


def asked() -> list[str]:
    """Return the grids that have an order to help, one entry an order."""
    return [row.area_code for row in rows(WorkOrder) if row.kind == "neighbour_co_response"]


def told() -> list[str]:
    """Return the areas that were warned, one entry a notice."""
    return [row.area_code for row in rows(WarningReceipt) if not row.role]


def steps() -> list[str]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(ResponseStep.objects.order_by("at", "id").values_list("act", flat=True))


def running(world: World) -> None:
    proposed(world)
    approve(world)
    run_reactions()


def test_a_case_in_another_grid_warns_and_asks_that_grid(world: World) -> None:
    running(world)
    assert (asked(), told()) == ([GRID_A], [GRID_A])

    case_in(world, GRID_C)

    assert (asked(), told()) == ([GRID_A, GRID_C], [GRID_A, GRID_C])
    hou = world.actor("hou")
    with scope(hou):
        order = my_orders(hou).get()
        assert (order.kind, order.accountable_id) == ("neighbour_co_response", world.posts["hou"].pk)
        assert (order.asked_by_id, order.place_name, order.ends_on) == (
            world.posts["wu"].pk, "", the_proposal().ends_on,
        )  # fmt: skip
        assert order.items.count() == 6
        assert visible_receipts(hou).get().acknowledged_at is None
    for handle in ("du", "gao"):  # they have nothing to do with it
        with scope(world.actor(handle)):
            assert not WorkOrder.objects.exists()
            assert not WarningReceipt.objects.exists()


def test_a_pupil_of_another_class_warns_and_asks_the_homes_of_that_class(world: World) -> None:
    running(world)

    case_in(world, GRID_A, group=1)  # 王子涵 of that class lives in grid B

    assert (asked(), told()) == ([GRID_A, GRID_B], [GRID_A, GRID_B])


def test_a_pupil_who_moves_during_the_response_brings_it_to_the_new_grid(world: World) -> None:
    running(world)
    kong = world.actor("kong")
    with scope(kong):
        child = world.resident("陈晓雯")
        move_resident(
            actor=kong, resident_id=child.pk, household_id=world.households[GRID_B][1].pk,
            expected_version=child.version, now=world.now,
        )  # fmt: skip

    run_reactions()

    assert (asked(), told()) == ([GRID_A, GRID_B], [GRID_A, GRID_B])


def test_the_reaction_run_twice_sends_once(world: World) -> None:
    running(world)
    case_in(world, GRID_C)
    before = (asked(), told(), len(rows(WorkOrder)), len(planned()), steps())

    with duty("react", ranges=WHOLE, cause="test"):
        assert Fact.objects.filter(name="surveillance.SignalGrew").update(state=Fact.State.WAITING) == 1
    run_reactions()
    with duty("react", ranges=WHOLE, cause="test"):
        assert extend_response(signal_id=the_proposal().signal_id, now=world.now) == 0

    assert (asked(), told(), len(rows(WorkOrder)), len(planned()), steps()) == before


GROWTH = ((GRID_C, 0), (GRID_A, 1), (GRID_D, 1))


@pytest.mark.parametrize(
    ("arrivals", "approved_after"), [(order, number % 3) for number, order in enumerate(permutations(GROWTH))]
)
def test_in_whatever_order_cases_and_approval_come_the_same_are_asked_and_told(
    world: World, arrivals: tuple[tuple[str, int], ...], approved_after: int
) -> None:
    proposed(world)
    prepare(world, layer="estate_or_school", wider_reason="两班共用卫生间")

    for number, (grid, group) in enumerate(arrivals):
        if number == approved_after:
            approve(world)
            run_reactions()
        case_in(world, grid, group=group, minutes=10 + number)

    everybody = [GRID_A, GRID_B, GRID_C, GRID_D]
    assert (asked(), told()) == (everybody, everybody)
    assert {row.accountable_id for row in rows(WorkOrder) if row.kind == "neighbour_co_response"} == {
        world.posts[WORKERS[grid]].pk for grid in everybody
    }
    [admission] = rows(Admission)
    assert sorted(row.area_code for row in rows(AddressedArea)) == everybody
    assert admission.area_code == "330199"  # two subdistricts


def test_a_case_that_adds_no_area_announces_nothing(world: World) -> None:
    running(world)

    case_in(world, GRID_A)

    assert not [one for one in rows(Fact) if one.name == "surveillance.SignalGrew"]
    assert asked() == [GRID_A]


def test_a_plan_that_waits_is_planned_anew_and_must_be_looked_at_again(world: World) -> None:
    proposed(world)
    version = the_proposal().version

    case_in(world, GRID_C)

    assert [one.area_code for one in planned(ASKED)] == [GRID_A, GRID_C]
    assert the_proposal().version == version + 1
    assert not asked()


def test_a_plan_that_waits_follows_its_signal_from_the_class_to_the_school(world: World) -> None:
    proposed(world)
    assert the_proposal().layer == "class_or_floor"

    case_in(world, GRID_A, group=1)

    proposal = the_proposal()
    assert (proposal.place_kind, proposal.advised_layer, proposal.layer) == (
        "unit", "estate_or_school", "estate_or_school",
    )  # fmt: skip
    assert [one.area_code for one in planned(ASKED)] == [GRID_A, GRID_B]


def test_an_order_taken_out_everywhere_is_taken_out_in_new_areas_too(world: World) -> None:
    proposed(world)
    prepare(world, taken_out={planned(ASKED)[0].pk: "只在校内处置"})
    approve(world)

    case_in(world, GRID_C)

    assert not asked()
    assert [(one.area_code, one.change_reason) for one in planned(ASKED)] == [
        (GRID_A, "只在校内处置"), (GRID_C, "只在校内处置"),
    ]  # fmt: skip
    assert told() == [GRID_A, GRID_C]


def test_further_areas_reopen_a_review_that_did_not_know_them(world: World) -> None:
    running(world)
    [admission] = rows(Admission)
    decide(world, admission, Decision.CONFIRM)

    case_in(world, GRID_C)

    [admission] = rows(Admission)
    assert admission.reviewed_at is None
    assert admission.review_due_at == world.now + timedelta(minutes=10, hours=72)
    assert [row.admission_id for row in rows(WorkOrder) if row.area_code == GRID_C] == [admission.pk]


def test_what_the_reviewer_ended_is_held_at_the_gate_and_the_plan_says_so(world: World) -> None:
    running(world)
    [admission] = rows(Admission)
    decide(world, admission, Decision.END, reason="不再要求")
    run_reactions()

    case_in(world, GRID_C)

    assert asked() == [GRID_A]  # the first one, ended with its admission
    assert [row.area_code for row in rows(GateEntry) if row.outcome == "held"] == [GRID_C]
    assert [one.change_reason for one in planned(ASKED) if one.area_code == GRID_C] == [
        "该事项的准入已结束，未派出。"
    ]
    assert told() == [GRID_A, GRID_C]
    assert rows(Admission)[0].state == AdmissionState.ENDED


def test_lifting_ends_and_tells_the_areas_that_came_later(world: World) -> None:
    running(world)
    case_in(world, GRID_C)

    lift(world)
    run_reactions()

    assert {row.stage for row in rows(WorkOrder) if row.area_code == GRID_C} == {"closed"}
    assert GRID_C in {row.area_code for row in rows(LiftingNotice) if not row.role}
    hou = world.actor("hou")
    with scope(hou):
        assert visible_lifting_notices(hou).count() == 1
        assert not my_orders(hou).exists()


def test_growth_after_the_end_asks_nobody(world: World) -> None:
    running(world)
    lift(world)
    run_reactions()

    case_in(world, GRID_C)

    assert asked() == [GRID_A]


def test_the_page_of_the_response_says_who_was_added_and_why(world: World) -> None:
    running(world)
    case_in(world, GRID_C)

    page = world.sign_in(Client(), "wu").get(reverse("response", args=[the_proposal().pk])).content.decode()

    assert "信号涉及的区域增加，补充任务" in page
    assert "新桥第一网格" in page
