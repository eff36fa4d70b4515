"""Decides which cells make a grid, which grids a community, which communities a subdistrict."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from anlan.exercises.district import geometry
from anlan.exercises.district.codes import give_codes
from anlan.exercises.district.geometry import NO_GROUP, Cells, Ints
from anlan.exercises.district.plan import Groups, Layout

SUBDISTRICTS, COMMUNITIES, GRIDS = 10, 108, 950
SPECIAL_GRIDS = (
    ("kindergarten", 14), ("primary_school", 11), ("middle_school", 5), ("hospital", 2), ("care_home", 6),
    ("market", 1), ("construction_site", 1),
)  # fmt: skip
# Where campus and park lie (as a share of half the width and height), their cells, their grids.
CAMPUS = (-0.45, 0.35, 24, 3)
PARK = (0.6, -0.3, 30, 4)
MOST_GRIDS = 13  # of a community: with secretary and community workers it stays at 8 to 16 people
SMALLEST_HOST = 5  # a grid of fewer cells gives none away


def lay_out(code: str, rng: np.random.Generator) -> Layout:
    """Draw the district of this code."""
    cells = geometry.draw_cells(rng, geometry.draw_outline(rng))
    layout = Layout(code, cells)
    give_codes(layout, _group(cells, rng), COMMUNITIES, rng)
    return layout


def _group(cells: Cells, rng: np.random.Generator) -> Groups:
    reserved = _reserve_campus_and_park(cells)
    grid_of_cell = np.full(len(cells.centres), NO_GROUP, dtype=np.int64)
    rest = np.flatnonzero(reserved == NO_GROUP)
    grid_of_cell[rest] = _grow_within(cells, rest, GRIDS, rng)
    pairs = geometry.pairs_between(grid_of_cell, cells.pairs)
    middles = geometry.middles(cells.centres, grid_of_cell, GRIDS)
    community_of_grid = _even_out(geometry.grow(middles, pairs, COMMUNITIES, rng), pairs)
    groups = Groups(grid_of_cell, community_of_grid, np.empty(0, dtype=np.int64), ["residential"] * GRIDS)
    _carve_special_grids(cells, groups, rng)
    for number, (use, (_x, _y, _size, count)) in enumerate((("campus", CAMPUS), ("park", PARK))):
        own = np.flatnonzero(reserved == number)
        grid_of_cell[own] = len(groups.use_of_grid) + _grow_within(cells, own, count, rng)
        groups.use_of_grid += [use] * count
        groups.community_of_grid = np.append(groups.community_of_grid, [COMMUNITIES + number] * count)
    groups.subdistrict_of_community = _subdistricts(cells, groups, rng)
    return groups


def _even_out(community_of_grid: Ints, pairs: Ints) -> Ints:
    """Move grids at the edge of too large communities to the smallest they touch, keeping both whole."""
    groups = community_of_grid.copy()
    both = np.vstack((pairs, pairs[:, ::-1]))
    while (sizes := np.bincount(groups)).max() > MOST_GRIDS:
        large = int(sizes.argmax())
        edge = both[(groups[both[:, 0]] == large) & (groups[both[:, 1]] != large)]
        for grid, other in edge[np.argsort(sizes[groups[edge[:, 1]]], kind="stable")]:
            kept = groups == large
            kept[grid] = False
            if _is_whole(pairs, kept):
                groups[grid] = groups[other]
                break
        else:
            break
    return groups


def _is_whole(pairs: Ints, kept: npt.NDArray[np.bool_]) -> bool:
    """Say whether the kept pieces hang together."""
    inside = pairs[kept[pairs].all(axis=1)]
    graph = csr_matrix((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(len(kept), len(kept)))
    part = connected_components(graph, directed=False)[1]
    return len(np.unique(part[kept])) == 1


def _subdistricts(cells: Cells, groups: Groups, rng: np.random.Generator) -> Ints:
    """Join communities to subdistricts; campus and park fall to one they touch."""
    count = COMMUNITIES + 2
    community_of_cell = groups.community_of_grid[groups.grid_of_cell]
    pairs = geometry.pairs_between(community_of_cell, cells.pairs)
    middles = geometry.middles(cells.centres, community_of_cell, count)
    plain = pairs[(pairs < COMMUNITIES).all(axis=1)]
    found = np.full(count, NO_GROUP, dtype=np.int64)
    found[:COMMUNITIES] = geometry.grow(middles[:COMMUNITIES], plain, SUBDISTRICTS, rng)
    return geometry.attach_stray(found, pairs)


def _grow_within(cells: Cells, own: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Join some of the cells into groups, as if there were no others."""
    place = np.full(len(cells.centres), NO_GROUP, dtype=np.int64)
    place[own] = np.arange(len(own))
    pairs = place[cells.pairs]
    return geometry.grow(cells.centres[own], pairs[(pairs != NO_GROUP).all(axis=1)], count, rng)


def _reserve_campus_and_park(cells: Cells) -> Ints:
    """Mark the cells of the campus 0 and of the park 1; bits they cut off from the town go with them."""
    reserved = np.full(len(cells.centres), NO_GROUP, dtype=np.int64)
    for number, (x, y, size, _grids) in enumerate((CAMPUS, PARK)):
        place = np.array([x * geometry.HALF_WIDTH_M, y * geometry.HALF_HEIGHT_M])
        seed = int(np.argmin(np.linalg.norm(cells.centres - place, axis=1)))
        reserved[geometry.blob(cells, seed, size, reserved == NO_GROUP)] = number
        free = reserved == NO_GROUP
        part = connected_components(cells.graph(free), directed=False)[1]
        reserved[free & (part != np.bincount(part[free]).argmax())] = number
    return reserved


def _carve_special_grids(cells: Cells, groups: Groups, rng: np.random.Generator) -> None:
    """Cut schools, hospitals… out of grids as grids of their own, at most one a community."""
    hosts = rng.permutation(COMMUNITIES)
    uses = [use for use, count in SPECIAL_GRIDS for _ in range(count)]
    for use, community in zip(uses, hosts, strict=False):
        own = np.flatnonzero(groups.community_of_grid[:GRIDS] == community)
        groups.grid_of_cell[_removable_cell(cells, groups.grid_of_cell, own, rng)] = len(groups.use_of_grid)
        groups.use_of_grid.append(use)
        groups.community_of_grid = np.append(groups.community_of_grid, community)


def _removable_cell(cells: Cells, grid_of_cell: Ints, grids: Ints, rng: np.random.Generator) -> int:
    """Return a cell whose grid stays in one piece without it."""
    for grid in rng.permutation(grids):
        inside = np.flatnonzero(grid_of_cell == grid)
        for cell in rng.permutation(inside) if len(inside) >= SMALLEST_HOST else ():
            kept = grid_of_cell == grid
            kept[cell] = False
            if _is_whole(cells.pairs, kept):
                return int(cell)
    raise ValueError("no grid of this community can give a cell away")
