"""What the furnishing of a built district starts from: its plan, its posts, its own chance, its home."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np

from anlan.exercises.district.geometry import Ints
from anlan.exercises.district.homes import Homes
from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.plan import AREA_KIND, AreaPlan, Layout
from anlan.exercises.district.population import People
from anlan.exercises.district.posts_near import PostsNear
from anlan.exercises.district.staff import Staff
from anlan.exercises.district.units import Units
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

SPECIAL_KINDS = frozenset(AREA_KIND.values())
HOMELY = frozenset({"residential", "village"})
IDS_AT_ONCE = 1000
FURNISHING = 1  # told apart from the chance that built the district


class Placed(Protocol):
    """What lies in an area."""

    @property
    def code(self) -> str: ...


P = TypeVar("P", bound=Placed)


class Furnished:
    """One pass over a built district; areas around the home of the sign-ins come first."""

    def __init__(
        self, layout: Layout, units: Units, staff: Staff, people: People, houses: Homes,
        *, ids: tuple[list[str], list[str]], seed: int, since: datetime, now: datetime, version: str,
    ) -> None:  # fmt: skip
        self.layout, self.units, self.staff, self.people, self.houses = layout, units, staff, people, houses
        self.household_ids, self.resident_ids = ids
        self.since, self.now, self.version = since, now, version
        self.rng = np.random.default_rng([seed, FURNISHING])
        self.ids, self.ready = Ids(self.rng), list[str]()
        self.posts = PostsNear(staff)
        self.home = layout.school_in_the_middle()[: CODE_LENGTH[AreaLevel.COMMUNITY]]

    def new_id(self) -> str:
        """Return the next id."""
        if not self.ready:
            self.ready = self.ids.take(IDS_AT_ONCE)[::-1]
        return self.ready.pop()

    def is_home(self, code: str) -> bool:
        """Say whether an area is the community of the sign-ins, lies in it, or holds it."""
        return code.startswith(self.home) or self.home.startswith(code)

    def thinned(self, placed: Sequence[P], *, share: float, about: int) -> list[P]:
        """Return a share, of many about so many, by chance; but the first and all at home always."""
        share = min(share, about / max(len(placed), 1))
        drawn = self.rng.random(len(placed))
        return [
            one
            for one, chance in zip(placed, drawn, strict=True)
            if chance < share or self.is_home(one.code) or one is placed[0]
        ]

    def is_ordinary(self, area: AreaPlan) -> bool:
        """Say whether an area is no unit's own grid."""
        return area.kind not in SPECIAL_KINDS

    def areas_of(self, level: AreaLevel) -> list[AreaPlan]:
        """Return the areas of a level: those at home first, then those of its subdistrict."""
        digits = CODE_LENGTH[level]
        found = [area for area in self.layout.areas if len(area.code) == digits]
        return sorted(found, key=lambda area: self._distance(area.code))

    def _distance(self, code: str) -> int:
        shorter = min(len(code), len(self.home))
        return next((step for step in range(shorter, 0, -3) if code[:step] == self.home[:step]), 0) * -1

    @cached_property
    def household_grid(self) -> list[str]:
        """Return the code of the grid of each household."""
        codes = [grid.code for grid in self.layout.grids]
        return [codes[index] for index in self.houses.grid.tolist()]

    @cached_property
    def homely(self) -> Ints:
        """Return, by grid, whether families live there."""
        return np.array([grid.use in HOMELY for grid in self.layout.grids])

    def households_of(self, code: str) -> Iterator[int]:
        """Yield the rows of the households of an area."""
        for index in self._grids_of[code]:
            yield from range(int(self._starts[index]), int(self._starts[index + 1]))

    def grids_of(self, community: str) -> list[str]:
        """Return the codes of the grids of a community that are no unit's own."""
        grids = [self.layout.grids[index] for index in self._grids_of[community]]
        return [grid.code for grid in grids if not grid.is_special]

    @cached_property
    def _grids_of(self) -> dict[str, list[int]]:
        """Return the numbers of the grids of each community, and of each grid its own."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, grid in enumerate(self.layout.grids):
            found[grid.code].append(index)
            found[grid.code[: CODE_LENGTH[AreaLevel.COMMUNITY]]].append(index)
        return found

    @cached_property
    def _starts(self) -> Ints:
        """Return where each grid's households begin: they are in the order of their grids."""
        starts: Ints = np.searchsorted(self.houses.grid, np.arange(len(self.layout.grids) + 1))
        return starts

    def ago(self, days: float) -> datetime:
        """Return the moment so many days ago."""
        return self.now - timedelta(days=days)
