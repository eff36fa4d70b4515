"""The process that reads a table: limited before it sees a byte, without Django, told its work by arguments.

    python -I -B -c "…" <folder of anlan> <its parent> <CPU seconds> <bytes of memory> <kind> <encoding>

The file comes by standard input; what it holds goes to standard output, one JSON value a line: first the
facts, then batches of rows, last {"end": true}; or, at any time, {"fault": …} as the last line.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

from anlan.foundation.sheets.bounds import BATCH_CHARACTERS, BATCH_ROWS, MAX_CHARACTERS
from anlan.foundation.sheets.delimited import DelimitedText
from anlan.foundation.sheets.encodings import load_codecs
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.workbook import Row, Workbook

DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def main() -> None:
    """Read standard input and write what it holds."""
    parent, cpu_seconds, memory_bytes = (int(argument) for argument in sys.argv[2:5])
    kind, encoding = sys.argv[5:7]
    load_codecs()
    limit(parent, cpu_seconds, memory_bytes)
    write = sys.stdout.buffer.write
    for message in messages(sys.stdin.buffer.read(), kind, encoding):
        write(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
        write(b"\n")
    sys.stdout.buffer.flush()
    os._exit(0)  # what was read needs no taking apart


def limit(parent: int, cpu_seconds: int, memory_bytes: int) -> None:
    """Give up time, memory, files and processes beyond what reading needs, and life beyond the parent's."""
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))  # a signal first that says why
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),  # in, out and errors are open already
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def messages(content: bytes, kind: str, encoding: str) -> Iterator[Any]:
    """Yield what the parent is told of a file."""
    try:
        table = Workbook(content) if kind == "workbook" else DelimitedText(content, encoding)
        yield table.facts()
        yield from batches(table.rows())
        yield {"end": True}
    except Fault as fault:
        yield {"fault": fault.code, "values": fault.values}
    except (MemoryError, RecursionError):
        yield {"fault": "unpacked_too_large", "values": {}}


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield rows in batches, none of them large; refuse more text than a file can mean."""
    batch: list[Row] = []
    characters = total = 0
    for row in rows:
        batch.append(row)
        characters += sum(map(len, row[2]))
        if len(batch) == BATCH_ROWS or characters > BATCH_CHARACTERS:
            yield batch
            total += characters
            batch, characters = [], 0
            if total > MAX_CHARACTERS:
                raise Fault("unpacked_too_large")
    yield batch
