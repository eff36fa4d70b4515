"""Reads what stands in a cell: exactly, or with the reason why it cannot be read."""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from anlan.foundation.plain_text import has_control

EMPTY, TEXT, NUMBER, LOST, DAY, TRUTH, FAULT, MERGED = " tnxdbem"  # kinds of foundation.sheets
LONGEST_CELL = 500
DATE_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?"),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
)


class Cell(NamedTuple):
    """A cell's text with its kind: one of the letters of foundation.sheets, upper case for a formula."""

    text: str = ""
    kind: str = EMPTY

    @property
    def is_formula(self) -> bool:
        """Say whether the text is the result of a formula."""
        return self.kind.isupper()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is written here."""
        return not self.text.strip()


class Unreadable(ValueError):
    """Carries the reason (a key of rules.REASONS), and the column where the reader knows it better."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


def plain_text(cell: Cell, *, longest: int = LONGEST_CELL, unfit: str = "name_invalid") -> str:
    """Return the text of a cell with single spaces; `unfit` is why one with control characters is refused."""
    _refuse_faults(cell)
    text = " ".join(cell.text.split())
    if len(text) > longest or has_control(text):
        raise Unreadable("too_long" if len(text) > longest else unfit)
    return text


def number_text(cell: Cell) -> str:
    """Return the digits of a number as they were written; refuse one that lost digits on the way."""
    _refuse_faults(cell)
    if cell.kind.lower() == LOST:
        raise Unreadable("digits_lost")
    return cell.text.strip()


def written_text(cell: Cell | None, *, longest: int = LONGEST_CELL) -> str:
    """Return the text of a cell that may hold a number, a building's for example; "" where there is none."""
    if cell is None or cell.is_empty:
        return ""
    return plain_text(Cell(number_text(cell), TEXT), longest=longest, unfit="control_character")


def day(cell: Cell, *, today: date) -> date | None:
    """Return the day a cell states, None for an empty one.

    A plain number is a day only where it is written as one (19800203): a serial number would be a guess.
    """
    _refuse_faults(cell)
    if cell.is_empty:
        return None
    text = unicodedata.normalize("NFKC", "".join(cell.text.split()))
    if cell.kind.lower() == DAY:
        text = text[:10]
    for form in DATE_FORMS:
        if found := form.fullmatch(text):
            return _day_of(found, today)
    raise Unreadable("date_unclear")


def _day_of(found: re.Match[str], today: date) -> date:
    try:
        stated = date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError as error:
        raise Unreadable("date_impossible") from error
    if stated > today or stated.year < 1900:
        raise Unreadable("date_impossible")
    return stated


def _refuse_faults(cell: Cell) -> None:
    if cell.kind.lower() == FAULT:
        raise Unreadable("cell_error")
