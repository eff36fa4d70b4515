"""Outlines of areas as shapes on the district's plane (metres): borders, joining, parting by buildings."""

from collections.abc import Iterable, Mapping, Sequence

import shapely

SHORTEST_BORDER_M = 1.0  # areas that touch in a corner are no neighbours
DECIMALS = 1  # outlines are kept to 0.1 m
SLIVER_M2 = 1.0
Rings = list[list[list[float]]]


def polygon_of(rings: Rings) -> shapely.Geometry:
    """Return the surface of an outline: outer rings and, inside one of them, holes."""
    return shapely.make_valid(
        shapely.build_area(shapely.GeometryCollection([shapely.LinearRing(r) for r in rings]))
    )


def rings_of(surface: shapely.Geometry) -> Rings:
    """Return a surface as rings, outer ones before their holes; slivers are left out."""
    rings: Rings = []
    for part in shapely.get_parts(surface):
        if part.geom_type == "Polygon" and part.area > SLIVER_M2:
            for ring in (part.exterior, *part.interiors):
                rings.append([[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords])
    return rings


def label_point(rings: Rings) -> tuple[float, float]:
    """Return a point inside the outline at which its name may stand."""
    parts = shapely.get_parts(polygon_of(rings))
    point = shapely.point_on_surface(max(parts, key=shapely.area))
    return round(point.x, DECIMALS), round(point.y, DECIMALS)


def bordering(shapes: Mapping[str, shapely.Geometry]) -> list[tuple[str, str]]:
    """Return each pair of codes, the smaller first, whose surfaces share at least a metre of border."""
    codes = sorted(shapes)
    if not codes:
        return []
    surfaces = [shapes[code] for code in codes]
    tree = shapely.STRtree(surfaces)
    first, second = tree.query(surfaces, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.length(
        shapely.intersection(
            shapely.boundary([surfaces[i] for i in first]), shapely.boundary([surfaces[i] for i in second])
        )
    )
    kept = shared >= SHORTEST_BORDER_M
    return sorted((codes[a], codes[b]) for a, b in zip(first[kept], second[kept], strict=True))


def joined(outlines: Iterable[Rings]) -> Rings | None:
    """Return the outline around several, None where one of them is not known."""
    listed = list(outlines)
    if not listed or not all(listed):
        return None
    return rings_of(shapely.union_all([polygon_of(rings) for rings in listed]))


def parted(rings: Rings, points: Sequence[tuple[float, float]], parts: Sequence[str]) -> dict[str, Rings]:
    """Part an outline so that each point lies in its part: what is nearest to a point goes with it.

    `parts` names the part of each point. A part without a point is left out of the answer.
    """
    surface = polygon_of(rings)
    named = dict(zip(points, parts, strict=True))  # of two buildings at one place the last counts
    if len(set(named.values())) == 1:
        return {parts[0]: rings}
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(list(named)), extend_to=surface, ordered=True)
    )
    found: dict[str, list[shapely.Geometry]] = {}
    for cell, part in zip(cells, named.values(), strict=True):
        found.setdefault(part, []).append(cell)
    return {
        part: rings_of(shapely.intersection(surface, shapely.union_all(mine))) for part, mine in found.items()
    }
