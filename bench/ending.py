"""From ending an appointment to the end of its rights: page, JSON answer, open stream, inbox.

Each surface is asked without pause (the stream is read); what counts is the time from the commit that ends
the appointment to the first refusal, and any success asked for after the commit. The ceiling of the same run
is one answer of the same server that asks nobody's rights.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import httpx

from bench import house
from bench.figure import Figure
from bench.signal_shown import BASE, PORT, quantile, running, wait_until_ready

RESIDENTS = int(os.environ.get("RESIDENTS") or 30_000)
ENDINGS = int(os.environ.get("BENCH_SAMPLES", "60"))
LIMIT_SECONDS = 1.0  # issue A
SURFACES = ("page", "API", "stream", "inbox")
SOURCE = "case-reports"


@dataclass
class Watched:
    """A surface under watch: when it first refused, and when the last success was asked for."""

    refused_at: float = float("inf")
    last_success_asked: float = 0.0
    seen: threading.Event = field(default_factory=threading.Event)  # it answered at least once


@dataclass(frozen=True)
class Holder:
    """Somebody in a post of their own: a session and a credential."""

    appointment: Any
    session: str
    token: str
    grid: str


def main() -> Iterator[Figure]:
    """End one appointment after another under watch, and yield the worst of each surface."""
    with house.district(RESIDENTS), ExitStack() as stack:
        stack.enter_context(running(["anlan.wiring.web", "--port", str(PORT)]))
        wait_until_ready()
        took: dict[str, list[float]] = {surface: [] for surface in SURFACES}
        for number in range(ENDINGS):
            for surface, seconds in ended(number).items():
                took[surface].append(seconds)
        with httpx.Client(base_url=BASE) as client:
            plain = statistics.median(_timed(lambda: client.get("/healthz")) for _ in range(50))
    for surface in SURFACES:
        p99 = quantile(took[surface], 0.99)
        for name, value in (
            ("median", statistics.median(took[surface])),
            ("p99", p99),
            ("worst", max(took[surface])),
        ):
            yield Figure(
                f"rights end on the {surface}, {name} of {ENDINGS}",
                value,
                plain,
                "s",
                "an answer without rights",
                ours_at_most=LIMIT_SECONDS,
            )


def ended(number: int) -> dict[str, float]:
    """Watch a new holder, end the appointment, and return the seconds each surface took to refuse."""
    holder = appoint(number)
    watched = {surface: Watched() for surface in SURFACES}
    watchers: dict[str, Callable[[Holder, Watched], None]] = {
        "page": partial(watch_address, "/work/"),
        "API": partial(watch_address, f"/areas/{holder.grid}/map.json"),
        "stream": watch_stream,
        "inbox": watch_inbox,
    }
    threads = [
        threading.Thread(target=watchers[name], args=(holder, watched[name]), daemon=True)
        for name in SURFACES
    ]
    for thread in threads:
        thread.start()
    for name, one in watched.items():
        if not one.seen.wait(20):
            raise RuntimeError(f"the {name} never answered")
    end(holder)
    at = time.monotonic()
    for thread in threads:
        thread.join(20)
    for name, one in watched.items():
        if one.last_success_asked > at:
            raise RuntimeError(f"the {name} still answered {one.last_success_asked - at:.3f} s after the end")
    return {name: max(0.0, one.refused_at - at) for name, one in watched.items()}


def watch_address(address: str, holder: Holder, watched: Watched) -> None:
    """Ask for one's work, or for data as JSON, without pause until it is refused."""
    with httpx.Client(base_url=BASE, cookies={"sessionid": holder.session}) as client:
        while True:
            asked = time.monotonic()
            if client.get(address).status_code != 200:
                watched.refused_at = time.monotonic()
                return
            watched.last_success_asked = asked
            watched.seen.set()


def watch_inbox(holder: Holder, watched: Watched) -> None:
    """Send a report after another until one is refused."""
    from anlan.foundation.ids import new_id

    headers = {"Authorization": f"Bearer {holder.token}"}
    with httpx.Client(base_url=BASE, headers=headers) as client:
        while True:
            record, asked = str(new_id()), time.monotonic()
            envelope = {
                "key": record,
                "record_id": record,
                "area_code": holder.grid,
                "body": {"symptoms": ["cough"]},
            }
            if client.post(f"/inbox/{SOURCE}/", json=envelope).status_code != 201:
                watched.refused_at = time.monotonic()
                return
            watched.last_success_asked = asked
            watched.seen.set()


def watch_stream(holder: Holder, watched: Watched) -> None:
    """Read the open stream until the server ends it or says that one is signed out."""
    with (
        httpx.Client(base_url=BASE, cookies={"sessionid": holder.session}, timeout=30) as client,
        client.stream("GET", "/live/") as answer,
    ):
        if answer.status_code == 200:
            watched.seen.set()
        for line in answer.iter_lines():
            if "signed-out" in line:
                break
    watched.refused_at = time.monotonic()


def appoint(number: int) -> Holder:
    """Appoint somebody new to a new post at a grid, signed in and with a credential."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from anlan.foundation.clock import utc_now
    from anlan.foundation.models import Account, InboxCredential
    from anlan.organisation.models import Appointment, Area, Member, Post, PostRange

    since, name = utc_now() - timedelta(days=1), f"bench.ending.{number}.{time.time_ns()}"
    grid = Area.objects.filter(level="grid").order_by("code").values_list("code", flat=True)[number % 50]
    with transaction.atomic():
        account = Account.objects.create(username=name, password="!")
        member = Member.objects.create(name="量", area_code=grid, account=account)
        post = Post.objects.create(
            role="grid_worker", title="量", area_code=grid, purposes=["grid_work"], starts_at=since
        )
        PostRange.objects.create(post=post, code=grid)
        held = Appointment.objects.create(post=post, member=member, starts_at=since)
        InboxCredential.objects.create(
            source=SOURCE,
            appointment_id=held.pk,
            token_hash=sha256(name.encode()).digest(),
            starts_at=since,
        )
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
    return Holder(held, str(session.session_key), name, grid)


def end(holder: Holder) -> None:
    """End the appointment as the subdistrict does; return once it is committed."""
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import scope
    from anlan.organisation.actions import end_appointment
    from anlan.organisation.queries import actors_of, live_appointments

    now = utc_now()
    officers = actors_of(live_appointments(now).filter(post__role="subdistrict_officer"), now=now)
    officer = next(one for one in officers if one.ranges.covers(holder.grid))
    with scope(officer):
        end_appointment(
            actor=officer,
            appointment_id=holder.appointment.pk,
            now=now,
            expected_version=holder.appointment.version,
            reason="量",
        )


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
