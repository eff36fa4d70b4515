"""Read a file into chunks, and find its layout; what is not certain becomes a question."""

from collections.abc import Iterator
from itertools import islice

from anlan.exchange.chunks import packed
from anlan.exchange.layout import ROWS_LOOKED_AT, Layout, find_layout
from anlan.exchange.models import ImportBatch, ImportChunk
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import CHUNK_ROWS, BatchState, Question
from anlan.foundation.ids import new_id
from anlan.foundation.sheets.reading import SheetFacts, SheetRow, TableFile, open_table
from anlan.foundation.sheets.refusals import TableRefused

ENCODING_UNCLEAR = "encoding_unclear"
AT_ONCE = 20  # chunks of one INSERT


def read_file(batch: ImportBatch, content: bytes) -> None:
    """Keep the rows of a file, propose a layout and ask what the file leaves open.

    The caller saves the batch. A file that cannot be read leaves it refused, with the reason.
    """
    batch.chunks.all().delete()
    try:
        with open_table(
            content, batch.name, encoding=str(batch.answers.get(Question.ENCODING) or "")
        ) as table:
            heads = _keep_rows(batch, table)
            batch.facts = _facts_of(table)
    except TableRefused as refusal:
        batch.chunks.all().delete()  # a table may turn out unreadable after its first rows
        if refusal.error_code == ENCODING_UNCLEAR and refusal.choices:
            batch.questions = {Question.ENCODING: {one.encoding: one.sample for one in refusal.choices}}
            batch.state = BatchState.ASKED
        else:
            batch.problem, batch.problem_words = refusal.error_code, str(refusal.message)
            batch.state = BatchState.REFUSED
        return
    _propose(batch, heads)


def _keep_rows(batch: ImportBatch, table: TableFile) -> dict[int, list[SheetRow]]:
    """Store all rows; return the first of each sheet."""
    heads: dict[int, list[SheetRow]] = {}
    waiting: list[ImportChunk] = []
    position = 0
    for rows in _in_chunks(table.rows):
        for row in rows:
            head = heads.setdefault(row.sheet, [])
            if len(head) < ROWS_LOOKED_AT:
                head.append(row)
        waiting.append(
            ImportChunk(
                id=new_id(),
                area_code=batch.area_code,
                batch=batch,
                position=position,
                content=packed(rows),
            )
        )
        position += 1
        if len(waiting) == AT_ONCE:
            ImportChunk.objects.bulk_create(waiting)
            waiting = []
    ImportChunk.objects.bulk_create(waiting)
    batch.chunk_count = position
    return heads


def _in_chunks(rows: Iterator[SheetRow]) -> Iterator[list[SheetRow]]:
    while part := list(islice(rows, CHUNK_ROWS)):
        yield part


def _facts_of(table: TableFile) -> dict[str, object]:
    return {
        "encoding": table.encoding,
        "date_1904": table.date_1904,
        "origin": table.origin,
        "sheets": [_sheet_facts(sheet) for sheet in table.sheets],
    }


def _sheet_facts(sheet: SheetFacts) -> dict[str, object]:
    return {
        "index": sheet.index,
        "name": sheet.name,
        "is_visible": sheet.is_visible,
        "hidden_rows": sorted(sheet.hidden_rows),
        "merged": len(sheet.merged),
        "formulas": sheet.formula_count,
    }


def _propose(batch: ImportBatch, heads: dict[int, list[SheetRow]]) -> None:
    """Choose sheet and columns where there is no doubt, and list what is to be asked."""
    columns = REGISTERS[batch.register].columns
    layouts = {sheet: find_layout(sheet, rows, columns) for sheet, rows in heads.items()}
    visible = [sheet["index"] for sheet in batch.facts["sheets"] if sheet["is_visible"]]
    usable = [layouts[index] for index in visible if index in layouts and layouts[index].columns]
    batch.questions = {}
    if len(usable) > 1:
        names = {str(sheet["index"]): sheet["name"] for sheet in batch.facts["sheets"]}
        batch.questions[Question.SHEET] = {str(one.sheet): names[str(one.sheet)] for one in usable}
    chosen = _chosen(batch, usable, layouts)
    if chosen is None:
        batch.problem = "no_rows"
        batch.state = BatchState.REFUSED
        return
    batch.layout = chosen.as_json()
    if not chosen.is_certain:
        batch.questions[Question.COLUMNS] = {}
    facts = next(sheet for sheet in batch.facts["sheets"] if sheet["index"] == chosen.sheet)
    for question, key in (
        (Question.HIDDEN, "hidden_rows"), (Question.FORMULAS, "formulas"), (Question.MERGED, "merged"),
    ):  # fmt: skip
        if facts[key]:
            batch.questions[question] = {
                "found": len(facts[key]) if question == Question.HIDDEN else facts[key]
            }
    open_questions = set(batch.questions) - set(batch.answers)
    batch.state = BatchState.ASKED if open_questions else BatchState.TRYING


def _chosen(batch: ImportBatch, usable: list[Layout], layouts: dict[int, Layout]) -> Layout | None:
    """Return the layout of the sheet that was asked for, or of the first that could be meant."""
    wanted = batch.answers.get(Question.SHEET)
    if wanted is not None and int(wanted) in layouts:
        return layouts[int(wanted)]
    return usable[0] if usable else next(iter(layouts.values()), None)
