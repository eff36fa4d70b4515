"""The command page with 1,000 grids on its map and 4,700 open orders: first paint, map painted, bytes.

The ceiling of the same run: a page of the same frame that lists nothing (notices, of which there are none).
"""

import json
import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page

from bench import house
from bench.figure import Figure
from bench.signal_shown import BASE, PORT, forget, running, wait_until_ready

RESIDENTS = int(os.environ.get("RESIDENTS") or 30_000)
ORDERS = 4_700  # issue B
REPEATS = 15
FULL, EMPTY = "/command/?level=grid", "/warnings/"
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
BYTES = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .reduce((sum, entry) => sum + entry.transferSize, 0) / 1024"""


def main() -> Iterator[Figure]:
    """Open the two pages turn about, each in a fresh profile, and compare."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with house.district(RESIDENTS) as folder, ExitStack() as stack:
        forget()
        open_orders()
        stack.enter_context(running(["anlan.wiring.web", "--port", str(PORT)]))
        wait_until_ready()
        from tests.journeys.browser import DESK, new_context, open_browser, sign_in

        browser = stack.enter_context(open_browser())
        username, password = commander(folder)
        told: dict[str, list[dict[str, float]]] = {FULL: [], EMPTY: []}
        for _ in range(REPEATS):
            for path, figures in told.items():
                context = new_context(browser, DESK)
                page = context.new_page()
                sign_in(page, BASE, username, password)
                figures.append(opened(page, path))
                context.close()
        forget()
    for key, unit, name in (
        ("paint", "ms", "first paint"),
        ("whole", "ms", "all painted, map too"),
        ("kib", "KiB", "bytes sent"),
    ):
        full, empty = (statistics.median(one[key] for one in told[path]) for path in (FULL, EMPTY))
        yield Figure(f"command page, {name}", full, empty, unit, "a page that lists nothing")


def opened(page: Page, path: str) -> dict[str, float]:
    """Open a page and return its first paint and whole paint in ms since navigation, and KiB received."""
    page.goto(f"{BASE}{path}", wait_until="load")
    if path == FULL:
        page.wait_for_function("() => document.querySelector('#risk-map canvas, #risk-map svg path')")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    whole = float(
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => done(performance.now())))")
    )
    return {"paint": float(page.evaluate(PAINT)), "whole": whole, "kib": float(page.evaluate(BYTES))}


def commander(folder: Path) -> tuple[str, str]:
    """Return the sign-in of the commander."""
    accounts = json.loads((folder / "sign-ins.json").read_text(encoding="utf-8"))
    found = next(account for account in accounts if account["role"] == "district_commander")
    return found["username"], found["password"]


def open_orders() -> None:
    """Open so many orders, spread over the grids, a fifth of them overdue."""
    from django.db import transaction

    from anlan.foundation.actor import AreaRanges
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import duty
    from anlan.organisation.models import Area, Post
    from anlan.workorders.models import WorkOrder

    now = utc_now()
    grids = list(Area.objects.filter(level="grid").order_by("code").values_list("code", flat=True))
    posts = {post.area_code: post for post in Post.objects.filter(role="grid_worker")}
    whose = [(code, posts[code]) for code in grids if code in posts]
    with transaction.atomic(), duty("open_order", ranges=AreaRanges.of([grids[0][:6]]), cause="bench"):
        WorkOrder.objects.bulk_create(
            WorkOrder(
                area_code=code,
                kind="community_task",
                task="上门送药",
                place_name="",
                accountable=post,
                opened_at=now - timedelta(hours=number % 48),
                stage_entered_at=now - timedelta(hours=number % 48),
                due_at=now + timedelta(hours=12 * (number % 5) - 6),
            )
            for number in range(ORDERS)
            for code, post in [whose[number % len(whose)]]
        )
