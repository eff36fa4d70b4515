"""Write a long table fast: xlsxwriter makes the frame, the rows are written into it as a stream.

xlsxwriter spends most of its time on choices that are the same for a whole column. Here the frame (heading,
widths, watermark, styles) is its work, with one row of sample for each form a cell may take; then the rows
take the samples' place in the sheet's XML. What a cell holds is as in `writing`: text is never a formula.
"""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from anlan.foundation.sheets.bounds import MAX_CELL
from anlan.foundation.sheets.naming import utf16_length, visible
from anlan.foundation.sheets.neutral import is_formula_like
from anlan.foundation.sheets.refusals import TableRefused
from anlan.foundation.sheets.row_sheet import escaped_text
from anlan.foundation.sheets.writing import Sheet, Value, write_workbook

DAY, MOMENT = date(2000, 1, 1), datetime(2000, 1, 1)  # noqa: DTZ001 - as a cell holds it
SAMPLES: Mapping[str, Value] = {"text": "a", "quoted": "=a", "date": DAY, "moment": MOMENT, "number": 1}
FIRST_DAY = date(1899, 12, 30)  # from which Excel counts
SECONDS_OF_DAY = 86_400
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
DIMENSION = re.compile(rb"<dimension [^>]*/>")
STYLE = re.compile(rb'<c r="[A-Z]+\d+" s="(\d+)"')
ROWS_AT_ONCE = 500
REMEMBERED = 65_536  # texts whose form is known: masks and names of places repeat
MAX_NUMBER = 10**15  # beyond it a spreadsheet loses digits

Write = Callable[[Value], str]


def write_long_workbook(
    target: Path, sheet: Sheet, *, watermark: str = "", origin: Mapping[str, Any] | None = None
) -> int:
    """Write one sheet, its rows as they come, as write_workbook would; return how many rows there were.

    At least one column must be of the kind text. Marks, choices, hints and blank rows are not for long
    tables. Temporary files lie beside the target. Raises TableRefused as write_workbook does; the target is
    then not usable.
    """
    with tempfile.TemporaryFile(dir=target.parent) as frame:
        width = len(sheet.columns)
        place = next(at for at, column in enumerate(sheet.columns) if column.kind == "text")
        samples = [[*[None] * place, value, *[None] * (width - place - 1)] for value in SAMPLES.values()]
        columns = [replace(column, choices=(), hint="") for column in sheet.columns]
        framed = replace(sheet, columns=columns, rows=samples, blank_rows=0)
        write_workbook(frame, [framed], watermark=watermark, origin=origin)
        return _fill(frame, target, sheet)


def _fill(frame: IO[bytes], target: Path, sheet: Sheet) -> int:
    """Copy the frame, with the rows instead of the samples."""
    with zipfile.ZipFile(frame) as made, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        head, samples, rest = _parted(made.read(SHEET))
        first = int(samples[0].partition(b'<row r="')[2].partition(b'"')[0])
        last_sample, last = first + len(SAMPLES) - 1, first - 1
        with book.open(SHEET, "w") as sink:
            sink.write(DIMENSION.sub(b"", head))  # its end is not known yet, and it may be left out
            for number, piece in _pieces(sheet.rows, first, _cell_writers(samples, len(sheet.columns))):
                sink.write(piece)
                last = number
            sink.write(_ended(rest, last_sample, max(first, last)))
        for name in made.namelist():
            if name != SHEET:
                content = made.read(name)
                changed = _ended(content, last_sample, max(first, last)) if name == BOOK else content
                book.writestr(name, changed)
    return last - first + 1


def _parted(content: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Return what stands before the samples, the samples, and what stands behind them."""
    before, end, rest = content.partition(b"</sheetData>")
    pieces = before.split(b"<row ")
    count = len(SAMPLES)
    return b"<row ".join(pieces[:-count]), [b"<row " + one for one in pieces[-count:]], end + rest


def _ended(content: bytes, sampled: int, last: int) -> bytes:
    """Let the filter of the heading end with the last row instead of the last sample."""
    pattern = rb'(<autoFilter ref="[A-Z]+\d+:[A-Z]+|_FilterDatabase"[^<]*:\$[A-Z]+\$)%d(?="|<)' % sampled
    return re.sub(pattern, rb"\g<1>%d" % last, content)


def _letters(column: int) -> bytes:
    """Return the name of a column, counted from 1."""
    name = b""
    while column:
        column, rest = divmod(column - 1, 26)
        name = bytes((65 + rest,)) + name
    return name


def _pieces(
    rows: Iterable[Sequence[Value]], first: int, writers: Sequence[tuple[str, Write]]
) -> Iterator[tuple[int, bytes]]:
    """Yield the XML of the rows, some hundred at once, each with the number of its last row."""
    lines: list[str] = []
    number = first - 1
    for row in rows:
        number += 1
        cells = [
            f'<c r="{letters}{number}"{shown}</c>'
            for (letters, write), value in zip(writers, row, strict=False)
            if (shown := write(value))
        ]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(lines) == ROWS_AT_ONCE:
            yield number, "".join(lines).encode()
            lines = []
    if lines:
        yield number, "".join(lines).encode()


def _cell_writers(samples: Sequence[bytes], width: int) -> list[tuple[str, Write]]:
    """Return for each column its name and what writes its cells."""
    found = [STYLE.search(sample) for sample in samples]
    styles = {key: match[1].decode() for key, match in zip(SAMPLES, found, strict=True) if match}

    @lru_cache(maxsize=REMEMBERED)
    def text(value: str) -> str:
        shown = visible(value)
        if utf16_length(shown) > MAX_CELL:
            raise TableRefused("cell_too_long", values={"row": 0})
        style = styles["quoted" if is_formula_like(value) else "text"]
        space = ' xml:space="preserve"' if shown != shown.strip() else ""
        return f' s="{style}" t="inlineStr"><is><t{space}>{escaped_text(value)}</t></is>'

    def write(value: Value) -> str:
        if isinstance(value, str):
            return text(value) if value else ""
        if value is None:
            return ""
        if isinstance(value, date):
            serial = _serial(value)
            if serial is None:
                return text(value.isoformat())
            return f' s="{styles["moment" if isinstance(value, datetime) else "date"]}"><v>{serial}</v>'
        if isinstance(value, bool) or not -MAX_NUMBER < value < MAX_NUMBER:
            return text(str(value))
        return f' s="{styles["number"]}"><v>{value!r}</v>'

    return [(_letters(at + 1).decode(), write) for at in range(width)]


def _serial(value: date) -> int | float | None:
    """Return a day or moment as Excel counts; None for what it has no number for."""
    if value.year < 1900 or (isinstance(value, datetime) and value.tzinfo is not None):
        return None
    if not isinstance(value, datetime):
        return (value - FIRST_DAY).days
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return (value.date() - FIRST_DAY).days + seconds / SECONDS_OF_DAY
