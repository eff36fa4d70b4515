"""Schools, clinics, pharmacies, homes…, their classes and floors, and who belongs to which."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from anlan.exercises.district import homes, place_names
from anlan.exercises.district.geometry import Ints
from anlan.exercises.district.homes import Homes
from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.plan import AreaPlan, GridPlan, Layout
from anlan.exercises.district.population import People
from anlan.exercises.pack import Institution, Spot
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

SCHOOL_YEAR_FROM = np.datetime64("2026-09-01")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of schooling: ages when the year began, the most pupils in a class, the fewest classes."""

    youngest: int
    grades: tuple[str, ...]
    class_size: int
    fewest_classes: int
    class_name: str  # with {grade} and {number} (in figures) or {ordinal}


STAGES = {
    "kindergarten": Stage(3, ("小", "中", "大"), 28, 1, "{grade}{ordinal}班"),
    "primary_school": Stage(6, tuple("一二三四五六"), 45, 2, "{grade}（{number}）班"),
    "middle_school": Stage(12, tuple("七八九"), 48, 2, "{grade}（{number}）班"),
}
HOMELY = frozenset({"residential", "village"})  # what ordinary grids and communities are used for
AREA_SPOTS: tuple[Spot, ...] = ("subdistrict", "urban", "village", "community")
HOUSEMATE_GROUPS = {"college": "dormitory", "factory": "dormitory", "care_home": "floor"}


@dataclass(frozen=True, slots=True)
class FacilityPlan:
    """A facility as it will be stored."""

    id: str
    code: str
    kind: str
    name: str
    x_m: float
    y_m: float
    line: Institution | None = None  # of the pack, which says what else is known of it
    number: int = 0  # in its line, from 0


@dataclass(slots=True)
class GroupPlan:
    """A class, dormitory or floor."""

    id: str
    facility: FacilityPlan
    kind: str
    name: str
    headcount: int = 0


@dataclass(slots=True)
class Units:
    """All facilities, their groups, and enrolments as (row of a person, row of a group)."""

    facilities: list[FacilityPlan] = field(default_factory=list)
    groups: list[GroupPlan] = field(default_factory=list)
    pupils: list[npt.NDArray[np.int64]] = field(default_factory=list)
    classes: list[npt.NDArray[np.int64]] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[FacilityPlan]:
        """Return the facilities of these kinds."""
        return [facility for facility in self.facilities if facility.kind in kinds]

    def of_line(self, key: str) -> list[FacilityPlan]:
        """Return the facilities of one line of the place."""
        return [facility for facility in self.facilities if facility.line and facility.line.key == key]

    def enrol(self, people: Ints, group: int) -> None:
        """Put these people into a group."""
        self.pupils.append(people)
        self.classes.append(np.full(len(people), group, dtype=np.int64))
        self.groups[group].headcount += len(people)


def found_units(layout: Layout, rng: np.random.Generator, houses: Homes, people: People, ids: Ids) -> Units:
    """Place every facility and fill the rosters of those that keep one."""
    founding = _Founding(layout, rng, houses, people, ids)
    founding.place_on_special_grids()
    founding.place_by_area()
    founding.place_in_the_middle()
    founding.spread()
    founding.place_on_reserved_grids()
    for kind in STAGES:
        founding.enrol_children(kind)
    for kind, use in (("college", "campus"), ("factory", "park"), ("care_home", "care_home")):
        founding.enrol_housemates(kind, use)
    return founding.units


