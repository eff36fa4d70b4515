"""Write tables that people open: Excel workbooks and CSV, in which no text is ever a formula."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, TextIO

import xlsxwriter

from anlan.foundation.sheets.bounds import MAX_COLUMNS
from anlan.foundation.sheets.naming import ORIGIN_MARK, ORIGIN_SHEET, sheet_names, visible
from anlan.foundation.sheets.neutral import is_formula_like, neutralised
from anlan.foundation.sheets.refusals import TableRefused
from anlan.foundation.sheets.row_sheet import (
    EXACT_BELOW,
    RowSheet,
    blank_cell,
    date_cell,
    number_cell,
    text_cell,
)
from anlan.foundation.sheets.styles import ColumnKind, Styles

Value = str | int | float | date | datetime | None

ORIGIN_PIECE = 30_000  # characters of the origin in one cell
MAX_BANNER = 200  # characters of a watermark in a printed page's margin; Excel takes 255 with its codes
MAX_HINT = 255  # characters of an input message
MAX_CHOICES = 255  # characters of a drop-down's choices together
FIRST_YEAR = 1900  # a spreadsheet has no dates before


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, and how its cells are shown and filled in."""

    title: str
    width: int = 14
    kind: ColumnKind = "text"
    choices: tuple[str, ...] = ()  # a drop-down
    hint: str = ""  # shown beside a cell that is being filled in
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: columns, rows as they come, and what is marked in them."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)  # (row, column) from 0 → reason
    heading_rows: Sequence[Sequence[str]] = ()  # instead of the titles
    head: str = ""  # a line above, such as the watermark
    blank_rows: int = 0  # ready to be filled in below


def write_workbook(
    target: Path | BinaryIO,
    sheets: Sequence[Sheet],
    *,
    watermark: str = "",
    origin: Mapping[str, Any] | None = None,
) -> None:
    """Write a workbook, row by row; raise TableRefused for more than Excel or our reader takes.

    Text stays text: never a formula, a link or a number. What XML cannot hold is shown by a sign in its
    place. `origin` goes into a sheet that is not shown and comes back as `open_table(…).origin`. Nothing is
    written to the target before everything is ready.
    """
    with TemporaryDirectory(prefix="anlan-sheets-") as folder:
        options = {"constant_memory": True, "tmpdir": folder}
        book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
        try:
            styles = Styles(book)
            for name, sheet in zip(sheet_names(sheet.name for sheet in sheets), sheets, strict=True):
                _SheetWriter(book.add_worksheet(name, RowSheet), sheet, styles).write(watermark)
            if origin is not None:
                _hide_origin(book.add_worksheet(ORIGIN_SHEET, RowSheet), origin, styles)
        finally:
            for worksheet in book.worksheets():
                worksheet.close_files()
        book.close()


def write_csv(target: TextIO | Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    """Write UTF-8 with a mark at the beginning and CR LF, cells that look like formulas neutralised.

    A TextIO must have been opened with newline="" and takes the mark as its first character.
    """
    if isinstance(target, Path):
        with target.open("w", encoding="utf-8", newline="") as file:
            write_csv(file, columns, rows)
        return
    target.write("\ufeff")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([_csv_cell(column.title) for column in columns])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)


