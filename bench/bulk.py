"""One column of 10,000 residents set from their list: tried and written by a worker of its own.

The ceiling is the bare UPDATE of the same rows by the owner in the same run. Everything is put back after.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

from bench import house
from bench.figure import Figure
from bench.importing import BASE, _actor, _transaction, _wait_for
from bench.memory import watched_house
from bench.visitors import visitor

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
ROWS = int(os.environ.get("ROWS") or 10_000)
MOST_SECONDS = 10.0  # issue E, for 10,000 rows
LEAST_ROWS = 1000
COUNTS = "SELECT left(area_code, %s), count(*) FROM people_resident WHERE area_code LIKE %s GROUP BY 1"
UPDATE = """
    UPDATE people_resident SET verified_on = '2001-02-04', version = version + 1
    WHERE area_code >= %s AND area_code < %s
"""


def main() -> Iterator[Figure]:
    """Edit an area of about ROWS people and put it back; then the bare UPDATE of it."""
    with house.district(RESIDENTS):
        with watched_house() as (of_worker, _of_web):
            area, rows, seconds = _edit()
        bare = _bare(area)
        words = ", ".join(f"{name} {spent:.1f} s" for name, spent in seconds.items())
        print(f"  {rows:,} residents of {area}: {words}", flush=True)
        whole = seconds["tried"] + seconds["written"]
        a_goal = whole * 10_000 / rows
        yield Figure(f"{rows:,} residents edited in bulk", whole, bare, "s", "bare UPDATE of the rows")
        yield Figure("of that a 10,000 rows", a_goal, bare * 10_000 / rows, "s", "bare UPDATE of as many",
                     ours_at_most=MOST_SECONDS)  # fmt: skip
        yield Figure("worker's memory at its peak", of_worker.peak_mb, of_worker.first_mb, "MB", "before")


def _edit() -> tuple[str, int, dict[str, float]]:
    """Ask at the page, wait until it was tried, write, and undo; return the area, its rows and the times."""
    from anlan.exchange.actions import undo_batch, write_batch
    from anlan.foundation.ids import new_id

    actor, batch_id = _actor(), new_id()
    area = _area(actor)
    seconds = {}
    with visitor(actor, BASE) as client:
        began = time.perf_counter()
        sent = {"batch_id": str(batch_id), "column": "verified_on", "value": "2001-02-03"}
        client.post(f"/imports/bulk/residents/?area={area}", data=sent).raise_for_status()
        seconds["asked"] = time.perf_counter() - began
        batch = _wait_for(client, actor, batch_id, "tried")
        seconds["tried"] = time.perf_counter() - began  # with the asking
        for name, act, state in (("written", write_batch, "written"), ("undone", undo_batch, "undone")):
            began = time.perf_counter()
            _do(act, actor, batch)
            batch = _wait_for(client, actor, batch_id, state)
            seconds[name] = time.perf_counter() - began
            if name == "written" and (batch.rows_in < LEAST_ROWS or batch.written_count != batch.rows_in):
                raise RuntimeError(f"of {batch.rows_in} rows {batch.written_count} were written")
    return area, batch.rows_in, seconds


def _do(act: Any, actor: Any, batch: Any) -> None:
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import scope

    with _transaction(), scope(actor):
        act(actor=actor, batch_id=batch.pk, expected_version=batch.version, now=utc_now())


def _area(actor: Any) -> str:
    """Return the community or subdistrict of the actor whose number of residents is nearest to ROWS."""
    from django.db import connection

    from anlan.foundation.scope import scope

    counts = []
    with _transaction(), scope(actor), connection.cursor() as cursor:
        for digits in (9, 12):
            cursor.execute(COUNTS, [digits, actor.area_code + "%"])
            counts += [(abs(count - ROWS), code) for code, count in cursor.fetchall()]
    return str(min(counts)[1])


def _bare(area: str) -> float:
    """Return the seconds of updating the rows, in a transaction that is taken back."""
    from django.db import connections, transaction

    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(UPDATE, [area, area + "~"])
        seconds = time.perf_counter() - began
        transaction.set_rollback(True, using="owner")
    return seconds
