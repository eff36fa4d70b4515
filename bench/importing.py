"""Residents imported a second out of a workbook, duplicates sought, and the memory of worker and web.

The ceiling is COPY of the finished rows (residents, households, tokens) into the same indexed tables, by the
owner, in the same run. A worker of its own carries the import, as in a running house.
"""

import io
import os
import time
from collections.abc import Iterator
from typing import Any

from bench import house
from bench.figure import Figure
from bench.memory import watched_house
from bench.signal_shown import BASE
from bench.visitors import visitor

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
ROWS = int(os.environ.get("ROWS") or 100_000)
SEED = 20261127
LEAST_SHARE, LEAST_A_SECOND = 0.1, 2000.0  # issue D
TABLES = ("people_household", "people_resident", "people_searchtoken")
WAIT_SECONDS = 1800
LOOK_SECONDS = 3
HEADINGS = ("网格", "楼栋", "单元", "房号", "姓名", "身份证号", "电话", "性别", "出生日期", "与户主关系")


def main() -> Iterator[Figure]:
    """Import, take the finished rows out, COPY them in again, and undo."""
    with house.district(RESIDENTS):
        content = _workbook()
        with watched_house() as (of_worker, of_web):
            batch, seconds = _import(content)
        copied = _copy_again(batch)
        print(f"  {_counts(batch)}, reading to tried {seconds['tried']:.1f} s", flush=True)
        a_second, ceiling = ROWS / sum(seconds.values()), ROWS / copied
        copy, least = "COPY of the finished rows", "the least asked for"
        yield Figure("residents imported", a_second, ceiling, "/s", copy, at_least=LEAST_SHARE)
        yield Figure("residents imported", a_second, LEAST_A_SECOND, "/s", least, at_least=1.0)
        yield Figure("worker's memory at its peak", of_worker.peak_mb, of_worker.first_mb, "MB", "before")
        yield Figure("web's memory at its peak", of_web.peak_mb, of_web.first_mb, "MB", "before")


def _workbook() -> bytes:
    """Return ROWS newcomers behind doors of one subdistrict, as an office would send them."""
    import numpy as np

    from anlan.exercises.district.numbers import identity_numbers, phone_numbers
    from anlan.exercises.district.person_names import NamePool
    from anlan.foundation.sheets.writing import Column, Sheet, write_workbook

    rng = np.random.default_rng(SEED)
    doors = _doors()
    is_male = rng.integers(0, 2, ROWS)
    birth_on = np.datetime64("1940-01-01") + rng.integers(0, 29_000, ROWS).astype("timedelta64[D]")
    pool = NamePool.full()
    surnames = pool.draw_surnames(rng, ROWS)
    given = pool.draw_given(rng, is_male, birth_on.astype("datetime64[Y]").astype(int) + 1970)
    numbers, phones = identity_numbers("330997", birth_on, is_male), phone_numbers(rng, ROWS)
    at = np.sort(rng.integers(0, len(doors), ROWS))  # as offices keep their tables: door by door
    rows = (
        (*doors[at[i]], pool.surnames[surnames[i]] + pool.given[given[i]], numbers[i], phones[i],
         "男" if is_male[i] else "女", str(birth_on[i]), "户主")
        for i in range(ROWS)
    )  # fmt: skip
    target = io.BytesIO()
    write_workbook(target, [Sheet("居民", [Column(title) for title in HEADINGS], rows)])
    return target.getvalue()


def _doors() -> list[tuple[str, str, str, str]]:
    """Return doors of the subdistrict, one flat in three with nobody yet."""
    from anlan.foundation.scope import scope
    from anlan.organisation.models import Building

    actor = _actor()
    with _transaction(), scope(actor):
        rows = Building.objects.filter(area_code__startswith=actor.area_code).order_by("pk")
        buildings = list(rows.values_list("area_code", "number", "unit_count", "floor_count"))
    return [
        (area, number, str(stairs), f"{floor}{flat:02d}")
        for area, number, unit_count, floor_count in buildings
        for stairs in range(1, unit_count + 1)
        for floor in range(1, floor_count + 1)
        for flat in range(1, 4)
    ]


