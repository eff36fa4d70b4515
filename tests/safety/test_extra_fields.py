"""Row 19: fields that no form has change nothing, on any route; a method cannot be disguised."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.api.calling import said, system
from tests.rights.objects import Placed, place_objects
from tests.rights.policy import Answer, expected, policy
from tests.rights.test_api_rights import WELL_FORMED as BODIES
from tests.rights.test_api_rights import operations
from tests.rights.test_rights import (
    NOT_ALLOWED,
    ROLES,
    WELL_FORMED,
    Asking,
    Route,
    arguments,
    asker,
    routes,
    version_of,
)
from tests.safety.written import moment, written_since
from tests.world import DISTRICT, GRID_A, GRID_D, World

SMUGGLED = {
    "role": "district_commander", "grid": GRID_D, "is_staff": "1", "is_superuser": "1", "is_active": "0",
    "status": "closed", "approved_by": str(UUID(int=7)), "approved_at": "2020-01-01T00:00:00Z",
    "created_at": "2020-01-01T00:00:00Z", "opened_at": "2020-01-01T00:00:00Z", "area_code": GRID_D,
    "purposes": "health", "purpose": "", "ranges": DISTRICT, "member_id": str(UUID(int=7)),
    "account": str(UUID(int=7)), "post_id": str(UUID(int=7)), "accountable": str(UUID(int=7)),
    "seen_by_leaders": "1", "grade": "very_low", "household_id": str(UUID(int=7)), "source": "other",
    "must_change_password": "0", "demonstration_district": DISTRICT, "version_": "9", "pk": str(UUID(int=7)),
    "_method": "DELETE",
}  # fmt: skip
OWN = {  # fields of that name which a form does have
    "post_new": {"role"},
}
SENT: dict[str, dict[str, str]] = {
    "people_search": {"q": "chen"},
    "person_register": {"resident_id": str(UUID(int=1)), "name": "何小满"},
    "person_correct": {"version": "1", "relation": "房东"},
    "problem": {
        "order_id": str(UUID(int=2)),
        "area_code": GRID_A,
        "category": "heating",
        "words": "停暖三天",
    },
    "choose_language": {"language": "en"},
    "response_decline": {"version": "1", "reason": "已由学校处理"},
    "shift_give": {"note": "无"},
}
DISGUISES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
FEWEST_EFFECTIVE = 20


class Walk:
    """Each route that takes a POST, asked by somebody it is open to, about something they see."""

    def __init__(self, world: World) -> None:
        self.world, self.placed = world, place_objects(world)
        self.asking = {handle: Asking(world, handle) for handle in ROLES}

    def find(self, route: Route, rule: dict[str, Any]) -> tuple[Asking, Placed | None] | None:
        """Return who may do it, and to what."""
        there: list[Placed | None] = [*self.placed[rule["of"]]] if "of" in rule else [None]
        for handle in ROLES:
            for one in there:
                area, erased = (one.area_code, one.is_erased) if one else (None, False)
                if expected(asker(handle), route.name, "POST", area, is_erased=erased) is Answer.ANSWERED:
                    return self.asking[handle], one
        return None

    def writes(self, route: Route, found: tuple[Asking, Placed | None], more: dict[str, str]) -> Counter[str]:
        """Send the form, with more fields beside its own; return what it wrote, and undo it."""
        asking, one = found
        target: UUID | str = one.target if one else uuid4()
        address = reverse(route.name, kwargs=arguments(route, target, one.within if one else DISTRICT))
        own = {"appointment": str(asking.appointment_id), "version": str(version_of(one))}
        sent = own | WELL_FORMED | SENT.get(route.name, {})
        fields = sent | {name: value for name, value in more.items() if name not in sent}
        undo, mark = transaction.savepoint(), moment()
        answer = asking.client.generic(
            "POST", address, urlencode(fields), content_type="application/x-www-form-urlencoded"
        )
        written = written_since(mark)
        transaction.savepoint_rollback(undo)
        written[f"answered {answer.status_code}"] = 1
        return written


def test_fields_that_no_form_has_change_nothing_that_is_written(world: World) -> None:
    walk, changed, effective, asked = Walk(world), [], set(), 0
    for route in routes():
        rule = policy()["routes"].get(route.name, {}).get("POST")
        found = walk.find(route, rule) if rule else None
        if found is None:
            continue
        asked += 1
        more = {name: value for name, value in SMUGGLED.items() if name not in OWN.get(route.name, set())}
        plain, smuggled = walk.writes(route, found, {}), walk.writes(route, found, more)
        if any("{" in key and not key.startswith("foundation_audit") for key in plain):
            effective.add(route.name)
        if plain != smuggled:
            changed.append(f"{route.name}: {dict((smuggled - plain) + (plain - smuggled))}")
    assert not changed, "\n".join(changed)
    assert asked > 50
    assert len(effective) >= FEWEST_EFFECTIVE, sorted(effective)


def test_the_comparison_sees_a_field_that_does_change_something(world: World) -> None:
    walk = Walk(world)
    route = next(one for one in routes() if one.name == "person_register")
    found = walk.find(route, policy()["routes"]["person_register"]["POST"])
    assert found is not None

    plain, other = walk.writes(route, found, {}), walk.writes(route, found, {"relation": "子女"})

    assert plain != other and len(plain) == len(other)


def test_a_method_in_a_header_or_a_field_does_not_count(world: World) -> None:
    client, wrong = world.sign_in(Client(), "kong"), []
    for route in routes():
        listed = set(policy()["routes"].get(route.name, {}))
        if listed not in ({"GET"}, {"POST"}):
            continue
        sent, meant = ("POST", "GET") if listed == {"GET"} else ("GET", "POST")
        address = reverse(route.name, kwargs=arguments(route, uuid4(), DISTRICT))
        undo = transaction.savepoint()
        answer = client.generic(
            sent, f"{address}?_method={meant}", f"_method={meant}",
            content_type="application/x-www-form-urlencoded", headers=dict.fromkeys(DISGUISES, meant),
        )  # fmt: skip
        transaction.savepoint_rollback(undo)
        if answer.status_code != NOT_ALLOWED:
            wrong.append(f"{route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_the_api_refuses_every_field_that_no_body_has(world: World) -> None:
    caller, wrong = system(world, "wang"), []
    for one in operations():
        body = BODIES.get(one.name)
        for name in SMUGGLED if body is not None else ():
            sent = {**(body or {}), name: SMUGGLED[name]}
            answer = caller.ask(one.method, one.address(uuid4()).removeprefix("/api"), sent)
            if said(answer) not in {(400, "wrong_shape"), (403, "not_allowed")}:
                wrong.append(f"{one.name} {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_the_api_takes_no_method_but_the_one_that_was_sent(world: World) -> None:
    caller, chen = system(world, "wang"), world.resident("陈大明", GRID_A).pk
    disguised = dict.fromkeys(DISGUISES, "PATCH")

    answer = caller.ask(
        "POST", f"/residents/{chen}?_method=PATCH", {"expected_version": 1, "relation": "房东"}, **disguised
    )

    assert said(answer) == (405, "other_method")
