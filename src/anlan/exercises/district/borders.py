"""Which areas border on each other: those whose polygons share a border of some length."""

from collections.abc import Mapping

import shapely

SHORTEST_BORDER_M = 1.0  # areas that touch in a corner are no neighbours


def bordering(shapes: Mapping[str, shapely.Geometry]) -> list[tuple[str, str]]:
    """Return each pair of codes, the smaller first, whose polygons share at least a metre of border."""
    codes = sorted(shapes)
    polygons = [shapes[code] for code in codes]
    tree = shapely.STRtree(polygons)
    first, second = tree.query(polygons, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.length(
        shapely.intersection(
            shapely.boundary([polygons[i] for i in first]), shapely.boundary([polygons[i] for i in second])
        )
    )
    kept = shared >= SHORTEST_BORDER_M
    return sorted((codes[a], codes[b]) for a, b in zip(first[kept], second[kept], strict=True))
