"""Gives the areas of a drawn district their codes and names, in reading order from the north-west."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from anlan.exercises.district import geometry, place_names
from anlan.exercises.district.plan import AREA_KIND, AreaPlan, GridPlan, Groups, Layout

VILLAGES = 24  # of the communities, those farthest out
RESERVED_FIRST = 901  # special grids, campus and park take codes from the reserved block
ROW_M = 900.0  # areas within a band this high read from left to right
UNIT_NAMES = {
    "kindergarten": "幼儿园", "primary_school": "小学", "middle_school": "中学", "care_home": "颐养院",
    "market": "农贸市场", "construction_site": "建设工地",
}  # fmt: skip
RESERVED_COMMUNITIES = (("campus", "江城大学"), ("park", "江城产业园"))


def give_codes(layout: Layout, groups: Groups, communities: int, rng: np.random.Generator) -> None:
    """Fill the layout's areas and grids; communities numbered from `communities` up are campus and park."""
    _Naming(layout, groups, communities, rng).name_all()


class _Naming:
    """One pass from the district down to the grids."""

    def __init__(self, layout: Layout, groups: Groups, communities: int, rng: np.random.Generator) -> None:
        self.layout, self.groups, self.communities = layout, groups, communities
        polygons = layout.cells.polygons
        self.grids = geometry.joined(polygons, groups.grid_of_cell, len(groups.use_of_grid))
        count = len(groups.subdistrict_of_community)
        self.community_shapes = geometry.joined(_array(self.grids), groups.community_of_grid, count)
        subdistricts = int(groups.subdistrict_of_community.max()) + 1
        self.subdistrict_shapes = geometry.joined(
            _array(self.community_shapes), groups.subdistrict_of_community, subdistricts
        )
        self.names = [str(name) for name in rng.permutation(place_names.COMMUNITIES)]
        self.villages = set(_farthest(self.community_shapes[:communities], VILLAGES))
        self.hospitals = 0

    def name_all(self) -> None:
        """Name the district and all below."""
        whole = shapely.coverage_union_all(_array(self.subdistrict_shapes))
        self._add(self.layout.code, "administrative", place_names.DISTRICT, whole)
        names = _subdistrict_names(self.subdistrict_shapes)
        for position, index in enumerate(_reading_order(self.subdistrict_shapes)):
            code = f"{self.layout.code}{position + 1:03d}"
            self._add(code, "administrative", names[index] + "街道", self.subdistrict_shapes[index])
            self._name_communities(code, index)

    def _name_communities(self, code: str, subdistrict: int) -> None:
        own = np.flatnonzero(self.groups.subdistrict_of_community == subdistrict).tolist()
        plain = [index for index in own if index < self.communities]
        for position, index in enumerate(_reading_order(self.community_shapes, plain)):
            name, use = self.names.pop(), "village" if index in self.villages else "residential"
            full_name = name + ("村" if use == "village" else "社区")
            self._name_community(f"{code}{position + 1:03d}", index, full_name, name, use)
        for position, index in enumerate(index for index in own if index >= self.communities):
            use, name = RESERVED_COMMUNITIES[index - self.communities]
            self._name_community(f"{code}{RESERVED_FIRST + position}", index, name, name, use)

    def _name_community(self, code: str, community: int, name: str, short_name: str, use: str) -> None:
        self._add(code, use, name, self.community_shapes[community])
        own = np.flatnonzero(self.groups.community_of_grid == community).tolist()
        plain = [index for index in own if self.groups.use_of_grid[index] not in AREA_KIND]
        for position, index in enumerate(_reading_order(self.grids, plain)):
            title = f"{short_name}第{place_names.ordinal(position + 1)}网格"
            self._add_grid(f"{code}{position + 1:03d}", index, title, use)
        special = [index for index in own if index not in plain]
        for position, index in enumerate(special):
            unit = self.groups.use_of_grid[index]
            self._add_grid(
                f"{code}{RESERVED_FIRST + position}", index, self._unit_name(short_name, unit), unit
            )

    def _unit_name(self, short_name: str, unit: str) -> str:
        if unit != "hospital":
            return short_name + UNIT_NAMES[unit]
        self.hospitals += 1
        return f"{place_names.DISTRICT}第{place_names.ordinal(self.hospitals)}医院"

    def _add_grid(self, code: str, index: int, name: str, use: str) -> None:
        self._add(code, AREA_KIND.get(use, use), name, self.grids[index])
        cells = np.flatnonzero(self.groups.grid_of_cell == index)
        middle = self.layout.cells.centres[cells].mean(axis=0)
        self.layout.grids.append(GridPlan(code, use, name, cells, float(middle[0]), float(middle[1])))

    def _add(self, code: str, kind: str, name: str, shape: shapely.Polygon) -> None:
        self.layout.areas.append(AreaPlan(code, kind, name, shape, geometry.label_point(shape)))


def _array(shapes: Sequence[shapely.Polygon]) -> geometry.Polygons:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _middles(shapes: Sequence[shapely.Polygon]) -> geometry.Floats:
    middles: geometry.Floats = shapely.get_coordinates(shapely.centroid(_array(shapes)))
    return middles


def _reading_order(shapes: Sequence[shapely.Polygon], chosen: Iterable[int] | None = None) -> list[int]:
    middles = _middles(shapes)
    indices = range(len(shapes)) if chosen is None else chosen
    return sorted(indices, key=lambda index: (-(middles[index][1] // ROW_M), middles[index][0]))


def _farthest(shapes: Sequence[shapely.Polygon], count: int) -> list[int]:
    far = np.linalg.norm(_middles(shapes) / [geometry.HALF_WIDTH_M, geometry.HALF_HEIGHT_M], axis=1)
    return [int(index) for index in np.argsort(-far)[:count]]


def _subdistrict_names(shapes: Sequence[shapely.Polygon]) -> dict[int, str]:
    """Name the outermost after the points of the compass and the middle one after its hill."""
    middles = _middles(shapes)
    ranks = {
        "middle": np.linalg.norm(middles, axis=1),
        "east": -middles[:, 0],
        "west": middles[:, 0],
        "north": -middles[:, 1],
        "south": middles[:, 1],
    }
    names: dict[int, str] = {}
    for direction, rank in ranks.items():
        best = next(int(index) for index in np.argsort(rank) if int(index) not in names)
        names[best] = place_names.BY_DIRECTION[direction]
    spare = iter(place_names.OTHER_SUBDISTRICTS)
    for index in range(len(shapes)):
        if index not in names:
            names[index] = next(spare)
    return names
