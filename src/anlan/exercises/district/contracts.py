"""Lets staff answer for households on the lines of the pack, in part of the communities, with gaps."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from anlan.exercises.district.furnished import Furnished
from anlan.exercises.district.loading import load_rows
from anlan.exercises.district.looked_in_on import Entry
from anlan.exercises.district.posts_near import Holder
from anlan.organisation.pack import Slot
from anlan.organisation.rules import AreaLevel
from anlan.people.pack import LiaisonLine
from anlan.people.queries.liaison import liaison_lines, seats_of

MOST_HOMES = 10_000  # somebody answers for, of a large district
EVERY_THIRD = 3  # community away from home
SIGNED = 0.35  # of the households that may sign
WITHOUT, TWICE = 0.05, 0.02  # of the households: nobody answers for them, or two do
AREAS_WITHOUT = 12  # every so many-th area of a line has nobody
WHOLE_TEAM, NO_TEAM, SEAT_TAKEN = 0.7, 0.15, 0.6
SIGNED_WORDS = "已签约"
SEAT_OF_ANYBODY = ("building_head", "grid_worker", "community_worker")
# People of lines by what the register says of them; where a place has none, these posts take the line.
PEOPLE_OF = {"party_member": "party_member", "deputy": "deputy", "centre_household": "household_head"}
INSTEAD = {"party_member": ("community_worker", "grid_worker"), "centre_household": ("building_head",)}
Row = tuple[object, ...]


def store_assignments(ground: Furnished, entries: Iterable[Entry]) -> int:
    """Store who answers for which household; return how many assignments there are."""
    contracting = _Contracting(ground, entries)
    columns = "id area_code household_id line slot holder_id post_id starts_at reason end_reason version"
    return load_rows(
        "people_householdassignment",
        columns,
        (row for line in liaison_lines().values() for row in contracting.of_line(line)),
    )


class _Contracting:
    """One pass over the lines; nobody gets more households of a line than it allows."""

    def __init__(self, ground: Furnished, entries: Iterable[Entry]) -> None:
        self.ground = ground
        self.loads = Counter[tuple[str, object]]()
        self.communities = self._communities()
        self.key_homes = {int(ground.people.household[entry.row]) for entry in entries if not entry.is_lapsed}
        self.people = self._people()

    def _communities(self) -> list[str]:
        """Return the communities with assignments: those of the home subdistrict, every third elsewhere."""
        ground, chosen, homes = self.ground, list[str](), 0
        near = ground.home[:9]
        for number, area in enumerate(ground.areas_of(AreaLevel.COMMUNITY)):
            if not area.code.startswith(near) and number % EVERY_THIRD:
                continue
            count = sum(1 for _home in ground.households_of(area.code))
            if chosen and homes + count > MOST_HOMES:
                continue
            homes += count
            chosen.append(area.code)
        return chosen

    def _people(self) -> dict[tuple[str, str], list[Holder]]:
        """Return the people of liaison lines by line and community."""
        found: dict[tuple[str, str], list[Holder]] = {}
        for member in self.ground.staff.members:
            said = (member.attributes or {}).get("liaison_line")
            if said:
                found.setdefault((said, member.area_code[:12]), []).append(Holder(member))
        return found

    def of_line(self, line: LiaisonLine) -> Iterator[Row]:
        """Yield the assignments of a line."""
        seats = seats_of(line)
        for number, community in enumerate(self.communities):
            if seats:
                yield from self._teams(line, seats, community)
            elif line.tier == AreaLevel.SUBDISTRICT:
                yield from self._area(line, community, number)
            elif not line.held_by:
                yield from self._people_of(line, community)
            else:
                for turn, grid in enumerate(self.ground.grids_of(community)):
                    yield from self._area(line, grid, turn)

    def _area(self, line: LiaisonLine, area: str, turn: int) -> Iterator[Row]:
        """Yield that one person answers for an area's households, but for some; for few of them a second."""
        if turn % AREAS_WITHOUT == AREAS_WITHOUT - 1:
            return
        holders = list(self.ground.posts.holders(line.held_by, area, turn))
        first = self._free(line, holders)
        second = next((one for one in holders if first and one.member.pk != first.member.pk), None)
        share = SIGNED if line.expects == "consenting" else 1 - WITHOUT
        for home in self.ground.households_of(area):
            chance = self.ground.rng.random()
            if first is None or chance > share:
                continue
            yield from self._row(line, home, first)
            if second and line.tier == AreaLevel.GRID and chance < TWICE:
                yield from self._row(line, home, second)

    def _people_of(self, line: LiaisonLine, community: str) -> Iterator[Row]:
        """Yield that people of a line answer for a community's households in turn."""
        holders = self.people.get((PEOPLE_OF.get(line.key, ""), community), [])
        if not holders and not self.people:
            holders = list(self.ground.posts.holders(INSTEAD.get(line.key, ()), community))
        holders = list({one.member.pk: one for one in holders}.values())
        for turn, home in enumerate(self.ground.households_of(community)):
            if holders and self.ground.rng.random() > WITHOUT:
                yield from self._row(line, home, holders[turn % len(holders)])

    def _teams(self, line: LiaisonLine, seats: Mapping[str, Slot], community: str) -> Iterator[Row]:
        """Yield the teams of households with a key person: whole, in part, or none."""
        for home in self.ground.households_of(community):
            if home not in self.key_homes:
                continue
            chance, taken = self.ground.rng.random(), set[object]()
            if chance < NO_TEAM:
                continue
            for seat, slot in seats.items():
                if chance > NO_TEAM + WHOLE_TEAM and self.ground.rng.random() > SEAT_TAKEN:
                    continue
                grid = self.ground.household_grid[home]
                holders = self.ground.posts.holders(slot.posts or SEAT_OF_ANYBODY, grid, home)
                holder = self._free(line, (one for one in holders if one.member.pk not in taken))
                if holder:
                    taken.add(holder.member.pk)
                    yield from self._row(line, home, holder, seat)

    def _free(self, line: LiaisonLine, holders: Iterable[Holder]) -> Holder | None:
        """Return the first who has not yet as many households as the line allows."""
        return next(
            (one for one in holders if self.loads[line.key, one.member.pk] < line.most_per_holder), None
        )

    def _row(self, line: LiaisonLine, home: int, holder: Holder, seat: str = "") -> Iterator[Row]:
        if self.loads[line.key, holder.member.pk] >= line.most_per_holder:
            return
        self.loads[line.key, holder.member.pk] += 1
        ground, reason = self.ground, SIGNED_WORDS if line.expects == "consenting" else ""
        yield (
            ground.new_id(), ground.household_grid[home], ground.household_ids[home], line.key, seat,
            holder.member.pk, holder.post.pk if holder.post else None, ground.since, reason, "", 1,
        )  # fmt: skip
