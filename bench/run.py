"""A run of the statistical rules over 5,000 grids × 20 indicators: scored, and read from the roll-up."""

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import numpy as np

from bench import house
from bench.figure import Figure

AREAS = int(os.environ.get("AREAS") or 5_000)
SOURCES, WIDE_DAYS, REPORTED = 20, 5 * 366, 0.1  # of a day's cells, those with a row
UNTIL = date(2026, 6, 1)
FAMILY = 5  # sources a fused rule adds up


def main() -> Iterator[Figure]:
    """Score one day of a whole district, then write the same counts as rows and read them back."""
    with house.server(house.FOLDER / "run") as running:
        os.environ["ANLAN_DATA_DIR"] = str(running.folder)
        import django

        django.setup()
        counts, rules = _counts(), _rules()
        yield _scored(counts, rules)
        yield _read(counts)


def _scored(counts: Any, rules: Any) -> Figure:
    from anlan.surveillance.scoring import Scoring

    Scoring(counts, rules).findings()  # compiles
    began = time.process_time()
    Scoring(counts, rules).findings()
    ours = time.process_time() - began
    began = time.process_time()
    for table in counts.grids:  # the least any detector must do
        np.nansum(table, axis=1)
        np.nanvar(table, axis=1)
    floor = time.process_time() - began
    name = f"run over {AREAS:,} grids × {SOURCES} indicators, scored"
    return Figure(name, ours, floor, "s CPU", "numpy's sum and variance of the panel")


def _read(counts: Any) -> Figure:
    """Read the panel as the run does, beside the bare count of the same rows."""
    from django.core.management import call_command
    from django.db import connection, connections, transaction

    from anlan.foundation.actor import AreaRanges
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import duty
    from anlan.surveillance import panels

    call_command("migrate", database="owner", verbosity=0)
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE surveillance_dailycount")
        with cursor.copy(COPY) as copy:
            for number, table in enumerate(counts.grids):
                for place, day in np.argwhere(table > 0):
                    on = UNTIL - timedelta(days=int(table.shape[1] - 1 - day))
                    cell = (counts.areas[place], counts.indicators[number], on, int(table[place, day]))
                    copy.write_row((uuid4(), utc_now(), 0, 1, *cell))
        cursor.execute("ANALYZE surveillance_dailycount")
    span = (UNTIL - timedelta(days=counts.days - 1), UNTIL)
    with transaction.atomic(), duty("detect", ranges=AreaRanges.of(["330199"]), cause="bench"):
        began = time.perf_counter()
        panels._fine("330199", counts.indicators, counts.areas, span)
        ours = time.perf_counter() - began
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indicator, area_code, sum(count) FROM surveillance_dailycount GROUP BY 1, 2"
            )
            cursor.fetchall()
        floor = time.perf_counter() - began
    return Figure(
        "the same panel, read from the roll-up", ours, floor, "s", "a bare GROUP BY of the same rows"
    )


COPY = """
    COPY surveillance_dailycount (id, changed_at, denominator, source_count,
         area_code, indicator, "on", count)
    FROM STDIN
"""


def _rules() -> list[Any]:
    from anlan.foundation.packs import LIBRARY, read_pack

    rules = [row.body for row in read_pack(LIBRARY / "standard").sections["rules"]]
    fused: Any = next(rule for rule in rules if getattr(rule, "kind", "") == "fused")
    return [
        fused.model_copy(
            update={
                "key": f"fused_{first}",
                "indicators": [f"source_{number}" for number in range(first, first + FAMILY)],
            }
        )
        for first in range(0, SOURCES, FAMILY)
    ]


def _counts() -> Any:
    from anlan.surveillance.scoring import Counts, days_needed

    random = np.random.default_rng(1)
    days = days_needed()
    areas = tuple(
        f"330199{place // 100 + 1:03d}{place // 10 % 10 + 1:03d}{place % 10 + 1:03d}"
        for place in range(AREAS)
    )
    grids = random.poisson(REPORTED, (SOURCES, AREAS, days)).astype(float)
    subdistricts = tuple(sorted({code[:9] for code in areas}))
    shape = (SOURCES, len(subdistricts), WIDE_DAYS)
    flags = np.zeros(WIDE_DAYS, bool)
    return Counts(
        UNTIL, tuple(f"source_{number}" for number in range(SOURCES)), areas, grids, subdistricts,
        random.poisson(REPORTED * 100, shape).astype(float), np.full(shape, 100.0), flags, flags,
        tuple(tuple(one for one in (n - 1, n + 1) if 0 <= one < AREAS) for n in range(AREAS)),
    )  # fmt: skip
