"""What the readers of replay files share: the rows of a CSV, and why one of them was not taken."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

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
