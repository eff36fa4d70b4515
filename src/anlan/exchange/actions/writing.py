"""Write a tried batch into its register, chunk by chunk; what was written once is never written again."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.exchange.actions.trying import count_rows
from anlan.exchange.chunks import unpacked_said
from anlan.exchange.models import ImportBatch
from anlan.exchange.registers import Applied, Judgement, Line, Register
from anlan.exchange.row_store import Change, change_rows
from anlan.exchange.rules import WRITES, BatchState, Outcome
from anlan.foundation.crypto import encrypt

BEFORE = "exchange.ImportRow.before"


@dataclass(frozen=True, slots=True)
class ReadyChunk:
    """The rows of a chunk that are to be written: their ids and judgements, and what the register writes."""

    rows: Sequence[tuple[UUID, Judgement]]
    ready: Any


def source_of(batch: ImportBatch) -> str:
    """Return what field history names as the source of what a batch writes."""
    return f"import {batch.pk}"


def readying(batch: ImportBatch, register: Register, position: int) -> Callable[[], ReadyChunk]:
    """Fetch the rows of a chunk that change something; return what makes them ready without the database."""
    waiting = batch.rows.filter(chunk=position, outcome__in=WRITES, written_at=None).order_by("number")
    rows = list(waiting.values_list("pk", "number", "outcome", "target_id", "target_version"))
    said = batch.chunks.values_list("said", flat=True).filter(position=position).first() if rows else None

    def ready() -> ReadyChunk:
        kept = unpacked_said(said) if said else {}
        judged = [
            (Line(number, register.said_again(kept[number])), Judgement(Outcome(outcome), target, version))
            for _id, number, outcome, target, version in rows
        ]
        ids = [(row[0], judgement) for row, (_line, judgement) in zip(rows, judged, strict=True)]
        return ReadyChunk(ids, register.ready(judged) if judged else None)

    return ready


def write_chunk(batch: ImportBatch, register: Register, chunk: ReadyChunk, now: datetime) -> None:
    """Write the rows of the next chunk that change something; the caller saves the batch."""
    if chunk.rows:
        _keep(batch, chunk.rows, register.write(chunk.ready, source=source_of(batch)), now)
    batch.next_chunk += 1
    if batch.next_chunk >= batch.chunk_count:
        batch.state, batch.written_at = BatchState.WRITTEN, now


def _keep(
    batch: ImportBatch, rows: Sequence[tuple[UUID, Judgement]], done: Sequence[Applied], now: datetime
) -> None:
    changes = [_change(row_id, tried, one, now) for (row_id, tried), one in zip(rows, done, strict=True)]
    change_rows(changes)
    batch.written_count += sum(one.written_at is not None for one in changes)
    count_rows(batch, came=(one.outcome for one in changes), went=(tried.outcome for _id, tried in rows))


def _change(row_id: UUID, tried: Judgement, done: Applied, now: datetime) -> Change:
    target = done.target_id or tried.target_id
    if done.outcome not in WRITES:
        return Change(row_id, done.outcome, done.problems, target, tried.version, None, None, None)
    before = encrypt(json.dumps(done.before), context=BEFORE) if done.before is not None else None
    return Change(
        row_id, done.outcome, done.problems, target, done.version, now, before, done.new_household_id
    )
