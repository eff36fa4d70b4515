"""Streams one worksheet and notes what its values alone do not show: hidden, merged, formulas, errors."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from anlan.foundation.sheets.bounds import (
    MAX_AREA,
    MAX_CELL_ELEMENTS,
    MAX_COLUMNS,
    MAX_MERGES,
    MAX_ROW_NUMBER,
)
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.parts import feed, new_parser

Range = tuple[int, int, int, int]  # first row, first column, last row, last column, from 1
REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
TRUE = ("1", "true")
OTHER, CELL, VALUE, INLINE = "", "c", "v", "is"
HOLDERS = (VALUE, INLINE)
KNOWN = {name: name for name in (CELL, VALUE, INLINE, "f", "row", "mergeCell", "col")}
ERROR = "e"
WATCHED = (ERROR, "inlineStr")


@dataclass(slots=True)
class SheetNotes:
    """What was noted of a sheet; rows and columns count from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Range] = field(default_factory=list)
    formulas: dict[int, set[int]] = field(default_factory=dict)  # row → columns
    errors: dict[int, dict[int, str]] = field(default_factory=dict)  # row → column → value
    formula_count: int = 0
    row_count: int = 0  # rows with a value
    first_row: int = MAX_ROW_NUMBER
    last_row: int = 0
    last_column: int = 0


def place(reference: str) -> tuple[int, int]:
    """Return row and column of a reference such as B12; raise Fault where it is none."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise Fault("damaged")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    if not 0 < row <= MAX_ROW_NUMBER:
        raise Fault("damaged")
    return row, column


def span(reference: str) -> Range:
    """Return the range of a reference such as A1:B2 or A1."""
    first, _colon, last = reference.partition(":")
    row, column = place(first)
    last_row, last_column = place(last or first)
    return min(row, last_row), min(column, last_column), max(row, last_row), max(column, last_column)


class SheetScan:
    """Collects the notes of one sheet as expat calls it."""

    def __init__(self) -> None:
        self.notes = SheetNotes()
        self.parser = new_parser()
        self.parser.StartElementHandler = self.start
        self.own_names: dict[str, str] = {}  # as written: what it means here
        self.prefix: str | None = None  # of the first element, and so of the sheet's own
        self.row_stated: str | None = None
        self.columns: dict[str, int] = {}
        self.row = 0  # where the next cell without a place of its own stands
        self.column = 0
        self.kind: str | None = None  # of the current cell, as its attribute t says
        self.valued_row = 0
        self.cell_count = 0

    def run(self, pieces: Iterable[bytes]) -> SheetNotes:
        """Scan the whole sheet."""
        feed(self.parser, pieces)
        notes = self.notes
        if notes.last_row and (notes.last_row - notes.first_row + 1) * notes.last_column > MAX_AREA:
            raise Fault("too_many_rows")
        notes.hidden_rows = {row for row in notes.hidden_rows if row <= notes.last_row}
        return notes

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note one element; called for each, so it looks at the commonest first."""
        own = self.own_names.get(name)
        if own is None:
            own = self.own_names[name] = self.meaning(name)
        if own == OTHER:
            return
        if own == CELL:
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                self.place_cell(reference)
            self.kind = attributes.get("t")
        elif own in HOLDERS:
            if self.column > self.notes.last_column or self.row != self.valued_row:
                self.value()
            if own == VALUE and self.kind in WATCHED:
                self.watch()
        elif own == "f":
            self.notes.formula_count += 1
            self.notes.formulas.setdefault(self.row, set()).add(self.column)
        elif own == "row":
            self.start_row(attributes)
        elif own == "mergeCell":
            self.merge(span(attributes.get("ref", "")))
        elif own == "col":
            self.hide_columns(attributes)

    def meaning(self, name: str) -> str:
        """Return what an element is here; one with another prefix than the sheet's own is of an extension."""
        prefix, _colon, own = name.rpartition(":")
        if self.prefix is None:
            self.prefix = prefix
        return KNOWN.get(own, OTHER) if prefix == self.prefix else OTHER

    def place_cell(self, reference: str) -> None:
        """Set row and column to those of a cell that states them."""
        letters = reference.rstrip("0123456789")
        column = self.columns.get(letters)
        if column is None:
            self.row, self.column = place(reference)
            self.columns[letters] = self.column
            return
        self.column = column
        if reference[len(letters) :] != self.row_stated:
            self.row = place(reference)[0]

    def value(self) -> None:
        """Note that the current cell holds something."""
        notes = self.notes
        if self.column > notes.last_column:
            if self.column > MAX_COLUMNS:
                raise Fault("too_many_columns")
            notes.last_column = self.column
        if self.row != self.valued_row:
            self.valued_row = self.row
            notes.row_count += 1
            notes.last_row = max(notes.last_row, self.row)
            notes.first_row = min(notes.first_row, self.row)

    def watch(self) -> None:
        """Listen to an error's value, which calamine leaves out; refuse text where it would look for none."""
        if self.kind != ERROR:
            raise Fault("damaged")
        place_of_error = (self.row, self.column)
        text: list[str] = []
        self.parser.CharacterDataHandler = text.append
        self.parser.EndElementHandler = lambda _name: self.end_error(place_of_error, text)

    def end_error(self, at: tuple[int, int], text: list[str]) -> None:
        """Keep an error's value once it is complete."""
        self.parser.CharacterDataHandler = None
        self.parser.EndElementHandler = None
        self.notes.errors.setdefault(at[0], {})[at[1]] = "".join(text).strip() or "#N/A"

    def start_row(self, attributes: dict[str, str]) -> None:
        """Go on to a row, the next one where it does not say which."""
        stated = self.row_stated = attributes.get("r")
        self.cell_count += self.column
        if self.cell_count > MAX_CELL_ELEMENTS:
            raise Fault("too_many_rows")
        if stated is None:
            self.row += 1
        elif stated.isascii() and stated.isdigit() and len(stated) < 8:
            self.row = int(stated)
        else:
            raise Fault("damaged")
        if self.row > MAX_ROW_NUMBER:
            raise Fault("damaged")
        self.column = 0
        if attributes.get("hidden") in TRUE:
            self.notes.hidden_rows.add(self.row)

    def merge(self, merged: Range) -> None:
        """Note a merged range."""
        self.notes.merged.append(merged)
        if len(self.notes.merged) > MAX_MERGES:
            raise Fault("damaged")

    def hide_columns(self, attributes: dict[str, str]) -> None:
        """Note hidden columns, as far as a table may reach."""
        if attributes.get("hidden") in TRUE:
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdigit() and last.isdigit():
                self.notes.hidden_columns.update(range(int(first), min(int(last), MAX_COLUMNS) + 1))
