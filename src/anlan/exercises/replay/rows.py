"""What the readers of replay files share: the rows of a CSV, those taken, and why another was not."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

Place = tuple[float, float]  # metres east and north on the plan of the file


class NotReplayable(ValueError):
    """The file cannot be replayed at all; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was not taken, and why; a duplicate says nothing that another row has not said."""

    row: int  # as a spreadsheet counts: the heading is row 1
    reason: str
    outcome: Literal["rejected", "duplicate"] = "rejected"


class RowProblem(ValueError):
    """A row that is not taken; `is_duplicate` where the very same was said before."""

    def __init__(self, reason: str, *, is_duplicate: bool = False) -> None:
        super().__init__(reason)
        self.is_duplicate = is_duplicate

    def at(self, row: int) -> BadRow:
        """Return it as the row it is about."""
        return BadRow(row, str(self), "duplicate" if self.is_duplicate else "rejected")


class TakenRow(Protocol):
    """A row that was taken: its number, the area it is about, and the day on which it was said."""

    @property
    def row(self) -> int: ...

    @property
    def area(self) -> str: ...

    @property
    def day(self) -> date: ...


R = TypeVar("R", bound=TakenRow)


@dataclass(slots=True)
class ListedRows(Generic[R]):
    """All rows of a file: those taken, in the order of their days, and those that were not."""

    name: str
    taken: list[R] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)

    @property
    def areas(self) -> list[str]:
        """Return the areas of the file by name."""
        return sorted({row.area for row in self.taken})

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of which something was said."""
        return self.taken[0].day, self.taken[-1].day

    @property
    def row_count(self) -> int:
        """Return how many rows the file has below its heading."""
        return len(self.taken) + len(self.bad_rows)

    def read(self, path: Path, columns: Sequence[str], row_of: Callable[[int, Mapping[str, str]], R]) -> None:
        """Read a CSV file; `row_of` makes a row of its number and cells, or raises RowProblem.

        Raises NotReplayable for a file without the columns or without a single good row.
        """
        for number, cells in numbered_rows(path, columns):
            try:
                self.taken.append(row_of(number, cells))
            except RowProblem as problem:
                self.bad_rows.append(problem.at(number))
        if not self.taken:
            first = next(iter(self.bad_rows), None)
            why = f"（第 {first.row} 行 row {first.row}: {first.reason}）" if first else ""
            raise NotReplayable(f"{path.name}: 没有一行可用 / not one row can be used{why}")
        self.taken.sort(key=lambda row: (row.day, row.row))


def heading_of(path: Path) -> list[str]:
    """Return the names of the columns."""
    return [name.strip() for name in next(csv.reader(_text(path).splitlines()), [])]


def numbered_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield each row with its number; raise NotReplayable for a file that is not UTF-8 or lacks columns."""
    heading = heading_of(path)
    missing = [name for name in columns if name not in heading]
    if missing:
        raise NotReplayable(f"{path.name}: 缺少列 / columns missing: {', '.join(missing)}")
    reader = csv.reader(_text(path).splitlines())
    next(reader)
    for number, cells in enumerate(reader, start=2):
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * len(heading)]
            yield number, {name: cell.strip() for name, cell in zip(heading, padded, strict=False)}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotReplayable(f"{path.name}: 请另存为 UTF-8 / save the file as UTF-8") from error


def need(given: Mapping[str, str], names: Sequence[str]) -> None:
    """Raise RowProblem for the first of these columns that is empty."""
    for name in names:
        if not given[name]:
            raise RowProblem(f"{name} 为空 / {name} is empty")


def day_in(name: str, text: str) -> date:
    """Return a day; raise RowProblem."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RowProblem(f"{name} 应如 1861-11-03 / write {name} as 1861-11-03, not {text}") from error


def place_in(given: Mapping[str, str]) -> Place | None:
    """Return where a row lies on the plan, None where it does not say; raise RowProblem."""
    texts = given.get("x_m", ""), given.get("y_m", "")
    if not all(texts):
        return None
    try:
        x, y = (float(text) for text in texts)
    except ValueError as error:
        raise RowProblem(f"x_m、y_m 应为数字 / x_m and y_m are numbers, not {', '.join(texts)}") from error
    if not (abs(x) < FARTHEST_M and abs(y) < FARTHEST_M):
        raise RowProblem(
            f"x_m、y_m 应在 1000 公里内 / x_m and y_m lie within 1,000 km, not {', '.join(texts)}"
        )
    return x, y


FARTHEST_M = 1_000_000.0
