"""Write tables that people open: Excel workbooks and CSV, in which no text is ever a formula."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, TextIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from anlan.foundation.sheets.bounds import MAX_CELL
from anlan.foundation.sheets.naming import ORIGIN_MARK, ORIGIN_SHEET, sheet_names, utf16_length, visible
from anlan.foundation.sheets.neutral import is_formula_like, neutralised
from anlan.foundation.sheets.refusals import TableRefused

Value = str | int | float | date | datetime | None
ColumnKind = Literal["text", "date", "number", "moment"]

ORIGIN_PIECE = 30_000  # characters of the origin in one cell
MAX_BANNER = 200  # characters of a watermark in a printed page's margin; Excel takes 255 with its codes
MAX_HINT, MAX_LIST = 255, 255  # of an input message, of a drop-down's choices together
NUMBER_FORMATS: dict[ColumnKind, str] = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "number": "General",
    "moment": "yyyy-mm-dd hh:mm",
}


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
    """Write a workbook row by row; raise TableRefused for a cell that is longer than Excel holds.

    Text stays text: never a formula, a link or a number. `origin` goes into a sheet that is not shown and
    comes back as `open_table(…).origin`. A workbook that was refused half way is not usable: remove the
    target.
    """
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), options) as book:
        styles = _Styles(book)
        for name, sheet in zip(sheet_names(sheet.name for sheet in sheets), sheets, strict=True):
            _SheetWriter(book.add_worksheet(name), sheet, styles).write(watermark)
        if origin is not None:
            _hide_origin(book.add_worksheet(ORIGIN_SHEET), origin)


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


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.made: dict[tuple[Any, ...], Format] = {}
        self.heading = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "num_format": "@"})
        self.head = book.add_format({"italic": True, "font_color": "#666666", "num_format": "@"})

    def of(self, kind: ColumnKind, *, is_marked: bool = False, is_quoted: bool = False) -> Format:
        """Return the format for a kind of column."""
        key = (kind, is_marked, is_quoted)
        if key not in self.made:
            facts: dict[str, Any] = {"num_format": NUMBER_FORMATS[kind]}
            if is_marked:
                facts |= {"bg_color": "#F8D0D0", "font_color": "#9C0006"}
            if is_quoted:
                facts |= {"quote_prefix": True}
            self.made[key] = self.book.add_format(facts)
        return self.made[key]


class _SheetWriter:
    """Writes one sheet from top to bottom."""

    def __init__(self, target: Worksheet, sheet: Sheet, styles: _Styles) -> None:
        self.target = target
        self.sheet = sheet
        self.styles = styles
        self.line = 0  # the next row to be written, from 0

    def write(self, watermark: str) -> None:
        """Write everything the sheet has."""
        self._columns()
        if watermark:
            self._banner(watermark)
        if self.sheet.head:
            self._text(0, self.sheet.head, self.styles.head)
            self.line += 1
        for titles in self.sheet.heading_rows or [[column.title for column in self.sheet.columns]]:
            for column, title in enumerate(titles):
                self._text(column, title, self.styles.heading)
            self.line += 1
        first = self.line
        for index, row in enumerate(self.sheet.rows):
            self._row(index, row)
        self._after(first)

    def _columns(self) -> None:
        for index, column in enumerate(self.sheet.columns):
            options = {"hidden": True} if column.is_hidden else {}
            self.target.set_column(index, index, column.width, self.styles.of(column.kind), options)

    def _banner(self, watermark: str) -> None:
        text = visible(watermark).replace("\n", " ").replace("&", "&&")[:MAX_BANNER]
        self.target.set_header(f"&C&9 {text}")
        self.target.set_footer(f"&L&9 {text}&R&P / &N")

    def _row(self, index: int, row: Sequence[Value]) -> None:
        for column, value in enumerate(row):
            reason = self.sheet.marks.get((index, column))
            self._cell(column, value, is_marked=reason is not None)
            if reason:
                self.target.write_comment(self.line, column, visible(reason), {"x_scale": 2})
        self.line += 1

    def _cell(self, column: int, value: Value, *, is_marked: bool) -> None:
        kind: ColumnKind = self.sheet.columns[column].kind if column < len(self.sheet.columns) else "text"
        if isinstance(value, str) and value:
            is_quoted = is_formula_like(value)
            self._text(column, value, self.styles.of("text", is_marked=is_marked, is_quoted=is_quoted))
        elif isinstance(value, date):
            self._date(column, value, is_marked=is_marked)
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15:
            shown: ColumnKind = "number" if kind == "text" else kind
            self.target.write_number(self.line, column, value, self.styles.of(shown, is_marked=is_marked))
        elif value is None or value == "":
            if is_marked:
                self.target.write_blank(self.line, column, None, self.styles.of(kind, is_marked=True))
        else:
            self._text(column, str(value), self.styles.of("text", is_marked=is_marked))

    def _date(self, column: int, value: date, *, is_marked: bool) -> None:
        if value.year < 1900 or (isinstance(value, datetime) and value.tzinfo is not None):
            self._text(column, value.isoformat(), self.styles.of("text", is_marked=is_marked))
            return
        kind: ColumnKind = "moment" if isinstance(value, datetime) else "date"
        self.target.write_datetime(self.line, column, value, self.styles.of(kind, is_marked=is_marked))

    def _text(self, column: int, text: str, style: Format) -> None:
        shown = visible(text)
        if utf16_length(shown) > MAX_CELL:
            raise TableRefused("cell_too_long", values={"row": self.line + 1})
        if shown.startswith("<r>") and shown.endswith("</r>"):  # xlsxwriter would take it for markup
            self.target.write_rich_string(self.line, column, "<", "r>", shown[3:], style)
        elif shown:
            self.target.write_string(self.line, column, shown, style)

    def _after(self, first: int) -> None:
        """Freeze and filter the heading, prepare blank rows, set drop-downs and hints."""
        for _ in range(self.sheet.blank_rows):
            for index, column in enumerate(self.sheet.columns):
                self.target.write_blank(self.line, index, None, self.styles.of(column.kind))
            self.line += 1
        last = max(first, self.line - 1)
        self.target.freeze_panes(first, 0)
        self.target.autofilter(first - 1, 0, last, max(0, len(self.sheet.columns) - 1))
        for index, column in enumerate(self.sheet.columns):
            rule = _rule(column)
            if rule:
                self.target.data_validation(first, index, last, index, rule)


def _rule(column: Column) -> dict[str, Any]:
    """Return what a spreadsheet says and offers while a cell of this column is filled in."""
    rule: dict[str, Any] = {}
    if column.choices and len(",".join(column.choices)) <= MAX_LIST:
        rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
    elif column.hint:
        rule = {"validate": "any"}
    if column.hint:
        rule["input_message"] = visible(column.hint)[:MAX_HINT]
    return rule


def _hide_origin(target: Worksheet, origin: Mapping[str, Any]) -> None:
    text = json.dumps(origin, ensure_ascii=True, separators=(",", ":"))
    target.write_string(0, 0, ORIGIN_MARK)
    for line, begin in enumerate(range(0, len(text), ORIGIN_PIECE), 1):
        target.write_string(line, 0, text[begin : begin + ORIGIN_PIECE])
    target.very_hidden()
