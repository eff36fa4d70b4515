"""Puts households behind doors: how many live in which grid, the buildings there, unit and room of each."""

from dataclasses import dataclass, field

import numpy as np

from anlan.exercises.district import geometry, population
from anlan.exercises.district.geometry import Floats, Ints
from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.plan import GridPlan, Layout
from anlan.exercises.district.population import Families

# Residents who live in dormitories and homes: use of the grid → share of all, people a room, ages, men.
SHARED = {
    "campus": (0.022, 4, 18, 24, 0.5),
    "park": (0.013, 4, 20, 46, 0.62),
    "care_home": (0.004, 2, 70, 97, 0.38),
}
LETTABLE = 0.92  # of the flats of a building are lived in
FEWEST_BUILDINGS = 2


@dataclass(frozen=True, slots=True)
class BuildingStyle:
    """Floors to choose from, stairs, and flats a floor and stair."""

    floors: tuple[int, ...]
    units: int
    flats: int


STYLES = {
    "residential": BuildingStyle((6, 6, 7, 11, 18), 2, 2),
    "village": BuildingStyle((2, 3), 2, 2),
    "campus": BuildingStyle((6,), 1, 20),
    "park": BuildingStyle((5,), 1, 16),
    "care_home": BuildingStyle((4,), 1, 16),
}


@dataclass(slots=True)
class Buildings:
    """One row a building."""

    ids: list[str] = field(default_factory=list)
    grid: list[int] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    floors: list[int] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Homes:
    """Households in the order of their grids and doors."""

    families: Families
    grid: Ints
    buildings: Buildings
    building: Ints
    unit: Ints
    room: Ints


def settle(layout: Layout, rng: np.random.Generator, residents: int, ids: Ids) -> Homes:
    """House exactly this many residents in the grids of the layout."""
    parts, grids = [], []
    housed = 0
    for use, (share, per_room, low, high, men) in SHARED.items():
        own = [index for index, grid in enumerate(layout.grids) if grid.use == use]
        if not own:
            continue
        count = int(residents * share)
        rooms = population.shared_rooms(rng, count, per_room, ages=(low, high), men=men)
        parts.append(rooms)
        grids.append(np.sort(rng.choice(own, len(rooms.ages))))
        housed += count
    families = population.draw_families(rng, residents - housed)
    parts.append(families)
    grids.append(rng.choice(len(layout.grids), len(families.ages), p=_shares(layout, rng)))
    grid = np.concatenate(grids)
    order = np.argsort(grid, kind="stable")
    return _behind_doors(layout, rng, Families.together(parts).chosen(order), grid[order], ids)


def _shares(layout: Layout, rng: np.random.Generator) -> Floats:
    """Return each grid's share of the families: more in the middle, fewer in villages, none in units."""
    size = np.array([geometry.HALF_WIDTH_M, geometry.HALF_HEIGHT_M])
    middle = np.array([[grid.x_m, grid.y_m] for grid in layout.grids]) / size
    weights = (1.35 - 0.55 * np.linalg.norm(middle, axis=1)) * rng.lognormal(0, 0.3, len(middle))
    weights *= np.array([{"residential": 1.0, "village": 0.55}.get(grid.use, 0.0) for grid in layout.grids])
    shares: Floats = weights / weights.sum()
    return shares


def _behind_doors(
    layout: Layout, rng: np.random.Generator, families: Families, grid: Ints, ids: Ids
) -> Homes:
    buildings = Buildings()
    count = len(grid)
    building, unit, room = (np.zeros(count, dtype=np.int64) for _ in range(3))
    starts = np.searchsorted(grid, np.arange(len(layout.grids) + 1))
    for index, plan in enumerate(layout.grids):
        first, beyond = int(starts[index]), int(starts[index + 1])
        style = STYLES.get(plan.use)
        if style is None:
            continue
        built = _build(layout, rng, buildings, index, households=beyond - first)
        for position, own in enumerate(np.array_split(np.arange(first, beyond), len(built))):
            per_unit = style.flats * buildings.floors[built[position]]
            doors = np.sort(rng.permutation(style.units * per_unit)[: len(own)])
            building[own], unit[own] = built[position], doors // per_unit + 1
            room[own] = (doors % per_unit // style.flats + 1) * 100 + doors % style.flats + 1
    buildings.ids = ids.take(len(buildings.grid))
    return Homes(families, grid, buildings, building, unit, room)


def _build(
    layout: Layout,
    rng: np.random.Generator,
    buildings: Buildings,
    grid: int,
    *,
    households: int,
) -> list[int]:
    """Put up as many buildings as the households need; return their numbers in the list."""
    plan, style = layout.grids[grid], STYLES[layout.grids[grid].use]
    floors = int(rng.choice(style.floors))
    needed = -(-households // int(style.units * style.flats * floors * LETTABLE))
    first = len(buildings.grid)
    for number in range(1, max(needed, FEWEST_BUILDINGS) + 1):
        buildings.grid.append(grid)
        buildings.number.append(number)
        buildings.units.append(style.units)
        buildings.floors.append(floors)
        buildings.places.append(place_in(layout, plan, rng))
    return list(range(first, len(buildings.grid)))


def place_in(layout: Layout, grid: GridPlan, rng: np.random.Generator) -> tuple[float, float]:
    """Return a place inside the grid: between the middle of one of its cells and a corner of it."""
    cell = int(rng.choice(grid.cells))
    corners = np.asarray(layout.cells.polygons[cell].exterior.coords)
    corner = corners[rng.integers(len(corners))]
    place = layout.cells.centres[cell] + rng.random() * 0.7 * (corner - layout.cells.centres[cell])
    return round(float(place[0]), 1), round(float(place[1]), 1)
