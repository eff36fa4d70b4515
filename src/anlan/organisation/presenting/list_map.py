"""The map beside a list: how much of the list lies in each area directly below one."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Left
from django.http import QueryDict

from anlan.foundation.actor import Actor
from anlan.organisation.models import Area
from anlan.organisation.presenting.maps import area_feature, shapes_of
from anlan.organisation.queries import areas_below, in_force
from anlan.organisation.rules import digits_below

DARKEST = 4  # of the steps of the map's colours; 0 is for nothing


def area_of_map(actor: Actor, wanted: str) -> str:
    """Return the area a list is narrowed to, or the post's own."""
    return wanted if wanted.isdigit() and actor.ranges.covers(wanted) else actor.area_code


def counts_below(rows: QuerySet[Any], area_code: str) -> dict[str, int]:
    """Return how many rows lie in each area directly below, by its code; of the lowest, in itself."""
    below = Left("area_code", digits_below(area_code))
    return dict(rows.order_by().values_list(below).annotate(count=Count("pk")))


def counted_features(
    counts: Mapping[str, int],
    *,
    area_code: str,
    query: QueryDict,
    words: Callable[[int], str],
    now: datetime,
    only: Collection[str] | None = None,
) -> list[dict[str, Any]]:
    """Return GeoJSON features of the areas below, each with its number and the list narrowed to it.

    Of the lowest areas it is the area itself. `query` is what the list was asked for; `words` say a number;
    `only` names those the list is narrowed to.
    """
    below = areas_below(area_code, now=now)
    shapes = shapes_of(below if only is None else below.filter(code__in=only))
    is_lowest = not shapes
    if is_lowest:
        shapes = shapes_of(Area.objects.filter(in_force(now), code=area_code))
    most = max((counts.get(shape.area.code, 0) for shape in shapes), default=0)
    return [
        area_feature(
            shape,
            grade=_step(counts.get(shape.area.code, 0), most),
            value_text=words(counts.get(shape.area.code, 0)),
            label=not is_lowest,
            href="" if is_lowest else _narrowed(query, shape.area.code),
        )
        for shape in shapes
    ]


def _step(count: int, most: int) -> int:
    """Return 0 for nothing, else 1 to 4 by the share of the largest number, rounded up."""
    return -(-count * DARKEST // most) if most else 0


def _narrowed(query: QueryDict, code: str) -> str:
    kept = query.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    kept["area"] = code
    return f"?{kept.urlencode()}"
