"""Write what became of the rows back into a copy of the workbook, beside the cells it is about."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath

from anlan.exchange.chunks import rows_of
from anlan.exchange.layout import Layout
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.queries import filing_purpose
from anlan.exchange.rules import MARKED
from anlan.exchange.words import words_of_outcome, words_of_problems
from anlan.foundation.actor import Actor
from anlan.foundation.files import store_file
from anlan.foundation.sheets.reading import SheetRow
from anlan.foundation.sheets.writing import Column, Sheet, write_workbook

ADDED = ("处理结果", "原因")  # columns after the file's own
Cells = list[str | int | float | None]


def mark_copy(batch: ImportBatch, actor: Actor, now: datetime) -> None:
    """Store a copy of the sheet with results and reasons, where there is anything to mark.

    Every row of the sheet is in it, as text and in its order. The caller saves the batch.
    """
    if not any(getattr(batch, outcome.value) for outcome in MARKED):
        return
    layout = Layout.from_json(batch.layout)
    results = {row.number: row for row in batch.rows.filter(outcome__in=MARKED)}
    places = {key: place for place, key in layout.columns.items()}
    width = len(layout.headings)
    marks: dict[tuple[int, int], str] = {}
    above: list[list[str]] = []
    body: list[Cells] = []
    for row in _sheet_rows(batch, layout):
        if row.number <= layout.heading_row:
            above.append([*_fitted(row, width), *(ADDED if row.number == layout.heading_row else ("", ""))])
            continue
        found = results.get(row.number)
        body.append([*_fitted(row, width), *(_words(found) if found else ("", ""))])
        for key, reason, detail in found.problems if found else ():
            if key in places:
                marks[len(body) - 1, places[key]] = words_of_problems([(key, reason, detail)])
    columns = [Column(title or " ", width=16) for title in layout.headings]
    columns += [Column(title, width=30) for title in ADDED]
    target = io.BytesIO()
    name = _sheet_name(batch, layout)
    write_workbook(target, [Sheet(name, columns, body, marks=marks, heading_rows=above)])
    marked = store_file(
        actor=actor,
        area_code=batch.area_code,
        name=f"{PurePath(batch.name).stem}-标注.xlsx",
        content=target.getvalue(),
        purpose=filing_purpose(actor, batch.register),
        expires_at=batch.expires_at,
        now=now,
    )
    batch.marked_file_id = marked.pk


def _sheet_rows(batch: ImportBatch, layout: Layout) -> Iterator[SheetRow]:
    for chunk in batch.chunks.order_by("position").iterator(chunk_size=10):
        for row in rows_of(chunk):
            if row.sheet == layout.sheet:
                yield row


def _fitted(row: SheetRow, width: int) -> list[str]:
    return [*row.cells[:width], *[""] * (width - len(row.cells))]


def _words(row: ImportRow) -> tuple[str, str]:
    return words_of_outcome(row.outcome), words_of_problems(row.problems)


def _sheet_name(batch: ImportBatch, layout: Layout) -> str:
    names = [sheet["name"] for sheet in batch.facts["sheets"] if sheet["index"] == layout.sheet]
    return names[0] if names else "Sheet1"
