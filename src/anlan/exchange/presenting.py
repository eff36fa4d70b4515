"""How imports and their rows are put before people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.exchange.beside import DOOR, OF_PEOPLE, RECORDS, Beside
from anlan.exchange.cells import Cell
from anlan.exchange.chunks import cells_of, rows_of
from anlan.exchange.layout import Layout, SheetColumn
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.registers import REGISTERS, Register
from anlan.exchange.rules import (
    AT_WORK,
    BATCH_PROBLEMS,
    STAYS,
    TOTALS,
    UNDECIDED,
    BatchState,
    Outcome,
)
from anlan.exchange.words import words_of_outcome, words_of_problems
from anlan.foundation.actor import Actor
from anlan.foundation.masks import mask
from anlan.people.rules import Evidence

STATE_KINDS = {
    BatchState.ASKED: "soon",
    BatchState.TRIED: "soon",
    BatchState.STOPPED: "soon",
    BatchState.WRITTEN: "done",
    BatchState.UNDONE: "done",
    BatchState.REFUSED: "overdue",
}
SAMPLE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One import as a row of the list."""

    batch: ImportBatch
    register: str | Promise
    kind: str
    totals: Mapping[str, int]
    is_at_work: bool


@dataclass(frozen=True, slots=True)
class Twin:
    """A record of the register that a row may mean."""

    id: str
    record: Beside
    reasons: Sequence[str | Promise]


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row with what became of it; what it says of a person is masked as the register is."""

    row: ImportRow
    outcome: str
    cells: Sequence[str]
    why: str
    changes: Sequence[tuple[str | Promise, str, str]] = ()  # field, as it stands, as the file says
    twins: Sequence[Twin] = field(default_factory=list)
    is_open: bool = False
    may_be_new: bool = False
    record: Beside | None = None  # that a row not yet written would change


def batch_line(batch: ImportBatch) -> BatchLine:
    """Return an import as a row."""
    register = REGISTERS.get(batch.register)
    return BatchLine(
        batch=batch,
        register=register.title if register else batch.register,
        kind=STATE_KINDS.get(BatchState(batch.state), "working"),
        totals=totals_of(batch),
        is_at_work=batch.state in AT_WORK,
    )


def totals_of(batch: ImportBatch) -> dict[str, int]:
    """Return how many rows were stored, rejected, duplicates and parked; they add up to the rows in."""
    return {name: sum(getattr(batch, one.value) for one in parts) for name, parts in TOTALS.items()}


def problem_of(batch: ImportBatch) -> str:
    """Say why a file was refused."""
    return str(BATCH_PROBLEMS.get(batch.problem) or batch.problem_words or batch.problem)


def outcome_counts(batch: ImportBatch) -> list[tuple[Outcome, int]]:
    """Return the outcomes that occur, with how many rows each."""
    return [(one, count) for one in Outcome if (count := getattr(batch, one.value))]


def row_lines(actor: Actor, batch: ImportBatch, rows: Iterable[ImportRow], *, now: datetime) -> list[RowLine]:
    """Return rows of an import as lines; reasons are in the reader's language."""
    listed = list(rows)
    layout = Layout.from_json(batch.layout)
    positions = {row.chunk for row in listed}
    written = {chunk.position: rows_of(chunk) for chunk in batch.chunks.filter(position__in=positions)}
    register = REGISTERS[batch.register](actor, now)
    records = RECORDS[batch.register](actor, _records_shown(listed), now)
    beside = {str(key): record for key, record in records.items()}
    sheet = _Sheet(layout, register, register.columns)
    return [_row_line(row, written[row.chunk], sheet, beside) for row in listed]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the rows of a page share; the register's columns are asked for once."""

    layout: Layout
    register: Register
    columns: Sequence[SheetColumn]


