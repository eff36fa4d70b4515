"""End an order without its being done: it is not the community's, its admission ended, its cause is gone."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.affairs.actions import object_to
from anlan.affairs.queries import list_item
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotAllowed
from anlan.foundation.outbox import publish
from anlan.workorders.actions.advancing import OrderMoved
from anlan.workorders.actions.steps import SUBJECT, add_step, announce
from anlan.workorders.events import OrderWithdrawn
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import access_order, may_object, order_kind
from anlan.workorders.rules import OPEN_STAGES, Stage

AT_ONCE = 500


def object_to_order(
    *, actor: Actor, order_id: UUID, cited: str, note: str, now: datetime, expected_version: int
) -> WorkOrder:
    """非社区职责: give an order back citing an item of the lists; the subdistrict decides.

    Raises NotFound, NotAllowed, OrderMoved, NotCitable, AlreadyObjected.
    """
    with transaction.atomic():
        access_order(actor, order_id)
        order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if not may_object(actor, order):
            raise NotAllowed
        if order.version != expected_version:
            raise OrderMoved
        object_to(
            actor=actor,
            order_id=order.pk,
            title=order_kind(order.kind).title.zh,
            area_code=order.area_code,
            cited=cited,
            note=note,
            now=now,
        )
        item = list_item(cited)
        words = f"非社区职责：{item.title.zh if item else cited}。{note.strip()}"
        add_step(order, "object", now, note=words)
        announce(order)
    return order


def note_objection(*, order_id: UUID, is_upheld: bool, reason: str, now: datetime) -> None:
    """Withdraw an order that is not the community's, or note that it stays; safe to run twice."""
    with transaction.atomic():
        order = WorkOrder.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
        if order is None or order.stage not in OPEN_STAGES:
            return
        if is_upheld:
            _withdraw(order, now, f"街道裁定非社区职责：{reason}")
        elif not order.steps.filter(act="objection_rejected", at=now).exists():
            add_step(order, "objection_rejected", now, note=f"街道裁定由社区办理：{reason}")
            announce(order)


def close_for_ended_admission(*, admission_id: UUID, now: datetime) -> int:
    """Withdraw every open order under an admission that has ended; return how many."""
    under = WorkOrder.objects.filter(admission_id=admission_id, stage__in=OPEN_STAGES)
    with transaction.atomic():
        orders = list(under.select_for_update(of=("self",)))
        for order in orders:
            _withdraw(order, now, "准入事项已结束，工单随之结束。")
    return len(orders)


def end_expired_orders(*, now: datetime) -> int:
    """Withdraw open orders whose own last day is over; return how many. Run by the clock.

    An admission's last day is watched by the admission, which withdraws its orders when it ends.
    """
    expired = WorkOrder.objects.filter(stage__in=OPEN_STAGES, ends_on__lt=day_of(now))
    with transaction.atomic():
        orders = list(expired.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        for order in orders:
            _withdraw(order, now, "已过截止日期，工单随之结束。")
    return len(orders)


def withdraw_order(*, order_id: UUID, reason: str, now: datetime) -> None:
    """End an open order whose cause is gone, saying why; what was done stays. Safe to run twice.

    Runs under the caller's scope, which must cover the order; the caller has proved the right to end it.
    """
    with transaction.atomic():
        order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.stage in OPEN_STAGES:
            _withdraw(order, now, reason)


def _withdraw(order: WorkOrder, now: datetime, note: str) -> None:
    """Close a locked order because its cause is gone, not because it was done; its post reads why."""
    order.stage, order.stage_entered_at, order.closed_at = Stage.CLOSED, now, now
    order.due_at = order.late_at = None
    order.escalated_to = None
    order.version += 1
    order.save()
    add_step(order, "withdraw", now, note=note)
    audit.record("withdraw_order", SUBJECT, [order.pk], area_code=order.area_code)
    publish(
        OrderWithdrawn(
            order_id=order.pk,
            kind=order.kind,
            subject_id=order.subject_id,
            area_code=order.area_code,
            occurred_at=now,
        )
    )
    announce(order)
