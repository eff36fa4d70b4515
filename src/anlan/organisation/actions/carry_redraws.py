"""Carry out the redraws whose moment has come, and let stragglers follow; what the clock does about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.advisory_locks import AdvisoryLock, hold
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, Refused
from anlan.foundation.live import announce_changes
from anlan.foundation.outbox import publish
from anlan.foundation.practice import is_practice
from anlan.foundation.scope import duty, require_scope, within
from anlan.organisation.actions.appointments import RIGHTS_CHANGED
from anlan.organisation.events import AreasRedrawn
from anlan.organisation.models import Area, Redraw
from anlan.organisation.queries import in_force
from anlan.organisation.queries.redraws import codes_now
from anlan.organisation.redrawing.carrying import change_tree, move_rows
from anlan.organisation.redrawing.finding import Found, find
from anlan.organisation.redrawing.patched import settle
from anlan.organisation.redrawing.plans import Plan
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, RedrawState

SUBJECT = "organisation.Redraw"
STRAGGLERS_SOUGHT = timedelta(hours=1)
TOPICS = ("areas", "posts", "people", "orders", RIGHTS_CHANGED)


class TreeChanged(Conflict):
    """The tree is no longer what the plan was made for."""

    code = "tree_changed"
    sentence = _("区域已发生变化，这项调整不能照原方案生效。请按最新情况重新拟定。")


class TwiceRegistered(Conflict):
    """Some people stand in both areas that become one."""

    code = "twice_registered"


def carry_out_redraws(*, now: datetime) -> int:
    """Carry out the redraws whose moment has come; return how many. Run by the clock."""
    ranges = require_scope().ranges
    if all(is_practice(code) for code in ranges.codes):
        now = utc_now()  # areas and rights change in real time everywhere
    due = Redraw.objects.filter(within(ranges), state=RedrawState.PLANNED, takes_effect_at__lte=now)
    done = 0
    for row in due.select_for_update(skip_locked=True).order_by("takes_effect_at", "planned_at"):
        try:
            with transaction.atomic():
                carry_out(row, now)
        except (Refused, IntegrityError) as refusal:
            words = refusal.message if isinstance(refusal, Refused) else TreeChanged.sentence
            row.state, row.problem, row.done_at = RedrawState.FAILED, str(words), None
            row.version += 1
            row.save(update_fields=["state", "problem", "done_at", "version"])
            announce_changes("areas", [row.area_code])
        done += 1
    return done


def gather_stragglers(*, now: datetime) -> int:
    """Let what was written under the old codes while areas were redrawn follow; return how many rows.

    Whoever began to write before a redraw was done may end after it. Run by the clock.
    """
    ranges = require_scope().ranges
    if all(is_practice(code) for code in ranges.codes):
        now = utc_now()
    recent = Redraw.objects.filter(
        within(ranges), state=RedrawState.DONE, done_at__gt=now - STRAGGLERS_SOUGHT, done_at__lte=now
    )
    moved = 0
    for row in recent.exclude(undone_by__state=RedrawState.DONE).order_by("done_at"):
        done = Plan.from_json(row.plan)
        # areas may have been redrawn again since: ended codes lead to where they lead now
        plan = replace(done, codes=codes_now(done.codes), pieces=())
        with over(replace(done, codes={**done.codes, **plan.codes}), str(row.pk)):
            if not find(plan, after=row).refused:
                moved += sum(move_rows(row, now).values())
    return moved


def carry_out(row: Redraw, now: datetime, *, found: Found | None = None) -> None:
    """Do what a redraw plans, in the transaction that is open. Raises TreeChanged, TwiceRegistered.

    `found` is what `find` put down of the plan in this transaction, `alone_in` its district.
    """
    plan = Plan.from_json(row.plan)
    alone_in(row.area_code)
    _check_tree(plan, now)
    undoes = row.undoes
    with over(plan, str(row.pk)):
        found = found or find(plan, undoes=undoes)
        check_found(found)
        row.counts = move_rows(row, now) | found.regrouped
        row.links = change_tree(plan, now, undoes=undoes) | settle(found.regrouping, now)
    row.state, row.done_at, row.version = RedrawState.DONE, now, row.version + 1
    row.save(update_fields=["counts", "links", "state", "done_at", "version"])
    audit.record("carry_out_redraw", SUBJECT, [row.pk], area_code=row.area_code, detail=row.counts)
    publish(AreasRedrawn(redraw_id=row.pk, codes=plan.touched, area_code=row.area_code, occurred_at=now))
    for topic in TOPICS:
        announce_changes(topic, plan.touched)


def alone_in(area_code: str) -> None:
    """Let nobody else redraw the district of an area until the transaction ends."""
    hold(AdvisoryLock.REDRAW, area_code[: CODE_LENGTH[AreaLevel.DISTRICT]])


def _check_tree(plan: Plan, now: datetime) -> None:
    """Raise TreeChanged unless all that ends is in force, with nothing below that the plan does not know."""
    held = set(Area.objects.filter(in_force(now), code__in=plan.ends).values_list("code", flat=True))
    if held != set(plan.ends):
        raise TreeChanged
    if Area.objects.filter(code__in=plan.begins_anew, ends_at=None).exists():
        raise TreeChanged
    gone = set(plan.ends_for_good)
    below = Area.objects.filter(in_force(now), parent_code__in=gone)
    if set(below.values_list("code", flat=True)) - gone:
        raise TreeChanged


def check_found(found: Found) -> None:
    if found.refused:
        words = gettext(
            "有 %(count)s 人在要合并的区域里各登记了一次（身份证号相同）。请先在“疑似重复”里合并。"
        )
        raise TwiceRegistered(words % {"count": sum(found.refused.values())})


@contextmanager
def over(plan: Plan, cause: str) -> Iterator[None]:
    """Reach over all areas a plan touches, whatever purposes their rows need."""
    with duty("redraw", ranges=AreaRanges.of(code for code in plan.touched if code), cause=cause):
        yield
