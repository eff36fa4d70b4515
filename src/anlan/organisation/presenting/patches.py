"""How patches (片) are put before people: as lines of a list, one patch with its grids, how it came about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.ports import ports
from anlan.organisation.models import Appointment, Area, Member, Patch, Post
from anlan.organisation.presenting import Crumbs, crumbs_of
from anlan.organisation.presenting.mechanisms import openable
from anlan.organisation.queries import (
    access_area_even_ended,
    area_names,
    areas_above,
    may_manage,
    with_holders,
)
from anlan.organisation.queries.mechanisms import address_of
from anlan.organisation.queries.patches import (
    grids_in,
    grids_of_community,
    joined_and_left,
    last_grids,
    patch_of,
    patches_at,
    patches_of,
)
from anlan.organisation.rules import AreaLevel

NARROWED_TO_IT = (  # lists that take a patch for an area
    ("liaison", _("联系到户"), "walk"),
    ("people", _("居民"), "users"),
    ("key_people", _("重点人群"), "heart"),
)


@dataclass(frozen=True, slots=True)
class GridLine:
    """A grid of a patch; how many households and residents, None for a post that may not know."""

    code: str
    name: str
    households: int | None
    residents: int | None


@dataclass(frozen=True, slots=True)
class PatchLine:
    """A patch as a row of a list."""

    row: Patch
    place: str
    grids: tuple[GridLine, ...]
    holders: tuple[Member, ...]  # of the post that heads it

    @property
    def households(self) -> int | None:
        """Return how many households its grids have."""
        return _sum(grid.households for grid in self.grids)

    @property
    def residents(self) -> int | None:
        """Return how many residents its grids have."""
        return _sum(grid.residents for grid in self.grids)


@dataclass(frozen=True, slots=True)
class Turn:
    """Which grids came into a patch, or left it, at one moment."""

    when: datetime
    what: str | Promise
    names: str


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def patch_lines(
    actor: Actor, patches: Iterable[Patch], *, now: datetime, at: datetime | None = None
) -> list[PatchLine]:
    """Return patches as rows: with the grids they have, or had at a moment, of which nothing is counted."""
    rows = list(patches)
    codes_of = grids_in(rows, at=at)
    every = {code for codes in codes_of.values() for code in codes}
    names = area_names(every | {row.area_code for row in rows}, now=at or now)
    counts = {} if at else ports().grid_totals(actor, every)
    heads = _holders([row.head_id for row in rows if row.head_id], now=at or now)
    return [
        PatchLine(
            row=row,
            place=names.get(row.area_code, row.area_code),
            grids=tuple(_grid(code, names, counts.get(code)) for code in codes_of[row.pk]),
            holders=heads.get(row.head_id, ()),
        )
        for row in rows
    ]


def _grid(code: str, names: dict[str, str], counts: tuple[int, int] | None) -> GridLine:
    households, residents = counts or (None, None)
    return GridLine(code, names.get(code, code), households, residents)


def _holders(posts: Iterable[Any], *, now: datetime) -> dict[Any, tuple[Member, ...]]:
    found = {}
    for post in with_holders(Post.objects.filter(pk__in=list(posts)), now=now):
        held: list[Appointment] = getattr(post, "held")  # noqa: B009 - by with_holders
        found[post.pk] = tuple(row.member for row in held)
    return found


def patch_context(actor: Actor, patch: Patch, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a patch's page; of one that ended, the grids it had to the end."""
    area = access_area_even_ended(actor, patch.area_code, now=now)
    [line] = patch_lines(actor, [patch], now=now)
    turns, names = _turns(patch, now)
    ended_with = [GridLine(code, names.get(code, code), None, None) for code in last_grids(patch)]
    return {
        "patch": patch,
        "line": line,
        "grids": ended_with if patch.ends_at else line.grids,
        "crumbs": _crumbs(area, patch, now),
        "area": area,
        "turns": turns,
        "manages": may_manage(actor, patch.area_code),
        "narrowed": [] if patch.ends_at else _links(actor, patch),
    }


def _crumbs(area: Area, patch: Patch, now: datetime) -> Crumbs:
    way = crumbs_of(area, areas_above(area.code, now=now))
    return [*way, {"label": patch.name, "href": reverse("patch", args=[patch.pk])}]


def _links(actor: Actor, patch: Patch) -> list[tuple[str, str | Promise, str]]:
    """Return the lists this post may open, narrowed to the patch, if it lies in the post's ranges."""
    if not actor.ranges.covers(patch.area_code):
        return []
    addresses = (
        (openable(actor, address_of(page, (), actor)), words, icon) for page, words, icon in NARROWED_TO_IT
    )
    return [(f"{address}?area={patch.pk}", words, icon) for address, words, icon in addresses if address]


def _turns(patch: Patch, now: datetime) -> tuple[list[Turn], dict[str, str]]:
    """Return who came and left, the latest first, and the last name of each grid there ever was in it."""
    rows = list(joined_and_left(patch))
    ever = Area.objects.filter(code__in={row.code for row in rows}).order_by("starts_at")
    names = dict(ever.values_list("code", "name"))
    moments = [(row.starts_at, True, row.code) for row in rows]
    moments += [(row.ends_at, False, row.code) for row in rows if row.ends_at]
    turns = [
        Turn(when, _("归入") if came else _("移出"), "、".join(names.get(row[-1], row[-1]) for row in part))
        for (when, came), part in groupby(sorted(moments), key=lambda moment: moment[:2])
    ]
    return turns[::-1], names


def patches_then(actor: Actor, area: Area, *, at: datetime) -> list[PatchLine]:
    """Return the patches that a community had at a moment, each with its grids of then."""
    return patch_lines(actor, patches_at(area.code, at=at), now=at, at=at)


def patches_beside(actor: Actor, area: Area, *, now: datetime) -> dict[str, Any]:
    """Return what an area's page shows of patches: of a community all, and what is in none; a grid's own."""
    if area.ends_at is not None or area.level not in {AreaLevel.COMMUNITY, AreaLevel.GRID}:
        return {}
    if area.level == AreaLevel.GRID:
        return {"own_patch": patch_of(area.code)}
    lines = patch_lines(actor, patches_of(area.code), now=now)
    grouped = {grid.code for line in lines for grid in line.grids}
    grids = grids_of_community(area.code).exclude(code__in=grouped) if lines else ()
    return {"has_patches": True, "patches": lines, "ungrouped": [grid.name for grid in grids]}
