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
from anlan.foundation.sheets.parts import ListedSheet, book, refuse_outside, relations, stream
from anlan.foundation.sheets.scan import SheetNotes, SheetScan
from anlan.foundation.sheets.unpacking import Unpacker

BOOK, BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
CONTENT_TYPES = "[Content_Types].xml"
ROOT = "xl/"
SHEET_KINDS = {"worksheet"}
MACRO_SHEETS = {"xlMacrosheet", "xlIntlMacrosheet", "dialogsheet"}

Row = tuple[int, int, list[str], str]  # sheet, number, texts, kinds


@dataclass(frozen=True, slots=True)
class ScannedSheet:
    """A worksheet with its place in the workbook's list and what was noted of it."""

    position: int
    listed: ListedSheet
    notes: SheetNotes


class Workbook:
    """A workbook of which every part has been scanned; its values are not read yet."""

    def __init__(self, content: bytes) -> None:
        members = {member.name: member for member in read_directory(content)}
        if not {BOOK, BOOK_RELATIONS, CONTENT_TYPES} <= members.keys():
            raise Fault("damaged")
        self.unpacker = Unpacker(content)
        self.members = members
        self.kept: list[Member] = []
        self.book = book(self._pieces(BOOK))
        if not 0 < len(self.book.sheets) <= MAX_SHEETS:
            raise Fault("damaged")
        self.scanned = self._scan_sheets()
        self._scan_rest()
        rows = sum(sheet.notes.row_count for sheet in self.scanned)
        if rows > MAX_ROWS + HEADING_ROWS:
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
        member = self.members.pop(name, None)
        if member is None:
            raise Fault("damaged")
        self.kept.append(member)
        return self.unpacker.pieces(member)

    def _scan_sheets(self) -> list[ScannedSheet]:
        found = relations(self._pieces(BOOK_RELATIONS))
        refuse_outside(found)
        scanned = []
        for position, listed in enumerate(self.book.sheets):
            relation = found.get(listed.relation)
            if relation is None:
                raise Fault("damaged")
            if relation.kind in MACRO_SHEETS:
                raise Fault("macros")
            if relation.kind in SHEET_KINDS:
                notes = SheetScan().run(self._pieces(_part_name(relation.target)))
                scanned.append(ScannedSheet(position, listed, notes))
        return scanned

    def _scan_rest(self) -> None:
        """Stream every other XML part: for what it declares and where it leads to."""
        for name in list(self.members):
            if name == CONTENT_TYPES:
                stream(self._pieces(name), _refuse_macro_type)
            elif name.lower().endswith(".rels"):
                refuse_outside(relations(self._pieces(name)))
            elif name.lower().endswith(".xml"):
                stream(self._pieces(name))

    def _open_values(self, content: bytes) -> CalamineWorkbook:
        try:
            return CalamineWorkbook.from_filelike(io.BytesIO(repack(content, self.kept)))
        except CalamineError as error:
            raise Fault("damaged") from error

    def _sheet(self, sheet: ScannedSheet) -> CalamineSheet:
        try:
            return self.values.get_sheet_by_index(sheet.position)
        except CalamineError as error:
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


def _part_name(target: str) -> str:
    """Return the archive's name of a part that the workbook points at."""
    if target.startswith("/"):
        return target[1:]
    return target if target.startswith(ROOT) else ROOT + target


def _refuse_macro_type(_name: str, attributes: dict[str, str]) -> None:
    declared = attributes.get("ContentType", "").lower()
    if "macroenabled" in declared or "vbaproject" in declared:
        raise Fault("macros")


def _rows(index: int, notes: SheetNotes, sheet: CalamineSheet) -> Iterator[Row]:
    """Yield a sheet's rows from column A on, formulas, errors and merged cells marked."""
    start = sheet.start
    if start is None:
        return
    merges = Merges(notes)
    before = [""] * start[1]
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
