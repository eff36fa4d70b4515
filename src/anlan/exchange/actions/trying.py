"""Try a batch against the register, chunk by chunk: what each row would do, and nothing is written."""

from collections import Counter

from anlan.exchange.chunks import cells_of, packed_said, rows_of
from anlan.exchange.layout import Layout, is_note
from anlan.exchange.models import COUNTS, ImportBatch, ImportRow
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


def try_chunk(batch: ImportBatch, register: Register) -> None:
    """Judge the rows of the next chunk; the caller saves the batch."""
    layout = Layout.from_json(batch.layout)
    chunk = batch.chunks.filter(position=batch.next_chunk).first()
    listed = rows_of(chunk) if chunk else []
    hidden = _hidden_rows(batch, layout)
    judged: dict[int, Judgement] = {}
    readable: list[Line] = []
    places = {}
    for place, row in enumerate(listed):
        if row.sheet != layout.sheet or row.number <= layout.heading_row or not _is_filled(row, layout):
            continue
        places[row.number] = place
        found = _at_sight(batch, row, layout, hidden)
        line = None if found else register.read(row.number, cells_of(row, layout))
        if line is not None and not line.problems:
            readable.append(line)
        else:
            judged[row.number] = found or Judgement(
                Outcome.REJECTED, problems=tuple(line.problems if line else ())
            )
    for line, judgement in zip(readable, register.judge(readable), strict=True):
        judged[line.number] = judgement
    if chunk is not None:
        said = {line.number: register.kept(line.said) for line in readable}
        batch.chunks.filter(pk=chunk.pk).update(said=packed_said(said))
    _keep(batch, places, judged)
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


def _at_sight(batch: ImportBatch, row: SheetRow, layout: Layout, hidden: frozenset[int]) -> Judgement | None:
    """Judge a row by what kind of row it is, before its cells are read."""
    if is_note(row.cells):
        return Judgement(Outcome.REJECTED, problems=(("", "total_row", ""),))
    if row.number in hidden:
        return Judgement(Outcome.LEFT_OUT, problems=(("", "hidden_row", ""),))
    refused = [
        (key, reason, "")
        for place, key in layout.columns.items()
        if place < len(row.kinds) and (reason := _refused_kind(batch, row.kinds[place]))
    ]
    return Judgement(Outcome.REJECTED, problems=tuple(refused)) if refused else None


def _refused_kind(batch: ImportBatch, kind: str) -> str:
    if kind.isupper() and batch.answers.get(Question.FORMULAS) != YES:
        return "formula"
    return "merged_cell" if kind == "m" and batch.answers.get(Question.MERGED) != YES else ""


def _keep(batch: ImportBatch, places: dict[int, int], judged: dict[int, Judgement]) -> None:
    rows = [
        ImportRow(
            number=number,
            chunk=batch.next_chunk,
            place=places[number],
            outcome=one.outcome,
            problems=[list(problem) for problem in one.problems],
            target_id=one.target_id,
            target_version=one.version,
            fields=list(one.fields),
            candidates=[
                [key, version, score, list(reasons)] for key, version, score, reasons in one.candidates
            ],
        )
        for number, one in judged.items()
    ]
    if rows:
        add_rows(batch, rows)
    add_counts(batch, Counter(one.outcome for one in judged.values()))
    batch.rows_in += len(judged)


def add_counts(batch: ImportBatch, changes: Counter[Outcome]) -> None:
    """Add to the batch's counts of rows by outcome."""
    for outcome, count in changes.items():
        setattr(batch, outcome.value, getattr(batch, outcome.value) + count)
