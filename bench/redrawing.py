"""Splitting a community of ten thousand people in two: the look beforehand, the act, and its undo."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import house
from bench.figure import Figure
from bench.lists import actor_of

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
PREVIEW_S, DONE_S = 3.0, 10.0  # issue E
TOUCHED = ("people_searchtoken", "people_resident", "people_household", "organisation_building")


def main() -> Iterator[Figure]:
    """Measure a preview, a split and an undo; the ceiling is a plain UPDATE of the rows that move."""
    with house.district(RESIDENTS):
        actor = actor_of("social_work_officer")
        community = _of_ten_thousand()
        wish = _half_of(community)
        name = f"{_people(community):,} people"
        previewed, found = timed(lambda: _preview(actor, wish))
        ordered, redraw = timed(lambda: _order(actor, wish))
        undone, undo = timed(lambda: _undo(actor, redraw))
        ceiling = _plain_update(community)
        moved = sum(redraw.counts.values())
        plain = ("s", f"UPDATE of {moved:,} rows")
        yield Figure(f"split of {name}, looked at", previewed, ceiling, *plain, ours_at_most=PREVIEW_S)
        yield Figure("the same, done", ordered, ceiling, *plain, ours_at_most=DONE_S)
        yield Figure("the same, undone", undone, ceiling, *plain, ours_at_most=DONE_S)
        if found.counts != redraw.counts or sum(undo.counts.values()) != moved:
            raise RuntimeError(f"looked at {found.counts}, moved {redraw.counts}, undone {undo.counts}")


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and the answer of an act in its own transaction."""
    from django.db import transaction

    began = time.perf_counter()
    with transaction.atomic():
        given = act()
    return time.perf_counter() - began, given


def _of_ten_thousand() -> str:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT left(area_code, 12) FROM people_resident"
            " GROUP BY 1 ORDER BY abs(count(*) - 10000) LIMIT 1"
        )
        return str(cursor.fetchone()[0])


def _people(community: str) -> int:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_resident WHERE left(area_code, 12) = %s", [community])
        return int(cursor.fetchone()[0])


def _half_of(community: str) -> Any:
    """Return the wish that makes two communities of one, its grids by turns."""
    from anlan.foundation.clock import utc_now
    from anlan.organisation.queries import areas_below
    from anlan.organisation.redrawing.making import Part
    from anlan.organisation.redrawing.wishes import Wish
    from anlan.organisation.rules import RedrawKind

    grids = [row.code for row in areas_below(community, now=utc_now())]
    # without a part that keeps the code all of them move: the dearest split there is
    east = Part(name="东半社区", area_codes=tuple(grids[::2]))
    west = Part(name="西半社区", area_codes=tuple(grids[1::2]))
    return Wish(kind=RedrawKind.SPLIT, code=community, parts=(east, west))


def _preview(actor: Any, wish: Any) -> Any:
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import scope
    from anlan.organisation.actions.redraws import preview_redraw

    with scope(actor):
        return preview_redraw(actor=actor, wish=wish, now=utc_now()).found


def _order(actor: Any, wish: Any) -> Any:
    from anlan.foundation.clock import utc_now
    from anlan.foundation.ids import new_id
    from anlan.foundation.scope import scope
    from anlan.organisation.actions.redraws import order_redraw

    now = utc_now()
    with scope(actor):
        row = order_redraw(actor=actor, wish=wish, reason="测速", redraw_id=new_id(), now=now)
    return _carried_out(row)


def _undo(actor: Any, redraw: Any) -> Any:
    from anlan.foundation.clock import utc_now
    from anlan.foundation.ids import new_id
    from anlan.foundation.scope import scope
    from anlan.organisation.actions.redraws import undo_redraw

    with scope(actor):
        row = undo_redraw(
            actor=actor, redraw_id=redraw.pk, undo_id=new_id(), expected_version=redraw.version,
            reason="测速", now=utc_now(),
        )  # fmt: skip
    return _carried_out(row)


def _carried_out(row: Any) -> Any:
    """Do what the worker does within seconds for a redraw of many rows."""
    from anlan.foundation.actor import AreaRanges
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import duty
    from anlan.organisation.actions.carry_redraws import carry_out_redraws

    with duty("keep_clocks", ranges=AreaRanges.of([row.area_code[:6]]), cause="bench"):
        carry_out_redraws(now=utc_now())
        row.refresh_from_db()
    if row.done_at is None:
        raise RuntimeError(f"not carried out: {row.state} {row.problem}")
    return row


def _plain_update(community: str) -> float:
    """Return the seconds of touching the community's rows by plain statements as their owner, taken back."""
    from django.db import connections, transaction

    began = time.perf_counter()
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in TOUCHED:
            cursor.execute(
                f"UPDATE {table} SET area_code = area_code || 'x' WHERE area_code >= %s AND area_code < %s",
                [community, f"{community}~"],
            )
        seconds = time.perf_counter() - began
        transaction.set_rollback(True, using="owner")
    return seconds
