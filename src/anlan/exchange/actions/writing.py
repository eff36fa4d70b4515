"""Write a tried batch into its register, chunk by chunk; what was written once is never written again."""

import json
from collections import Counter
from datetime import datetime

from anlan.exchange.actions.trying import add_counts
from anlan.exchange.chunks import unpacked_said
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.registers import Applied, Judgement, Line, Register
from anlan.exchange.row_store import change_rows
from anlan.exchange.rules import WRITES, BatchState, Outcome
from anlan.foundation.crypto import encrypt

BEFORE = "exchange.ImportRow.before"


def source_of(batch: ImportBatch) -> str:
    """Return what field history names as the source of what a batch writes."""
    return f"import {batch.pk}"


def write_chunk(batch: ImportBatch, register: Register, now: datetime) -> None:
    """Write the rows of the next chunk that change something; the caller saves the batch."""
    waiting = batch.rows.filter(chunk=batch.next_chunk, outcome__in=WRITES, written_at=None)
    rows = list(waiting.select_for_update().order_by("number"))
    if rows:
        lines = _lines(batch, register, rows)
        judged = [
            (line, Judgement(Outcome(row.outcome), row.target_id, row.target_version))
            for row, line in zip(rows, lines, strict=True)
        ]
        done = register.write(judged, source=source_of(batch))
        _keep(batch, rows, done, now)
    batch.next_chunk += 1
    if batch.next_chunk >= batch.chunk_count:
        batch.state, batch.written_at = BatchState.WRITTEN, now


def _lines(batch: ImportBatch, register: Register, rows: list[ImportRow]) -> list[Line]:
    """Return the rows as they were read when they were tried."""
    chunk = batch.chunks.only("said").get(position=batch.next_chunk)
    said = unpacked_said(chunk.said) if chunk.said else {}
    return [Line(row.number, register.said_again(said[row.number])) for row in rows]


def _keep(batch: ImportBatch, rows: list[ImportRow], done: list[Applied], now: datetime) -> None:
    changes: Counter[Outcome] = Counter()
    for row, one in zip(rows, done, strict=True):
        changes[Outcome(row.outcome)] -= 1
        changes[one.outcome] += 1
        row.outcome = one.outcome
        row.problems = [list(problem) for problem in one.problems]
        row.target_id = one.target_id or row.target_id
        if one.outcome in WRITES:
            row.target_version, row.written_at = one.version, now
            row.new_household_id = one.new_household_id
            row.before = encrypt(json.dumps(one.before), context=BEFORE) if one.before is not None else None
            batch.written_count += 1
    change_rows(batch, rows)
    add_counts(batch, changes)
