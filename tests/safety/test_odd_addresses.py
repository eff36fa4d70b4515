"""No page breaks over what stands behind its question mark, whoever wrote it."""

from urllib.parse import urlencode
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from tests.rights.objects import Placed, place_objects
from tests.rights.policy import Answer, expected, policy
from tests.rights.test_rights import ROLES, Route, arguments, asker, routes
from tests.world import DISTRICT, World

NAMES = (
    "q", "on", "area", "kind", "view", "state", "condition", "rule", "form", "age", "all", "list", "level",
    "post", "role", "place", "section", "key", "unit", "building", "next", "since", "words", "who", "verb",
)  # fmt: skip
ODD = ("²", "٣٣٠١٩٩", "0001-01-01", "9999-12-31", "'\"\\%_")
MARKS = ("WyJ4IiwieSJd", "WyIiXQ")  # of no list: two words, an empty one


def addresses() -> list[str]:
    """Return what is put behind the question mark: every name with one odd value, and odd marks of pages."""
    odd = [urlencode(dict.fromkeys(NAMES, value)) for value in ODD]
    return odd + [urlencode({"after": mark}) for mark in MARKS]


def test_no_page_breaks_over_an_odd_address(world: World) -> None:
    placed, broken, asked = place_objects(world), [], 0
    clients = {handle: world.sign_in(Client(raise_request_exception=False), handle) for handle in ROLES}
    for route in routes():
        rule = policy()["routes"].get(route.name, {}).get("GET")
        there: list[Placed | None] = [*placed[rule["of"]]] if rule and "of" in rule else [None]
        open_to = [(handle, one) for handle in ROLES for one in there if rule and is_open(route, handle, one)]
        for handle, one in open_to[:1]:
            target = one.target if one else uuid4()
            address = reverse(route.name, kwargs=arguments(route, target, one.within if one else DISTRICT))
            for odd in addresses():
                status = clients[handle].get(f"{address}?{odd}").status_code
                asked += 1
                if status >= 500:
                    broken.append(f"{route.name} as {handle}: {status} over {odd[:60]}")
    assert not broken, "\n".join(broken)
    assert asked > 500


def is_open(route: Route, handle: str, one: Placed | None) -> bool:
    """Say whether the page is this person's to see."""
    area, erased = (one.area_code, one.is_erased) if one else (None, False)
    return expected(asker(handle), route.name, "GET", area, is_erased=erased) is Answer.ANSWERED
