"""Change the tree of areas: look beforehand, order for now or a day, carry out, withdraw, undo."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.advisory_locks import AdvisoryLock, hold
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, NotAllowed, Refused
from anlan.foundation.live import announce_changes
from anlan.foundation.outbox import publish
from anlan.foundation.practice import is_practice
from anlan.foundation.scope import duty, require_scope, within
from anlan.organisation.actions.appointments import RIGHTS_CHANGED
from anlan.organisation.events import AreasRedrawn
from anlan.organisation.models import Area, Redraw
from anlan.organisation.queries import in_force, may_manage
from anlan.organisation.queries.redraws import access_redraw
from anlan.organisation.redrawing.carrying import change_tree, move_rows
from anlan.organisation.redrawing.finding import Found, find
from anlan.organisation.redrawing.making import RedrawInvalid
from anlan.organisation.redrawing.plans import Plan, common_area
from anlan.organisation.redrawing.undoing import RedrawnSince, inverse_of, later_redraws
from anlan.organisation.redrawing.wishes import Wish, plan_of
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, RedrawKind, RedrawState

SUBJECT = "organisation.Redraw"
REASON_LIMIT = 500
AT_ONCE = 3_000  # rows; what moves more is carried out by the worker within seconds
STRAGGLERS_SOUGHT = timedelta(hours=1)
TOPICS = ("areas", "posts", "people", "orders", RIGHTS_CHANGED)


class RedrawChanged(Conflict):
    """Somebody decided on the redraw first."""

    code = "redraw_changed"
    sentence = _("这项调整刚被别人处理过，请刷新后再看。")


class TreeChanged(Conflict):
    """The tree is no longer what the plan was made for."""

    code = "tree_changed"
    sentence = _("区域已发生变化，这项调整不能照原方案生效。请按最新情况重新拟定。")


class TwiceRegistered(Conflict):
    """Some people stand in both areas that become one."""

    code = "twice_registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """A redraw about to be put down."""

    redraw_id: UUID
    kind: RedrawKind
    plan: Plan
    title: str
    reason: str
    takes_effect_at: datetime
    undoes: Redraw | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a redraw would do: its plan and title, what moves, and what of an undone redraw stays."""

    plan: Plan
    title: str
    found: Found
    staying: int = 0


def preview_redraw(*, actor: Actor, wish: Wish, now: datetime) -> Preview:
    """Return what a redraw would move, counted by the statements that would move it; nothing changes.

    Raises NotFound, NotAllowed, RedrawInvalid.
    """
    plan, title = plan_of(actor, wish, now=now)
    _check_may(actor, plan)
    with transaction.atomic(), _over(plan, "preview"):
        return Preview(plan, title, find(plan))


def preview_undo(*, actor: Actor, redraw_id: UUID, now: datetime) -> Preview:
    """Return what undoing a redraw would move back, and how many rows have gone elsewhere since.

    Raises NotFound, NotAllowed, RedrawnSince.
    """
    redraw = access_redraw(actor, redraw_id)
    plan = _inverse(actor, redraw)
    with transaction.atomic(), _over(plan, "preview"):
        found = find(plan)
    own = sum(1 for piece in plan.pieces)
    back = sum(count for (_label, old, new), count in found.ways.items() if _is_way_back(plan, old, new))
    return Preview(plan, _title_of_undo(redraw), found, max(own - back, 0))


def order_redraw(
    *,
    actor: Actor,
    wish: Wish,
    reason: str,
    redraw_id: UUID,
    now: datetime,
    takes_effect_at: datetime | None = None,
) -> Redraw:
    """Order a redraw for a moment; one for now is carried out at once, a large one by the worker in seconds.

    A second call with the same `redraw_id` is the same act. Raises NotFound, NotAllowed, RedrawInvalid,
    TwiceRegistered, NoCodeLeft.
    """
    with transaction.atomic():
        earlier = Redraw.objects.filter(pk=redraw_id).first()
        if earlier is not None:
            return earlier
        plan, title = plan_of(actor, wish, now=now)
        _check_may(actor, plan)
        order = _Order(
            redraw_id=redraw_id,
            kind=wish.kind,
            plan=plan,
            title=title,
            reason=_checked_reason(reason),
            takes_effect_at=_checked_moment(takes_effect_at, now),
        )
        return _ordered(actor, order, now)


def undo_redraw(
    *, actor: Actor, redraw_id: UUID, undo_id: UUID, expected_version: int, reason: str, now: datetime
) -> Redraw:
    """Take a redraw back: the tree as it was, rows where they came from; return the redraw that does it.

    What was moved elsewhere since stays there. Raises NotFound, NotAllowed, RedrawChanged, RedrawnSince.
    """
    with transaction.atomic():
        earlier = Redraw.objects.filter(pk=undo_id).first()
        if earlier is not None:
            return earlier
        access_redraw(actor, redraw_id)
        redraw = Redraw.objects.select_for_update().get(pk=redraw_id)
        if redraw.version != expected_version:
            raise RedrawChanged
        plan = _inverse(actor, redraw)
        redraw.version += 1
        redraw.save(update_fields=["version"])
        order = _Order(
            redraw_id=undo_id,
            kind=RedrawKind.UNDO,
            plan=plan,
            title=_title_of_undo(redraw),
            reason=_checked_reason(reason),
            takes_effect_at=now,
            undoes=redraw,
        )
        return _ordered(actor, order, now)


