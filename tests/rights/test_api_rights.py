"""Every operation of the API, for every role and a stranger, near and far: answered as the policy says."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from anlan.wiring.api import ROUTERS
from tests.foundation.asking import give_token
from tests.rights.objects import Placed, place_objects
from tests.rights.policy import Answer, expected_by, policy
from tests.rights.test_rights import METHODS, NOT_ALLOWED, ROLES, asker
from tests.world import DISTRICT, World

ANSWERS = {401: Answer.SIGN_IN, 403: Answer.REFUSED, 404: Answer.ABSENT}
WELL_FORMED: dict[str, Any] = {
    "hand_in_counts": {"form": "no_such_form", "on": "2026-11-20"},
    "search_residents": {"q": "chen"},
    "correct_resident": {"expected_version": 1, "relation": "户主"},
    "enter_resident": {"id": str(uuid4()), "name": "何小满"},
}
QUERIES = {"list_counts": "?on=2026-11-20", "show_envelope": "?key=none"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    method: str
    path: str

    def address(self, target: object) -> str:
        """Return where it is asked about one object."""
        return "/api" + re.sub(r"\{[^}]+\}", str(target), self.path) + QUERIES.get(self.name, "")


def operations() -> Iterator[Operation]:
    for router in ROUTERS:
        for path, view in router.path_operations.items():
            for one in view.operations:
                yield Operation(str(one.operation_id), one.methods[0], path)


@dataclass(frozen=True, slots=True)
class System:
    """A system with the credential of somebody's appointment, or none; what its requests do is undone."""

    client: Client
    headers: dict[str, str]

    def ask(self, operation: Operation, method: str, target: object) -> HttpResponse:
        body = json.dumps(WELL_FORMED[operation.name]) if operation.name in WELL_FORMED else ""
        undo = transaction.savepoint()
        answer = self.client.generic(
            method, operation.address(target), body, content_type="application/json", headers=self.headers
        )
        transaction.savepoint_rollback(undo)
        return cast("HttpResponse", answer)


def system(world: World, handle: str | None) -> System:
    token = give_token(world.appointments[handle].pk, "counts") if handle else ""
    client = Client(raise_request_exception=False)  # refused by the database: a 500
    return System(client, {"Authorization": f"Bearer {token}"} if handle else {})


@pytest.fixture
def placed(world: World) -> dict[str, list[Placed]]:
    return place_objects(world)


def test_every_operation_is_in_the_policy_and_every_rule_has_its_operation() -> None:
    assert {one.name for one in operations()} == set(policy()["api"])


@pytest.mark.parametrize("handle", [None, *ROLES])
def test_each_system_is_answered_as_the_policy_says(
    world: World, placed: dict[str, list[Placed]], handle: str | None
) -> None:
    asking, wrong, asked = system(world, handle), [], 0
    for operation in operations():
        rule = policy()["api"][operation.name]
        there = placed.get(rule["of"], []) if "of" in rule else []
        absent = b""
        for one in (None, *there):
            target = one.target if one else f"{DISTRICT}999" if rule.get("of") == "area" else uuid4()
            answer = asking.ask(operation, operation.method, target)
            area = one.area_code if one else None
            erased = one is not None and one.is_erased
            want = expected_by(rule, asker(handle) if handle else None, area, is_erased=erased)
            asked += 1
            got = ANSWERS.get(answer.status_code, Answer.ANSWERED)
            if got is not want or answer.status_code >= 500:
                wrong.append(f"{operation.name} on {one}: {answer.status_code}, expected {want.value}")
            if one is None:
                absent = answer.content
            elif want is Answer.ABSENT and answer.content != absent:
                wrong.append(f"{operation.name} on {one}: differs from the absent one")
    assert not wrong, "\n".join(wrong)
    assert asked > len(policy()["api"])


def test_a_method_that_is_not_described_is_not_there(world: World) -> None:
    asking, open_ones = system(world, "kong"), []
    described: dict[str, set[str]] = {}
    for one in operations():
        described.setdefault(one.path, set()).add(one.method)
    for one in operations():
        for method in (*METHODS, "TRACE", "OPTIONS", "HEAD"):
            if method not in described[one.path]:
                answer = asking.ask(one, method, uuid4())
                if answer.status_code != NOT_ALLOWED:
                    open_ones.append(f"{method} {one.path}: {answer.status_code}")
    assert not open_ones, "\n".join(open_ones)
