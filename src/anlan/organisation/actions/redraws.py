"""Change the tree of areas: look beforehand, order for now or a day, carry out, withdraw, undo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, NotAllowed
from anlan.foundation.live import announce_changes
from anlan.organisation.actions.carry_redraws import SUBJECT, alone_in, carry_out, check_found, over
from anlan.organisation.models import MapOrigin, Redraw
from anlan.organisation.queries import may_manage
from anlan.organisation.queries.redraws import access_redraw
from anlan.organisation.redrawing.finding import Found, count_gone, find
from anlan.organisation.redrawing.listed import Listed
from anlan.organisation.redrawing.making import RedrawInvalid
from anlan.organisation.redrawing.outlined import Point
from anlan.organisation.redrawing.plans import Plan, common_area
from anlan.organisation.redrawing.undoing import RedrawnSince, inverse_of, later_redraws
from anlan.organisation.redrawing.wishes import Wish, plan_of
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, RedrawKind, RedrawState

REASON_LIMIT = 500
AT_ONCE = 3_000  # rows; what moves more is carried out by the worker within seconds


class RedrawChanged(Conflict):
    """Somebody decided on the redraw first."""

    code = "redraw_changed"
    sentence = _("这项调整刚被别人处理过，请刷新后再看。")


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
    state: RedrawState = RedrawState.PLANNED
    notes: Mapping[str, Any] = field(default_factory=dict)  # what is kept beside the plan


@dataclass(frozen=True, slots=True)
class Preview:
    """What a redraw would do: its plan and title, what moves, and what of an undone redraw stays."""

    plan: Plan
    title: str
    found: Found
    gone: int = 0


def preview_redraw(*, actor: Actor, wish: Wish, now: datetime) -> Preview:
    """Return what a redraw would move, counted by the statements that would move it; nothing changes.

    Raises NotFound, NotAllowed, RedrawInvalid.
    """
    plan, title = plan_of(actor, wish, now=now)
    _check_may(actor, plan)
    with transaction.atomic(), over(plan, "preview"):
        return Preview(plan, title, find(plan))


def preview_undo(*, actor: Actor, redraw_id: UUID, now: datetime) -> Preview:
    """Return what undoing a redraw would move back, and how many rows have gone elsewhere since.

    Raises NotFound, NotAllowed, RedrawnSince.
    """
    redraw = access_redraw(actor, redraw_id)
    plan = _inverse(actor, redraw)
    with transaction.atomic(), over(plan, "preview"):
        found = find(plan, undoes=redraw)
        return Preview(plan, _title_of_undo(redraw), found, count_gone(plan))


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


def draft_redraw(
    *,
    actor: Actor,
    listed: Listed,
    title: str,
    reason: str,
    redraw_id: UUID,
    origin: Point | None,
    now: datetime,
) -> Redraw:
    """Put down what a file would change, to be looked at and confirmed; nothing changes yet.

    `origin` is that of the district's plane, if the file sets it. Raises NotAllowed, RedrawInvalid.
    """
    with transaction.atomic():
        earlier = Redraw.objects.filter(pk=redraw_id).first()
        if earlier is not None:
            return earlier
        plan = listed.plan
        rejected = [[line.number, line.text, str(line.reason)] for line in listed.lines if line.reason]
        if not plan.begins:
            words = gettext("没有需要改动的区域：%(same)s 行与现状相同，%(rejected)s 行不能采用。")
            raise RedrawInvalid(words % {"same": listed.count("same"), "rejected": len(rejected)})
        _check_may(actor, plan)
        order = _Order(
            redraw_id=redraw_id,
            kind=RedrawKind.IMPORT,
            plan=plan,
            title=title,
            reason=_checked_reason(reason),
            takes_effect_at=now,
            state=RedrawState.DRAFT,
            notes={
                "origin": origin and list(origin),
                "rejected": rejected,
                "same": listed.count("same"),
            },
        )
        return _ordered(actor, order, now)


def confirm_redraw(*, actor: Actor, redraw_id: UUID, expected_version: int, now: datetime) -> Redraw:
    """Let a drafted redraw take effect. Raises NotFound, NotAllowed, RedrawChanged, TreeChanged."""
    with transaction.atomic():
        access_redraw(actor, redraw_id)
        row = Redraw.objects.select_for_update(of=("self",)).get(pk=redraw_id)
        _check_may(actor, Plan.from_json(row.plan))
        if row.state in {RedrawState.PLANNED, RedrawState.DONE} and row.version > expected_version:
            return row  # the same form sent twice
        if row.state != RedrawState.DRAFT or row.version != expected_version:
            raise RedrawChanged
        origin = row.plan.get("origin")
        if origin:
            district = row.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]]
            place = {"longitude": origin[0], "latitude": origin[1]}
            MapOrigin.objects.get_or_create(district_code=district, defaults=place)
        row.state, row.takes_effect_at, row.version = RedrawState.PLANNED, now, row.version + 1
        row.save(update_fields=["state", "takes_effect_at", "version"])
        audit.record("confirm_redraw", SUBJECT, [row.pk], area_code=row.area_code)
        carry_out(row, now)
    return row


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
        if row.state not in {RedrawState.DRAFT, RedrawState.PLANNED} or row.version != expected_version:
            raise RedrawChanged
        row.state, row.version = RedrawState.WITHDRAWN, row.version + 1
        row.save(update_fields=["state", "version"])
        audit.record("withdraw_redraw", SUBJECT, [row.pk], area_code=row.area_code)
        announce_changes("areas", [row.area_code])
    return row


def _ordered(actor: Actor, order: _Order, now: datetime) -> Redraw:
    around = common_area(order.plan.touched)
    is_due = order.state == RedrawState.PLANNED and order.takes_effect_at <= now
    if is_due:
        alone_in(around)
    with over(order.plan, str(order.redraw_id)):
        found = find(order.plan, undoes=order.undoes)
    check_found(found)
    row = Redraw.objects.create(
        id=order.redraw_id,
        area_code=around,
        kind=order.kind,
        title=order.title,
        reason=order.reason,
        plan={**order.plan.as_json(), **order.notes},
        counts=found.counts,
        takes_effect_at=order.takes_effect_at,
        planned_at=now,
        undoes=order.undoes,
        state=order.state,
        post_title=actor.post_title,
        member_name=actor.member_name,
    )
    audit.record(
        "order_redraw", SUBJECT, [row.pk], area_code=around, why=order.reason, detail={"kind": order.kind}
    )
    announce_changes("areas", [around])
    if is_due and sum(found.counts.values()) <= AT_ONCE:
        carry_out(row, now, found=found)
    return row


def _check_may(actor: Actor, plan: Plan) -> None:
    """Let a post change the tree inside its own ranges only, below the area it stands at."""
    around = common_area(plan.touched)
    if not around or not may_manage(actor, around):
        raise NotAllowed
    if not all(actor.ranges.covers(code) for code in plan.touched):
        raise NotAllowed


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
        words = gettext("之后又有“%(title)s”。请先撤销后来的调整。")
        raise RedrawnSince(words % {"title": later[0].title})
    return plan


def _title_of_undo(redraw: Redraw) -> str:
    return f"撤销“{redraw.title}”"
