"""Finds the door a row names among the buildings of the actor's ranges."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.exchange.cells import Cell, Unreadable, written_text
from anlan.exchange.registers.areas import Areas
from anlan.exchange.registers.kinds import Problem
from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.organisation.models import Building
from anlan.organisation.queries import in_force
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, building_word
from anlan.people.actions import Door
from anlan.people.rules import plain

PARTS = ("building", "unit", "room", "door")
GRID = CODE_LENGTH[AreaLevel.GRID]
MOST_STAIRS = 99
LONGEST_ROOM = 20
ADDRESS = re.compile(
    r"(?:^|[^0-9a-z])(?P<building>[0-9]+[a-z]?)(?:号楼|栋|幢|座|#|[-/])"
    r"(?:(?P<unit>[0-9]+)(?:单元|[-/]))?(?P<room>[0-9]+[a-z]?)(?:室|号)?$"
)
ROOM_END = re.compile(r"(?:室|号|房)$")
STAIRS_END = re.compile(r"(?:单元|号)$")


@dataclass(frozen=True, slots=True)
class _Known:
    """A building as it is known, for tables."""

    id: UUID
    area_code: str
    number: str
    unit_count: int


class Doors:
    """Grids and buildings of the actor's ranges by what tables call them."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self._areas = Areas(actor, now, AreaLevel.GRID)
        self._buildings: dict[tuple[str, str], list[_Known]] = defaultdict(list)
        rows = Building.objects.filter(within(actor.ranges), in_force(now))
        for row in rows.values_list("id", "area_code", "number", "unit_count", "name"):
            known = _Known(*row[:4])
            for word in {building_word(known.number), building_word(row[4])} - {""}:
                self._buildings[known.area_code[:GRID], word].append(known)

    def read(self, cells: Mapping[str, Cell], problems: list[Problem]) -> Door | None:
        """Return the door a row names, None where it names none; what is wrong goes to `problems`."""
        column = "door"
        try:
            said = {key: written_text(cells.get(key)) for key in PARTS}
            if not any(said.values()):
                return None
            column = "door" if said["door"] else "building"
            building, stairs, room = _parts(said)
            known = self._building(self._area(written_text(cells.get("area"))), building)
            column = "unit" if said["unit"] else column
            return Door(known.id, known.area_code, known.number, _stairs(stairs, known), room)
        except Unreadable as unreadable:
            problems.append((unreadable.column or column, unreadable.reason, ""))
            return None

    def area_named(self, cells: Mapping[str, Cell], problems: list[Problem]) -> str:
        """Return the grid a row names, "" where it names none; what is wrong goes to `problems`."""
        try:
            said = written_text(cells.get("area"))
            return self._area(said) if said else ""
        except Unreadable as unreadable:
            problems.append(("area", unreadable.reason, ""))
            return ""

    def _area(self, said: str) -> str:
        return self._areas.named(said)[:GRID]

    def _building(self, area: str, said: str) -> _Known:
        found = self._buildings.get((area, building_word(said)), [])
        if len({one.id for one in found}) != 1:
            raise Unreadable("building_several" if found else "building_unknown")
        return found[0]


def _parts(said: Mapping[str, str]) -> tuple[str, str, str]:
    """Return building, stairs and room, from columns of their own or out of one address."""
    building, stairs, room = said["building"], said["unit"], said["room"]
    if said["door"] and not (building and room):
        found = ADDRESS.search(plain(said["door"]).replace(" ", ""))
        if found is None:
            raise Unreadable("door_unclear")
        return found["building"], found["unit"] or "", found["room"]
    if not building:
        raise Unreadable("building_unknown")
    room = ROOM_END.sub("", room)
    if not room or len(room) > LONGEST_ROOM:
        raise Unreadable("room_missing", "room")
    return building, stairs, room


def _stairs(said: str, building: _Known) -> int:
    """Return the number of the stairs; left out only where there is one."""
    word = STAIRS_END.sub("", plain(said))
    if not word and building.unit_count == 1:
        return 1
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= MOST_STAIRS:
        raise Unreadable("unit_unclear")
    return int(word)
