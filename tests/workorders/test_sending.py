"""A department's task goes to communities under its admitted item, to all chosen or to none."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.affairs.actions import HeldAtGate
from anlan.affairs.models import Admission, GateEntry
from anlan.affairs.rules import Decision, Outcome, WhyHeld
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.runner.facts import drain_facts
from anlan.foundation.scope import duty, scope
from anlan.workorders.actions import NewTask, PlaceNeeded, send_task
from anlan.workorders.models import WorkOrder
from tests.affairs.test_gate import WHOLE, decide, survey
from tests.world import BRIDGE, FIELD, SPRING, World

BATCH = UUID("01a21761-a4fd-70de-9b50-70aa14c66abc")


def admitted(world: World, *areas: str) -> Admission:
    admission = decide(world, survey(world, *areas), Decision.ADMIT)
    drain_facts()
    return admission


def send(
    world: World, *areas: str, admission: Admission | None = None, handle: str = "shen", batch: UUID = BATCH
) -> list[WorkOrder]:
    actor = world.actor(handle)
    task = NewTask(
        words="本月摸底表", area_codes=areas, admission_id=admission.pk if admission else None, batch_id=batch
    )
    with scope(actor):
        return send_task(actor=actor, task=task, now=world.now)


def held() -> list[GateEntry]:
    with duty("react", ranges=WHOLE, cause="test"):
        return list(GateEntry.objects.filter(outcome=Outcome.HELD).order_by("area_code"))


def test_under_its_item_a_task_goes_to_the_chosen_or_to_all_the_item_addresses(world: World) -> None:
    admission = admitted(world)

    one = send(world, SPRING, admission=admission)
    every = send(world, admission=admission, batch=new_id())

    assert [row.area_code for row in one] == [SPRING]
    assert [(row.area_code, row.accountable_id) for row in every] == [
        (SPRING, world.posts["kong"].pk),
        (BRIDGE, world.posts["li"].pk),
    ]
    assert {(row.minutes, row.basis, row.ends_on) for row in every} == {
        (90, "民政工作要点", admission.ends_on)
    }


def test_sent_twice_it_is_the_same_orders(world: World) -> None:
    admission = admitted(world)

    assert send(world, SPRING, admission=admission) == send(world, SPRING, admission=admission)


def test_without_an_item_nothing_goes_out_and_every_community_tried_is_logged(world: World) -> None:
    with pytest.raises(HeldAtGate) as refused:
        send(world, SPRING, FIELD)
    with duty("react", ranges=WHOLE, cause="test"):
        assert not WorkOrder.objects.filter(kind="community_task").exists()
        GateEntry.objects.all().delete()  # as the refused request's transaction would

    assert refused.value.trace is not None
    refused.value.trace()

    assert [(row.area_code, row.why) for row in held()] == [
        (SPRING, WhyHeld.NO_ADMISSION),
        (FIELD, WhyHeld.NO_ADMISSION),
    ]


def test_one_community_outside_the_item_holds_the_whole_batch(world: World) -> None:
    admission = admitted(world, SPRING)
    with duty("react", ranges=WHOLE, cause="test"):
        before = WorkOrder.objects.count()

    with pytest.raises(HeldAtGate):
        send(world, SPRING, FIELD, admission=admission)

    with duty("react", ranges=WHOLE, cause="test"):
        assert WorkOrder.objects.count() == before


def test_another_departments_item_is_not_to_be_used_and_only_those_who_ask_send(world: World) -> None:
    admission = admitted(world)

    with pytest.raises(NotFound):
        send(world, SPRING, admission=admission, handle="han")
    with pytest.raises(NotAllowed):
        send(world, SPRING, admission=admission, handle="wu")
    with pytest.raises(PlaceNeeded):
        send(world)


def test_the_page_refuses_the_bypass_with_the_way_in_and_keeps_what_was_written(world: World) -> None:
    shen = world.sign_in(Client(), "shen")
    sent = {"batch_id": str(BATCH), "admission": "none", "areas": [SPRING], "words": "每月上报老年人台账"}

    answer = shen.post(reverse("task"), sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "准入关口没有放行" in page and reverse("admission_request") in page
    assert "每月上报老年人台账" in page
    assert [row.task for row in held()] == ["每月上报老年人台账"]
    assert "每月上报老年人台账" in world.sign_in(Client(), "kong").get(reverse("gate_log")).content.decode()


def test_the_page_sends_under_an_item_and_leads_to_what_was_sent(world: World) -> None:
    admission = admitted(world)
    shen = world.sign_in(Client(), "shen")
    assert admission.title in shen.get(reverse("task")).content.decode()

    sent = {"batch_id": str(BATCH), "admission": str(admission.pk), "words": "九月摸底"}
    answer = shen.post(reverse("task"), sent)

    assert answer.status_code == 302
    with duty("react", ranges=WHOLE, cause="test"):
        sent_orders = list(WorkOrder.objects.filter(task="九月摸底").order_by("area_code"))
    assert [row.area_code for row in sent_orders] == [SPRING, BRIDGE]
    listed = shen.get(answer["Location"]).content.decode()
    assert all(str(row.pk) in listed for row in sent_orders)
