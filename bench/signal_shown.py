"""From sending the report that completes a rule to the signal standing on an open page, in a real browser.

The ceiling of the same run: a change made straight in the database and announced, until the same page shows
it; that is the live push and the repainting alone, without inbox, worker and rules.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench import house
from bench.figure import Figure

RESIDENTS = int(os.environ.get("RESIDENTS") or 30_000)
SAMPLES = int(os.environ.get("BENCH_SAMPLES", "100"))
PORT = 8652
BASE = f"http://127.0.0.1:{PORT}"
SOURCE, CONDITION = "case-reports", "rabies"  # a single case is a signal, one for each grid
LONGEST_MS = 30_000
LIMIT_SECONDS = 5  # issue B: each step is seen elsewhere within five seconds


def main() -> Iterator[Figure]:
    """Measure the whole way and the live push alone, turn about, each on one open page."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's driver keeps an event loop in this thread
    with house.district(RESIDENTS) as folder, ExitStack() as stack:
        senders = make_senders()
        for command in (["anlan.wiring.web", "--port", str(PORT)], ["anlan.wiring.commands", "run_worker"]):
            stack.enter_context(running(command))
        wait_until_ready()
        page = stack.enter_context(open_page(folder))
        whole, alone = [], []
        for number, (grid, name, token) in enumerate(senders):
            whole.append(until_shown(page, name, lambda grid=grid, token=token: send(grid, token)))
            mark = f"量{number:04d}"
            alone.append(until_shown(page, mark, lambda grid=grid, mark=mark: rename(grid, mark)))
        forget()
    for name, at in (("median", 0.5), ("p99", 0.99)):
        yield Figure(
            f"completing report to signal shown, {name}",
            quantile(whole, at),
            quantile(alone, at),
            "s",
            f"announced change to shown, {name}",
            ours_at_most=LIMIT_SECONDS,
        )


def quantile(values: list[float], at: float) -> float:
    """Return a quantile of the measured seconds."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(at * 100) - 1]


@contextmanager
def running(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a part of the house while the block runs."""
    process = subprocess.Popen([sys.executable, "-m", *command], env=dict(os.environ))
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_until_ready() -> None:
    """Wait until the house answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{BASE}/readyz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the house does not answer")


@contextmanager
def open_page(folder: Path) -> Iterator[Page]:
    """Open the list of signals as the CDC duty officer and leave it open."""
    from tests.journeys.browser import DESK, new_context, open_browser, sign_in

    accounts = json.loads((folder / "sign-ins.json").read_text(encoding="utf-8"))
    officer = next(account for account in accounts if account["role"] == "cdc_duty_officer")
    with open_browser() as browser:
        page = new_context(browser, DESK).new_page()
        sign_in(page, BASE, officer["username"], officer["password"])
        page.goto(f"{BASE}/signals/")
        page.wait_for_timeout(1_000)  # the stream is open
        yield page


def until_shown(page: Page, words: str, act: Any) -> float:
    """Return the seconds from the act until the page shows the words."""
    began = time.perf_counter()
    act()
    page.wait_for_function(
        "words => document.querySelector('main').innerText.includes(words)",
        arg=words,
        timeout=LONGEST_MS,
        polling="raf",
    )
    return time.perf_counter() - began


def send(grid: str, token: str) -> None:
    """Send the report as an outside system does; it must be taken."""
    from anlan.foundation.ids import new_id

    record = str(new_id())
    envelope = {"key": record, "record_id": record, "area_code": grid, "body": {"condition": CONDITION}}
    request = urllib.request.Request(
        f"{BASE}/inbox/{SOURCE}/",
        data=json.dumps(envelope).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        if answer.status != 201:
            raise RuntimeError(f"not taken: {answer.status}")


def rename(grid: str, words: str) -> None:
    """Change what the page shows of the grid's signal and announce it, nothing else, in one transaction."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "WITH named AS (UPDATE surveillance_signal SET place_name = %s"
            " WHERE area_code = %s AND condition = %s)"
            " SELECT pg_notify('anlan_live', %s)",
            [words, grid, CONDITION, json.dumps({"topic": "signals", "area": grid})],
        )


def make_senders() -> list[tuple[str, str, str]]:
    """Give as many grids a sender of their own; return (code, name, token) of each."""
    from django.db import transaction

    from anlan.foundation.clock import utc_now
    from anlan.foundation.models import InboxCredential
    from anlan.organisation.models import Appointment, Area

    since = utc_now() - timedelta(days=1)
    forget()
    grids = dict(Area.objects.filter(level="grid").order_by("code").values_list("code", "name"))
    held = Appointment.objects.filter(post__role="grid_worker", ends_at=None).order_by("post__area_code")
    by_grid = {row.post.area_code: row for row in held.select_related("post")}
    found = []
    with transaction.atomic():
        for code in [code for code in grids if code in by_grid][:SAMPLES]:
            token = f"bench {code} {time.time_ns()}"
            InboxCredential.objects.create(
                source=SOURCE,
                appointment_id=by_grid[code].pk,
                token_hash=sha256(token.encode()).digest(),
                starts_at=since,
            )
            found.append((code, grids[code], token))
    return found


def forget() -> None:
    """Take the signals, reports and envelopes of earlier runs away, so that every run begins alike."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "TRUNCATE surveillance_signal, surveillance_counted, surveillance_dailycount,"
            " workorders_workorder, epidemic.health_casereport, foundation_envelope CASCADE"
        )
    connections.close_all()
