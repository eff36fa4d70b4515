"""Every route and method, for every role, on objects near and far: the answer is what the policy says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from anlan.exercises.district.roles import roles_in_force
from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.surveillance.models import Signal
from anlan.workorders.models import WorkOrder
from tests.pages import without_marks
from tests.rights.objects import Placed, place_objects
from tests.rights.policy import Answer, Asker, expected, policy
from tests.world import DISTRICT, PEOPLE, World

# At least fourteen roles of DOMAIN.md section 4; of grid workers and secretaries those near and far.
ROLES = (
    "wang", "hou", "gao", "shi", "kong", "li", "qian", "zhao", "zhou", "wu", "zheng", "feng", "chu", "wei",
    "han", "mei", "you", "xu", "he", "lu",
)  # fmt: skip
ELSEWHERE = ("accounts/", "api/")  # allauth's pages: tests/foundation/test_signing_in.py; test_api_rights.py
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOT_ALLOWED = 405


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the product."""

    name: str
    converters: tuple[str, ...]


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[Route]:
    """Yield every address but those of third parties and of the API."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if path.startswith(ELSEWHERE):
            continue
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield Route(str(entry.name), tuple(entry.pattern.converters))


def test_every_route_is_in_the_policy_and_every_rule_has_its_route() -> None:
    named = {route.name for route in routes()}
    assert named == set(policy()["routes"]) | set(policy()["public"])


def asker(handle: str) -> Asker:
    _name, role, area = PEOPLE[handle]
    return Asker(role, frozenset(roles_in_force()[role].purposes), area)


def arguments(route: Route, target: UUID | str, code: str) -> dict[str, Any]:
    """Return what the address is made with: the object, and the act or area where the address names one."""
    given: dict[str, Any] = {}
    for name in route.converters:
        if name == "act":
            given[name] = {"signal_act": "acknowledge", "order_leg": "accept"}.get(route.name, "handle")
        elif name == "code" and len(route.converters) > 1:
            given[name] = code
        elif name == "subject":
            given[name] = "people.Resident"
        else:
            given[name] = target
    return given


def kind_of(status: int, location: str) -> Answer:
    if status == 302 and location.startswith("/accounts/login/"):
        return Answer.SIGN_IN
    return {403: Answer.REFUSED, 404: Answer.ABSENT}.get(status, Answer.ANSWERED)


WELL_FORMED = {
    "state": "verified",
    "fields": "phone",
    "why": "visit",
    "words": "已留意",
    "hours": "1",
    "reason": "路远",
    "answer": "grant",
    "act": "refuse",
}


class Asking:
    """One signed-in client; what its requests do is undone."""

    def __init__(self, world: World, handle: str | None) -> None:
        self.client = Client(raise_request_exception=False)  # refused by the database: a 500
        self.who = asker(handle) if handle else None
        self.appointment_id = world.appointments[handle].pk if handle else uuid4()
        if handle:
            world.sign_in(self.client, handle)
            self.client.get("/")  # the session keeps its post, so that no request has to write it anew

    def body(self, placed: Placed | None) -> str:
        """Return a body with which each act is well formed, so that the answer is about rights."""
        own = {"appointment": str(self.appointment_id), "version": version_of(placed)}
        return urlencode(own | WELL_FORMED)

    def ask(self, route: Route, method: str, placed: Placed | None) -> tuple[int, Answer, bytes]:
        target = placed.target if placed else uuid4()
        if route.converters == ("code",) and placed is None:
            target = f"{DISTRICT}999"
        address = reverse(route.name, kwargs=arguments(route, target, placed.within if placed else DISTRICT))
        undo = transaction.savepoint()
        answer = self.client.generic(
            method,
            address,
            self.body(placed) if method == "POST" else "",
            content_type="application/x-www-form-urlencoded",
        )
        transaction.savepoint_rollback(undo)
        self.client.cookies.pop("messages", None)  # a toast of one act would show on the next page
        page = answer.content.replace(address.encode(), b"")  # what the asker wrote, said back
        return answer.status_code, kind_of(answer.status_code, answer.get("Location", "")), page


def version_of(placed: Placed | None) -> int:
    """Return the version an act is decided on, as somebody who sees the object would send it."""
    if placed is None or placed.kind not in {"signal", "order"}:
        return 1
    model = Signal if placed.kind == "signal" else WorkOrder
    with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return model._default_manager.values_list("version", flat=True).get(pk=placed.target)


@pytest.fixture
def placed(world: World) -> dict[str, list[Placed]]:
    return place_objects(world)


@pytest.mark.parametrize("handle", [None, *ROLES])
def test_each_role_is_answered_as_the_policy_says(
    world: World, placed: dict[str, list[Placed]], handle: str | None
) -> None:
    asking, wrong, asked = Asking(world, handle), [], 0
    for route in routes():
        rules = policy()["routes"].get(route.name, {})
        for method, rule in rules.items():
            there: list[Placed | None] = [*placed[rule["of"]]] if "of" in rule else [None]
            absent_body = b""
            for one in (None, *there):
                status, got, body = asking.ask(route, method, one)
                area = one.area_code if one else None
                erased = one is not None and one.is_erased
                want = expected(asking.who, route.name, method, area, is_erased=erased)
                asked += 1
                if got is not want or status == 500:
                    wrong.append(f"{method} {route.name} on {one}: {status}, expected {want.value}")
                if one is None:
                    absent_body = body
                elif want is Answer.ABSENT and without_marks(body) != without_marks(absent_body):
                    wrong.append(f"{method} {route.name} on {one}: differs from the absent one")
    assert not wrong, "\n".join(wrong)
    assert asked > len(policy()["routes"])


def test_a_method_that_is_not_in_the_policy_is_not_there(world: World) -> None:
    asking, open_ones = Asking(world, "qian"), []
    for route in routes():
        listed = set(policy()["routes"].get(route.name, {}))
        if not listed:
            continue
        for method in METHODS:
            if method in listed:
                continue
            status, _answer, _body = asking.ask(route, method, None)
            if status not in {NOT_ALLOWED, 403, 404}:
                open_ones.append(f"{method} {route.name}: {status}")
    assert not open_ones, "\n".join(open_ones)


def test_the_objects_lie_near_and_far(placed: dict[str, list[Placed]]) -> None:
    many = ("resident", "household", "report", "receipt", "file")
    assert all(len({one.area_code for one in placed[kind]}) > 1 for kind in many)
