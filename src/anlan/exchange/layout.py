"""Finds the heading row of a table and what its columns mean; says where it is not certain."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anlan.foundation.errors import Text
from anlan.foundation.sheets.reading import SheetRow
from anlan.foundation.sheets.styles import ColumnKind

ROWS_LOOKED_AT = 20
FEWEST_KNOWN = 2  # headings that make a row a heading row
NOTES = re.compile(r"^(?:合计|总计|小计|共计|总人数|填表人|制表人|审核人|备注[:：]|说明[:：]|注[:：])")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column a register takes: its key, its title and the headings it may stand under."""

    key: str
    title: str
    headings: tuple[str, ...] = ()
    is_needed: bool = False
    width: int = 14
    choices: tuple[str, ...] = ()
    hint: Text = ""
    kind: ColumnKind = "text"
    is_hidden: bool = False
    is_further: bool = False  # taken where a file names it; left out of the template's sheet
    mask: str = ""  # of foundation.masks, under which a page shows what the file says


@dataclass(slots=True)
class Layout:
    """Where the rows of a table begin and which column holds what."""

    sheet: int = 0
    heading_row: int = 0
    columns: dict[int, str] = field(default_factory=dict)  # place from 0: key
    headings: list[str] = field(default_factory=list)
    is_certain: bool = True

    def as_json(self) -> dict[str, object]:
        """Return it as the batch keeps it."""
        return {
            "sheet": self.sheet,
            "heading_row": self.heading_row,
            "columns": {str(place): key for place, key in self.columns.items()},
            "headings": self.headings,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> "Layout":
        """Return what as_json made."""
        columns = kept.get("columns") or {}
        assert isinstance(columns, dict)
        headings = kept.get("headings") or []
        assert isinstance(headings, list)
        return cls(
            sheet=int(str(kept.get("sheet") or 0)),
            heading_row=int(str(kept.get("heading_row") or 0)),
            columns={int(place): str(key) for place, key in columns.items()},
            headings=[str(heading) for heading in headings],
        )


def find_layout(sheet: int, rows: Sequence[SheetRow], columns: Sequence[SheetColumn]) -> Layout:
    """Return the layout of a sheet from its first rows; where no heading is known, the first row has them.

    It is certain where one row names all columns that are needed, no heading twice, and none that is unknown.
    """
    known = _known(columns)
    best, most = _layout(sheet, rows[0], {}, columns), FEWEST_KNOWN - 1
    for row in rows:
        found = {place: known[word] for place, text in enumerate(row.cells) if (word := plain(text)) in known}
        if len(set(found.values())) > most:
            most = len(set(found.values()))
            best = _layout(sheet, row, found, columns)
    return best


def _layout(sheet: int, row: SheetRow, found: Mapping[int, str], columns: Sequence[SheetColumn]) -> Layout:
    taken: dict[int, str] = {}
    twice = False
    for place, key in found.items():
        if key in taken.values():
            twice = True
        else:
            taken[place] = key
    headings = [text.strip() for text in row.cells]
    unknown = any(heading and place not in taken for place, heading in enumerate(headings))
    missing = {column.key for column in columns if column.is_needed} - set(taken.values())
    certain = not (twice or missing or unknown)
    return Layout(sheet, row.number, taken, headings, is_certain=certain)


def is_note(cells: Sequence[str]) -> bool:
    """Say whether a row is a total or a remark: its first words say so."""
    first = next((text for text in cells if text.strip()), "")
    return bool(NOTES.match("".join(first.split())))


def plain(heading: str) -> str:
    """Return a heading as it is compared: half width, without spaces, brackets and stars."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    text = re.sub(r"\(.*?\)|（.*?）|【.*?】|\[.*?\]", "", text)
    return re.sub(r"[\s*:：_\-/、]+", "", text)


def _known(columns: Sequence[SheetColumn]) -> dict[str, str]:
    return {
        plain(word): column.key for column in columns for word in (*column.headings, column.title, column.key)
    }
