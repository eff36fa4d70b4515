"""Row 17: of two who act at once one wins and the other is told; a click fifty times is one act."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, FieldChange
from anlan.foundation.scope import duty
from anlan.people.models import Resident
from anlan.response.models import PlanProposal
from anlan.workorders.models import OrderStep, WorkOrder
from tests.api.calling import Caller, system
from tests.response.steps import NOTICE, proposed
from tests.safety.at_once import at_once
from tests.surveillance.test_loop import raise_signal
from tests.world import DISTRICT, GRID_A, PEOPLE, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CLICKS = 50


@pytest.fixture
def town(standard_pack: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(PEOPLE, "wu2", ("吴双", "disease_control_officer", DISTRICT))
    return build_world()


def everywhere(purpose: str = "react") -> Any:
    return duty(purpose, ranges=AreaRanges.of([DISTRICT]), cause="test")


def waiting_proposal(town: World) -> UUID:
    with transaction.atomic():
        return proposed(town)


def clicking(town: World, handle: str, path: str, sent: dict[str, str]) -> Any:
    """Return a press of a button of somebody's page, to be carried out later."""
    client = town.sign_in(Client(), handle)
    return partial(client.post, path, sent)


def statuses(told: Sequence[Any]) -> list[int]:
    return sorted(one.status_code for one in told)


def proposal_now(proposal_id: UUID) -> PlanProposal:
    with transaction.atomic(), everywhere("detect"):
        return PlanProposal.objects.get(pk=proposal_id)


def test_approved_and_declined_at_once_is_one_of_them(town: World) -> None:
    proposal_id = waiting_proposal(town)
    version = str(proposal_now(proposal_id).version)
    page, before = f"/responses/{proposal_id}", orders()

    told = at_once(
        [
            clicking(town, "wu", f"{page}/approve/", {"version": version, "notice_text": NOTICE}),
            clicking(town, "wu2", f"{page}/decline/", {"version": version, "reason": "已由学校处理"}),
        ]
    )

    assert statuses(told) == [302, 409]
    won = "running" if told[0].status_code == 302 else "declined"
    assert proposal_now(proposal_id).state == won
    assert (orders() > before) == (won == "running")


def orders() -> int:
    with transaction.atomic(), everywhere():
        return WorkOrder.objects.count()


def test_of_two_approvers_one_approves(town: World) -> None:
    proposal_id = waiting_proposal(town)
    sent = {"version": str(proposal_now(proposal_id).version), "notice_text": NOTICE}
    path = f"/responses/{proposal_id}/approve/"

    told = at_once([clicking(town, handle, path, sent) for handle in ("wu", "wu2")])

    assert statuses(told) == [302, 409]
    with transaction.atomic(), everywhere():
        steps = proposal_now(proposal_id).steps.filter(act="approve").count()
    assert steps == 1


def test_a_form_pressed_fifty_times_enters_one_person(town: World) -> None:
    home = town.households[GRID_A][3].pk
    sent = {"resident_id": str(new_id()), "name": "何小满", "phone": "15400000020"}
    client = town.sign_in(Client(), "wang")

    told = at_once([partial(_again(client).post, f"/households/{home}/register/", sent)] * CLICKS)

    assert statuses(told) == [302] * CLICKS
    with transaction.atomic(), everywhere():
        assert Resident.objects.filter(name="何小满").count() == 1
    assert acts_on_record("register") == 1


def _again(client: Client) -> Client:
    """Return another window of the same browser."""
    other = Client()
    other.cookies = client.cookies
    return other


def acts_on_record(verb: str) -> int:
    with transaction.atomic(), everywhere("answer_audit"):
        return AuditEntry.objects.filter(verb=verb).count()


def test_a_step_of_an_order_pressed_fifty_times_is_taken_once(town: World) -> None:
    with transaction.atomic():
        signal_id = raise_signal(town)
    with transaction.atomic(), everywhere():
        order = WorkOrder.objects.get(subject_id=signal_id)
    client = town.sign_in(Client(), "zheng")
    sent = {"version": str(order.version), "note": ""}

    told = at_once([partial(_again(client).post, f"/orders/{order.pk}/handle/", sent)] * CLICKS)

    assert Counter(statuses(told)) == {302: 1, 409: CLICKS - 1}
    with transaction.atomic(), everywhere():
        assert OrderStep.objects.filter(order=order, act="handle").count() == 1


def test_of_two_corrections_over_the_api_one_stands(town: World) -> None:
    chen, wang = town.resident("陈大明", GRID_A), system(town, "wang")
    path = f"/residents/{chen.pk}"

    told = at_once(
        [
            partial(_as(wang).ask, "PATCH", path, {"expected_version": 1, "relation": f"关系{number}"})
            for number in range(10)
        ]
    )

    assert Counter(statuses(told)) == {200: 1, 409: 9}
    with transaction.atomic(), everywhere():
        assert FieldChange.objects.filter(row_id=chen.pk).count() == 1
        assert Resident.objects.get(pk=chen.pk).version == 2


def _as(caller: Caller) -> Caller:
    return Caller(Client(), caller.headers)


def test_the_same_entry_fifty_times_over_the_api_is_one_person(town: World) -> None:
    wang, home = system(town, "wang"), town.households[GRID_A][3].pk
    sent = {"id": str(new_id()), "name": "何小满"}

    told = at_once([partial(_as(wang).ask, "POST", f"/households/{home}/residents", sent)] * CLICKS)

    assert set(statuses(told)) <= {200, 201}
    assert {json.loads(one.content)["id"] for one in told} == {sent["id"]}
    with transaction.atomic(), everywhere():
        assert Resident.objects.filter(name="何小满").count() == 1
    assert acts_on_record("register") == 1
