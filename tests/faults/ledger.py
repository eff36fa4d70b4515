"""What senders know: each envelope written to a file before it is sent, each answer as soon as it is there.

The file alone decides what must be in the database. It is written without a buffer: what a sender was told
outlives the sender.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

STORED, FOREIGN, OTHER_BODY = "stored", "foreign", "other body"
WANTED = {STORED: {200, 201}, FOREIGN: {403}, OTHER_BODY: {409}}
KEPT = ("wanted", "account", "source", "key", "record_id", "area_code", "body")
UNDECIDED = {0, 408, 429, 503}  # no answer; too slow; too fast; busy or unknown: send again


def digest_of(body: Any) -> str:
    """Return one short text for equal bodies."""
    whole = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(whole.encode()).hexdigest()[:32]


@dataclass
class Entry:
    """One envelope of one sender, what must become of it, and every answer to it: status and id."""

    wanted: str
    account: str
    source: str
    key: str
    record_id: str
    area_code: str
    body: dict[str, Any]
    number: int = -1
    answers: list[tuple[int, str]] = field(default_factory=list)
    noted_at: float = 0.0  # by the clock of time.monotonic

    @property
    def raw(self) -> bytes:
        """What is sent, the same each time."""
        names = ("key", "record_id", "area_code", "body")
        return json.dumps({name: getattr(self, name) for name in names}).encode()

    @property
    def is_settled(self) -> bool:
        """Whether the last answer left nothing open."""
        return bool(self.answers) and self.answers[-1][0] not in UNDECIDED


class Ledger:
    """The file, and what is counted of it while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.next_number = len(read(path)) if path.exists() else 0
        self.settled_count = 0
        self.answered: Counter[int] = Counter()
        self.stored_count = 0
        self.stored_at: list[tuple[float, float]] = []  # of each 201: when it came, when it was first sent
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)

    def note(self, entry: Entry) -> None:
        """Write down an envelope that is about to be sent for the first time."""
        entry.number, self.next_number = self.next_number, self.next_number + 1
        entry.noted_at = time.monotonic()
        self._write([entry.number, {name: getattr(entry, name) for name in KEPT}])

    def answer(self, entry: Entry, status: int, record_id: str) -> None:
        """Write down an answer; 0 is none."""
        entry.answers.append((status, record_id))
        self._write([entry.number, status, record_id])
        self.answered[status] += 1
        self.settled_count += entry.is_settled
        self.stored_count += entry.is_settled and entry.wanted == STORED
        if status == 201:
            self.stored_at.append((time.monotonic(), entry.noted_at))

    def first_stored_after(self, moment: float) -> float | None:
        """Return when the first of those that were first sent after a moment was stored."""
        return min((stored for stored, sent in self.stored_at if sent > moment), default=None)

    def longest_silence(self) -> float:
        """Return the longest time in which nothing was newly stored."""
        at = sorted(stored for stored, _ in self.stored_at)
        return max((later - earlier for earlier, later in pairwise(at)), default=0.0)

    def _write(self, line: list[Any]) -> None:
        os.write(self._handle, json.dumps(line).encode() + b"\n")


def read(path: Path) -> list[Entry]:
    """Return all entries of a ledger with their answers; a last line that was cut is left out."""
    entries: dict[int, Entry] = {}
    for line in _whole_lines(path):
        number, *rest = json.loads(line)
        if len(rest) == 2:
            entries[number].answers.append((rest[0], rest[1]))
        else:
            entries[number] = Entry(**rest[0], number=number)
    return list(entries.values())


def _whole_lines(path: Path) -> Iterable[str]:
    return path.read_text().rpartition("\n")[0].splitlines()
