"""Draws a district that does not exist: small cells joined to grids, communities and subdistricts.

Everything is a union of the same Voronoi cells, so areas of one level tile without gaps by construction,
and their borders wander as borders do. Plane metres, x to the east, y to the north.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Voronoi, cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Polygons = npt.NDArray[np.object_]

HALF_WIDTH_M, HALF_HEIGHT_M = 6200.0, 4300.0
SPACING = 0.0213  # of the half width: gives about 7,200 cells
GRIDS_OF_SPACING = 1000  # for more grids than these cells are smaller: about seven to a grid
DECIMALS = 1  # vertices are rounded to 0.1 m, the same on both sides of a border
NO_GROUP = -1
LLOYD_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Cells:
    """The smallest pieces: where they lie, their polygons, and which touch by a border of some length."""

    centres: Floats
    polygons: Polygons
    pairs: Ints  # one row per touching pair

    def graph(self, kept: npt.NDArray[np.bool_] | None = None) -> csr_matrix:
        """Return the graph of touching cells weighted by distance, among those kept."""
        pairs = self.pairs if kept is None else self.pairs[kept[self.pairs].all(axis=1)]
        return _graph(self.centres, pairs)


def _graph(centres: Floats, pairs: Ints) -> csr_matrix:
    lengths = np.linalg.norm(centres[pairs[:, 0]] - centres[pairs[:, 1]], axis=1)
    count = len(centres)
    return csr_matrix((lengths, (pairs[:, 0], pairs[:, 1])), shape=(count, count))


def draw_outline(rng: np.random.Generator) -> shapely.Polygon:
    """Return a smooth outline, somewhat wider than high."""
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = np.ones_like(angles)
    for wave in range(2, 9):
        radius += rng.normal(0, 0.3 / wave) * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
    points = np.column_stack(
        (HALF_WIDTH_M * radius * np.cos(angles), HALF_HEIGHT_M * radius * np.sin(angles))
    )
    return shapely.Polygon(points)


def draw_cells(rng: np.random.Generator, outline: shapely.Polygon, grids: int) -> Cells:
    """Fill the outline with cells enough for so many grids, smaller towards the middle of the town."""
    points = _scatter(rng, SPACING * min(1.0, (GRIDS_OF_SPACING / grids) ** 0.5))
    points = points[shapely.contains_xy(outline, points)]
    mirrored = _mirror(points, outline)
    voronoi = Voronoi(np.vstack((points, mirrored)))
    vertices = np.round(voronoi.vertices, DECIMALS)
    count = len(points)
    polygons = np.array(
        [shapely.Polygon(vertices[voronoi.regions[voronoi.point_region[index]]]) for index in range(count)],
        dtype=object,
    )
    ridges = np.array(voronoi.ridge_vertices)
    inside = (voronoi.ridge_points < count).all(axis=1)
    lengths = np.linalg.norm(vertices[ridges[:, 0]] - vertices[ridges[:, 1]], axis=1)
    pairs = voronoi.ridge_points[inside & (lengths >= 1.0)].astype(np.int64)
    return Cells(points, shapely.normalize(polygons), pairs)


def _scatter(rng: np.random.Generator, spacing: float) -> Floats:
    """Return a shaken honeycomb over a generous box, drawn together towards the middle."""
    step = np.arange(-1.6, 1.6, spacing)
    x, y = np.meshgrid(step, step * 0.87)
    x = x + np.where(np.arange(len(step)) % 2, spacing / 2, 0)[:, None]
    points = np.column_stack((x.ravel(), y.ravel())) + rng.normal(0, spacing * 0.24, (x.size, 2))
    far = np.hypot(points[:, 0], points[:, 1])
    points *= (0.55 + 0.45 * far)[:, None]
    scaled: Floats = points * np.array([HALF_WIDTH_M, HALF_HEIGHT_M * 1.15])
    return scaled


def _mirror(points: Floats, outline: shapely.Polygon) -> Floats:
    """Return the points near the outline mirrored at it: their cells then end along the outline."""
    border = outline.exterior
    along = shapely.line_locate_point(border, shapely.points(points))
    feet = shapely.get_coordinates(shapely.line_interpolate_point(border, along))
    near = np.linalg.norm(points - feet, axis=1) < HALF_WIDTH_M * 0.12
    mirrored: Floats = 2 * feet[near] - points[near]
    return mirrored


def grow(centres: Floats, pairs: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Join pieces into `count` connected groups of about equal size; return each piece's group."""
    seeds = _nearest_once(centres, _spread(centres, count, rng))
    graph = _graph(centres, pairs)
    _far, _before, source = dijkstra(
        graph, directed=False, indices=seeds, min_only=True, return_predecessors=True
    )
    group_of_seed = {int(seed): index for index, seed in enumerate(seeds)}
    groups = np.array([group_of_seed.get(int(seed), NO_GROUP) for seed in source], dtype=np.int64)
    return attach_stray(groups, pairs)


