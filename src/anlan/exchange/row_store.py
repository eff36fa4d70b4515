"""Writes what became of rows, hundreds in one statement."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from anlan.exchange.models import ImportBatch, ImportRow
from anlan.foundation.database.loading import insert_rows
from anlan.foundation.ids import new_id

COLUMNS = (
    "id", "area_code", "batch_id", "number", "chunk", "place", "outcome", "problems", "target_id",
    "target_version", "fields", "candidates",
)  # fmt: skip
UPDATE = """
    UPDATE exchange_importrow AS kept SET outcome = row.outcome, problems = row.problems::jsonb,
        target_id = row.target_id, target_version = row.target_version, written_at = row.written_at,
        before = row.before, new_household_id = row.new_household_id
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::int[], %s::timestamptz[], %s::bytea[],
            %s::uuid[])
        AS row (id, outcome, problems, target_id, target_version, written_at, before, new_household_id)
    WHERE kept.id = row.id AND kept.batch_id = %s
"""


def add_rows(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    """Insert rows of a trial."""
    lines = (
        (
            new_id(), batch.area_code, batch.pk, row.number, row.chunk, row.place, str(row.outcome),
            _text(row.problems), row.target_id, row.target_version, _text(row.fields), _text(row.candidates),
        )
        for row in rows
    )  # fmt: skip
    insert_rows("exchange_importrow", COLUMNS, lines)


def change_rows(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    """Write what became of rows of a batch since they were tried."""
    written: list[datetime | None] = [row.written_at for row in rows]
    columns: list[list[Any]] = [
        [row.pk for row in rows],
        [str(row.outcome) for row in rows],
        _texts(row.problems for row in rows),
        [row.target_id for row in rows],
        [row.target_version for row in rows],
        written,
        [bytes(row.before) if row.before is not None else None for row in rows],
        [row.new_household_id for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [*columns, batch.pk])


def _texts(values: Iterable[Any]) -> list[str]:
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "[]"
