"""Writes what became of rows, hundreds in one statement."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from anlan.exchange.models import ImportBatch
from anlan.exchange.registers import Judgement
from anlan.exchange.rules import Outcome
from anlan.foundation.database.loading import insert_rows, update_rows
from anlan.foundation.ids import new_id

COLUMNS = (
    "id", "area_code", "batch_id", "number", "chunk", "place", "outcome", "problems", "target_id",
    "target_version", "fields", "candidates",
)  # fmt: skip


class Change(NamedTuple):
    """What became of a row since it was tried."""

    id: UUID
    outcome: Outcome
    problems: Sequence[Sequence[str]]
    target_id: UUID | None
    target_version: int
    written_at: datetime | None
    before: bytes | None  # encrypted
    new_household_id: UUID | None


def add_rows(batch: ImportBatch, judged: Iterable[tuple[int, int, Judgement]]) -> None:
    """Insert rows of the chunk that is tried: number, place in the chunk, and what each would do."""
    same = (batch.area_code, batch.pk)
    lines = (
        (
            new_id(), *same, number, batch.next_chunk, place, one.outcome.value, _text(one.problems),
            one.target_id, one.version, _text(one.fields), _text(one.candidates),
        )
        for number, place, one in judged
    )  # fmt: skip
    insert_rows("exchange_importrow", COLUMNS, lines)


def change_rows(changes: Iterable[Change]) -> None:
    """Write what became of rows of a batch since they were tried."""
    rows = ((one.id, one.outcome.value, _text(one.problems), *one[3:]) for one in changes)
    update_rows("exchange_importrow", Change._fields, rows)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "[]"
