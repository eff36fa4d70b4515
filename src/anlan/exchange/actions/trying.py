"""Try a batch against the register, chunk by chunk: what each row would do, and nothing is written."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anlan.exchange.chunks import cells_of, packed_said, unpacked
from anlan.exchange.layout import Layout, is_note
from anlan.exchange.models import COUNTS, ImportBatch
from anlan.exchange.registers import Judgement, Line, Register
from anlan.exchange.row_store import add_rows
from anlan.exchange.rules import BatchState, Outcome, Question
from anlan.foundation.sheets.reading import SheetRow

YES = "yes"


def begin_trial(batch: ImportBatch) -> None:
    """Forget an earlier trial; the caller saves the batch."""
    batch.rows.all().delete()
    for name in COUNTS:
        setattr(batch, name, 0)
    batch.rows_in = batch.next_chunk = 0
    batch.marked_file_id = None


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows of a chunk that are in, as they were read."""

    places: Mapping[int, int]  # in the chunk, by row number
    at_sight: Mapping[int, Judgement]  # of rows that cannot be compared with the register
    lines: Sequence[Line]
    said: bytes  # what the lines say, packed


def reading(batch: ImportBatch, register: Register, position: int) -> Callable[[], ReadRows]:
    """Fetch a chunk; return what reads its rows without the database."""
    layout, answers = Layout.from_json(batch.layout), batch.answers
    hidden = _hidden_rows(batch, layout)
    content = batch.chunks.values_list("content", flat=True).filter(position=position).first()

    def read() -> ReadRows:
        places: dict[int, int] = {}
        at_sight: dict[int, Judgement] = {}
        lines: list[Line] = []
        for place, row in enumerate(unpacked(content) if content else []):
            if row.sheet != layout.sheet or row.number <= layout.heading_row or not _is_filled(row, layout):
                continue
            places[row.number] = place
            found = _at_sight(answers, row, layout, hidden)
            line = None if found else register.read(row.number, cells_of(row, layout))
            if line is not None and not line.problems:
                lines.append(line)
            else:
                problems = tuple(line.problems) if line else ()
                at_sight[row.number] = found or Judgement(Outcome.REJECTED, problems=problems)
        said = packed_said({line.number: register.kept(line.said) for line in lines})
        return ReadRows(places, at_sight, lines, said)

    return read


def try_chunk(batch: ImportBatch, register: Register, rows: ReadRows) -> None:
    """Judge the rows of the next chunk; the caller saves the batch."""
    judged = dict(rows.at_sight)
    for line, judgement in zip(rows.lines, register.judge(rows.lines), strict=True):
        judged[line.number] = judgement
    batch.chunks.filter(position=batch.next_chunk).update(said=rows.said)
    add_rows(batch, ((number, rows.places[number], one) for number, one in judged.items()))
    count_rows(batch, came=(one.outcome for one in judged.values()))
    batch.rows_in += len(judged)
    batch.next_chunk += 1
    if batch.next_chunk >= batch.chunk_count:
        batch.state = BatchState.TRIED


def _is_filled(row: SheetRow, layout: Layout) -> bool:
    return any(row.cells[place].strip() for place in layout.columns if place < len(row.cells)) or any(
        text.strip() for text in row.cells
    )


def _hidden_rows(batch: ImportBatch, layout: Layout) -> frozenset[int]:
    """Return the hidden rows that are not to be imported."""
    if batch.answers.get(Question.HIDDEN) == YES:
        return frozenset()
    facts = next((sheet for sheet in batch.facts["sheets"] if sheet["index"] == layout.sheet), None)
    return frozenset(facts["hidden_rows"]) if facts else frozenset()


def _at_sight(
    answers: Mapping[str, Any], row: SheetRow, layout: Layout, hidden: frozenset[int]
) -> Judgement | None:
    """Judge a row by what kind of row it is, before its cells are read."""
    if is_note(row.cells):
        return Judgement(Outcome.REJECTED, problems=(("", "total_row", ""),))
    if row.number in hidden:
        return Judgement(Outcome.LEFT_OUT, problems=(("", "hidden_row", ""),))
    refused = [
        (key, reason, "")
        for place, key in layout.columns.items()
        if place < len(row.kinds) and (reason := _refused_kind(answers, row.kinds[place]))
    ]
    return Judgement(Outcome.REJECTED, problems=tuple(refused)) if refused else None


def _refused_kind(answers: Mapping[str, Any], kind: str) -> str:
    if kind.isupper() and answers.get(Question.FORMULAS) != YES:
        return "formula"
    return "merged_cell" if kind == "m" and answers.get(Question.MERGED) != YES else ""


def count_rows(batch: ImportBatch, *, came: Iterable[Outcome] = (), went: Iterable[Outcome] = ()) -> None:
    """Count rows that have an outcome now, and no longer those that had it."""
    for outcome, count in Counter(came).items():
        setattr(batch, outcome.value, getattr(batch, outcome.value) + count)
    for outcome, count in Counter(went).items():
        setattr(batch, outcome.value, getattr(batch, outcome.value) - count)
