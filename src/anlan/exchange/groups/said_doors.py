"""Finds the door somebody writes in a line of a group text, in the ways people write doors."""

import re
from dataclasses import dataclass

from anlan.exchange.groups.words import number_of

NUMERAL = "[一二三四五六七八九十]{1,3}"
SPELLED = re.compile(rf"(?:{NUMERAL})(?=\s?(?:号楼|栋|幢|单元))")
DASH = "[-—–‐‑−_/]"
ROOM = r"(?P<room>[0-9]{3,4}[a-z]?)(?![0-9元块斤克人份盒个瓶箱袋包:])\s?(?:室|房|号)?"
FORMS = (
    re.compile(
        r"(?<![0-9a-z])(?P<building>[0-9]{1,3}[a-z]?|[a-z])\s?(?:号楼|栋|幢|座|#楼?)\s?-?"
        r"(?:(?P<unit>[0-9]{1,2})\s?(?:单元|-)\s?)?" + ROOM
    ),
    re.compile(
        rf"(?<![0-9a-z-])(?P<building>[0-9]{{1,3}}[a-z]?|[a-z])\s?{DASH}\s?(?P<unit>[0-9]{{1,2}})\s?{DASH}\s?"
        r"(?P<room>[0-9]{1,4}[a-z]?)(?![0-9a-z-])\s?(?:室|房|号)?"
    ),
    re.compile(rf"(?<![0-9a-z-])(?P<building>[0-9]{{1,3}}[a-z]?|[a-z])\s?{DASH}\s?" + ROOM),
    re.compile(r"(?<![0-9a-z])(?P<unit>[0-9]{1,2})\s?单元\s?" + ROOM),
    re.compile(
        r"(?<![0-9a-z])(?P<building>[0-9]{1,3}[a-z]?|[a-z])\s?(?:号楼|栋|幢|座)(?:\s?(?P<unit>[0-9]{1,2})\s?单元)?"
    ),
    re.compile(rf"(?<![0-9a-z.-]){ROOM}(?![-.])"),
)


@dataclass(frozen=True, slots=True)
class SaidDoor:
    """A door as far as somebody names it; what is left out is empty."""

    building: str = ""
    unit: str = ""
    room: str = ""

    def __str__(self) -> str:
        return "-".join(part for part in (self.building, self.unit, self.room) if part)


def take_door(text: str) -> tuple[SaidDoor | None, str]:
    """Return the door a line names and the line without it."""
    text = SPELLED.sub(lambda found: str(number_of(found[0])), text)
    lowered = text.lower()
    if len(lowered) != len(text):  # a character whose small form is longer
        lowered = text
    for form in FORMS:
        if found := form.search(lowered):
            said = found.groupdict(default="")
            door = SaidDoor(said.get("building", ""), said.get("unit", "").lstrip("0"), said.get("room", ""))
            return door, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text
