"""Lines kept beside the data, outside the database, which no restore takes back: one JSON object a line."""

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ERASED = "erased.jsonl"  # who was erased: ids that stand for nobody (people.actions.erase_again)

Line = dict[str, Any]


def read_ledger(path: Path) -> list[Line]:
    """Return the lines, oldest first; one cut by a crash ends them. An absent file has none."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def add_to_ledger(path: Path, lines: Iterable[Line], *, key: str) -> int:
    """Append, durably, the lines whose key the file lacks, and return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        whole = file.read()
        end = whole.rfind(b"\n") + 1  # what a crash left of a line is written over
        known = {json.loads(line)[key] for line in whole[:end].splitlines()}
        missing = {line[key]: line for line in lines if line[key] not in known}
        file.seek(end)
        file.truncate()
        file.write("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in missing.values()).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(missing)