def _spread(centres: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return `count` places spread evenly over the pieces (Lloyd's method)."""
    places = centres[rng.choice(len(centres), count, replace=False)]
    for _round in range(LLOYD_ROUNDS):
        _far, nearest = cKDTree(places).query(centres)
        found = middles(centres, nearest, count)
        empty = np.bincount(nearest, minlength=count) == 0
        places = np.where(empty[:, None], places, found)
    return places


def _nearest_once(centres: Floats, wanted: Floats) -> Ints:
    """Return for each wanted place the nearest piece that no earlier place has taken."""
    tree, taken = cKDTree(centres), set[int]()
    for place in wanted:
        _far, near = tree.query(place, k=min(16, len(centres)))
        taken.add(next(int(index) for index in np.atleast_1d(near) if int(index) not in taken))
    return np.array(sorted(taken), dtype=np.int64)


def attach_stray(groups: Ints, pairs: Ints) -> Ints:
    """Give pieces cut off from every seed to the group they touch."""
    groups = groups.copy()
    both = np.vstack((pairs, pairs[:, ::-1]))
    while (groups == NO_GROUP).any():
        reach = both[(groups[both[:, 0]] == NO_GROUP) & (groups[both[:, 1]] != NO_GROUP)]
        if not len(reach):
            raise ValueError("pieces that touch nothing")
        groups[reach[:, 0]] = groups[reach[:, 1]]
    return groups


def pairs_between(groups: Ints, pairs: Ints) -> Ints:
    """Return which groups touch, from which pieces touch; pieces without a group are left out."""
    between = groups[pairs]
    between = between[(between[:, 0] != between[:, 1]) & (between != NO_GROUP).all(axis=1)]
    return np.unique(np.sort(between, axis=1), axis=0)


def middles(centres: Floats, groups: Ints, count: int) -> Floats:
    """Return the mean place of each group's pieces."""
    sizes = np.maximum(np.bincount(groups[groups >= 0], minlength=count), 1)
    chosen = groups >= 0
    columns = [np.bincount(groups[chosen], centres[chosen, axis], count) / sizes for axis in (0, 1)]
    return np.column_stack(columns)


def blob(cells: Cells, seed: int, size: int, free: npt.NDArray[np.bool_]) -> Ints:
    """Return the `size` free cells around a seed, connected."""
    far = dijkstra(cells.graph(free), directed=False, indices=seed)
    nearest = np.argsort(far, kind="stable")[:size]
    reached: Ints = nearest[np.isfinite(far[nearest])].astype(np.int64)
    return reached


def joined(polygons: Polygons, groups: Ints, count: int) -> list[shapely.Polygon]:
    """Return the union of each group's polygons, which share vertices exactly."""
    order = np.argsort(groups, kind="stable")
    ends = np.searchsorted(groups[order], np.arange(count + 1))
    return [
        shapely.coverage_union_all(polygons[order[ends[index] : ends[index + 1]]]) for index in range(count)
    ]


def rings_of(shape: shapely.Polygon | shapely.MultiPolygon) -> list[list[list[float]]]:
    """Return outer ring and holes of each part as [x, y] lists, to be filled even-odd."""
    parts = shape.geoms if isinstance(shape, shapely.MultiPolygon) else [shape]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return [[[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords] for ring in rings]


def label_point(shape: shapely.Polygon | shapely.MultiPolygon) -> tuple[float, float]:
    """Return a place well inside for a name plate."""
    largest = max(shape.geoms, key=lambda part: part.area) if hasattr(shape, "geoms") else shape
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=20.0))[0]
    return round(float(middle[0]), DECIMALS), round(float(middle[1]), DECIMALS)
