"""How a redraw is put before people: what moves, whom it concerns, what is missing afterwards."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.audit_words import SUBJECTS
from anlan.organisation.actions.redraws import Preview
from anlan.organisation.models import Area, Post, Redraw
from anlan.organisation.presenting import area_lines
from anlan.organisation.queries import area_names, areas_below, in_force, may_manage, with_holders
from anlan.organisation.queries.redraws import posts_at
from anlan.organisation.redrawing.plans import Plan
from anlan.organisation.rules import AreaLevel, RedrawKind, RedrawState, kinds_for, level_of

POSTS_NAMED = 60
NO_PATCH = _("不归片")  # from or to, of a grid in a patch


@dataclass(frozen=True, slots=True)
class MoveLine:
    """How many rows of one kind go from one area to another."""

    what: str | Promise
    count: int
    from_name: str | Promise
    to_name: str | Promise


@dataclass(frozen=True, slots=True)
class AreaChange:
    """An area that begins, ends or goes on changed."""

    code: str
    name: str
    level: str


KIND_WORDS = {
    RedrawKind.SPLIT: _("一个区域分成两个或更多"),
    RedrawKind.MERGE: _("旁边的区域并进来，合为一个"),
    RedrawKind.REDRAW: _("把部分楼栋、单位或下级区域划给旁边的区域"),
    RedrawKind.RENAME: _("代码不变，只换名称"),
    RedrawKind.MOVE: _("连同下级一起改到另一个上级"),
    RedrawKind.RECODE: _("上级不变，换一个代码"),
    RedrawKind.FOUND: _("在下一级新设区域，如专属网格、微网格"),
}


@dataclass(frozen=True, slots=True)
class KindOffered:
    """Something that may be done to an area, in words."""

    value: str
    label: str
    words: str | Promise


def kinds_offered(area: Area) -> list[KindOffered]:
    """Return what may be done to an area of this level, in words."""
    return [KindOffered(kind.value, str(kind.label), KIND_WORDS[kind]) for kind in kinds_for(area.level)]


def import_title(what: str, count: int) -> str:
    """Return the title of what a file would change, in the language of the place."""
    return f"导入 {count} 个区域的边界" if what == "outlines" else f"按代码清单改动 {count} 个区域"


def seen_mark(plan: Plan) -> str:
    """Return a short mark of a plan, by which a form tells that it was this one somebody looked at."""
    return sha256(repr(plan.as_json()).encode()).hexdigest()[:16]


def preview_context(preview: Preview, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a preview: counts by kind, areas, posts concerned, grids nobody answers for."""
    plan = preview.plan
    names = area_names(plan.touched, now=now) | {area.code: area.name for area in plan.begins}
    return {
        "title": preview.title,
        "moves": _moves(preview, names),
        "total": sum(preview.found.counts.values()),
        "twice": sum(preview.found.refused.values()),
        "gone": preview.gone,
        **changes_of(plan, names),
        "posts": _posts_concerned(plan, now),
        "seen": seen_mark(plan),
        "without": "、".join(area.name for area in plan.begins if _needs_somebody(area.code, preview)),
    }


def changes_of(plan: Plan, names: dict[str, str]) -> dict[str, list[AreaChange]]:
    """Return which areas begin, which end for good, and which go on with another name or outline."""
    begins = {area.code: area.name for area in plan.begins}
    again = [code for code in begins if code not in plan.begins_anew]
    return {
        "begins": [_change(code, begins[code]) for code in plan.begins_anew],
        "ends": [_change(code, names.get(code, code)) for code in plan.ends_for_good],
        "changes": [_change(code, begins[code]) for code in again],
    }


def _change(code: str, name: str) -> AreaChange:
    return AreaChange(code, name, str(AreaLevel(level_of(code)).label))


def _moves(preview: Preview, names: dict[str, str]) -> list[MoveLine]:
    """Return what moves by kind and way; search tokens and the like, which only go along, are left out."""
    return [
        MoveLine(SUBJECTS[label], count, names.get(old, old) or NO_PATCH, names.get(new, new) or NO_PATCH)
        for (label, old, new), count in preview.found.ways.items()
        if label in SUBJECTS
    ]


def _posts_concerned(plan: Plan, now: datetime) -> list[Post]:
    """Return the posts at the areas touched, with their holders: their rights change with the borders."""
    posts = Post.objects.filter(in_force(now), area_code__in=plan.touched).order_by(
        "area_code", "title", "pk"
    )
    return list(with_holders(posts, now=now)[:POSTS_NAMED])


def _needs_somebody(code: str, preview: Preview) -> bool:
    """Say whether a grid is new and no post goes there: somebody has to be appointed."""
    if code not in preview.plan.begins_anew or level_of(code) != AreaLevel.GRID:
        return False
    return not any(label == "organisation.Post" and new == code for label, _old, new in preview.found.ways)


def redraw_context(actor: Actor, redraw: Redraw, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a redraw's page."""
    plan = Plan.from_json(redraw.plan)
    codes = {*plan.touched, redraw.area_code}
    ever = Area.objects.filter(code__in=codes).order_by("starts_at").values_list("code", "name")
    names = dict(ever) | area_names(codes, now=now)
    undone_by = redraw.undone_by.filter(state__in=[RedrawState.DONE, RedrawState.PLANNED]).first()
    manages = may_manage(actor, redraw.area_code)
    stands = redraw.state == RedrawState.DONE and redraw.kind != RedrawKind.UNDO
    return {
        "redraw": redraw,
        "place": names.get(redraw.area_code, redraw.area_code),
        "counts": [
            (SUBJECTS[label], count) for label, count in sorted(redraw.counts.items()) if label in SUBJECTS
        ],
        **changes_of(plan, names),
        "undone_by": undone_by,
        "may_undo": manages and stands and undone_by is None,
        "may_withdraw": manages and redraw.state in {RedrawState.DRAFT, RedrawState.PLANNED},
        "may_confirm": manages and redraw.state == RedrawState.DRAFT,
        "rejected": redraw.plan.get("rejected", ()),
        "same": redraw.plan.get("same", 0),
        "is_due": redraw.state == RedrawState.PLANNED and redraw.takes_effect_at <= now,
    }


def then_context(area: Area, *, at: datetime) -> dict[str, Any]:
    """Return an area as it stood at a moment: what lay below it and who held its posts."""
    return {
        "area": area,
        "at": at,
        "below": area_lines(areas_below(area.code, now=at), now=at),
        "posts": list(with_holders(posts_at(area.code, at=at), now=at).order_by("title", "pk")),
    }
