"""Residents exported: 100,000 rows by a worker of its own, from asked to ready, and its memory meanwhile.

The ceiling of the same run is what no export can do without: the bare SELECT of the same columns, and the
same number of cells, all constants, written as the plainest workbook there is.
"""

import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import house
from bench.figure import Figure
from bench.memory import watched_house
from bench.signal_shown import BASE
from bench.visitors import visitor

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
ROWS = int(os.environ.get("ROWS") or 100_000)
MOST_SECONDS = 20.0  # issue D, for 100,000 rows
WAIT_SECONDS = 600
SELECT = """
    SELECT r.id, r.version, r.area_code, b.name, b.number, h.unit, h.room, r.name, r.id_number, r.phone,
        r.sex, r.birth_on, r.relation
    FROM people_resident r JOIN people_household h ON h.id = r.household_id
        JOIN organisation_building b ON b.id = h.building_id
    WHERE r.area_code >= %s AND r.area_code < %s ORDER BY r.area_code, r.id
"""


def main() -> Iterator[Figure]:
    """Export once as a workbook and once as CSV, with every column; then the ceiling."""
    with house.district(RESIDENTS) as folder:
        with watched_house() as (of_worker, of_web):
            seconds = {one: _export(one, of_worker.pid) for one in ("xlsx", "csv")}
        ceiling = _least(folder)
        for kind, (rows, spent, busy) in seconds.items():
            print(f"  {kind}: {rows:,} rows in {spent:.1f} s, worker busy {busy:.1f} s", flush=True)
        rows, spent, _busy = seconds["xlsx"]
        yield Figure(f"{rows:,} residents exported, .xlsx", rows / spent, rows / ceiling, "/s",
                     "bare SELECT, constants written")  # fmt: skip
        yield Figure(f"{rows:,} residents exported, .xlsx", MOST_SECONDS * rows / 100_000 / spent, 1.0, "×",
                     "of the speed asked for", at_least=1.0)  # fmt: skip
        yield Figure("worker's memory at its peak", of_worker.peak_mb, of_worker.first_mb, "MB", "before")
        yield Figure("web's memory at its peak", of_web.peak_mb, of_web.first_mb, "MB", "before")


def _actors() -> tuple[Any, Any]:
    """Return who asks and who allows: the two widest posts that may."""
    from anlan.foundation.clock import utc_now
    from anlan.organisation.queries import actors_of, live_appointments

    held = live_appointments(utc_now()).filter(
        post__role__in=["disease_control_officer", "data_protection_officer"], member__account__isnull=False
    )
    by_role = {actor.role: actor for actor in actors_of(held, now=utc_now())}
    return by_role["disease_control_officer"], by_role["data_protection_officer"]


def _cpu_seconds(pid: int) -> float:
    """Return how long a process has computed."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _export(kind: str, pid: int) -> tuple[int, float, float]:
    """Ask for an area that holds about ROWS residents, have it allowed, and wait until it is ready."""
    from django.db import transaction

    from anlan.exchange.actions.exporting.asking import ExportAsked, ask_export
    from anlan.exchange.actions.exporting.deciding import approve_export, recall_export
    from anlan.exchange.export_models import Export
    from anlan.exchange.lists import LISTS
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import scope

    asker, approver = _actors()
    _allow_many_rows(asker)
    computed = _cpu_seconds(pid)
    columns = [column.key for column in LISTS["residents"].columns]
    asked = ExportAsked("residents", {"area": _area(asker)}, columns, "response", format=kind)
    with transaction.atomic(), scope(asker):
        export = ask_export(actor=asker, asked=asked, now=utc_now())
    began = time.perf_counter()
    with transaction.atomic(), scope(approver):
        approve_export(actor=approver, export_id=export.pk, expected_version=1, now=utc_now())
    while export.state in {"asked", "approved", "making"}:
        time.sleep(0.1)
        with transaction.atomic(), scope(asker):
            export = Export.objects.get(pk=export.pk)
        if time.perf_counter() - began > WAIT_SECONDS:
            raise RuntimeError(f"still {export.state}")
    spent = time.perf_counter() - began
    if export.state != "ready":
        raise RuntimeError(f"{export.state}: {export.problem}")
    with visitor(asker, BASE) as client:
        client.get(f"/files/{export.file_id}/").raise_for_status()
    with transaction.atomic(), scope(asker):
        recall_export(actor=asker, export_id=export.pk, now=utc_now())
    return export.row_count, spent, _cpu_seconds(pid) - computed


def _allow_many_rows(asker: Any) -> None:
    """Let the district export as many rows as any district may."""
    from anlan.exchange.export_rules import MOST_ROWS
    from anlan.foundation.clock import utc_now
    from anlan.organisation.models import Setting

    Setting.objects.get_or_create(
        key=MOST_ROWS.key,
        area_code=asker.area_code,
        defaults={"value": MOST_ROWS.highest, "starts_at": utc_now()},
    )


def _area(asker: Any) -> str:
    """Return the area whose number of residents is nearest to ROWS."""
    from django.db import connection, transaction

    from anlan.foundation.scope import scope

    with transaction.atomic(), scope(asker), connection.cursor() as cursor:
        counts = []
        for digits in (6, 9, 12):
            cursor.execute("SELECT left(area_code, %s), count(*) FROM people_resident GROUP BY 1", [digits])
            counts += [(abs(count - ROWS), code) for code, count in cursor.fetchall()]
    return str(min(counts)[1])


def _least(folder: Path) -> float:
    """Return the seconds of a bare SELECT of the same rows and a workbook of as many constants."""
    from django.db import connection, transaction

    from anlan.foundation.scope import scope

    asker, _approver = _actors()
    area = _area(asker)
    began = time.perf_counter()
    with transaction.atomic(), scope(asker), connection.cursor() as cursor:
        cursor.execute(SELECT, [area, area + "~"])
        rows = cursor.fetchall()
    target = folder / "least.xlsx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book, book.open("sheet1.xml", "w") as sink:
        for number, row in enumerate(rows):
            cells = "".join(f'<c r="A{number}" t="inlineStr"><is><t>常数</t></is></c>' for _cell in row)
            sink.write(f'<row r="{number}">{cells}</row>'.encode())
    spent = time.perf_counter() - began
    target.unlink()
    return spent
