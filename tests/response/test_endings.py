"""What ends with a response, and what waits for its end: admissions, the signal, those who were told."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from anlan.affairs.actions import HeldAtGate
from anlan.affairs.models import Admission
from anlan.affairs.rules import AdmissionState
from anlan.foundation.ids import new_id
from anlan.foundation.models import Account
from anlan.foundation.scope import duty, scope
from anlan.response.models import LiftingNotice
from anlan.response.rules import ProposalState
from anlan.surveillance import joining
from anlan.surveillance.actions import ResponseRuns, close_signal, holds_open
from anlan.surveillance.models import Signal
from anlan.surveillance.rules import SignalState
from anlan.workorders.actions import open_order
from tests.response.steps import approve, lift, proposed, rows, the_proposal
from tests.surveillance.test_loop import WHOLE, answer, finish_order, run_reactions
from tests.world import GRID_A, World


def the_signal() -> Signal:
    found: list[Signal] = rows(Signal)
    return found[0]


def close(world: World) -> Signal:
    zhou = world.actor("zhou")
    with scope(zhou):
        return close_signal(
            actor=zhou,
            signal_id=the_signal().pk,
            note="末例后满最长潜伏期，无新发",
            now=world.now,
            expected_version=the_signal().version,
        )


def test_lifting_ends_its_emergency_admission_with_the_reason(world: World) -> None:
    proposed(world)
    approve(world)
    [in_force] = rows(Admission)
    assert in_force.state == AdmissionState.ADMITTED

    lift(world)

    [ended] = rows(Admission)
    assert (ended.state, ended.reason) == (AdmissionState.ENDED, "末例后满 21 天无新发")
    assert ended.ended_at == the_proposal().lifted_at
    mei = world.actor("mei")
    with scope(mei):
        assert ended.steps.get(act="end").member_name == "吴岚"
    with scope(world.actor("wu")), pytest.raises(HeldAtGate):
        open_order(
            kind="neighbour_co_response",
            area_code=GRID_A,
            accountable=world.posts["wang"],
            task="周边协防",
            admission_id=ended.pk,
            now=world.now,
        )


def test_a_signal_stays_open_while_its_response_runs_and_says_so_in_both_languages(world: World) -> None:
    proposed(world)
    approve(world)
    finish_order(world)
    for handle in ("wang", "chu", "zheng", "zhu"):
        answer(world, handle)
    run_reactions()
    with scope(world.actor("zhou")):
        assert holds_open(world.actor("zhou"), the_signal()) == [ResponseRuns]
    with pytest.raises(ResponseRuns):
        close(world)

    zhou = world.sign_in(Client(), "zhou")
    address = reverse("signal_act", args=[the_signal().pk, "close"])
    sent = {"note": "无新发", "version": the_signal().version}
    answered = zhou.post(address, sent)
    Account.objects.filter(username="zhou").update(language="en")
    in_english = zhou.post(address, sent)

    assert answered.status_code == in_english.status_code == 422
    assert "请先解除响应" in answered.content.decode()
    assert "lift it first" in in_english.content.decode()
    lift(world)
    assert close(world).state == SignalState.CLOSED


def test_the_end_stands_in_the_work_of_those_told_until_they_know(world: World) -> None:
    proposed(world)
    approve(world)
    words = "附近的响应已解除"
    told = {name: world.sign_in(Client(), name) for name in ("wang", "chu", "zhu", "zheng")}
    stranger = world.sign_in(Client(), "hou")
    assert all(words not in client.get("/work/").content.decode() for client in told.values())

    lift(world)

    for handle, client in told.items():
        assert words in client.get("/work/").content.decode(), handle
    assert words not in stranger.get("/work/").content.decode()
    for handle in ("wu", "zhao"):  # they lead the district, and were not told
        assert words not in world.sign_in(Client(), handle).get("/work/").content.decode(), handle
    own = next(row for row in rows(LiftingNotice) if row.area_code == GRID_A and not row.role)
    told["wang"].post(reverse("lifting_acknowledge", args=[own.pk]))
    assert words not in told["wang"].get("/work/").content.decode()


def test_a_plan_that_waits_is_taken_back_when_its_signal_is_taken_into_another(world: World) -> None:
    proposed(world)
    with duty("react", ranges=WHOLE, cause="test"), transaction.atomic():
        further = the_signal()
        further.pk, further.place_key = new_id(), GRID_A
        further._state.adding = True
        further.save()
        joining._unite([further, the_proposal().signal], world.now)

    run_reactions()

    assert the_proposal().state == ProposalState.DECLINED
    with duty("detect", ranges=WHOLE, cause="test"):
        assert [step.act for step in the_proposal().steps.order_by("at", "pk")] == ["propose", "withdraw"]
