"""How areas are put before people: crumbs, neighbours, the parts of an area's page, shapes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse

from anlan.foundation.actor import Actor
from anlan.organisation.models import Appointment, Area, AreaShape, Member, Post, Redraw
from anlan.organisation.presenting.maps import area_feature, shapes_of
from anlan.organisation.queries import (
    area_names,
    areas_above,
    areas_below,
    building_count,
    in_force,
    links_of,
    may_manage,
    neighbours_of,
    staffing,
    visible_facilities,
)
from anlan.organisation.rules import AreaLevel, LinkKind
from anlan.organisation.words import area_kind_words, facility_kind_words, in_words

LISTED = 60  # grids without anybody, on one page
FACILITIES_NAMED = 15  # beyond it they are counted by kind
Crumbs = list[dict[str, str]]


def crumbs_of(area: Area, above: Iterable[Area]) -> Crumbs:
    """Return the way from the district down to the area."""
    return [{"label": one.name, "href": reverse("area", args=[one.code])} for one in (*above, area)]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An area that concerns this one: it borders on it, or a link was declared."""

    code: str
    name: str
    is_border: bool
    reason: str
    link_id: Any  # of a declared link the actor may end


def neighbours_shown(actor: Actor, area: Area, *, now: datetime) -> list[Neighbour]:
    """Return the neighbours by name, borders first."""
    links = list(links_of(area.code, now=now))
    others = {link.pk: link.high_code if link.low_code == area.code else link.low_code for link in links}
    names = area_names(others.values(), now=now)
    shown = [
        Neighbour(
            code=others[link.pk],
            name=names[others[link.pk]],
            is_border=link.kind == LinkKind.BORDER,
            reason=link.reason,
            link_id=link.pk if _may_end(actor, link.kind, area.code, others[link.pk]) else None,
        )
        for link in links
        if others[link.pk] in names
    ]
    return sorted(shown, key=lambda one: (not one.is_border, one.code))


def _may_end(actor: Actor, kind: str, code: str, other: str) -> bool:
    return kind == LinkKind.DECLARED and (may_manage(actor, code) or may_manage(actor, other))


def area_context(actor: Actor, area: Area, *, now: datetime) -> dict[str, Any]:
    """Return all parts of an area's page."""
    above = areas_above(area.code, now=now)
    below = list(areas_below(area.code, now=now))
    holds_grids = area.level in {AreaLevel.DISTRICT, AreaLevel.SUBDISTRICT, AreaLevel.COMMUNITY}
    arrangement = staffing.arrangement_in_force()
    unstaffed = list(staffing.grids_without_responsible(area.code, arrangement, now=now))
    shifts = staffing.duty_now(area.code, now=now)
    kind = arrangement.kinds.get(area.kind)
    return {
        "area": area,
        "crumbs": crumbs_of(area, above),
        "kind": in_words(kind.title if kind else None, area.kind),
        "levels": staffing.staff_by_level(area, above, arrangement, now=now),
        "below": staffing.areas_below_counted(below, unstaffed, now=now) if holds_grids else [],
        "figures": _figures(actor, area, len(unstaffed), now),
        "unstaffed": unstaffed[:LISTED] if holds_grids else [],
        "neighbours": neighbours_shown(actor, area, now=now),
        "facilities": _facilities(actor, area, now),
        "cdc": staffing.cdc_contact(area.code, shifts, now=now),
        "shifts": shifts,
        "manages": may_manage(actor, area.code),
        "is_inside": actor.ranges.covers(area.code),
        "sees_sizes": actor.has_purpose("org", "lead"),
    }


def _figures(actor: Actor, area: Area, unstaffed_count: int, now: datetime) -> dict[str, int | None]:
    below = Area.objects.filter(in_force(now), code__startswith=area.code).exclude(code=area.code)
    counts = Counter(dict(below.values_list("level").annotate(Count("pk")).order_by()))
    inside = actor.ranges.covers(area.code)
    return {
        "subdistricts": counts[AreaLevel.SUBDISTRICT],
        "communities": counts[AreaLevel.COMMUNITY],
        "grids": counts[AreaLevel.GRID],
        "buildings": building_count(actor, area.code, now=now) if inside else None,
        "unstaffed": unstaffed_count,
    }


def _facilities(actor: Actor, area: Area, now: datetime) -> list[dict[str, Any]]:
    """Return the facilities one by one where they are few, else how many there are of each kind."""
    kinds = facility_kind_words()
    rows = list(visible_facilities(actor, area.code, now=now))
    if len(rows) > FACILITIES_NAMED:
        counts = Counter(row.kind for row in rows)
        return [{"name": kinds.get(kind, kind), "count": count} for kind, count in counts.most_common()]
    return [{"name": row.name, "note": _note(kinds.get(row.kind, row.kind), row.address)} for row in rows]


def _note(kind: str, address: str) -> str:
    return f"{kind} · {address}" if address else kind


def map_features(area: Area, *, now: datetime) -> list[dict[str, Any]]:
    """Return GeoJSON features: the areas directly below; where there are none, it and its neighbours."""
    inside = shapes_of(areas_below(area.code, now=now))
    if inside:
        outline = AreaShape.objects.filter(area=area).select_related("area")
        return [_feature(shape) for shape in inside] + [_feature(shape, outline=True) for shape in outline]
    around = [code for code, _kind in neighbours_of(area.code, now=now)]
    shapes = shapes_of(Area.objects.filter(in_force(now), code__in=[area.code, *around]))
    around_first = sorted(shapes, key=lambda shape: shape.area.code == area.code)  # the own edge lies on top
    return [_feature(shape, own=shape.area.code == area.code) for shape in around_first]


def _feature(shape: AreaShape, *, outline: bool = False, own: bool = False) -> dict[str, Any]:
    href = reverse("area", args=[shape.area.code])
    return area_feature(shape, href=href, label=not outline, outline=outline, own=own, plain=True)


@dataclass(frozen=True, slots=True)
class PostLine:
    """One post as a row of the list."""

    post: Post
    place: str
    unit: str
    holders: tuple[Member, ...]


def post_lines(posts: Iterable[Post], *, now: datetime) -> list[PostLine]:
    """Return the rows of the list; the posts come from `with_holders`."""
    shown = list(posts)
    names = area_names({post.area_code for post in shown}, now=now)
    lines = []
    for post in shown:
        held: list[Appointment] = getattr(post, "held")  # noqa: B009 - by with_holders
        place = names.get(post.area_code, post.area_code)
        unit = post.facility.name if post.facility else ""
        lines.append(PostLine(post, place, unit, tuple(row.member for row in held)))
    return lines


def area_lines(areas: Iterable[Area], *, now: datetime) -> list[tuple[Area, str, str]]:
    """Return areas as rows, each with its kind and the name of the area above."""
    rows = list(areas)
    parents = area_names({row.parent_code for row in rows}, now=now)
    kinds = area_kind_words()
    return [(row, kinds.get(row.kind, row.kind), parents.get(row.parent_code, "")) for row in rows]


@dataclass(frozen=True, slots=True)
class RedrawLine:
    """A redraw as a row of the list."""

    row: Redraw
    place: str
    when: datetime


def redraw_lines(rows: Iterable[Redraw], *, now: datetime) -> list[RedrawLine]:
    """Return redraws as rows, each with the area around it."""
    listed = list(rows)
    names = area_names({row.area_code for row in listed}, now=now)
    return [
        RedrawLine(row, names.get(row.area_code, row.area_code), row.done_at or row.takes_effect_at)
        for row in listed
    ]
