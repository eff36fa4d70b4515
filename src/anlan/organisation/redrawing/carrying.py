"""Carries a plan out: areas end and begin, and every row that `find` found lies where the plan sends it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection

from anlan.organisation.models import Area, AreaLink, AreaShape, ForwardedCode, Redraw
from anlan.organisation.queries import in_force
from anlan.organisation.queries.outlines import bordering, label_point, polygon_of
from anlan.organisation.redrawing.placed import Placed, placed_models
from anlan.organisation.redrawing.plans import NewArea, Plan
from anlan.organisation.rules import LinkKind, parent_of

Links = dict[tuple[str, str, str], str]  # (low, high, kind): reason
MOVE = """
    UPDATE {table} AS t SET "{column}" = m.new FROM redraw_moved AS m
    WHERE m.label = %(label)s AND {key} = m.id AND t."{column}" = m.old
"""
MOVE_ALONG = """
    UPDATE {table} AS t SET "{column}" = m.new FROM redraw_moved AS m
    WHERE m.label = %(parent)s AND t.{parent_column} = m.id AND t."{column}" = m.old
"""
KEEP = """
    INSERT INTO organisation_redrawmove (redraw_id, label, row_id, from_code, to_code, moved_at)
    SELECT %s, label, id, old, new, %s FROM redraw_moved
    WHERE own OR label = 'organisation.Post' ON CONFLICT DO NOTHING
"""
FORWARD_ON = """
    UPDATE organisation_forwardedcode AS f SET now_code = k.new FROM redraw_codes AS k
    WHERE f.now_code = k.old
"""


def move_rows(redraw: Redraw, now: datetime) -> dict[str, int]:
    """Move all that `find` put down in this transaction, keep what an undo needs; return counts by model."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for placed in placed_models():
            statement, values = _statement(placed)
            cursor.execute(statement, values)
            if cursor.rowcount:
                counts[placed.label] = cursor.rowcount
        cursor.execute(KEEP, [redraw.pk, now])
    return counts


def _statement(placed: Placed) -> tuple[str, dict[str, str]]:
    if placed.is_leaf:
        [(parent, column)] = placed.parents
        along = MOVE_ALONG.format(table=placed.table, column=placed.column, parent_column=column)
        return along, {"parent": parent}
    return MOVE.format(table=placed.table, column=placed.column, key=placed.key), {"label": placed.label}


def change_tree(plan: Plan, now: datetime, *, undoes: Redraw | None = None) -> dict[str, list[str]]:
    """End and begin areas at a moment, with their outlines, and forward the codes that ended; settle links.

    An undo begins again the links that were ended. Returns the ids of links that ended and that began.
    """
    Area.objects.filter(in_force(now), code__in=plan.ends).update(ends_at=now)
    begun = Area.objects.bulk_create(area.row(starts_at=now) for area in plan.begins)
    _give_outlines(begun, {area.code: area for area in plan.begins})
    _forward(plan)
    return _settle_links(plan, undoes, now)


def _give_outlines(begun: Iterable[Area], plans: Mapping[str, NewArea]) -> None:
    shapes = []
    for area in begun:
        rings = plans[area.code].rings
        if rings:
            x, y = label_point(rings)
            shapes.append(AreaShape(area=area, rings=rings, label_x=x, label_y=y))
    AreaShape.objects.bulk_create(shapes)


def _settle_links(plan: Plan, undoes: Redraw | None, now: datetime) -> dict[str, list[str]]:
    """End the links of areas that ended; begin borders anew, and declared links at those that took over."""
    codes = set(plan.ends)
    open_links = AreaLink.objects.filter(in_force(now))
    touching = list(open_links.filter(low_code__in=codes) | open_links.filter(high_code__in=codes))
    AreaLink.objects.filter(pk__in=[link.pk for link in touching]).update(ends_at=now)
    if undoes is not None:
        wanted = _links_back(plan, undoes, touching)
    else:
        wanted = _links_on(plan, touching)
        for low, high in _borders(plan, touching, now):
            wanted.setdefault((low, high, LinkKind.BORDER), "")
    there = set(open_links.values_list("low_code", "high_code", "kind"))
    begun = AreaLink.objects.bulk_create(
        AreaLink(low_code=low, high_code=high, kind=kind, reason=reason, starts_at=now)
        for (low, high, kind), reason in sorted(wanted.items())
        if (low, high, kind) not in there
    )
    return {"ended": [str(link.pk) for link in touching], "begun": [str(link.pk) for link in begun]}


def _links_on(plan: Plan, touching: Iterable[AreaLink]) -> Links:
    """Return the links that go on between those that took over, borders that can be computed left out."""
    wanted: Links = {}
    for link in touching:
        low, high = sorted(plan.codes.get(code, code) for code in (link.low_code, link.high_code))
        if low != high and (link.kind == LinkKind.DECLARED or not _has_outlines(plan, (low, high))):
            wanted.setdefault((low, high, link.kind), link.reason)
    return wanted


def _links_back(plan: Plan, undoes: Redraw, touching: Iterable[AreaLink]) -> Links:
    """Return the links that a redraw ended, and what was declared since of the areas it touched."""
    begun = set(undoes.links.get("begun", ()))
    wanted = _links_on(plan, [link for link in touching if str(link.pk) not in begun])
    for link in AreaLink.objects.filter(pk__in=undoes.links.get("ended", ())):
        wanted[link.low_code, link.high_code, link.kind] = link.reason
    return wanted


def _has_outlines(plan: Plan, codes: Iterable[str]) -> bool:
    """Say whether the borders of these can be computed: those that begin have outlines."""
    begins = {area.code: area for area in plan.begins}
    return all(code not in begins or begins[code].rings for code in codes) and any(
        code in begins for code in codes
    )


def _borders(plan: Plan, touching: Iterable[AreaLink], now: datetime) -> list[tuple[str, str]]:
    """Return the borders of the areas that begin, among themselves and with the old neighbours."""
    around = {code for link in touching for code in (link.low_code, link.high_code)} - set(plan.ends)
    shapes = {area.code: polygon_of(area.rings) for area in plan.begins if area.rings}
    begun = set(shapes)
    for shape in AreaShape.objects.filter(in_force(now, "area"), area__code__in=around).select_related(
        "area"
    ):
        shapes[shape.area.code] = polygon_of(shape.rings)
    found = [
        pair for pair in bordering(shapes) if len(pair[0]) == len(pair[1]) and not begun.isdisjoint(pair)
    ]
    unknown = {area.code for area in plan.begins if not area.rings}
    return found + _siblings(plan, unknown)


def _siblings(plan: Plan, unknown: set[str]) -> list[tuple[str, str]]:
    """Return pairs of areas without an outline that came out of one: they are taken to border."""
    new = sorted(unknown & set(plan.begins_anew))
    return [
        (one, other)
        for one in sorted(unknown)
        for other in new
        if one < other and len(one) == len(other) and parent_of(one) == parent_of(other)
    ]


def _forward(plan: Plan) -> None:
    """Lead ended codes to those that took over; a code that an area bears again leads nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(FORWARD_ON)
    ForwardedCode.objects.filter(code__in=[area.code for area in plan.begins]).delete()
    gone = set(plan.ends_for_good)
    ForwardedCode.objects.bulk_create(
        (ForwardedCode(code=old, now_code=new) for old, new in plan.codes.items() if old in gone),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["now_code"],
    )
