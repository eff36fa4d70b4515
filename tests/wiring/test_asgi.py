"""The server's entrance under a real server: each path to its door, streams closed first at the end."""

import http.client
import signal
import subprocess
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.wiring.web_process import PATIENCE, ask, web_process
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
GRACE_SECONDS = 10  # uvicorn's for requests under way; an open stream must not use it up


@pytest.fixture
def town() -> World:
    return build_world()


@pytest.fixture
def web(town: World) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The web process on the tests' database."""
    with web_process() as running:
        yield running


def test_each_path_leads_to_its_door(web: tuple[subprocess.Popen[bytes], int]) -> None:
    port = web[1]

    assert ask(port, "POST", "/inbox/case-reports/").status == 401
    assert ask(port, "GET", "/inbox/case-reports/").status == 405
    assert ask(port, "GET", "/live/").status == 401
    assert ask(port, "GET", "/").status == 302


def test_an_open_stream_does_not_hold_up_the_end(
    town: World, web: tuple[subprocess.Popen[bytes], int]
) -> None:
    process, port = web
    key = town.sign_in(Client(), "wang").session.session_key
    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    stream.request("GET", "/live/", headers={"Cookie": f"sessionid={key}"})
    answer = stream.getresponse()
    assert (answer.status, answer.readline()) == (200, b"retry: 2000\n")

    process.send_signal(signal.SIGTERM)
    rest = answer.read()

    assert b"signed-out" not in rest
    assert process.wait(GRACE_SECONDS) in {0, 143, -signal.SIGTERM}
