"""Gives the areas of a drawn district their codes and names, in reading order from the north-west."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from anlan.exercises.district import geometry, place_names
from anlan.exercises.district.plan import AREA_KIND, AreaPlan, GridPlan, Groups, Layout
from anlan.exercises.pack import Institution, TownNames

RESERVED_FIRST = 901  # special grids, campus and park take codes from the reserved block
ROW_M = 900.0  # areas within a band this high read from left to right


def give_codes(layout: Layout, groups: Groups, rng: np.random.Generator) -> None:
    """Fill the layout's areas and grids; the communities after the ordinary ones are the reserved ones."""
    _Naming(layout, groups, rng).name_all()


class _Naming:
    """One pass from the district down to the grids."""

    def __init__(self, layout: Layout, groups: Groups, rng: np.random.Generator) -> None:
        self.layout, self.groups, self.place = layout, groups, layout.place
        self.communities = layout.place.ordinary_communities
        polygons = layout.cells.polygons
        self.grids = geometry.joined(polygons, groups.grid_of_cell, len(groups.use_of_grid))
        count = len(groups.subdistrict_of_community)
        self.community_shapes = geometry.joined(_array(self.grids), groups.community_of_grid, count)
        subdistricts = int(groups.subdistrict_of_community.max()) + 1
        self.subdistrict_shapes = geometry.joined(
            _array(self.community_shapes), groups.subdistrict_of_community, subdistricts
        )
        self.names = [str(name) for name in rng.permutation(place_names.community_names(self.place))]
        self.villages = self._villages()
        self.named = Counter[str]()

    def _villages(self) -> set[int]:
        """Return the communities that are villages: all outside the county town, else those farthest out."""
        if self.place.county_town:
            return set(range(self.communities)) - self.groups.town
        return set(_farthest(self.community_shapes[: self.communities], self.place.villages))

    def name_all(self) -> None:
        """Name the district and all below."""
        whole = shapely.coverage_union_all(_array(self.subdistrict_shapes))
        self._add(self.layout.code, "administrative", self.place.name, whole)
        names = _subdistrict_names(self.subdistrict_shapes, self.place.town_names)
        for position, index in enumerate(_reading_order(self.subdistrict_shapes)):
            code = f"{self.layout.code}{position + 1:03d}"
            self._add(code, "administrative", names[index], self.subdistrict_shapes[index])
            self._name_communities(code, index)

    def _name_communities(self, code: str, subdistrict: int) -> None:
        own = np.flatnonzero(self.groups.subdistrict_of_community == subdistrict).tolist()
        plain = [index for index in own if index < self.communities]
        for position, index in enumerate(_reading_order(self.community_shapes, plain)):
            name, use = self.names.pop(), "village" if index in self.villages else "residential"
            full_name = name + ("村" if use == "village" else "社区")
            self._name_community(f"{code}{position + 1:03d}", index, full_name, name, use)
        for position, index in enumerate(index for index in own if index >= self.communities):
            row = self.place.reserved[index - self.communities]
            self._name_community(f"{code}{RESERVED_FIRST + position}", index, row.name, row.name, row.use)

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
            title = self._unit_name(name, short_name, self.groups.institution_of_grid[index])
            self._add_grid(f"{code}{RESERVED_FIRST + position}", index, title, unit)

    def _unit_name(self, area: str, short_name: str, line: Institution) -> str:
        self.named[line.key] += 1
        return place_names.unit_name(line, self.named[line.key], self.place.name, area, short_name)

    def _add_grid(self, code: str, index: int, name: str, use: str) -> None:
        self._add(code, AREA_KIND.get(use, use), name, self.grids[index])
        cells = np.flatnonzero(self.groups.grid_of_cell == index)
        middle = self.layout.cells.centres[cells].mean(axis=0)
        line = self.groups.institution_of_grid.get(index)
        self.layout.grids.append(GridPlan(code, use, name, cells, float(middle[0]), float(middle[1]), line))

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


def _subdistrict_names(shapes: Sequence[shapely.Polygon], said: TownNames) -> dict[int, str]:
    """Name the middle one and the outermost as the place says, the others in turn."""
    middles = _middles(shapes)
    ranks = (
        (said.middle, np.linalg.norm(middles, axis=1)),
        (said.east, -middles[:, 0]),
        (said.west, middles[:, 0]),
        (said.north, -middles[:, 1]),
        (said.south, middles[:, 1]),
    )
    names: dict[int, str] = {}
    for name, rank in ranks:
        best = next(int(index) for index in np.argsort(rank) if int(index) not in names)
        names[best] = name + said.ending
    spare = iter(said.others)
    for index in range(len(shapes)):
        if index not in names:
            names[index] = next(spare) + said.ending
    return names
