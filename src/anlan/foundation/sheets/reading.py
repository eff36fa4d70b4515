"""Open a table and read its rows, out of a child process that can do no harm.

    with open_table(content, "居民.xlsx") as table:
        for row in table.rows:
            ...

Kinds of cells, one character each: " " empty, t text, n number, x number whose last digits the spreadsheet
lost, d date or time, b boolean, e error value, m covered by a merged range (the cell then holds the range's
text); in upper case where a formula gave the value.
"""

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anlan.foundation.sheets.archive import check_table
from anlan.foundation.sheets.bounds import (
    CHILD_CPU_SECONDS,
    CHILD_MEMORY_BYTES,
    MAX_LINE_BYTES,
    WAIT_SECONDS,
)
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.refusals import TableRefused

SOURCE = Path(__file__).resolve().parents[3]
START = "import sys; sys.path.insert(0, sys.argv[1]); from anlan.foundation.sheets.child import main; main()"
PIECE = 1 << 18
FAULT_OF_SIGNAL = {-signal.SIGXCPU: "too_slow", -signal.SIGABRT: "unpacked_too_large"}
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What is known of a sheet besides its rows; rows and columns count from 1."""

    index: int
    name: str
    is_visible: bool
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    merged: tuple[tuple[int, int, int, int], ...]  # first row, first column, last row, last column
    formula_count: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that holds something; `number` is the one a spreadsheet shows beside it."""

    sheet: int
    number: int
    cells: tuple[str, ...]  # from column A on; all rows of a sheet have the same number
    kinds: str


@dataclass(slots=True)
class TableFile:
    """An open table: its facts at once, its rows as they are asked for, in order, once.

    Reading on may still raise TableRefused: what came before it is then not the whole table.
    """

    sheets: list[SheetFacts]
    date_1904: bool
    encoding: str  # "" for workbooks
    origin: dict[str, Any] | None  # what write_workbook hid; whether to believe it is the caller's matter
    rows: Iterator[SheetRow]


@contextmanager
def open_table(content: bytes, name: str, *, encoding: str = "") -> Iterator[TableFile]:
    """Open an .xlsx, .csv or .txt file; raise TableRefused with a sentence that says what to do.

    `encoding` is what a person chose after TableRefused("encoding_unclear") offered it. Of delimited text one
    apostrophe is taken off a cell that begins with apostrophes and then like a formula (see neutral.py). The
    child dies with the thread that opened it, so one thread opens, reads and closes.
    """
    kind = check_table(content, name)
    with _child(content, kind, encoding) as child:
        lines = _Lines(child)
        yield table_of(lines.messages())


def table_of(messages: Iterator[Any]) -> TableFile:
    """Return the table that a child's messages describe."""
    facts = _told(messages)
    sheets = [
        SheetFacts(
            index=index,
            name=sheet["name"],
            is_visible=sheet["is_visible"],
            hidden_rows=frozenset(sheet["hidden_rows"]),
            hidden_columns=frozenset(sheet["hidden_columns"]),
            merged=tuple((a, b, c, d) for a, b, c, d in sheet["merged"]),
            formula_count=sheet["formula_count"],
        )
        for index, sheet in enumerate(facts["sheets"])
    ]
    return TableFile(sheets, facts["date_1904"], facts["encoding"], facts["origin"], _rows(messages))


def _rows(messages: Iterator[Any]) -> Iterator[SheetRow]:
    while isinstance(batch := _told(messages), list):
        for sheet, number, cells, kinds in batch:
            yield SheetRow(sheet, number, tuple(cells), kinds)


def _told(messages: Iterator[Any]) -> Any:
    """Return the next message; a file is whole only once the child has said so."""
    message = next(messages, None)
    if message is None:
        raise TableRefused("damaged")
    if isinstance(message, dict) and "fault" in message:
        raise TableRefused.of(Fault(message["fault"], **message["values"]))
    return message


@contextmanager
def _child(content: bytes, kind: str, encoding: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the child on a file that exists in memory only; end it when the reader is done."""
    limits = [str(limit) for limit in (os.getpid(), CHILD_CPU_SECONDS, CHILD_MEMORY_BYTES)]
    given = os.memfd_create("table")
    try:
        with os.fdopen(os.dup(given), "wb") as whole:
            whole.write(content)
        os.lseek(given, 0, os.SEEK_SET)
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", START, str(SOURCE), *limits, kind, encoding],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},  # nothing of the house's secrets
            cwd="/",
        )
    finally:
        os.close(given)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


class _Lines:
    """Reads a child's lines and counts how long it let its reader wait."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self.child = child
        self.waited = 0.0

    def messages(self) -> Iterator[Any]:
        """Yield what the child says, each line as soon as it is whole."""
        begun: list[bytes] = []
        while piece := self._piece():
            *whole, rest = piece.split(b"\n")
            for line in whole:
                yield json.loads(b"".join([*begun, line]))
                begun = []
            begun.append(rest)
            if sum(map(len, begun)) > MAX_LINE_BYTES:
                raise TableRefused("unpacked_too_large")
        ended_with = self.child.wait()
        if ended_with:
            logger.warning("The process that reads a table ended with %s", ended_with)
            raise TableRefused(FAULT_OF_SIGNAL.get(ended_with, "damaged"))

    def _piece(self) -> bytes:
        assert self.child.stdout is not None
        handle = self.child.stdout.fileno()
        since = time.monotonic()
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        is_ready = poll.poll(max(0.0, WAIT_SECONDS - self.waited) * 1000)
        self.waited += time.monotonic() - since
        if not is_ready:
            raise TableRefused("too_slow")
        return os.read(handle, PIECE)
