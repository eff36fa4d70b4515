"""Reads a workbook inside the child: first every part is scanned, then calamine reads the values."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from anlan.foundation.sheets.bounds import HEADING_ROWS, MAX_ROWS, MAX_SHEETS
from anlan.foundation.sheets.cells import texts_and_kinds
from anlan.foundation.sheets.directory import Member, read_directory, repack
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.merging import Merges
from anlan.foundation.sheets.naming import ORIGIN_MARK, ORIGIN_SHEET
from anlan.foundation.sheets.parts import (
    ListedSheet,
    Relation,
    book,
    refuse_dangerous,
    relations,
    stream,
)
from anlan.foundation.sheets.scan import SheetNotes, SheetScan
from anlan.foundation.sheets.unpacking import Unpacker

BOOK, BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
CONTENT_TYPES = "[Content_Types].xml"
FOLDER = "xl/"
VALUE_PARTS = {"worksheet", "sharedStrings", "styles"}  # what values are read from, by kind of relation

Row = tuple[int, int, list[str], str]  # sheet, number, texts, kinds


@dataclass(frozen=True, slots=True)
class ScannedSheet:
    """A worksheet with its place in the workbook's list and what was noted of it."""

    position: int
    listed: ListedSheet
    notes: SheetNotes


class Workbook:
    """A workbook of which every part has been scanned; its values are read row by row."""

    def __init__(self, content: bytes) -> None:
        self.members = {member.name: member for member in read_directory(content)}
        if not {BOOK, BOOK_RELATIONS, CONTENT_TYPES} <= self.members.keys():
            raise Fault("damaged")
        self.unpacker = Unpacker(content)
        self.unseen = set(self.members)
        self.book = book(self._pieces(BOOK))
        self.relations = relations(self._pieces(BOOK_RELATIONS))
        refuse_dangerous(self.relations)
        self.scanned = self._scan_sheets()
        self._scan_rest()
        if sum(sheet.notes.row_count for sheet in self.scanned) > MAX_ROWS + HEADING_ROWS:
            raise Fault("too_many_rows")
        self.values = self._open_values(content)
        self.origin = self._take_origin()

    def facts(self) -> dict[str, Any]:
        """Say what the file holds, sheet by sheet."""
        return {
            "date_1904": self.book.date_1904,
            "encoding": "",
            "origin": self.origin,
            "sheets": [
                {
                    "name": sheet.listed.name,
                    "is_visible": sheet.listed.state == "visible",
                    "hidden_rows": sorted(sheet.notes.hidden_rows),
                    "hidden_columns": sorted(sheet.notes.hidden_columns),
                    "merged": sheet.notes.merged,
                    "formula_count": sheet.notes.formula_count,
                }
                for sheet in self.scanned
            ],
        }

    def rows(self) -> Iterator[Row]:
        """Yield the rows that hold something, sheet by sheet."""
        for index, sheet in enumerate(self.scanned):
            if sheet.notes.row_count:
                yield from _rows(index, sheet.notes, self._sheet(sheet))

    def _pieces(self, name: str) -> Iterator[bytes]:
        self.unseen.discard(name)
        if name not in self.members:
            raise Fault("damaged")
        return self.unpacker.pieces(self.members[name])

    def _scan_sheets(self) -> list[ScannedSheet]:
        if not 0 < len(self.book.sheets) <= MAX_SHEETS:
            raise Fault("damaged")
        scanned = []
        for position, listed in enumerate(self.book.sheets):
            relation = self.relations.get(listed.relation)
            if relation is None:
                raise Fault("damaged")
            if relation.kind == "worksheet":
                notes = SheetScan().run(self._pieces(_part_name(relation)))
                scanned.append(ScannedSheet(position, listed, notes))
        return scanned

    def _scan_rest(self) -> None:
        """Stream every other XML part: for what it declares and where it leads to."""
        for name in sorted(self.unseen):
            if name == CONTENT_TYPES:
                stream(self._pieces(name), _refuse_macro_type)
            elif name.lower().endswith(".rels"):
                refuse_dangerous(relations(self._pieces(name)))
            elif name.lower().endswith(".xml"):
                stream(self._pieces(name))

    def _open_values(self, content: bytes) -> CalamineWorkbook:
        """Open for reading values nothing but the parts that hold them."""
        names = {_part_name(part) for part in self.relations.values() if part.kind in VALUE_PARTS}
        names |= {BOOK, BOOK_RELATIONS, CONTENT_TYPES, "_rels/.rels"}
        kept: list[Member] = [
            member for name, member in self.members.items() if name in names and name not in self.unseen
        ]
        try:
            return CalamineWorkbook.from_filelike(io.BytesIO(repack(content, kept)))
        except CalamineError as error:
            raise Fault("damaged") from error

    def _sheet(self, sheet: ScannedSheet) -> CalamineSheet:
        try:
            if self.values.sheet_names[sheet.position] != sheet.listed.name:
                raise Fault("damaged")
            return self.values.get_sheet_by_index(sheet.position)
        except (CalamineError, IndexError) as error:
            raise Fault("damaged") from error

    def _take_origin(self) -> Mapping[str, Any] | None:
        """Take the sheet out of the list in which `write_workbook` hid where the workbook comes from."""
        for sheet in self.scanned:
            if sheet.listed.name == ORIGIN_SHEET and sheet.listed.state == "veryHidden":
                cells = [str(row[0]) for row in self._sheet(sheet).to_python() if row]
                if cells[:1] == [ORIGIN_MARK]:
                    self.scanned.remove(sheet)
                    return _origin("".join(cells[1:]))
        return None


def _origin(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _part_name(relation: Relation) -> str:
    """Return the archive's name of a part that the workbook points at."""
    if relation.target.startswith("/"):
        return relation.target[1:]
    return relation.target if relation.target.startswith(FOLDER) else FOLDER + relation.target


def _refuse_macro_type(_name: str, attributes: dict[str, str]) -> None:
    declared = attributes.get("ContentType", "").lower()
    if "macroenabled" in declared or "vbaproject" in declared:
        raise Fault("macros")


def _rows(index: int, notes: SheetNotes, sheet: CalamineSheet) -> Iterator[Row]:
    """Yield a sheet's rows from column A on, as wide as the sheet, with what was noted of their cells."""
    if sheet.start is None:
        return
    merges = Merges(notes)
    before = [""] * sheet.start[1]
    try:
        for number, values in enumerate(sheet.iter_rows(), 1):
            errors = notes.errors.get(number)
            if not errors and not any(value != "" for value in values):
                continue
            texts, kinds = texts_and_kinds([*before, *values], number)
            missing = notes.last_column - len(texts)
            texts.extend([""] * missing)
            kinds.extend([" "] * missing)
            for column, text in (errors or {}).items():
                texts[column - 1], kinds[column - 1] = text, "e"
            for column in notes.formulas.get(number, ()):
                if column <= len(kinds):
                    kinds[column - 1] = kinds[column - 1].upper()
            merges.fill(number, texts, kinds)
            yield index, number, texts, "".join(kinds)
    except CalamineError as error:
        raise Fault("damaged") from error
