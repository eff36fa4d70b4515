"""The process that reads a table: limited before it sees a byte, without Django, told its work by arguments.

    python -I -B -c "…" <folder of anlan> <workbook|text> <encoding>   < file   > one JSON value a line

First the facts, then batches of rows, last {"end": true}; or, at any time, {"fault": …} as the last line.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

from anlan.foundation.sheets.bounds import (
    BATCH_ROWS,
    CHILD_CPU_SECONDS,
    CHILD_MEMORY_BYTES,
)
from anlan.foundation.sheets.delimited import DelimitedText
from anlan.foundation.sheets.encodings import load_codecs
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.workbook import Workbook

DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def main() -> None:
    """Read standard input and write what it holds."""
    limit()
    kind, encoding = sys.argv[2:4]
    content = sys.stdin.buffer.read()
    write = sys.stdout.buffer.write
    for message in messages(content, kind, encoding):
        write(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
        write(b"\n")
    sys.stdout.buffer.flush()
    os._exit(0)  # what was read needs no taking apart


def limit() -> None:
    """Give up memory, time, files and processes beyond what reading needs."""
    load_codecs()
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, CHILD_MEMORY_BYTES),
        (resource.RLIMIT_CPU, CHILD_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def messages(content: bytes, kind: str, encoding: str) -> Iterator[Any]:
    """Yield what the parent is told of a file."""
    try:
        table = Workbook(content) if kind == "workbook" else DelimitedText(content, encoding)
        yield table.facts()
        batch = []
        for row in table.rows():
            batch.append(row)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
        yield batch
        yield {"end": True}
    except Fault as fault:
        yield {"fault": fault.code, "values": fault.values}
    except (MemoryError, RecursionError):
        yield {"fault": "unpacked_too_large", "values": {}}
