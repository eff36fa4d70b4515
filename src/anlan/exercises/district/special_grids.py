"""Cuts schools, hospitals… out of the grids of communities as grids of their own (专属网格)."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from anlan.exercises.district.geometry import Cells, Ints
from anlan.exercises.district.plan import Groups
from anlan.exercises.pack import Place

SMALLEST_HOST = 5  # a grid of fewer cells gives none away


def carve_special_grids(cells: Cells, groups: Groups, place: Place, rng: np.random.Generator) -> None:
    """Give each institution of a grid of its own one, a community after the other."""
    order = rng.permutation(place.ordinary_communities).tolist()
    inside = cycle([community for community in order if community in groups.town])
    outside = cycle([community for community in order if community not in groups.town])
    for line in place.at("own_grid"):
        for _ in range(line.count):
            community, cell = _host(cells, groups, inside if line.in_town else outside, len(order), rng)
            groups.grid_of_cell[cell] = len(groups.use_of_grid)
            groups.institution_of_grid[len(groups.use_of_grid)] = line
            groups.use_of_grid.append(line.kind)
            groups.community_of_grid = np.append(groups.community_of_grid, community)


def _host(
    cells: Cells, groups: Groups, hosts: Iterator[int], tries: int, rng: np.random.Generator
) -> tuple[int, int]:
    """Return the next community that can give a cell away, and the cell."""
    ordinary = np.array([use == "residential" for use in groups.use_of_grid])
    for _ in range(tries):
        community = next(hosts)
        own = np.flatnonzero((groups.community_of_grid == community) & ordinary)
        cell = _removable_cell(cells, groups.grid_of_cell, own, rng)
        if cell is not None:
            return community, cell
    raise ValueError("no grid can give a cell away: the place has more special grids than it can hold")


def _removable_cell(cells: Cells, grid_of_cell: Ints, grids: Ints, rng: np.random.Generator) -> int | None:
    """Return a cell whose grid stays in one piece without it, if there is one."""
    for grid in rng.permutation(grids):
        inside = np.flatnonzero(grid_of_cell == grid)
        for cell in rng.permutation(inside) if len(inside) >= SMALLEST_HOST else ():
            kept = grid_of_cell == grid
            kept[cell] = False
            if is_whole(cells.pairs, kept):
                return int(cell)
    return None


def is_whole(pairs: Ints, kept: npt.NDArray[np.bool_]) -> bool:
    """Say whether the kept pieces hang together."""
    number = np.cumsum(kept) - 1  # among the kept: few of many, and asked often
    low, high = number[pairs[kept[pairs[:, 0]] & kept[pairs[:, 1]]]].T
    count = int(number[-1]) + 1
    graph = csr_matrix((np.ones(len(low)), (low, high)), shape=(count, count))
    return bool(connected_components(graph, directed=False, return_labels=False) == 1)
