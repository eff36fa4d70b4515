"""What a register must answer so that a table can be imported into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from anlan.exchange.cells import Cell
from anlan.exchange.layout import SheetColumn
from anlan.exchange.rules import Outcome
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Text

Problem = tuple[str, str, str]  # column key or "", reason (a key of rules.REASONS), detail

KEY, VERSION = "record_key", "record_version"  # hidden columns of an exported workbook


@dataclass(slots=True)
class Line:
    """One row of a table, read: what it says, or its problems."""

    number: int
    said: Any = None
    problems: list[Problem] = field(default_factory=list)
    key: UUID | None = None  # of the record, where the workbook was exported from here
    version: int = 0


def read_key(line: Line, cells: Mapping[str, Cell]) -> None:
    """Note which record an exported row speaks of, and the version it was exported with."""
    key = cells.get(KEY, Cell())
    try:
        line.key = None if key.is_empty else UUID(key.text.strip())
        line.version = int(cells.get(VERSION, Cell()).text or 0)
    except ValueError:
        line.problems.append((KEY, "key_unknown", ""))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a row would do to the register, or why it does nothing."""

    outcome: Outcome
    target_id: UUID | None = None
    version: int = 0
    fields: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    candidates: tuple[tuple[str, int, float, tuple[str, ...]], ...] = ()  # id, version, score, reasons


@dataclass(frozen=True, slots=True)
class Applied:
    """What writing a row came to."""

    outcome: Outcome
    target_id: UUID | None = None
    version: int = 0
    problems: tuple[Problem, ...] = ()
    before: Mapping[str, Any] | None = None
    new_household_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Undoable:
    """What a row wrote, as it is kept."""

    number: int
    target_id: UUID
    version: int
    before: Mapping[str, Any] | None
    new_household_id: UUID | None


class Register(Protocol):
    """A register one batch is tried against and written into; made anew for each run of a batch."""

    key: ClassVar[str]
    title: ClassVar[Text]
    purposes: ClassVar[tuple[str, ...]]  # of posts that may import
    columns: ClassVar[tuple[SheetColumn, ...]]
    bulk: ClassVar[tuple[str, ...]]  # columns that may be set to one value for many rows

    def __init__(self, actor: Actor, now: datetime) -> None: ...

    def read(self, number: int, cells: Mapping[str, Cell]) -> Line:
        """Read one row; problems stay in the line."""

    def judge(self, lines: Sequence[Line]) -> list[Judgement]:
        """Say what each readable line would do. Remembers lines, to find those that repeat one another."""

    def kept(self, said: Any) -> Any:
        """Return what a line says as JSON holds it."""

    def said_again(self, kept: Any) -> Any:
        """Return what `kept` kept."""

    def ready(self, rows: Sequence[tuple[Line, Judgement]]) -> Any:
        """Return these lines ready to be written; like `read` asks nothing of the database."""

    def write(self, ready: Any, *, source: str) -> list[Applied]:
        """Write what is ready in the caller's transaction, each line as it was judged."""

    def what_stays(self, rows: Sequence[Undoable]) -> dict[int, str]:
        """Say which rows an undo would have to leave, and why (a key of rules.STAYS)."""

    def take_back(self, rows: Sequence[Undoable], *, source: str) -> dict[int, str]:
        """Undo these rows in the caller's transaction; return those that stay, as what_stays does."""