def _row_line(row: ImportRow, chunk: Sequence[Any], sheet: _Sheet, beside: Mapping[str, Beside]) -> RowLine:
    masks = {column.key: column.mask for column in sheet.columns}
    hidden = {column.key for column in sheet.columns if column.is_hidden}
    shown = [key for key in sheet.layout.columns.values() if key not in hidden]
    cells = cells_of(chunk[row.place], sheet.layout)
    problems = row.problems
    if row.outcome == Outcome.REJECTED and any(detail for _key, _reason, detail in problems):
        problems = [list(one) for one in sheet.register.read(row.number, cells).problems] or problems
    known = [(str(key), reasons) for key, _version, _score, reasons in row.candidates]
    if row.target_id and row.outcome in UNDECIDED and str(row.target_id) not in dict(known):
        known.append((str(row.target_id), []))
    is_open = row.outcome in UNDECIDED
    return RowLine(
        row=row,
        outcome=words_of_outcome(row.outcome),
        cells=[_masked(masks[key], cells[key].text) for key in shown if key in cells],
        why=words_of_problems(problems, sheet.columns),
        changes=_changes(row, cells, masks, beside.get(str(row.target_id))),
        twins=[
            Twin(key, beside[key], [Evidence(reason).label for reason in reasons])
            for key, reasons in known
            if key in beside and is_open
        ],
        is_open=is_open,
        may_be_new=row.outcome == Outcome.TO_DECIDE,
        record=beside.get(str(row.target_id)) if row.outcome == Outcome.CHANGED else None,
    )


def _changes(
    row: ImportRow, cells: Mapping[str, Cell], masks: Mapping[str, str], now: Beside | None
) -> list[tuple[str | Promise, str, str]]:
    """Return what a row would change: each field as it stands and as the file says, masked alike."""
    if now is None or row.written_at is not None:
        return []
    said = {key: _masked(masks[key], cell.text) for key, cell in cells.items()}
    said[DOOR] = said.get("door") or " ".join(said.get(key, "") for key in ("building", "unit", "room"))
    return [(*now.fields[name], said.get(name, "")) for name in row.fields if name in now.fields]


def people_shown(batch: ImportBatch, rows: Iterable[ImportRow]) -> list[UUID]:
    """Return the people whom these rows show beside what the file says."""
    return _records_shown(rows) if batch.register in OF_PEOPLE else []


def _records_shown(rows: Iterable[ImportRow]) -> list[UUID]:
    rows = list(rows)
    open_rows = [row for row in rows if row.outcome in UNDECIDED]
    changed = [row for row in rows if row.outcome == Outcome.CHANGED and row.written_at is None]
    found = {str(row.target_id) for row in (*open_rows, *changed) if row.target_id}
    found |= {str(candidate[0]) for row in open_rows for candidate in row.candidates}
    return [UUID(one) for one in sorted(found)]


def _masked(kind: str, text: str) -> str:
    return mask(kind, text) if kind and text.strip() else text


def samples_of(batch: ImportBatch) -> dict[int, str]:
    """Return one cell of each column without a meaning yet, so that its meaning can be told."""
    layout = Layout.from_json(batch.layout)
    first = batch.chunks.filter(position=0).first()
    found: dict[int, str] = {}
    for row in rows_of(first) if first else []:
        if row.sheet == layout.sheet and row.number > layout.heading_row:
            for place, text in enumerate(row.cells):
                if text.strip() and place not in layout.columns:
                    found.setdefault(place, text.strip()[:SAMPLE_LENGTH])
    return found


def shown_columns(batch: ImportBatch) -> list[SheetColumn]:
    """Return the columns that the file has, in its order, but for key and version of the record."""
    known = {column.key: column for column in REGISTERS[batch.register].columns if not column.is_hidden}
    return [known[key] for key in Layout.from_json(batch.layout).columns.values() if key in known]


EVERY: tuple[tuple[str, str | Promise], ...] = (
    ("best", _("全部按最像的一条更新")),
    ("new", _("全部新登记")),
    ("leave", _("全部不采用")),
)


def stay_lines(stays: Mapping[int, str]) -> list[tuple[int, str | Promise]]:
    """Return the rows that an undo has to leave, with the reason in words."""
    return [(number, STAYS[why]) for number, why in sorted(stays.items())]
