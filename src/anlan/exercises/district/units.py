"""Schools, clinics, pharmacies, homes…, their classes and floors, and who belongs to which."""

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
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

SCHOOL_YEAR_FROM = np.datetime64("2026-09-01")
PHARMACIES = 37
FACTORY_TRADES = ("精密", "纺织", "电子", "食品")
PHARMACY_NAMES = ("仁济", "百草", "康民", "益寿", "同春", "济生", "福安", "永康", "惠民", "九芝")


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

    def enrol(self, people: Ints, group: int) -> None:
        """Put these people into a group."""
        self.pupils.append(people)
        self.classes.append(np.full(len(people), group, dtype=np.int64))
        self.groups[group].headcount += len(people)


def found_units(layout: Layout, rng: np.random.Generator, houses: Homes, people: People, ids: Ids) -> Units:
    """Place every facility and fill the rosters of those that keep one."""
    founding = _Founding(layout, rng, houses, people, ids)
    founding.place_on_special_grids()
    founding.place_health_units()
    founding.place_pharmacies()
    founding.place_college_and_factories()
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
        self.homely = [grid for grid in layout.grids if grid.use in {"residential", "village"}]

    def _add(self, grid: GridPlan, kind: str, name: str, place: tuple[float, float] | None = None) -> None:
        x, y = place or (round(grid.x_m, 1), round(grid.y_m, 1))
        self.units.facilities.append(FacilityPlan(self.ids.take(1)[0], grid.code, kind, name, x, y))

    def _add_group(self, facility: FacilityPlan, kind: str, name: str) -> int:
        self.units.groups.append(GroupPlan(self.ids.take(1)[0], facility, kind, name))
        return len(self.units.groups) - 1

    def _nearest(self, area: AreaPlan) -> GridPlan:
        """Return the ordinary grid of an area nearest to the area's middle."""
        own = [grid for grid in self.homely if grid.code.startswith(area.code)]
        return min(own, key=lambda grid: (grid.x_m - area.label[0]) ** 2 + (grid.y_m - area.label[1]) ** 2)

    def place_on_special_grids(self) -> None:
        """Put on each special grid the facility it is named for."""
        for grid in self.layout.grids:
            if grid.is_special:
                self._add(grid, grid.use, grid.name)

    def place_health_units(self) -> None:
        """A health centre for each subdistrict, a station in each village, the CDC and its laboratory."""
        for area in self.layout.areas:
            if len(area.code) == CODE_LENGTH[AreaLevel.SUBDISTRICT]:
                self._place_inside(area, "health_centre", f"{area.name}社区卫生服务中心")
            if area.kind == "village" and len(area.code) == CODE_LENGTH[AreaLevel.COMMUNITY]:
                self._place_inside(area, "health_station", f"{area.name}卫生站")
        district = self.layout.areas[0]
        self._place_inside(district, "cdc", f"{district.name}疾病预防控制中心")
        self._place_inside(district, "laboratory", f"{district.name}疾控中心检验科")

    def _place_inside(self, area: AreaPlan, kind: str, name: str) -> None:
        grid = self._nearest(area)
        self._add(grid, kind, name, homes.place_in(self.layout, grid, self.rng))

    def place_pharmacies(self) -> None:
        """Spread the pharmacies over ordinary grids."""
        names = self.layout.names()
        chosen = self.rng.choice(len(self.homely), PHARMACIES, replace=False)
        for number, index in enumerate(chosen.tolist()):
            grid = self.homely[index]
            community = names[grid.code[:12]].removesuffix("社区").removesuffix("村")
            name = f"{PHARMACY_NAMES[number % len(PHARMACY_NAMES)]}大药房（{community}店）"
            self._add(grid, "pharmacy", name, homes.place_in(self.layout, grid, self.rng))

    def place_college_and_factories(self) -> None:
        """Put the college on the campus and a factory on each grid of the park."""
        campus = [grid for grid in self.layout.grids if grid.use == "campus"]
        self._add(campus[0], "college", "江城大学")
        park = [grid for grid in self.layout.grids if grid.use == "park"]
        for grid, trade in zip(park, FACTORY_TRADES, strict=False):
            self._add(grid, "factory", f"江城{trade}厂")

    def enrol_children(self, kind: str) -> None:
        """Send every child of the stage's age to the nearest school of the kind, by grade into classes."""
        stage, schools, people = STAGES[kind], self.units.of_kind(kind), self.people
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
        for building in np.unique(self.houses.building[uses == use]).tolist():
            grid = self.layout.grids[self.houses.buildings.grid[building]]
            facility = next((row for row in facilities if row.code == grid.code), facilities[0])
            name = f"{grid.name[-4:]}{self.houses.buildings.number[building]}号楼"
            group = self._add_group(facility, HOUSEMATE_GROUPS[kind], name)
            self.units.enrol(np.flatnonzero(self.houses.building[self.people.household] == building), group)
