"""What tests of redraws need: to order one, and to write down where everything lies."""

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.foundation.scoped_models import UNSCOPED, scoped_models
from anlan.organisation.actions.redraws import order_redraw, undo_redraw
from anlan.organisation.models import Area, AreaLink, AreaShape, Patch, PatchGrid, Post, PostRange, Redraw
from anlan.organisation.queries import in_force
from anlan.organisation.redrawing.making import Part
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from tests.world import DISTRICT, GRID_A, World

HISTORY = {  # what a redraw and its undo leave behind, and the roll-ups, which are made anew
    "foundation.AuditEntry", "foundation.Fact", "organisation.Redraw", "surveillance.DailyCount",
    "people.GridTotal", "people.LineCount", "people.LineLoad", "people.Recount",
}  # fmt: skip


def wished(world: World, handle: str, wish: Wish, *, at: datetime | None = None) -> Redraw:
    """Let somebody order a redraw for now, or for a moment, and return it."""
    actor = world.actor(handle)
    with transaction.atomic(), scope(actor):
        return order_redraw(
            actor=actor,
            wish=wish,
            reason="网格规模调整",
            redraw_id=new_id(),
            now=utc_now(),
            takes_effect_at=at,
        )


def undone(world: World, handle: str, redraw: Redraw) -> Redraw:
    """Let somebody take a redraw back and return the redraw that does it."""
    actor = world.actor(handle)
    with transaction.atomic(), scope(actor):
        redraw.refresh_from_db()
        return undo_redraw(
            actor=actor,
            redraw_id=redraw.pk,
            undo_id=new_id(),
            expected_version=redraw.version,
            reason="调整有误",
            now=utc_now(),
        )


def split_off(code: str, *, keeps: str, new: str, **goes: Any) -> Wish:
    """Return the wish that parts an area in two: what keeps its code, and a new one with what goes."""
    parts = (Part(code=code, name=keeps), Part(name=new, **goes))
    return Wish(kind=RedrawKind.SPLIT, code=code, parts=parts)


def parting(world: World) -> Wish:
    """Return the wish that parts grid A: its second building goes to a new grid."""
    going = world.buildings[GRID_A][1].pk
    return split_off(GRID_A, keeps="春泉第一网格", new="春泉第三网格", building_ids=(going,))


def everything_in_place() -> dict[str, set[tuple[Any, ...]]]:
    """Return (id, area) of every row that lies in an area, the tree, its links and who ranges over what."""
    now = utc_now()
    found: dict[str, set[tuple[Any, ...]]] = {}
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        for model in scoped_models():
            label = model._meta.label
            if label not in HISTORY | UNSCOPED:
                found[label] = set(model._base_manager.values_list("pk", "area_code"))
    found["area"] = set(Area.objects.filter(in_force(now)).values_list("code", "name", "kind", "parent_code"))
    shapes = AreaShape.objects.filter(area__in=Area.objects.filter(in_force(now)))
    found["shape"] = {(shape.area.code, str(shape.rings)) for shape in shapes.select_related("area")}
    links = AreaLink.objects.filter(in_force(now))
    found["link"] = set(links.values_list("low_code", "high_code", "kind", "reason"))
    found["post"] = set(Post.objects.values_list("pk", "area_code"))
    found["patch"] = set(Patch.objects.filter(ends_at=None).values_list("pk", "area_code"))
    found["grouped"] = set(PatchGrid.objects.filter(ends_at=None).values_list("patch", "code"))
    found["range"] = set(PostRange.objects.values_list("post", "code"))
    return found