def _csv_cell(value: Value) -> str:
    if isinstance(value, str):
        return neutralised(visible(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


class _SheetWriter:
    """Writes one sheet from top to bottom."""

    def __init__(self, target: RowSheet, sheet: Sheet, styles: Styles) -> None:
        self.target = target
        self.sheet = sheet
        self.styles = styles
        self.kinds: list[ColumnKind] = [column.kind for column in sheet.columns]
        self.width = len(sheet.columns)

    def write(self, watermark: str) -> None:
        """Write everything the sheet has."""
        target, sheet = self.target, self.sheet
        for index, column in enumerate(sheet.columns):
            style = self.styles.of_column[column.kind]
            target.set_column(index, index, column.width, style, {"hidden": column.is_hidden})
        if watermark:
            self._banner(watermark)
        if sheet.head:
            self._titles([sheet.head], self.styles.head)
        for titles in sheet.heading_rows or [[column.title for column in sheet.columns]]:
            self._titles(titles, self.styles.heading)
        first = target.lines
        for index, row in enumerate(sheet.rows):
            self._row(index, row)
        self._blank_rows()
        self._explain_marks(first)
        target.close_rows(self.width)
        self._help_filling_in(first)

    def _banner(self, watermark: str) -> None:
        text = visible(watermark).replace("\n", " ").replace("&", "&&")[:MAX_BANNER]
        self.target.set_header(f"&C&9 {text}")
        self.target.set_footer(f"&L&9 {text}&R&P / &N")

    def _titles(self, titles: Sequence[str], style: int) -> None:
        line = self._next_line(len(titles))
        self.target.append_row(text_cell(column, line, title, style) for column, title in enumerate(titles))

    def _row(self, index: int, row: Sequence[Value]) -> None:
        line, marks = self._next_line(len(row)), self.sheet.marks
        self.target.append_row(
            self._cell(column, line, value, is_marked=bool(marks) and (index, column) in marks)
            for column, value in enumerate(row)
        )

    def _next_line(self, width: int) -> int:
        if width > MAX_COLUMNS:
            raise TableRefused("too_many_columns")
        self.width = max(self.width, width)
        return self.target.lines + 1

    def _cell(self, column: int, line: int, value: Value, *, is_marked: bool) -> str:
        if isinstance(value, str) and value:
            is_quoted = is_formula_like(value)
            return text_cell(column, line, value, self.styles.text(is_marked=is_marked, is_quoted=is_quoted))
        kind = self.kinds[column] if column < len(self.kinds) else "text"
        if value is None or value == "":
            return blank_cell(column, line, self.styles.value(kind, is_marked=True)) if is_marked else ""
        if isinstance(value, date) and value.year >= FIRST_YEAR:
            shown: ColumnKind = "moment" if isinstance(value, datetime) else "date"
            return date_cell(column, line, value, self.styles.value(shown, is_marked=is_marked))
        if isinstance(value, int | float) and abs(value) < EXACT_BELOW:
            shown = "number" if kind == "text" else kind
            return number_cell(column, line, value, self.styles.value(shown, is_marked=is_marked))
        return text_cell(column, line, str(value), self.styles.text(is_marked=is_marked, is_quoted=False))

    def _explain_marks(self, first: int) -> None:
        for (index, column), reason in self.sheet.marks.items():
            self.target.write_comment(first + index, column, visible(reason), {"x_scale": 2})

    def _blank_rows(self) -> None:
        """Prepare rows that keep what is typed into them as text, dates or numbers."""
        for _ in range(self.sheet.blank_rows):
            line = self.target.lines + 1
            self.target.append_row(
                blank_cell(column, line, self.styles.value(kind, is_marked=False))
                for column, kind in enumerate(self.kinds)
            )

    def _help_filling_in(self, first: int) -> None:
        """Keep the heading in sight, let rows be filtered, offer choices and hints."""
        last = max(first, self.target.lines - 1)
        self.target.freeze_panes(first, 0)
        self.target.autofilter(first - 1, 0, last, max(0, self.width - 1))
        for index, column in enumerate(self.sheet.columns):
            rule = _rule(column)
            if rule:
                self.target.data_validation(first, index, last, index, rule)


def _rule(column: Column) -> dict[str, Any]:
    """Return what a spreadsheet says and offers while a cell of this column is filled in."""
    rule: dict[str, Any] = {}
    if column.choices and len(",".join(column.choices)) <= MAX_CHOICES:
        rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
    elif column.hint:
        rule = {"validate": "any"}
    if column.hint:
        rule["input_message"] = visible(column.hint)[:MAX_HINT]
    return rule


def _hide_origin(target: RowSheet, origin: Mapping[str, Any], styles: Styles) -> None:
    text = json.dumps(origin, ensure_ascii=True, separators=(",", ":"))
    pieces = [text[begin : begin + ORIGIN_PIECE] for begin in range(0, len(text), ORIGIN_PIECE)]
    for piece in [ORIGIN_MARK, *pieces]:
        target.append_row([text_cell(0, target.lines + 1, piece, styles.plain["text"])])
    target.close_rows(1)
    target.very_hidden()