class _Founding:
    """One pass over the town."""

    def __init__(
        self, layout: Layout, rng: np.random.Generator, houses: Homes, people: People, ids: Ids
    ) -> None:
        self.layout, self.rng, self.houses, self.people, self.ids = layout, rng, houses, people, ids
        self.units = Units()
        self.homely = [grid for grid in layout.grids if grid.use in HOMELY]
        self.placed = Counter[str]()
        self.shares = {spot: self._shares(spot) for spot in AREA_SPOTS}

    def _add(self, grid: GridPlan, line: Institution, name: str, place: tuple[float, float]) -> None:
        number = self.placed[line.key]
        self.placed[line.key] += 1
        x, y = place
        self.units.facilities.append(
            FacilityPlan(self.ids.take(1)[0], grid.code, line.kind, name, x, y, line, number)
        )

    def _name(self, line: Institution, area: str) -> str:
        number, district = self.placed[line.key] + 1, self.layout.place.name
        return place_names.unit_name(line, number, district, area, place_names.without_ending(area))

    def _add_group(self, facility: FacilityPlan, kind: str, name: str) -> int:
        self.units.groups.append(GroupPlan(self.ids.take(1)[0], facility, kind, name))
        return len(self.units.groups) - 1

    def _nearest(self, area: AreaPlan, skipped: int = 0) -> GridPlan:
        """Return the ordinary grid of an area nearest to the area's middle, or one of the next nearest."""
        own = [grid for grid in self.homely if grid.code.startswith(area.code)]
        own.sort(key=lambda grid: (grid.x_m - area.label[0]) ** 2 + (grid.y_m - area.label[1]) ** 2)
        return own[skipped % len(own)]

    def place_on_special_grids(self) -> None:
        """Put on each special grid the facility it is named for."""
        for grid in self.layout.grids:
            if grid.institution is not None:
                self._add(grid, grid.institution, grid.name, (round(grid.x_m, 1), round(grid.y_m, 1)))

    def place_by_area(self) -> None:
        """Give each subdistrict, community and village its share of the lines that stand in such areas."""
        for area in self.layout.areas:
            for spot in _spots_of(area):
                for skipped, line in enumerate(self.shares[spot].pop()):
                    self._place_inside(area, line, skipped)

    def _shares(self, spot: Spot) -> list[list[Institution]]:
        """Divide what stands in areas of a sort among them, kind by kind; the first area's share is last."""
        count = sum(spot in _spots_of(area) for area in self.layout.areas)
        shares: list[list[Institution]] = [[] for _ in range(count)]
        given = Counter[str]()
        for line in self.layout.place.at(spot) if count else ():
            for _ in range(line.count):
                shares[given[line.kind] % count].append(line)
                given[line.kind] += 1
        return shares[::-1]

    def place_in_the_middle(self) -> None:
        """Put what the district has one of near its middle."""
        for line in self.layout.place.at("district"):
            for skipped in range(line.count):
                self._place_inside(self.layout.areas[0], line, skipped)

    def _place_inside(self, area: AreaPlan, line: Institution, skipped: int) -> None:
        grid = self._nearest(area, skipped)
        self._add(grid, line, self._name(line, area.name), homes.place_in(self.layout, grid, self.rng))

    def spread(self) -> None:
        """Spread what needs no certain place, pharmacies, over ordinary grids."""
        names = self.layout.names()
        for line in self.layout.place.at("spread"):
            for index in self.rng.choice(len(self.homely), line.count, replace=False).tolist():
                grid = self.homely[index]
                name = self._name(line, names[grid.code[:12]])
                self._add(grid, line, name, homes.place_in(self.layout, grid, self.rng))

    def place_on_reserved_grids(self) -> None:
        """Put the university on its campus and a factory on each grid of the park."""
        names = self.layout.names()
        for line in self.layout.place.at("campus", "park"):
            own = [grid for grid in self.layout.grids if grid.use == line.at]
            for grid in own[: line.count]:
                name = self._name(line, names[grid.code[:12]])
                self._add(grid, line, name, (round(grid.x_m, 1), round(grid.y_m, 1)))

    def enrol_children(self, kind: str) -> None:
        """Send every child of the stage's age to the nearest school of the kind, by grade into classes."""
        stage, schools, people = STAGES[kind], self.units.of_kind(kind), self.people
        if not schools:
            return
        age = ((SCHOOL_YEAR_FROM - people.birth_on).astype(np.int64) / 365.2425).astype(np.int64)
        grade = age - stage.youngest
        children = np.flatnonzero((grade >= 0) & (grade < len(stage.grades)))
        middles = np.array([[grid.x_m, grid.y_m] for grid in self.layout.grids])
        nearest = cKDTree([[school.x_m, school.y_m] for school in schools]).query(middles)[1]
        school = nearest[self.houses.grid[people.household[children]]]
        for number, facility in enumerate(schools):
            for index in range(len(stage.grades)):
                own = children[(school == number) & (grade[children] == index)]
                self._divide(stage, facility, index, own)

    def _divide(self, stage: Stage, facility: FacilityPlan, grade: int, children: Ints) -> None:
        """Divide the children of a grade into classes."""
        count = max(stage.fewest_classes, -(-len(children) // stage.class_size))
        for position in range(count):
            name = stage.class_name.format(
                grade=stage.grades[grade],
                number=position + 1,
                ordinal=place_names.ordinal(position + 1),
            )
            self.units.enrol(children[position::count], self._add_group(facility, "class", name))

    def enrol_housemates(self, kind: str, use: str) -> None:
        """Enrol people of dormitories and care homes by building, with the unit whose grid it is."""
        uses = np.array([grid.use for grid in self.layout.grids])[self.houses.grid]
        facilities = self.units.of_kind(kind)
        if not facilities:
            return
        for building in np.unique(self.houses.building[uses == use]).tolist():
            grid = self.layout.grids[self.houses.buildings.grid[building]]
            facility = next((row for row in facilities if row.code == grid.code), facilities[0])
            name = f"{grid.name[-4:]}{self.houses.buildings.number[building]}号楼"
            group = self._add_group(facility, HOUSEMATE_GROUPS[kind], name)
            self.units.enrol(np.flatnonzero(self.houses.building[self.people.household] == building), group)


def _spots_of(area: AreaPlan) -> tuple[Spot, ...]:
    """Return as what sorts of spot an area counts."""
    if len(area.code) == CODE_LENGTH[AreaLevel.SUBDISTRICT]:
        return ("subdistrict",)
    if len(area.code) != CODE_LENGTH[AreaLevel.COMMUNITY] or area.kind not in HOMELY:
        return ()
    return ("village" if area.kind == "village" else "urban", "community")
