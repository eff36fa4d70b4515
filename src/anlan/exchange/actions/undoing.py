"""Undo what a batch wrote, the last chunk first; what somebody acted on since stays and is listed."""

import json
from collections import Counter

from anlan.exchange.actions.trying import add_counts
from anlan.exchange.actions.writing import BEFORE, source_of
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.registers import Register, Undoable
from anlan.exchange.row_store import change_rows
from anlan.exchange.rules import WRITES, BatchState, Outcome
from anlan.foundation.crypto import decrypt

AT_ONCE = 1000


def undo_chunk(batch: ImportBatch, register: Register) -> None:
    """Undo the next chunk from the end; the caller saves the batch."""
    written = batch.rows.filter(chunk=batch.next_chunk, outcome__in=WRITES).exclude(written_at=None)
    rows = list(written.select_for_update().order_by("number"))
    stays = register.take_back([undoable(row) for row in rows], source=source_of(batch))
    changes: Counter[Outcome] = Counter()
    gone = [row for row in rows if row.number not in stays]
    for row in gone:
        changes[Outcome(row.outcome)] -= 1
        changes[Outcome.LEFT_OUT] += 1
        row.outcome, row.problems = Outcome.LEFT_OUT, [["", "undone", ""]]
        row.written_at = row.before = row.new_household_id = None
    for row in rows:
        if row.number in stays:
            row.problems = [["", stays[row.number], ""]]
    change_rows(batch, rows)
    add_counts(batch, changes)
    batch.written_count -= len(gone)
    batch.stayed_count += len(stays)
    batch.next_chunk -= 1
    if batch.next_chunk < 0:
        batch.state = BatchState.UNDONE


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
