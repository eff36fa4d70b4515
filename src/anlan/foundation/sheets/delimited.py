"""Reads delimited text inside the child: lines of cells between commas, tabs or semicolons."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from anlan.foundation.sheets.bounds import (
    HEADING_ROWS,
    MAX_CELL,
    MAX_CELL_LINES,
    MAX_COLUMNS,
    MAX_ROWS,
)
from anlan.foundation.sheets.encodings import decode
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.neutral import restored

DELIMITERS = ",\t;"
LOOKED_AT_CHARACTERS = 1 << 16  # in which the delimiter is searched
QUOTED = re.compile('"[^"]*"')
STATED = re.compile(r"sep=([,\t;])(\r\n|\r|\n|$)", re.IGNORECASE)  # a first line for Excel
NEVER_WRITTEN = "\x1f\x1e\x1d\x1c\x1b\x1a\x19\x18"  # one of them stands for "no delimiter"

Row = tuple[int, int, list[str], str]


class DelimitedText:
    """A text file of which every record has been read once, so that its rows bring no surprise."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self.encoding, self.text = decode(content, encoding)
        self.begins_at = 0
        stated = STATED.match(self.text)
        if stated is not None:
            self.delimiter, self.begins_at = stated[1], stated.end()
        else:
            self.delimiter = _delimiter(self.text)
        self.width = max((len(record) for _number, record in self._records()), default=0)

    def facts(self) -> dict[str, Any]:
        """Say what the file holds, as one sheet."""
        sheet = {
            "name": "",
            "is_visible": True,
            "hidden_rows": [],
            "hidden_columns": [],
            "merged": [],
            "formula_count": 0,
        }
        return {"date_1904": False, "encoding": self.encoding, "origin": None, "sheets": [sheet]}

    def rows(self) -> Iterator[Row]:
        """Yield the records that hold something, all of one width."""
        for number, record in self._records():
            cells = [restored(cell) for cell in record]
            cells.extend([""] * (self.width - len(cells)))
            yield 0, number, cells, "".join("t" if cell else " " for cell in cells)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield records that hold something with the row a spreadsheet would show them in."""
        source = io.StringIO(self.text, newline="")
        source.seek(self.begins_at)
        skipped = 1 if self.begins_at else 0
        csv.field_size_limit(MAX_CELL * 4)
        reader = csv.reader(source, delimiter=self.delimiter, strict=True)
        count, number, line = 0, skipped, skipped + 1  # line: where the record that is being read began
        try:
            for record in reader:
                number += 1
                while record and not record[-1]:
                    record.pop()
                if record:
                    count += 1
                    _refuse_excess(record, count, number, line)
                    yield number, record
                line = reader.line_num + skipped + 1
        except csv.Error as error:
            code = "cell_too_long" if "field limit" in str(error) else "stray_quote"
            raise Fault(code, row=line) from error


def _refuse_excess(record: list[str], count: int, number: int, line: int) -> None:
    if count > MAX_ROWS + HEADING_ROWS:
        raise Fault("too_many_rows")
    if len(record) > MAX_COLUMNS:
        raise Fault("too_many_columns")
    for cell in record:
        if len(cell) > MAX_CELL:
            raise Fault("cell_too_long", row=number)
        if "\n" in cell and cell.count("\n") > MAX_CELL_LINES:
            raise Fault("stray_quote", row=line)


def _delimiter(text: str) -> str:
    """Find what separates the cells: what stands most often in the first line that has any, unquoted."""
    bare = QUOTED.sub("", text[:LOOKED_AT_CHARACTERS])
    for line in io.StringIO(bare):
        best = max(DELIMITERS, key=line.count)  # of equals the first
        if best in line:
            return best
    return next((mark for mark in NEVER_WRITTEN if mark not in text), ",")
