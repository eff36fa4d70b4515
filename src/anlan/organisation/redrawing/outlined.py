"""Reads outlines out of GeoJSON, in the coordinates they are said to be in, onto the district's plane."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.strict_json import BadJson, parse
from anlan.organisation.models import Area, AreaShape, MapOrigin
from anlan.organisation.queries import in_force
from anlan.organisation.queries.outlines import Rings, polygon_of, rings_of
from anlan.organisation.redrawing.listed import Listed, ListedLine, short_code, shown
from anlan.organisation.redrawing.making import RedrawInvalid
from anlan.organisation.redrawing.plans import NewArea, Plan

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
MOST_FEATURES = 6_000
FARTHEST = 1_000_000  # metres from the origin, or degrees: nothing lies beyond it
# The ellipsoid and eccentricity of the transformation that maps of mainland China are shifted by (GCJ-02).
KRASOVSKY_A, KRASOVSKY_E2 = 6_378_245.0, 0.00669342162296594323
NOT_GEOJSON = _("不是 GeoJSON（FeatureCollection）文件。")
NO_SUCH_AREA = _("没有这个代码的区域")
NO_SURFACE = _("没有面（Polygon 或 MultiPolygon）")
OFF_THE_MAP = _("坐标超出所选坐标系的范围")
TWICE = _("同一代码出现两次")
Point = tuple[float, float]


class Coordinates(models.TextChoices):
    """What the numbers of a file are."""

    GCJ02 = "gcj02", _("经纬度，国测局坐标 GCJ-02（高德、腾讯）")
    WGS84 = "wgs84", _("经纬度，WGS-84（GPS）")
    PLANE = "plane", _("平面米制，与本区地图同一原点")


def read_outlines(
    raw: bytes, *, coordinates: str, district: str, now: datetime
) -> tuple[Listed, Point | None]:
    """Return the plan that gives areas the outlines of a file, feature by feature, and the map's new origin.

    A feature names its area by `code` (or 代码) among its properties. The first file in degrees sets the
    origin of the district's plane, in WGS-84; it is None where there is one. Raises RedrawInvalid.
    """
    features = _features(raw)
    known = {row.code: row for row in Area.objects.filter(in_force(now), code__startswith=district)}
    project, origin = _projection(features, coordinates, district)
    begins: dict[str, NewArea] = {}
    lines = []
    for number, feature in enumerate(features, start=1):
        code = _code_of(feature)
        rings, reason = (None, NO_SUCH_AREA) if code not in known else _outline(feature, project)
        if code in begins:
            rings, reason = None, TWICE
        if rings:
            area = known[code]
            begins[code] = NewArea(code, area.name, area.kind, dict(area.outside_codes), rings)
        lines.append(
            ListedLine(number, shown(code), "renamed" if rings else "rejected", "" if rings else reason)
        )
    return Listed(Plan(begins=tuple(begins.values()), ends=tuple(begins)), tuple(lines)), origin


def wgs84_of(longitude: float, latitude: float) -> Point:
    """Return WGS-84 degrees of a point in GCJ-02, by taking the shift off until it fits (to about 1 cm)."""
    x, y = longitude, latitude
    for _round in range(6):
        shifted_x, shifted_y = gcj02_of(x, y)
        x, y = x + longitude - shifted_x, y + latitude - shifted_y
    return x, y


def gcj02_of(longitude: float, latitude: float) -> Point:
    """Return GCJ-02 degrees of a point in WGS-84 (the published approximation of the official shift)."""
    x, y = longitude - 105.0, latitude - 35.0
    ripple = _wave(x, 20, 6) + _wave(x, 20, 2)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + ripple
    north += _wave(y, 20, 1) + _wave(y, 40, 1 / 3) + _wave(y, 160, 1 / 12) + _wave(y, 320, 1 / 30)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + ripple
    east += _wave(x, 20, 1) + _wave(x, 40, 1 / 3) + _wave(x, 150, 1 / 12) + _wave(x, 300, 1 / 30)
    sine = math.sin(math.radians(latitude))
    magic = 1 - KRASOVSKY_E2 * sine * sine
    root = math.sqrt(magic)
    per_north = math.pi * KRASOVSKY_A * (1 - KRASOVSKY_E2) / (magic * root) / 180
    per_east = math.pi * KRASOVSKY_A / root * math.cos(math.radians(latitude)) / 180
    return longitude + east / per_east, latitude + north / per_north


def _wave(value: float, height: float, times: float) -> float:
    return height * 2 / 3 * math.sin(times * value * math.pi)


def _features(raw: bytes) -> list[Any]:
    try:
        value = parse(raw)
    except BadJson as error:
        raise RedrawInvalid(fields={"file": NOT_GEOJSON}) from error
    features = value.get("features") if isinstance(value, dict) else None
    if not isinstance(features, list) or not 1 <= len(features) <= MOST_FEATURES:
        raise RedrawInvalid(fields={"file": NOT_GEOJSON})
    return features


def _code_of(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return ""
    return short_code(str(properties.get("code") or properties.get("代码") or "").strip())


def _outline(
    feature: dict[str, Any], project: Callable[[Point], Point]
) -> tuple[Rings | None, str | Promise]:
    """Return the rings of a feature on the plane, or why there are none."""
    rings = list(_rings_of(feature.get("geometry")))
    if not rings:
        return None, NO_SURFACE
    try:
        projected = [[list(project(point)) for point in ring] for ring in rings]
    except ValueError:
        return None, OFF_THE_MAP
    found = rings_of(polygon_of(projected))
    return (found, "") if found else (None, NO_SURFACE)


def _rings_of(geometry: Any) -> Iterable[list[Point]]:
    if not isinstance(geometry, dict):
        return
    surfaces = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        surfaces = [surfaces]
    elif geometry.get("type") != "MultiPolygon":
        return
    for surface in surfaces if isinstance(surfaces, list) else ():
        for ring in surface if isinstance(surface, list) else ():
            points = [_point(value) for value in ring] if isinstance(ring, list) else []
            if len(points) >= 4 and all(points):
                yield [point for point in points if point is not None]


def _point(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) < 2:
        return None
    x, y = value[:2]
    is_number = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (x, y))
    return (float(x), float(y)) if is_number and max(abs(x), abs(y)) <= FARTHEST else None


def _projection(
    features: Iterable[Any], coordinates: str, district: str
) -> tuple[Callable[[Point], Point], Point | None]:
    """Return how a point of the file comes onto the plane, and the origin if the file sets it."""
    if coordinates == Coordinates.PLANE:
        return _same, None
    to_degrees = wgs84_of if coordinates == Coordinates.GCJ02 else lambda x, y: (x, y)
    kept = MapOrigin.objects.filter(district_code=district).first()
    if kept is None and AreaShape.objects.filter(area__code__startswith=district).exists():
        raise RedrawInvalid(fields={"coordinates": _("本区已有平面边界而没有经纬度原点，请用平面米制导入。")})
    middle = (kept.longitude, kept.latitude) if kept else to_degrees(*_middle(features))

    def project(point: Point) -> Point:
        _check_degrees(point)
        longitude, latitude = to_degrees(*point)
        east = math.radians(longitude - middle[0]) * math.cos(math.radians(middle[1])) * EARTH_RADIUS_M
        return east, math.radians(latitude - middle[1]) * EARTH_RADIUS_M

    return project, None if kept else middle


def _middle(features: Iterable[Any]) -> Point:
    points = [
        point
        for feature in features
        if isinstance(feature, dict)
        for ring in _rings_of(feature.get("geometry"))
        for point in ring
        if abs(point[0]) <= 180 and abs(point[1]) <= 85
    ]
    if not points:
        raise RedrawInvalid(fields={"file": NO_SURFACE})
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _check_degrees(point: Point) -> None:
    """Raise ValueError for what cannot be degrees of a place in China."""
    if not (72 <= point[0] <= 138 and 0 <= point[1] <= 56):
        raise ValueError


def _same(point: Point) -> Point:
    return point
