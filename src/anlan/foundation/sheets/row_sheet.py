"""A worksheet whose rows are written out at once as text: five times cheaper than cell by cell.

xlsxwriter keeps everything else (styles, comments, drop-downs, the archive). What this uses of its inside is
in this one file; tests read every workbook back.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from xlsxwriter.worksheet import Worksheet

from anlan.foundation.sheets.bounds import MAX_CELL, MAX_COLUMNS
from anlan.foundation.sheets.naming import utf16_length, visible
from anlan.foundation.sheets.refusals import TableRefused

SPECIAL = re.compile("[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
LOOKS_LIKE_ESCAPE = re.compile("_(x[0-9A-Fa-f]{4}_)")
DAY_ZERO, LEAP_BUG_ENDS = date(1899, 12, 30), date(1900, 3, 1)  # a spreadsheet believes in 1900-02-29
EXACT_BELOW = 10**15  # larger numbers would lose their last digits
DAY = timedelta(days=1)


def letters(column: int) -> str:
    """Return the letters of a column counted from 0."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


LETTERS = [letters(column) for column in range(MAX_COLUMNS)]


def text_cell(column: int, line: int, text: str, style: int) -> str:
    """Return a cell of text; raise TableRefused where it is longer than Excel holds."""
    if len(text) > MAX_CELL // 2 and utf16_length(text) > MAX_CELL:
        raise TableRefused("cell_too_long", values={"row": line})
    if SPECIAL.search(text):
        text = escaped_text(text)
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f'<c r="{LETTERS[column]}{line}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def number_cell(column: int, line: int, number: float, style: int) -> str:
    """Return a cell that holds a number."""
    return f'<c r="{LETTERS[column]}{line}" s="{style}"><v>{number!r}</v></c>'


def date_cell(column: int, line: int, moment: date, style: int) -> str:
    """Return a cell that holds a date or a moment, of 1900 or later."""
    serial: float
    if isinstance(moment, datetime):
        serial = (moment - datetime(1899, 12, 30, tzinfo=moment.tzinfo)) / DAY
        serial -= moment.date() < LEAP_BUG_ENDS
    else:
        serial = (moment - DAY_ZERO).days - (moment < LEAP_BUG_ENDS)
    return number_cell(column, line, serial, style)


def blank_cell(column: int, line: int, style: int) -> str:
    """Return a cell that holds nothing but its format."""
    return f'<c r="{LETTERS[column]}{line}" s="{style}"/>'


def escaped_text(text: str) -> str:
    """Return text as XML holds it in a workbook: what looks like one of Excel's escapes stays text."""
    shown = LOOKS_LIKE_ESCAPE.sub(r"_x005F_\1", visible(text)).replace("\r", "_x000D_")
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class RowSheet(Worksheet):  # type: ignore[misc]
    """A worksheet in xlsxwriter's constant_memory mode that takes whole rows, from the top downwards."""

    row_data_fh: Any
    lines = 0  # written so far: the number of the last row

    def append_row(self, cells: Iterable[str]) -> None:
        """Write the next row."""
        self.lines += 1
        self.row_data_fh.write(f'<row r="{self.lines}">{"".join(cells)}</row>')

    def close_rows(self, width: int) -> None:
        """Say that the last row is written, and how many columns there are."""
        if self.lines:
            self._check_dimensions(0, 0)
            self._check_dimensions(self.lines - 1, max(0, width - 1))

    def close_files(self) -> None:
        """Let go of the file that keeps the rows until the workbook is put together."""
        self._opt_close()
