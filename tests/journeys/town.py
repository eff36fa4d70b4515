"""The small town, running: web, worker and, where asked, the clock as processes over the test database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from anlan.foundation.models import Account
from tests.world import World, build_world

PASSWORD = "journey-through-town"
LONGEST_START_SECONDS = 240  # a machine busy with other things is slow to start, not broken
LIVE_MS = 5_000  # each step is seen elsewhere within five seconds (issue A)
T = TypeVar("T")


class HasAccounts(Protocol):
    """People made for a test: the accounts with which they sign in, by handle."""

    accounts: dict[str, Account]


@dataclass(frozen=True, slots=True)
class Town:
    """A running town: where it is, and its people."""

    base: str
    world: World


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(people: HasAccounts, *, with_clock: bool = False) -> Iterator[str]:
    """Run the house over what the test database holds and yield its address; every account gets PASSWORD.

    With its clock the duties of wiring/schedule.py are done too, each when its time comes.
    """
    Account.objects.filter(pk__in=[account.pk for account in people.accounts.values()]).update(
        password=make_password(PASSWORD)  # made once for all: it is slow on purpose
    )
    call_command("collectstatic", interactive=False, verbosity=0)
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": _url("anlan_app"),
        "OWNER_DATABASE_URL": _url("anlan_owner"),
        "ANLAN_STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "ANLAN_LOG_LEVEL": "ERROR",
        "PYTHONPATH": "src",
    }
    commands = [
        ["anlan.wiring.web", "--host", "127.0.0.1", "--port", str(port)],
        ["anlan.wiring.commands", "run_worker"],
    ]
    if with_clock:
        commands.append(["anlan.wiring.commands", "run_scheduler"])
    started = [subprocess.Popen([sys.executable, "-m", *command], env=environment) for command in commands]
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", started)
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)


@contextmanager
def running(world: World, *, with_clock: bool = False) -> Iterator[Town]:
    """Run the house over the usual town."""
    with serving(world, with_clock=with_clock) as base:
        yield Town(base, world)


@contextmanager
def standing(blocker: DjangoDbBlocker, put_pack_in_force: Callable[[], None]) -> Iterator[Town]:
    """Run one town for all tests of a file; they keep apart by person. The database is emptied afterwards."""
    with blocker.unblock():
        try:
            put_pack_in_force()
            with running(build_world()) as house:
                yield house
        finally:
            call_command("flush", database="owner", interactive=False, verbosity=0)


def ask(question: Callable[[], T]) -> T:
    """Ask the database while a browser is open.

    Playwright's loop runs in the test's thread. There Django refuses to ask, and would keep connections of
    their own that nothing closes; so the question is put in a thread that ends with its connections.
    """

    def asked() -> T:
        try:
            with transaction.atomic():  # a scope holds within a transaction
                return question()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(asked).result()


def until(
    question: Callable[[], bool],
    *,
    within_ms: int = LONGEST_START_SECONDS * 1000,
    asking: Callable[[Callable[[], bool]], bool] = ask,
) -> None:
    """Ask the database until it is so: what the worker does comes a moment after what a browser is told."""
    deadline = time.monotonic() + within_ms / 1000
    while not asking(question):
        if time.monotonic() > deadline:
            raise AssertionError("it did not become so")
        time.sleep(0.2)


def _url(role: str) -> str:
    at = connection.settings_dict
    return f"postgresql://{role}@/{at['NAME']}?host={at['HOST']}&port={at['PORT']}"


def _wait_for(address: str, started: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while True:
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError) as error:
            if any(process.poll() is not None for process in started) or time.monotonic() > deadline:
                raise AssertionError(f"the house did not start: {address}") from error
        time.sleep(0.1)