def withdraw_redraw(*, actor: Actor, redraw_id: UUID, expected_version: int) -> Redraw:
    """Withdraw a redraw before its time. Raises NotFound, NotAllowed, RedrawChanged."""
    with transaction.atomic():
        access_redraw(actor, redraw_id)
        row = Redraw.objects.select_for_update().get(pk=redraw_id)
        _check_may(actor, Plan.from_json(row.plan))
        if row.state == RedrawState.WITHDRAWN and row.version == expected_version + 1:
            return row  # the same form sent twice
        if row.state != RedrawState.PLANNED or row.version != expected_version:
            raise RedrawChanged
        row.state, row.version = RedrawState.WITHDRAWN, row.version + 1
        row.save(update_fields=["state", "version"])
        audit.record("withdraw_redraw", SUBJECT, [row.pk], area_code=row.area_code)
        announce_changes("areas", [row.area_code])
    return row


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
                _carry_out(row, now)
        except Refused as refusal:
            row.state, row.problem, row.done_at = RedrawState.FAILED, str(refusal.message), None
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
        plan = Plan.from_json(row.plan)
        with _over(plan, str(row.pk)):
            if not find(plan, after=row).refused:
                moved += sum(move_rows(row, now).values())
    return moved


def _ordered(actor: Actor, order: _Order, now: datetime) -> Redraw:
    around = common_area(order.plan.touched)
    with _over(order.plan, str(order.redraw_id)):
        found = find(order.plan)
    _check_found(found)
    row = Redraw.objects.create(
        id=order.redraw_id,
        area_code=around,
        kind=order.kind,
        title=order.title,
        reason=order.reason,
        plan=order.plan.as_json(),
        counts=found.counts,
        takes_effect_at=order.takes_effect_at,
        planned_at=now,
        undoes=order.undoes,
        post_title=actor.post_title,
        member_name=actor.member_name,
    )
    audit.record(
        "order_redraw", SUBJECT, [row.pk], area_code=around, why=order.reason, detail={"kind": order.kind}
    )
    announce_changes("areas", [around])
    if order.takes_effect_at <= now and sum(found.counts.values()) <= AT_ONCE:
        _carry_out(row, now)
    return row


def _carry_out(row: Redraw, now: datetime) -> None:
    """Do it: one transaction. Raises TreeChanged, TwiceRegistered."""
    plan = Plan.from_json(row.plan)
    hold(AdvisoryLock.REDRAW, row.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]])
    _check_tree(plan, now)
    undoes = row.undoes
    with _over(plan, str(row.pk)):
        _check_found(find(plan))
        row.counts = move_rows(row, now)
        row.links = change_tree(plan, now, undoes=undoes)
    row.state, row.done_at, row.version = RedrawState.DONE, now, row.version + 1
    row.save(update_fields=["counts", "links", "state", "done_at", "version"])
    audit.record("carry_out_redraw", SUBJECT, [row.pk], area_code=row.area_code, detail=row.counts)
    publish(AreasRedrawn(redraw_id=row.pk, codes=plan.touched, area_code=row.area_code, occurred_at=now))
    for topic in TOPICS:
        announce_changes(topic, plan.touched)


def _check_may(actor: Actor, plan: Plan) -> None:
    """Let a post change the tree inside its own ranges only, below the area it stands at."""
    around = common_area(plan.touched)
    if not around or not may_manage(actor, around):
        raise NotAllowed
    if not all(actor.ranges.covers(code) for code in plan.touched):
        raise NotAllowed


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


def _check_found(found: Found) -> None:
    if found.refused:
        words = _t("有 %(count)s 人在要合并的区域里各登记了一次（身份证号相同）。请先在“疑似重复”里合并。")
        raise TwiceRegistered(words % {"count": sum(found.refused.values())})


def _checked_reason(reason: str) -> str:
    words = reason.strip()
    if not 1 <= len(words) <= REASON_LIMIT:
        raise RedrawInvalid(fields={"reason": _("请写明依据和原因（1 到 500 字）。")})
    return words


def _checked_moment(moment: datetime | None, now: datetime) -> datetime:
    if moment is not None and moment < now:
        raise RedrawInvalid(fields={"takes_effect_at": _("生效时间不能早于现在；不填即立刻生效。")})
    return moment or now


def _inverse(actor: Actor, redraw: Redraw) -> Plan:
    """Return the plan that undoes a redraw, if it stands and nothing later builds on it."""
    if redraw.state != RedrawState.DONE or redraw.kind == RedrawKind.UNDO:
        raise RedrawChanged
    if redraw.undone_by.filter(state__in=[RedrawState.DONE, RedrawState.PLANNED]).exists():
        raise RedrawChanged
    plan = inverse_of(redraw)
    _check_may(actor, plan)
    later = later_redraws(redraw)
    if later:
        words = _t("之后又有“%(title)s”。请先撤销后来的调整。")
        raise RedrawnSince(words % {"title": later[0].title})
    return plan


def _is_way_back(plan: Plan, old: str, new: str) -> bool:
    return any((piece.from_code, piece.to_code) == (old, new) for piece in plan.pieces)


def _title_of_undo(redraw: Redraw) -> str:
    return f"撤销“{redraw.title}”"


@contextmanager
def _over(plan: Plan, cause: str) -> Iterator[None]:
    """Reach over all areas a plan touches, whatever purposes their rows need."""
    with duty("redraw", ranges=AreaRanges.of(_codes(plan.touched)), cause=cause):
        yield


def _codes(touched: Iterable[str]) -> list[str]:
    return [code for code in touched if code]
