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
LOOKED_AT = 20  # lines in which the delimiter is searched
STATED = re.compile(r"sep=([,\t;])\r?\n?", re.IGNORECASE)
NEVER_WRITTEN = "\x1f\x1e\x1d\x1c\x1b\x1a\x19\x18"  # one of them stands for "no delimiter"

Row = tuple[int, int, list[str], str]


class DelimitedText:
    """A text file of which encoding and delimiter are known; its rows are not read yet."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self.encoding, self.text = decode(content, encoding)
        self.skipped = 0
        stated = STATED.match(self.text)
        if stated is not None:
            self.delimiter, self.skipped = stated[1], stated.end()
        else:
            self.delimiter = _delimiter(self.text)

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
        """Yield the records that hold something, numbered as a spreadsheet would show them."""
        source = io.StringIO(self.text, newline="")
        source.seek(self.skipped)
        csv.field_size_limit(MAX_CELL * 4)
        reader = csv.reader(source, delimiter=self.delimiter, strict=True)
        number, count, width, line = (1 if self.skipped else 0), 0, 0, 1
        try:
            for record in reader:
                number += 1
                line, began_at = reader.line_num + 1, line
                if not any(record):
                    continue
                count += 1
                _refuse_excess(record, count, number, began_at)
                width = width or len(record)
                cells = [restored(cell) for cell in record]
                cells.extend([""] * (width - len(cells)))
                yield 0, number, cells, "".join("t" if cell else " " for cell in cells)
        except csv.Error as error:
            code = "cell_too_long" if "field limit" in str(error) else "stray_quote"
            raise Fault(code, row=line + (1 if self.skipped else 0)) from error


def _refuse_excess(record: list[str], count: int, number: int, line: int) -> None:
    if count > MAX_ROWS + HEADING_ROWS:
        raise Fault("too_many_rows", row=number)
    if len(record) > MAX_COLUMNS:
        raise Fault("too_many_columns")
    for cell in record:
        if len(cell) > MAX_CELL:
            raise Fault("cell_too_long", row=number)
        if cell.count("\n") > MAX_CELL_LINES:
            raise Fault("stray_quote", row=line)


def _delimiter(text: str) -> str:
    """Find what separates the cells: what stands in most of the first lines, and most often there."""
    lines = [line for line in io.StringIO(text[: 1 << 16]) if line.strip()][:LOOKED_AT]
    found = []
    for rank, delimiter in enumerate(DELIMITERS):
        counts = [re.sub(r'"[^"]*"', "", line).count(delimiter) for line in lines]
        found.append((sum(1 for count in counts if count), sum(counts), -rank, delimiter))
    best = max(found)
    if best[0]:
        return best[3]
    return next((mark for mark in NEVER_WRITTEN if mark not in text), ",")
