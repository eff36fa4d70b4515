"""A flood of pages, each of which waits for the database, leaves sign-in and inbox their places."""

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client

from anlan.wiring.kinds import PAGES
from tests.foundation.asking import envelope, give_token, with_token
from tests.wiring.web_process import PATIENCE, Answer, ask, web_process
from tests.world import GRID_A, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PASSWORD = "春泉-一个很长的口令-2026"
PAGE = "/people/"
LOGIN = "/accounts/login/"
SOURCE = "case-reports"


@pytest.fixture
def town() -> World:
    world = build_world()
    world.accounts["li"].password = make_password(PASSWORD)
    world.accounts["li"].save()
    return world


@contextmanager
def nobody_reads(table: str) -> Iterator[None]:
    """Hold a lock that every page of residents waits for."""
    owner = connections["owner"]
    owner.set_autocommit(False)
    try:
        with owner.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        owner.rollback()
        owner.set_autocommit(True)


def sign_in(port: int, name: str) -> int:
    page = ask(port, "GET", LOGIN)
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    assert token is not None
    form = {"csrfmiddlewaretoken": token.group(1).decode(), "login": name, "password": PASSWORD}
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return ask(port, "POST", LOGIN, headers, urlencode(form).encode()).status


def test_a_flood_of_pages_leaves_sign_in_and_inbox_their_places(town: World) -> None:
    key = town.sign_in(Client(), "wang").session.session_key
    token = give_token(town.appointments["wang"].pk, SOURCE)
    report = json.dumps(envelope(GRID_A)).encode()
    flood = PAGES.bounds.at_once + PAGES.bounds.most_waiting + 40
    answers: list[Answer] = []
    told = threading.Condition()

    def visit(port: int) -> None:
        answer = ask(port, "GET", PAGE, {"Cookie": f"sessionid={key}"})
        with told:
            answers.append(answer)
            told.notify_all()

    with web_process() as (_, port), ThreadPoolExecutor(flood) as visitors:
        with nobody_reads("people_resident"):
            for _ in range(flood):
                visitors.submit(visit, port)
            with told:
                assert told.wait_for(lambda: len(answers) >= 40, PATIENCE)
            assert {answer.status for answer in answers} == {503}
            assert all(2 <= int(answer.headers["Retry-After"]) <= 60 for answer in answers)

            assert sign_in(port, "li") == 302
            assert ask(port, "POST", f"/inbox/{SOURCE}/", with_token(token), report).status == 201
            metrics = ask(port, "GET", "/metrics").body.decode()
            assert f'anlan_requests_in_flight{{kind="pages"}} {PAGES.bounds.at_once}.0' in metrics
            assert 'anlan_requests_shed_total{kind="pages",why="' in metrics
        with told:
            assert told.wait_for(lambda: len(answers) == flood, PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while ask(port, "GET", PAGE, {"Cookie": f"sessionid={key}"}).status != 200:
            assert time.monotonic() < deadline

    assert sum(answer.status == 200 for answer in answers) >= PAGES.bounds.at_once
