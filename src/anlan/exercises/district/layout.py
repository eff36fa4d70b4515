"""Decides which cells make a grid, which grids a community, which communities a subdistrict."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components

from anlan.exercises.district import geometry
from anlan.exercises.district.codes import give_codes
from anlan.exercises.district.geometry import NO_GROUP, Cells, Floats, Ints
from anlan.exercises.district.place import standard_place
from anlan.exercises.district.plan import Groups, Layout
from anlan.exercises.district.special_grids import carve_special_grids, is_whole
from anlan.exercises.pack import Place


def lay_out(code: str, rng: np.random.Generator, place: Place | None = None) -> Layout:
    """Draw the district of this code: as the place says, else as that of the standard pack."""
    place = place or standard_place()
    cells = geometry.draw_cells(rng, geometry.draw_outline(rng), place.grids)
    layout = Layout(code, place, cells)
    give_codes(layout, _group(cells, place, rng), rng)
    return layout


def _group(cells: Cells, place: Place, rng: np.random.Generator) -> Groups:
    reserved = _reserve(cells, place)
    grid_of_cell = np.full(len(cells.centres), NO_GROUP, dtype=np.int64)
    rest = np.flatnonzero(reserved == NO_GROUP)
    grid_of_cell[rest] = _grow_within(cells, rest, place.grids, rng)
    pairs = geometry.pairs_between(grid_of_cell, cells.pairs)
    middles = geometry.middles(cells.centres, grid_of_cell, place.grids)
    count = place.ordinary_communities
    community_of_grid = _even_out(geometry.grow(middles, pairs, count, rng), pairs, place.most_grids)
    uses = ["residential"] * place.grids
    groups = Groups(grid_of_cell, community_of_grid, np.empty(0, dtype=np.int64), uses)
    if place.county_town:
        groups.town = _county_town(middles, pairs, community_of_grid, place)
    carve_special_grids(cells, groups, place, rng)
    for number, row in enumerate(place.reserved):
        own = np.flatnonzero(reserved == number)
        grid_of_cell[own] = len(groups.use_of_grid) + _grow_within(cells, own, row.grids, rng)
        groups.use_of_grid += [row.use] * row.grids
        groups.community_of_grid = np.append(groups.community_of_grid, [count + number] * row.grids)
    groups.subdistrict_of_community = _subdistricts(cells, groups, place, rng)
    return groups


def _county_town(middles: Floats, pairs: Ints, community_of_grid: Ints, place: Place) -> frozenset[int]:
    """Return the communities around the one in the middle of the county, as many as are no villages."""
    count = place.ordinary_communities
    places = geometry.middles(middles, community_of_grid, count)
    between = geometry.pairs_between(community_of_grid, pairs)
    drawn = Cells(places, np.empty(count, dtype=object), between)
    seed = int(np.argmin(np.linalg.norm(places, axis=1)))
    around = geometry.blob(drawn, seed, place.communities, np.ones(count, dtype=bool))
    return frozenset(around.tolist())


def _even_out(community_of_grid: Ints, pairs: Ints, most: int) -> Ints:
    """Move grids at the edge of too large communities to the smallest they touch, keeping both whole.

    Where all they touch are as large, each passes one on to the next until one that is smaller. Every round
    brings two sizes nearer, so it comes to an end.
    """
    groups = community_of_grid.copy()
    both = np.vstack((pairs, pairs[:, ::-1]))
    while (sizes := np.bincount(groups)).max() > most:
        large = int(sizes.argmax())
        smaller = sizes < sizes[large] - 1
        edge = both[(groups[both[:, 0]] == large) & smaller[groups[both[:, 1]]]]
        if not _move_one(groups, edge[np.argsort(sizes[groups[edge[:, 1]]], kind="stable")], pairs):
            passed = _passed_on(groups, large, smaller, both)
            if passed is None:
                break
            groups = passed
    return groups


def _move_one(groups: Ints, edge: Ints, pairs: Ints) -> bool:
    """Move the first grid of these (grid, grid across the border) whose community is whole without it."""
    for grid, other in edge:
        kept = groups == groups[grid]
        kept[grid] = False
        if is_whole(pairs, kept):
            groups[grid] = groups[other]
            return True
    return False


def _passed_on(groups: Ints, large: int, smaller: npt.NDArray[np.bool_], both: Ints) -> Ints | None:
    """Return the groups after each community on the way to the nearest smaller one has passed a grid on."""
    between = geometry.pairs_between(groups, both)
    graph = csr_matrix((np.ones(len(between)), (between[:, 0], between[:, 1])), shape=(len(smaller),) * 2)
    order, before = breadth_first_order(graph, large, directed=False)
    for end in order[smaller[order]].tolist():
        passed, taker = groups.copy(), end
        while taker != large:
            giver = int(before[taker])
            edge = both[(passed[both[:, 0]] == giver) & (passed[both[:, 1]] == taker)]
            if not _move_one(passed, edge, both):
                break
            taker = giver
        else:
            return passed
    return None


def _subdistricts(cells: Cells, groups: Groups, place: Place, rng: np.random.Generator) -> Ints:
    """Join communities to subdistricts, a county town whole; campus and park fall to one they touch."""
    ordinary, count = place.ordinary_communities, place.ordinary_communities + len(place.reserved)
    community_of_cell = groups.community_of_grid[groups.grid_of_cell]
    pairs = geometry.pairs_between(community_of_cell, cells.pairs)
    middles = geometry.middles(cells.centres, community_of_cell, count)
    plain = pairs[(pairs < ordinary).all(axis=1)]
    found = np.full(count, NO_GROUP, dtype=np.int64)
    if groups.town:
        found[:ordinary] = _grow_around(groups.town, middles[:ordinary], plain, place.subdistricts, rng)
    else:
        found[:ordinary] = geometry.grow(middles[:ordinary], plain, place.subdistricts, rng)
    return geometry.attach_stray(found, pairs)


def _grow_around(
    town: frozenset[int], middles: Floats, pairs: Ints, count: int, rng: np.random.Generator
) -> Ints:
    """Join communities into groups as if those of the town were one."""
    merged = np.arange(len(middles))
    merged[sorted(town)] = min(town)
    _kept, node = np.unique(merged, return_inverse=True)
    nodes = int(node.max()) + 1
    grown = geometry.grow(
        geometry.middles(middles, node, nodes), geometry.pairs_between(node, pairs), count, rng
    )
    together: Ints = grown[node]
    return together


def _grow_within(cells: Cells, own: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Join some of the cells into groups, as if there were no others."""
    place = np.full(len(cells.centres), NO_GROUP, dtype=np.int64)
    place[own] = np.arange(len(own))
    pairs = place[cells.pairs]
    return geometry.grow(cells.centres[own], pairs[(pairs != NO_GROUP).all(axis=1)], count, rng)


def _reserve(cells: Cells, place: Place) -> Ints:
    """Mark the cells of campus and park by their number; bits they cut off from the town go with them."""
    reserved = np.full(len(cells.centres), NO_GROUP, dtype=np.int64)
    for number, row in enumerate(place.reserved):
        spot = np.array([row.x * geometry.HALF_WIDTH_M, row.y * geometry.HALF_HEIGHT_M])
        seed = int(np.argmin(np.linalg.norm(cells.centres - spot, axis=1)))
        reserved[geometry.blob(cells, seed, row.cells, reserved == NO_GROUP)] = number
        free = reserved == NO_GROUP
        part = connected_components(cells.graph(free), directed=False)[1]
        reserved[free & (part != np.bincount(part[free]).argmax())] = number
    return reserved
