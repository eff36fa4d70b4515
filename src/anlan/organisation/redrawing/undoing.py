"""The plan that takes a redraw back: areas as they were, rows where they came from."""

from collections import Counter

from anlan.foundation.errors import Conflict
from anlan.organisation.models import Area, AreaShape, Redraw, RedrawMove
from anlan.organisation.redrawing.plans import NewArea, Piece, Plan
from anlan.organisation.rules import RedrawKind, RedrawState, parent_of


class RedrawnSince(Conflict):
    """A later redraw touched the same areas."""

    code = "redrawn_since"


def inverse_of(redraw: Redraw) -> Plan:
    """Return the plan that makes the tree what it was before a redraw that was done."""
    plan = Plan.from_json(redraw.plan)
    moves = list(RedrawMove.objects.filter(redraw=redraw).order_by("label", "row_id"))
    begins = tuple(_as_they_were(redraw, plan))
    return Plan(
        begins=begins,
        ends=tuple(area.code for area in plan.begins),
        codes=_ways_back(plan),
        pieces=tuple(Piece(row.label, row.row_id, row.to_code, row.from_code) for row in moves),
    )


def later_redraws(redraw: Redraw) -> list[Redraw]:
    """Return the redraws done since that touch the same areas and stand, the latest first."""
    touched = set(Plan.from_json(redraw.plan).touched)
    rows = Redraw.objects.filter(state=RedrawState.DONE, done_at__gte=redraw.done_at).exclude(pk=redraw.pk)
    rows = rows.exclude(kind=RedrawKind.UNDO).exclude(undone_by__state=RedrawState.DONE)
    return [
        row
        for row in rows.order_by("-done_at", "-pk")
        if not touched.isdisjoint(Plan.from_json(row.plan).touched)
    ]


def _as_they_were(redraw: Redraw, plan: Plan) -> list[NewArea]:
    rows = Area.objects.filter(code__in=plan.ends, ends_at=redraw.done_at).order_by("code")
    shapes = AreaShape.objects.filter(area__in=rows).select_related("area")
    rings = {shape.area.code: shape.rings for shape in shapes}
    return [
        NewArea(row.code, row.name, row.kind, dict(row.outside_codes), rings.get(row.code)) for row in rows
    ]


def _ways_back(plan: Plan) -> dict[str, str]:
    """Lead each code that began with the redraw to where what has come to lie in it since belongs."""
    sources: dict[str, Counter[str]] = {}
    for old, new in plan.codes.items():
        sources.setdefault(new, Counter())[old] += 1
    for piece in plan.pieces:
        sources.setdefault(piece.to_code, Counter())[piece.from_code] += 1
    back = {}
    for code in plan.begins_anew:
        known = sources.get(code)
        back[code] = known.most_common(1)[0][0] if known else _fallback(plan, code)
    return back


def _fallback(plan: Plan, code: str) -> str:
    """Return where an area goes that began empty: to the one it came out of, else to the one above it."""
    siblings = [old for old in plan.ends if len(old) == len(code) and parent_of(old) == parent_of(code)]
    return siblings[0] if siblings else parent_of(code)
