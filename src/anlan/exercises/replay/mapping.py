"""Draw the areas of a file: Voronoi cells of their places, or a made-up chessboard where it names none."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import shapely

from anlan.exercises.replay.rows import Place
from anlan.organisation.models import Area, AreaShape

MARGIN_M = 60.0  # of ground around the outermost places
SQUARE_M = 300.0  # side of a grid on the chessboard


def chessboard(areas: Sequence[str]) -> dict[Place, str]:
    """Return a place for each area: squares row by row, in the order given. Its neighbours are made up."""
    width = math.ceil(math.sqrt(len(areas)))
    return {
        ((number % width) * SQUARE_M, -(number // width) * SQUARE_M): area
        for number, area in enumerate(areas)
    }


def grid_shapes(points: Mapping[Place, str], grid_of_area: Mapping[str, str]) -> dict[str, shapely.Geometry]:
    """Return the ground of each grid by its code: the Voronoi cells of its places, merged by area."""
    places = shapely.MultiPoint(list(points))
    outline = places.convex_hull.buffer(MARGIN_M)
    cells = shapely.voronoi_polygons(places, extend_to=outline)
    pieces = list(cells.geoms) or [outline]  # of a single place there are no cells
    tree = shapely.STRtree(pieces)
    by_area: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for (x, y), area in points.items():
        index = tree.query(shapely.Point(x, y), predicate="intersects")
        by_area[area].append(pieces[int(index[0])].intersection(outline))
    return {grid_of_area[area]: shapely.union_all(found) for area, found in by_area.items()}


def shape_row(area: Area, shape: shapely.Geometry) -> AreaShape:
    """Return the outline of an area's largest part, unsaved."""
    largest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    label = largest.representative_point()
    ring = [[round(x, 1), round(y, 1)] for x, y in largest.exterior.coords]
    return AreaShape(area=area, rings=[ring], label_x=label.x, label_y=label.y)