def _actor() -> Any:
    from anlan.foundation.clock import utc_now
    from anlan.organisation.queries import actors_of, live_appointments

    held = live_appointments(utc_now()).filter(
        post__role="subdistrict_officer", member__account__isnull=False
    )
    return actors_of(held, now=utc_now())[0]


def _transaction() -> Any:
    from django.db import transaction

    return transaction.atomic()


def _import(content: bytes) -> tuple[Any, dict[str, float]]:
    """Hand the file over at the page, have it tried and written; return the batch and both times."""
    from anlan.exchange.actions import write_batch
    from anlan.foundation.clock import utc_now
    from anlan.foundation.ids import new_id
    from anlan.foundation.scope import scope

    actor, batch_id = _actor(), new_id()
    with visitor(actor, BASE) as client:
        began = time.perf_counter()
        sent = {"register": "residents", "batch_id": str(batch_id)}
        client.post("/imports/", data=sent, files={"file": ("居民.xlsx", content)}).raise_for_status()
        batch = _wait_for(client, actor, batch_id, "tried")
        tried = time.perf_counter() - began
        began = time.perf_counter()
        with _transaction(), scope(actor):
            write_batch(actor=actor, batch_id=batch_id, expected_version=batch.version, now=utc_now())
        batch = _wait_for(client, actor, batch_id, "written")
    return batch, {"tried": tried, "written": time.perf_counter() - began}


def _wait_for(client: Any, actor: Any, batch_id: Any, state: str) -> Any:
    """Look at the page of the import every few seconds, as its sender would."""
    from anlan.exchange.models import ImportBatch
    from anlan.foundation.scope import scope

    ends_at, looked_at = time.monotonic() + WAIT_SECONDS, time.monotonic()
    while time.monotonic() < ends_at:
        with _transaction(), scope(actor):
            batch = ImportBatch.objects.get(pk=batch_id)
        if batch.state == state:
            return batch
        if batch.state in {"refused", "asked"}:
            raise RuntimeError(f"{batch.state}: {batch.problem} {batch.questions}")
        if time.monotonic() - looked_at > LOOK_SECONDS:
            client.get(f"/imports/{batch_id}/").raise_for_status()
            looked_at = time.monotonic()
        time.sleep(0.2)
    raise RuntimeError(f"still {batch.state} after {WAIT_SECONDS} s")


def _counts(batch: Any) -> str:
    from anlan.exchange.rules import Outcome

    found = {one.value: getattr(batch, one.value) for one in Outcome if getattr(batch, one.value)}
    return f"rows in {batch.rows_in:,}: {found}"


def _copy_again(batch: Any) -> float:
    """Take what the import wrote out of the tables and COPY it in again; return the seconds of the COPY.

    The rows are removed afterwards, so that the next run finds the district as this one did.
    """
    from django.db import connections

    owner = connections["owner"]
    kept = {}
    with owner.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE entered AS SELECT target_id AS id, new_household_id AS home"
            " FROM exchange_importrow WHERE batch_id = %s AND written_at IS NOT NULL", [batch.pk],
        )  # fmt: skip
        chosen = {
            "people_household": "id IN (SELECT home FROM entered)",
            "people_resident": "id IN (SELECT id FROM entered)",
            "people_searchtoken": "resident_id IN (SELECT id FROM entered)",
        }
        for table in TABLES:
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {chosen[table]}) TO STDOUT") as out:
                kept[table] = b"".join(bytes(piece) for piece in out)
        _remove(cursor, chosen)
        cursor.execute("CHECKPOINT") if _may_checkpoint(cursor) else None
        began = time.perf_counter()
        for table in TABLES:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(kept[table])
        seconds = time.perf_counter() - began
        _remove(cursor, chosen)
        cursor.execute("DELETE FROM exchange_importrow WHERE batch_id = %s", [batch.pk])
        cursor.execute("DELETE FROM exchange_importchunk WHERE batch_id = %s", [batch.pk])
        cursor.execute("DELETE FROM exchange_importbatch WHERE id = %s", [batch.pk])
    return seconds


def _may_checkpoint(cursor: Any) -> bool:
    cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'MEMBER')")
    return bool(cursor.fetchone()[0])


def _remove(cursor: Any, chosen: dict[str, str]) -> None:
    for table in reversed(TABLES):
        cursor.execute(f"DELETE FROM {table} WHERE {chosen[table]}")
