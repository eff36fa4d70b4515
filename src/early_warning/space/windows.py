"""The groups of areas a scan may report: circles on a map, or connected pieces of a neighbour graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CENTRES_AT_ONCE = 256  # distances held in memory: this many rows, not areas squared


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows of area numbers; every beginning of a row is one window.

    `order` is (rows, longest), nearest area first, -1 after a row's end; `length` is (rows,).
    """

    order: NDArray[np.int32]
    length: NDArray[np.int32]
    areas: int

    @property
    def count(self) -> int:
        """Return how many windows there are."""
        return int(self.length.sum())

    def members(self, row: int, size: int) -> tuple[int, ...]:
        """Return the areas of the window made of the first `size` areas of a row."""
        return tuple(int(area) for area in self.order[row, :size])


def circles(
    x: ArrayLike,
    y: ArrayLike,
    population: ArrayLike,
    *,
    max_share: float = 0.5,
    max_areas: int | None = None,
) -> Windows:
    """Grow a circle around each area until it holds `max_share` of the population or `max_areas` areas.

    Coordinates are planar (project longitude and latitude first). Equal distances enter by area number.
    """
    points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    people = np.asarray(population, float)
    areas = len(points)
    if people.shape != (areas,):
        raise ValueError(f"population has shape {people.shape}, but there are {areas} areas")
    if not np.isfinite(points).all():
        raise ValueError("coordinates must be finite")
    if not (np.isfinite(people).all() and (people >= 0).all() and people.sum() > 0):
        raise ValueError("population must be finite, not negative, and not zero everywhere")
    if not 0 < max_share <= 1:
        raise ValueError("max_share must be above 0 and at most 1")
    longest = areas if max_areas is None else min(max_areas, areas)
    order = np.empty((areas, longest), np.int32)
    length = np.empty(areas, np.int32)
    limit = max_share * people.sum()
    for first in range(0, areas, CENTRES_AT_ONCE):
        centres = slice(first, min(first + CENTRES_AT_ONCE, areas))
        distance = ((points[centres, None, :] - points[None, :, :]) ** 2).sum(axis=2)
        rows = np.arange(centres.stop - first)
        distance[rows, first + rows] = -1.0  # the centre comes first even among areas at its own place
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :longest]
        order[centres] = nearest
        length[centres] = (np.cumsum(people[nearest], axis=1) <= limit).sum(axis=1)
    return Windows(*_trimmed(order, length), areas)


def connected(neighbours: Sequence[Sequence[int]], *, max_areas: int) -> Windows:
    """Grow connected groups over a neighbour graph, ring by ring, up to `max_areas` areas.

    There is one row for each area and each of its neighbours, so every single area and every bordering
    pair is a window. `neighbours[i]` lists the areas that border area i.
    """
    areas = len(neighbours)
    linked: list[set[int]] = [set() for _ in range(areas)]
    for area, others in enumerate(neighbours):
        for other in others:
            if not 0 <= other < areas:
                raise ValueError(f"area {area} names neighbour {other}, but there are {areas} areas")
            if other != area:
                linked[area].add(int(other))
                linked[other].add(area)
    borders = [sorted(others) for others in linked]
    rows = [
        _breadth_first(start, borders, max_areas)
        for area in range(areas)
        for start in ([[area, other] for other in borders[area]] or [[area]])
    ]
    longest = max((len(row) for row in rows), default=0)
    order = np.full((len(rows), longest), -1, np.int32)
    for number, row in enumerate(rows):
        order[number, : len(row)] = row
    return Windows(order, np.array([len(row) for row in rows], np.int32), areas)


def _breadth_first(start: list[int], borders: list[list[int]], max_areas: int) -> list[int]:
    row, seen = list(start), set(start)
    waiting = deque(start)
    while waiting and len(row) < max_areas:
        for other in borders[waiting.popleft()]:
            if other not in seen:
                seen.add(other)
                row.append(other)
                waiting.append(other)
    return row[:max_areas]


def _trimmed(
    order: NDArray[np.int32], length: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    order = np.ascontiguousarray(order[:, : max(1, int(length.max(initial=0)))])
    order[np.arange(order.shape[1])[None, :] >= length[:, None]] = -1
    return order, length
