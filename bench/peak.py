"""The peak of SAFETY.md 15: distinct residents' reports, open loop, each beside a public page, and staff.

40% of all come in the first tenth of the time, 1% in the first second. PEAK_SECONDS is 1800 for acceptance
(200,000 reports) with RESIDENTS=1000000; a shorter run keeps the same arrivals a second. None may be lost:
acknowledged reports are counted against stored ones.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from typing import Any

from bench import house
from bench.figure import Figure
from bench.signal_shown import BASE, PORT, running, wait_until_ready
from bench.visitors import Machine, marks, run_k6, sessions

RESIDENTS = int(os.environ.get("RESIDENTS") or 30_000)
SECONDS = int(os.environ.get("PEAK_SECONDS") or 60)
STAFF = 30
FIRST_SECOND, EARLY, LATE = 2_000, 438, 74  # reports a second: the first, to a tenth of the time, after
EARLY_PART = 0.1 if SECONDS >= 1_800 else 0.5
REPORT_P95_MS, REPORT_P99_MS, STAFF_P95_MS = 500, 1_500, 1_500  # issue 5
PAGES = ["/work/", "/people/", "/field/today/", "/orders/", "/signals/", "/command/", "/cases/"]
SENDERS = 8


def main() -> Iterator[Figure]:
    """Run the peak once against web and worker, and say what became of everybody."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peak_settings"
    with house.district(RESIDENTS), ExitStack() as stack:
        plan = make_plan()
        before = stored()
        for command in (["anlan.wiring.web", "--port", str(PORT)], ["anlan.wiring.commands", "run_worker"]):
            stack.enter_context(running(command))
        wait_until_ready()
        plan["staff"] = [
            {"cookie": one, "pages": opened} for one in sessions(None, STAFF) if (opened := pages_of(one))
        ]
        machine = Machine()
        told = run_k6("peak.js", plan)
        print(f"  {machine.told()}", flush=True)
        waiting = stored("AND state = 'waiting'")
        yield from figures(told, stored() - before)
        print(f"  not yet applied by the worker at the end: {waiting:,}", flush=True)


def make_plan() -> dict[str, Any]:
    """Make senders over the whole district and say who comes when."""
    from django.db import transaction

    from anlan.foundation.clock import utc_now
    from anlan.foundation.models import InboxCredential
    from anlan.organisation.models import Appointment, Area
    from bench.resident_door import PUBLIC_PATH, SOURCE

    since = utc_now() - timedelta(days=1)
    held = Appointment.objects.filter(ends_at=None, post__role="district_commander").first()
    assert held is not None
    tokens = [f"peak {number} {time.time_ns()}" for number in range(SENDERS)]
    with transaction.atomic():
        for token in tokens:
            hashed = sha256(token.encode()).digest()
            InboxCredential.objects.create(
                source=SOURCE, appointment_id=held.pk, token_hash=hashed, starts_at=since
            )
    early = round(SECONDS * EARLY_PART) - 1
    return {
        "base": BASE,
        "inbox": f"/inbox/{SOURCE}/",
        "public": PUBLIC_PATH,
        "tokens": tokens,
        "areas": list(Area.objects.filter(level="grid", ends_at=None).values_list("code", flat=True)),
        "seconds": SECONDS,
        "phases": [
            {"name": "first_second", "rate": FIRST_SECOND, "seconds": 1, "vus": 2_000},
            {"name": "early", "rate": EARLY, "seconds": early, "vus": 600},
            {"name": "late", "rate": LATE, "seconds": SECONDS - 1 - early, "vus": 200},
        ],
    }


def pages_of(cookie: str) -> list[str]:
    """Return the pages this person may open."""
    found = []
    for path in PAGES:
        request = urllib.request.Request(BASE + path, headers={"Cookie": cookie})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                if answer.url == BASE + path:
                    found.append(path)
        except urllib.error.HTTPError:
            continue
    return found


def stored(condition: str = "") -> int:
    """Count the stored reports, as the owner of the tables, who sees all."""
    from django.db import connections

    from bench.resident_door import SOURCE

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM foundation_envelope WHERE source = %s {condition}", [SOURCE])
        return int(cursor.fetchone()[0])


def figures(told: dict[str, dict[str, float]], kept: int) -> Iterator[Figure]:
    """Say who was served how fast, who came again, and whether anything was lost."""

    def count(name: str) -> int:
        return int(told.get(name, {}).get("count", 0))

    for what in ("report", "public", "staff"):
        facts = {
            outcome: count(f"{what}_{outcome}")
            for outcome in ("first", "served", "shed", "failed", "given_up")
        }
        print(f"  {what}: {json.dumps(facts)}", flush=True)
    for name in ("report_first_second_ms", "report_early_ms", "report_late_ms", "public_ms", "staff_ms"):
        print(f"  {name}: p50, p95, p99 {marks(told.get(name, {}))}", flush=True)
    print(f"  never sent by the generator: {count('dropped_iterations'):,}", flush=True)
    acknowledged, reports, staff = count("report_served"), told["report_all_ms"], told["staff_ms"]
    yield Figure("reports acknowledged", acknowledged, count("iterations"), "", "iterations of all visitors")
    yield Figure("acknowledged and not stored", max(0, acknowledged - kept), acknowledged, "", "acknowledged",
                 ours_at_most=0)  # fmt: skip
    yield Figure(
        "a report, p95", reports["p(95)"], reports["med"], "ms", "median", ours_at_most=REPORT_P95_MS
    )
    yield Figure(
        "a report, p99", reports["p(99)"], reports["med"], "ms", "median", ours_at_most=REPORT_P99_MS
    )
    yield Figure(
        "a page of staff, p95", staff["p(95)"], staff["med"], "ms", "median", ours_at_most=STAFF_P95_MS
    )
