"""Two people behind one cache that keeps all it may: nobody is shown another's page (SAFETY.md 20)."""

from collections.abc import Mapping
from functools import partial
from http.client import HTTPMessage

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from anlan.foundation.inbox.door import PATH as INBOX
from tests.conftest import put_standard_pack_in_force
from tests.wiring.caching_proxy import CachingProxy, may_keep
from tests.wiring.web_process import Answer, ask, web_process
from tests.world import World, build_world

OWN_PAGE = "/work/"


def pages(found: URLResolver | None = None, before: str = "") -> list[str]:
    """Every address of the product that needs no parameter."""
    listed: list[str] = []
    for one in (found or get_resolver()).url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLPattern):
            listed += ["/" + path] if "<" not in path and "(" not in path else []
        else:
            listed += pages(one, path)
    return listed


def answer(**headers: str) -> Answer:
    told = HTTPMessage()
    for name, value in headers.items():
        told[name.replace("_", "-")] = value
    return Answer(200, told, b"")


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        ({}, True),
        ({"Cache_Control": "max-age=60"}, True),
        ({"Cache_Control": "public, max-age=60", "Vary": "Accept"}, True),
        ({"Expires": "Fri, 01 Jan 2100 00:00:00 GMT"}, True),
        ({"Cache_Control": "private, no-store"}, False),
        ({"Cache_Control": "no-cache"}, False),
        ({"Set_Cookie": "sessionid=1"}, False),
        ({"Vary": "*"}, False),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, False),
    ],
)
def test_the_cache_keeps_what_nginx_would_keep(headers: dict[str, str], is_kept: bool) -> None:
    assert may_keep(answer(**headers)) is is_kept


def test_a_page_that_says_nothing_of_caches_would_be_shown_to_the_next_person() -> None:
    def careless(path: str, headers: Mapping[str, str]) -> Answer:
        return Answer(200, HTTPMessage(), f"page of {headers['Cookie']}".encode())

    proxy = CachingProxy(careless)
    proxy.get("/", {"Cookie": "wang"})

    assert proxy.get("/", {"Cookie": "li"}).body == b"page of wang"  # the canary dies where it should


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nobody_is_shown_what_another_was_shown() -> None:
    put_standard_pack_in_force()  # a flush of the test before may have removed it
    town: World = build_world()
    who = {
        name: {"Cookie": f"sessionid={town.sign_in(Client(), name).session.session_key}"}
        for name in ("wang", "li", "zhao")
    }
    with web_process() as (_, port):
        proxy = CachingProxy(partial(ask, port, "GET"))
        seen = {name: proxy.get(OWN_PAGE, headers).body.decode() for name, headers in who.items()}
        told = [proxy.get(path, headers) for path in pages() for headers in ({}, *who.values())]
        told += [proxy.get(path, who["wang"]) for path in (f"{INBOX}case-reports/", "/nowhere/", "/files/x/")]

    for name, page in seen.items():
        assert town.members[name].name in page
        assert not [other for other in who if other != name and town.members[other].name in page]
    assert proxy.hits == [] and proxy.kept == {}
    assert sum(one.status == 200 for one in told) > 40
    assert {one.headers["Cache-Control"] for one in told} <= {
        "private, no-store",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    }
