"""Undo what a batch wrote, the last chunk first; what somebody acted on since stays and is listed."""

import json

from anlan.exchange.actions.trying import count_rows
from anlan.exchange.actions.writing import BEFORE, source_of
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.registers import Register, Undoable
from anlan.exchange.row_store import Change, change_rows
from anlan.exchange.rules import WRITES, BatchState, Outcome
from anlan.foundation.crypto import decrypt

AT_ONCE = 1000


def undo_chunk(batch: ImportBatch, register: Register) -> None:
    """Undo the next chunk from the end; the caller saves the batch."""
    written = batch.rows.filter(chunk=batch.next_chunk, outcome__in=WRITES).exclude(written_at=None)
    rows = list(written.select_for_update().order_by("number"))
    stays = register.take_back([undoable(row) for row in rows], source=source_of(batch))
    changes = [_change(row, stays.get(row.number, "")) for row in rows]
    change_rows(changes)
    count_rows(batch, came=(one.outcome for one in changes), went=(Outcome(row.outcome) for row in rows))
    batch.written_count -= len(rows) - len(stays)
    batch.stayed_count += len(stays)
    batch.next_chunk -= 1
    if batch.next_chunk < 0:
        batch.state = BatchState.UNDONE


def _change(row: ImportRow, stays: str) -> Change:
    """Say what became of a written row: undone, or left for a reason."""
    target = (row.target_id, row.target_version)
    if not stays:
        return Change(row.pk, Outcome.LEFT_OUT, [["", "undone", ""]], *target, None, None, None)
    before = bytes(row.before) if row.before is not None else None
    return Change(
        row.pk, Outcome(row.outcome), [["", stays, ""]], *target, row.written_at, before, row.new_household_id
    )


def what_would_stay(batch: ImportBatch, register: Register) -> tuple[int, dict[int, str]]:
    """Return how many rows an undo would take back, and which it would leave and why."""
    rows = batch.rows.filter(outcome__in=WRITES).exclude(written_at=None).order_by("number")
    total = 0
    stays: dict[int, str] = {}
    listed: list[Undoable] = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        listed.append(undoable(row))
        total += 1
        if len(listed) == AT_ONCE:
            stays |= register.what_stays(listed)
            listed = []
    stays |= register.what_stays(listed)
    return total - len(stays), stays


def undoable(row: ImportRow) -> Undoable:
    """Return what a row wrote."""
    assert row.target_id is not None
    before = json.loads(decrypt(bytes(row.before), context=BEFORE)) if row.before else None
    return Undoable(row.number, row.target_id, row.target_version, before, row.new_household_id)
