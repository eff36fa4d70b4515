"""Row 20: two people behind one cache; what is of somebody is never kept for somebody else."""

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.api.calling import system
from tests.foundation.asking import envelope, give_token, send_all, with_token
from tests.rights.objects import place_objects
from tests.rights.policy import policy
from tests.rights.test_api_rights import operations
from tests.rights.test_rights import Asking, arguments, routes
from tests.world import DISTRICT, GRID_A, PEOPLE, World

PRIVATE = {"private", "no-store"}


class Careless:
    """Answers as a house would that forgot to say for whom its pages are."""

    def get(self, path: str) -> HttpResponse:
        return HttpResponse(f"somebody's {path}")


@dataclass
class SharedCache:
    """A cache in front of the house that keeps by address alone whatever it is not forbidden to keep."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, client: Client | Careless, path: str) -> bytes:
        if path in self.kept:
            return self.kept[path]
        answer = client.get(path)
        content = bytes(answer.content)
        said = {part.strip() for part in answer.get("Cache-Control", "").split(",")}
        if answer.status_code == 200 and not said & PRIVATE:
            self.kept[path] = content
        return content


@pytest.mark.parametrize("handle", [None, "wang", "zhou", "xu"])
def test_no_answer_of_any_route_may_be_kept(world: World, handle: str | None) -> None:
    placed, asking, wrong = place_objects(world), Asking(world, handle), []
    for route in routes():
        there = [
            placed[rule["of"]][0] for rule in policy()["routes"].get(route.name, {}).values() if "of" in rule
        ]
        target = there[0].target if there else "x"
        address = reverse(route.name, kwargs=arguments(route, target, there[0].within if there else DISTRICT))
        for method in ("GET", "POST"):
            undo = transaction.savepoint()
            answer = asking.client.generic(method, address)
            transaction.savepoint_rollback(undo)
            if answer["Cache-Control"] != "private, no-store":
                wrong.append(f"{method} {route.name}: {answer['Cache-Control']}")
    assert not wrong, "\n".join(wrong)


def test_two_people_behind_one_cache_see_their_own_pages(world: World) -> None:
    cache, plain = SharedCache(), ("home", "my_work", "my_day", "orders", "people", "households")
    first, second = (world.sign_in(Client(), handle) for handle in ("wang", "du"))
    for name in plain:
        cache.get(first, reverse(name))
        other = cache.get(second, reverse(name)).decode()

        assert PEOPLE["wang"][0] not in other, name
        assert name == "home" or PEOPLE["du"][0] in other, name
    assert cache.kept == {}


def test_the_cache_of_the_test_would_keep_what_it_may() -> None:
    cache = SharedCache()
    cache.get(Careless(), "/")

    assert cache.kept == {"/": b"somebody's /"}


def test_no_answer_of_the_api_may_be_kept(world: World) -> None:
    wang = system(world, "wang")

    told = [wang.ask(one.method, one.address("x").removeprefix("/api")) for one in operations()]

    assert len(told) > 10  # each was held against its header by the caller
    assert Client().get("/api/openapi.json")["Cache-Control"] == "private, no-store"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_no_answer_of_the_inbox_may_be_kept(world: World) -> None:
    wang = with_token(give_token(world.appointments["wang"].pk, "problems"))
    body = {"category": "heating", "words": "停暖"}

    told = send_all(
        [(wang, envelope(GRID_A, body=body)), (wang, {}), ({}, envelope(GRID_A))], source="problems"
    )

    assert [one.status for one in told] == [201, 400, 401]
    assert {one.headers["cache-control"] for one in told} == {"private, no-store"}
