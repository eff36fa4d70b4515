"""A district on paper, before it is stored: areas with shapes, and grids with what the rest needs of them."""

from dataclasses import dataclass, field

import shapely

from anlan.exercises.district.geometry import Cells, Ints
from anlan.exercises.pack import Institution, Place

# What stands on a special grid (a facility kind) → the kind of area it makes.
AREA_KIND = {
    "kindergarten": "kindergarten", "primary_school": "school", "middle_school": "school",
    "hospital": "hospital", "care_home": "care_home", "market": "market", "construction_site": "site",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """An area as it will be stored, with its shape."""

    code: str
    kind: str
    name: str
    shape: shapely.Polygon | shapely.MultiPolygon | None = None
    label: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class GridPlan:
    """A grid: `use` is residential, village, campus, park, or the facility that makes it a special grid."""

    code: str
    use: str
    name: str
    cells: Ints
    x_m: float
    y_m: float
    institution: Institution | None = None  # the line of the pack that this special grid is for

    @property
    def is_special(self) -> bool:
        """Say whether the grid is one facility's own."""
        return self.use in AREA_KIND


@dataclass(slots=True)
class Groups:
    """Which piece belongs to which group, by number, while the district is being drawn."""

    grid_of_cell: Ints
    community_of_grid: Ints
    subdistrict_of_community: Ints
    use_of_grid: list[str]
    town: frozenset[int] = frozenset()  # communities of the county town
    institution_of_grid: dict[int, Institution] = field(default_factory=dict)


@dataclass(slots=True)
class Layout:
    """The whole district on paper."""

    code: str
    place: Place
    cells: Cells
    areas: list[AreaPlan] = field(default_factory=list)
    grids: list[GridPlan] = field(default_factory=list)

    def names(self) -> dict[str, str]:
        """Return each area's name by its code."""
        return {area.code: area.name for area in self.areas}

    def school_in_the_middle(self) -> str:
        """Return the code of the primary school nearest to the middle: the sign-ins are given around it."""
        schools = [grid for grid in self.grids if grid.use == "primary_school"]
        return min(schools, key=lambda grid: grid.x_m**2 + grid.y_m**2).code
