"""People who belong to no institution: liaison lines and the like, registered as members over the areas.

Which household each of them keeps in touch with is an assignment, not a range: contracts.py draws it.
"""

from collections.abc import Iterator
from uuid import UUID

from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.plan import Layout
from anlan.exercises.pack import PeopleLine, Place
from anlan.organisation.models import Member
from anlan.organisation.rules import CODE_LENGTH, AreaLevel


def people_count(place: Place) -> int:
    """Return how many there are of all lines together."""
    return sum(line.count for line in place.people)


def people_of_lines(layout: Layout, names: Iterator[str], ids: Ids) -> list[Member]:
    """Return a member for everybody of every line, one area after the other getting the next."""
    return [
        Member(
            id=UUID(ids.take(1)[0]), name=next(names), unit=line.unit, area_code=area_code,
            attributes=line.said(),
        )
        for line in layout.place.people
        for area_code in _areas_in_turn(layout, line)
    ]  # fmt: skip


def _areas_in_turn(layout: Layout, line: PeopleLine) -> Iterator[str]:
    """Yield the area of each person of a line."""
    length = CODE_LENGTH[AreaLevel(line.at)]
    special = {grid.code for grid in layout.grids if grid.is_special}
    codes = [row.code for row in layout.areas if len(row.code) == length and row.code not in special]
    for number in range(line.count):
        yield codes[number % len(codes)]
