"""The staff of institutions, as many and of such professions as the place says."""

from collections.abc import Iterator
from uuid import UUID

from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.units import FacilityPlan, Units
from anlan.exercises.pack import Institution
from anlan.organisation.models import Member

FIRST_CALLED = "public_health"  # whoever has this profession holds the posts of the institution first


class Employed:
    """Everybody who works at an institution; some of them also hold its posts."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.lines = {row.line.key: row.line for row in units.facilities if row.line and row.line.staff}
        self.count = sum(staff.count for line in self.lines.values() for staff in line.staff)
        self.by_facility: dict[str, list[Member]] = {}
        self.free: dict[str, list[Member]] = {}

    def engage(self, names: Iterator[str], ids: Ids) -> None:
        """Make the members, one institution after the other getting the next person of the line."""
        for line in self.lines.values():
            self._engage_line(line, self.units.of_line(line.key), names, ids)
        for id_, members in self.by_facility.items():
            self.free[id_] = sorted(
                members, key=lambda member: member.attributes["profession"] != FIRST_CALLED
            )

    def _engage_line(
        self, line: Institution, places: list[FacilityPlan], names: Iterator[str], ids: Ids
    ) -> None:
        given = 0
        for staff in line.staff:
            said = {"profession": staff.profession, "title_rank": staff.title_rank}
            for _ in range(staff.count):
                facility = places[given % len(places)]
                given += 1
                member = Member(
                    id=UUID(ids.take(1)[0]), name=next(names), unit=facility.name, area_code=facility.code,
                    facility_id=UUID(facility.id), attributes=dict(said),
                )  # fmt: skip
                self.by_facility.setdefault(facility.id, []).append(member)

    def next_of(self, facility: FacilityPlan | None, area_code: str) -> Member | None:
        """Return somebody of its staff without a post, to hold one at an area; None where nobody is."""
        free = self.free.get(facility.id, []) if facility else []
        if not free:
            return None
        member = free.pop(0)
        member.area_code = area_code
        return member

    def all(self) -> list[Member]:
        """Return everybody, institution by institution."""
        return [member for members in self.by_facility.values() for member in members]
