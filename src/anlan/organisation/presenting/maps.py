"""Areas as the maps of pages take them (frontend/src/shapes.ts): a GeoJSON feature each, and the answer."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import JsonResponse

from anlan.organisation.models import Area, AreaShape


def shapes_of(areas: QuerySet[Area]) -> list[AreaShape]:
    """Return the shapes of areas that have one, in the order of their codes."""
    rows = AreaShape.objects.filter(area__in=areas.order_by()).select_related("area")
    return list(rows.order_by("area__code"))


def area_feature(shape: AreaShape, **facts: Any) -> dict[str, Any]:
    """Return an area as a feature with what the map is to say of it."""
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": shape.rings},
        "properties": {"code": shape.area.code, "name": shape.area.name, **facts},
    }


def map_answer(features: Iterable[dict[str, Any]]) -> JsonResponse:
    """Answer features as one collection."""
    return JsonResponse({"type": "FeatureCollection", "features": list(features)})
