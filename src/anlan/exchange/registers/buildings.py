"""Buildings of a grid, from a table."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from anlan.exchange.cells import Cell, Unreadable, written_text
from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers.kinds import Problem
from anlan.exchange.registers.premises import RECORD, Change, PremisesRegister, Reader, words
from anlan.foundation.errors import Text
from anlan.organisation.models import Building
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, building_word
from anlan.people.models import Household

GRID = CODE_LENGTH[AreaLevel.GRID]
MOST_UNITS, MOST_FLOORS = 99, 200
LONGEST_NUMBER, LONGEST_NAME = 20, 60
COUNT_END = re.compile(r"(?:个|单元|个单元|层)$")
AT_HOME = frozenset({"number", "unit_count", "floor_count"})  # households live under these
ROOM_DIGITS = (3, 4)  # 501, 1203: a floor and two digits

COLUMNS = (
    SheetColumn(
        "area", "网格", ("所属网格", "网格名称", "网格代码", "网格编码", "网格编号", "所在网格"),
        width=18, hint=_("网格名称或 15 位代码；只管一个网格时可不填"),
    ),
    SheetColumn(
        "number", "楼栋号", ("楼栋", "楼号", "栋", "幢", "栋号", "幢号", "楼幢", "楼栋编号"),
        is_needed=True, width=10, hint=_("住址里怎么写就怎么填，如 3 或 3号楼；同一网格内不能重复"),
    ),
    SheetColumn("name", "楼栋名称", ("名称", "楼名", "楼宇名称"), width=18),
    SheetColumn("unit_count", "单元数", ("单元", "单元数量", "单元个数"), width=8, hint=_("新登记时必填")),
    SheetColumn("floor_count", "层数", ("楼层数", "楼层", "总层数"), width=8, hint=_("新登记时必填")),
    *RECORD,
)  # fmt: skip


class Buildings(PremisesRegister[Building]):
    """The buildings of the actor's grids as tables meet them."""

    key: ClassVar[str] = "buildings"
    title: ClassVar[Text] = _("楼栋")
    columns: ClassVar[tuple[SheetColumn, ...]] = COLUMNS
    levels: ClassVar[tuple[AreaLevel, ...]] = (AreaLevel.GRID,)
    named_by: ClassVar[tuple[str, ...]] = ("number",)
    needed: ClassVar[tuple[str, ...]] = ("unit_count", "floor_count")
    overruled: ClassVar[frozenset[str]] = frozenset({"fewer_floors"})  # rooms only suggest their floor
    model = Building

    def readers(self) -> Mapping[str, Reader]:
        """Return how the cell of each field is read."""
        return {
            "number": words(LONGEST_NUMBER),
            "name": words(LONGEST_NAME),
            "unit_count": _count(MOST_UNITS, "unit_count_unclear"),
            "floor_count": _count(MOST_FLOORS, "floor_count_unclear"),
        }

    def word(self, said: str) -> str:
        """Return a number as it is compared."""
        return building_word(said)

    def called(self, row: Building) -> set[str]:
        """Return its number and its name: an address may use either."""
        return {building_word(row.number), building_word(row.name)} - {""}

    def is_near(self, one: Building, other: Building) -> bool:
        """Say whether both stand in one grid."""
        return bool(one.area_code[:GRID] == other.area_code[:GRID])

    def objections(self, changes: Mapping[int, Change[Building]]) -> Mapping[int, list[Problem]]:
        """Say where households live that a building as said would have no place for."""
        homes = _homes([one.row.pk for one in changes.values() if AT_HOME.intersection(one.values)])
        against: dict[int, list[Problem]] = defaultdict(list)
        for number, change in changes.items():
            for unit, floor in homes[change.row.pk]:
                against[number] += _objections(change, unit, floor)
        return {number: list(dict.fromkeys(problems)) for number, problems in against.items()}


def _homes(ids: list[UUID]) -> Mapping[UUID, list[tuple[int, int]]]:
    """Return unit and floor of each household of these buildings; floor 0 where the room does not tell it."""
    found: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    rows = Household.objects.filter(building__in=ids)
    for building, unit, room in rows.values_list("building_id", "unit", "room"):
        is_told = room.isascii() and room.isdigit() and len(room) in ROOM_DIGITS
        if building:
            found[building].append((unit, int(room[:-2]) if is_told else 0))
    return found


def _objections(change: Change[Building], unit: int, floor: int) -> list[Problem]:
    """Say why a building with a household there cannot be as said."""
    said, against = change.values, []
    if "number" in said:
        against.append(("number", "number_lived_under", ""))
    if unit > said.get("unit_count", unit):
        against.append(("unit_count", "fewer_units", ""))
    if floor > said.get("floor_count", floor):
        against.append(("floor_count", "fewer_floors", ""))
    return against


def _count(most: int, reason: str) -> Reader:
    """Return a reader of a whole number from 1."""

    def read(cell: Cell) -> int:
        text = COUNT_END.sub("", unicodedata.normalize("NFKC", written_text(cell)).strip()).strip()
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise Unreadable(reason)
        return int(text)

    return read
