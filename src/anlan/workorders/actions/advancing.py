"""Take an order from stage to stage, give it to another post, return it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.outbox import publish
from anlan.organisation.models import Post
from anlan.workorders.actions.steps import SUBJECT, add_step, announce
from anlan.workorders.events import OrderClosed, OrderDispatched, OrderFedBack
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import access_order, candidates, due_after, may, order_kind
from anlan.workorders.rules import (
    FROM_TO,
    NEEDS_POST,
    NEEDS_WORDS,
    ON_THE_WAY,
    Act,
    ItemAnswer,
    LegState,
    Stage,
)

NOTE_LIMIT = 2000


class OrderMoved(Conflict):
    """Somebody took the order a step further first."""

    code = "order_moved"
    sentence = _("工单已进入下一环节，请刷新后再看。")


class NoteNeeded(Invalid):
    """The act needs words: what was found, or why it is returned."""

    code = "note_needed"
    sentence = _("请写明情况（1 到 2000 字）。")


class PostNeeded(Invalid):
    """The act gives the order to a post, and none that may have it was named."""

    code = "post_needed"
    sentence = _("请选择接办岗位。")


class ItemsOpen(Invalid):
    """The checklist is not answered to its end."""

    code = "items_open"
    sentence = _("清单还有未答的项，请逐项作答后再反馈。")


class LegsOpen(Invalid):
    """A called post has not come, or its refusal is not decided."""

    code = "legs_open"
    sentence = _("还有部门未到场、未办完或拒绝待裁定，不能反馈。")


class NotSatisfied(Invalid):
    """An evaluation names a number from 1 to 5."""

    code = "satisfaction"
    sentence = _("请选择 1 到 5 的满意度。")


def advance_order(
    *,
    actor: Actor,
    order_id: UUID,
    act: Act,
    note: str,
    now: datetime,
    expected_version: int,
    post_id: UUID | None = None,
    satisfaction: int | None = None,
) -> WorkOrder:
    """Take an order one stage on, return it, or give it to another post.

    Raises NotFound, NotAllowed, OrderMoved where the order has moved since, NoteNeeded, PostNeeded,
    ItemsOpen, LegsOpen, NotSatisfied.
    """
    with transaction.atomic():
        access_order(actor, order_id)
        order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.version != expected_version or order.stage not in FROM_TO[act][0]:
            raise OrderMoved
        if not may(actor, act, order):
            raise NotAllowed
        note = _checked_note(act, note)
        if act in NEEDS_POST:
            order.accountable = _checked_post(order, post_id, now)
            note = f"→ {order.accountable.title} {note}".strip()
        if act is Act.FEED_BACK:
            _check_parts(order)
            order.finding = note
        if act is Act.EVALUATE:
            if satisfaction not in range(1, 6):
                raise NotSatisfied(fields={"satisfaction": NotSatisfied.sentence})
            order.satisfaction = satisfaction
        _enter(order, act, now)
        order.save()
        add_step(order, act.value, now, note=note)
        audit.record(f"{act.value}_order", SUBJECT, [order.pk], area_code=order.area_code)
        _publish_step(order, act, now)
        announce(order)
    return order


def _checked_note(act: Act, note: str) -> str:
    note = note.strip()
    if len(note) > NOTE_LIMIT or (act in NEEDS_WORDS and not note):
        raise NoteNeeded(fields={"note": NoteNeeded.sentence})
    return note


def _checked_post(order: WorkOrder, post_id: UUID | None, now: datetime) -> Post:
    chosen = next((post for post in candidates(order, now=now) if post.pk == post_id), None)
    if chosen is None or (chosen.pk == order.accountable_id and order.stage != Stage.FILED):
        raise PostNeeded(fields={"post": PostNeeded.sentence})
    return chosen


def _check_parts(order: WorkOrder) -> None:
    """Prove that every item is answered and nobody called is still awaited."""
    if order.items.filter(answer=ItemAnswer.OPEN).exists():
        raise ItemsOpen(fields={"note": ItemsOpen.sentence})
    awaited = Q(state__in=(*ON_THE_WAY, LegState.REFUSED)) | Q(state=LegState.ARRIVED, is_lead=False)
    if order.legs.filter(awaited).exists():
        raise LegsOpen(fields={"note": LegsOpen.sentence})


def _enter(order: WorkOrder, act: Act, now: datetime) -> None:
    order.stage = FROM_TO[act][1]
    order.stage_entered_at = now
    is_open = order.stage not in {Stage.CLOSED, Stage.EVALUATED}
    order.due_at = due_after(order_kind(order.kind), order.stage, now) if is_open else None
    order.closed_at = now if order.stage == Stage.CLOSED else order.closed_at
    order.late_at = None
    order.escalated_to = None
    order.version += 1


def _publish_step(order: WorkOrder, act: Act, now: datetime) -> None:
    announced = {
        Act.FEED_BACK: OrderFedBack,
        Act.CLOSE: OrderClosed,
        Act.DISPATCH: OrderDispatched,
        Act.HAND_OVER: OrderDispatched,
    }.get(act)
    if announced is not None:
        publish(
            announced(
                order_id=order.pk,
                kind=order.kind,
                subject_id=order.subject_id,
                area_code=order.area_code,
                occurred_at=now,
            )
        )
