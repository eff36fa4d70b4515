"""The server's entrance under a real server: each path to its door, streams closed first at the end."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from tests.foundation.killed_house import ROOT, free_port
from tests.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PATIENCE = 60.0
GRACE_SECONDS = 10  # uvicorn's for requests under way; an open stream must not use it up


@pytest.fixture
def town() -> World:
    return build_world()


@pytest.fixture
def web(town: World) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The web process on the tests' database."""
    reach, port = connection.settings_dict, free_port()
    url = f"postgresql://{reach['USER']}@localhost:{reach['PORT']}/{reach['NAME']}?host={reach['HOST']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "anlan.wiring.web", "--port", str(port)],
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        cwd=ROOT,
    )
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            assert ask(port, "GET", "/healthz")[0] == 200
            break
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
    yield process, port
    if process.poll() is None:
        process.kill()
    process.wait()


def ask(port: int, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        link.request(method, path, headers=headers or {})
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


def test_each_path_leads_to_its_door(web: tuple[subprocess.Popen[bytes], int]) -> None:
    port = web[1]

    assert ask(port, "POST", "/inbox/case-reports/")[0] == 401
    assert ask(port, "GET", "/inbox/case-reports/")[0] == 405
    assert ask(port, "GET", "/live/")[0] == 401
    assert ask(port, "GET", "/")[0] == 302


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
