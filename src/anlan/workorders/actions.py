"""Every change to an order: one verb, one transaction: check, change, audit, announce."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions import Asked, object_to, pass_gate
from anlan.affairs.queries import list_item
from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty, require_scope
from anlan.organisation.models import Post
from anlan.workorders.events import OrderClosed, OrderFedBack, OrderOpened, OrderOverdue, OrderWithdrawn
from anlan.workorders.models import OrderStep, WorkOrder
from anlan.workorders.queries import access_order, may, may_object, order_kind, overdue_orders
from anlan.workorders.rules import CLOCKS_OF_STAGE, FROM_TO, NEEDS_WORDS, OPEN_STAGES, Act, Stage

SUBJECT = "workorders.WorkOrder"
NOTE_LIMIT = 2000


class OrderMoved(Conflict):
    """Somebody took the order a step further first."""

    code = "order_moved"
    sentence = _("工单已进入下一环节，请刷新后再看。")


class NoteNeeded(Invalid):
    """The act needs words: what was found, or why it is returned."""

    code = "note_needed"
    sentence = _("请写明情况（1 到 2000 字）。")


def open_order(
    *,
    kind: str,
    area_code: str,
    accountable: Post,
    task: str,
    now: datetime,
    purpose: str = "",
    place_name: str = "",
    subject_kind: str = "",
    subject_id: UUID | None = None,
    asked_by_id: UUID | None = None,
    admission_id: UUID | None = None,
) -> WorkOrder:
    """Dispatch an order to the post that answers for it, wherever that lies.

    Runs under the caller's scope and the duty `open_order`; the caller has proved the right to ask.
    Raises HeldAtGate where it asks something of a community and rests on no item.
    """
    asked = Asked(area_code, accountable, asked_by_id, admission_id, "" if purpose else task)
    warrant = pass_gate(order_kind(kind), asked, now=now)
    with transaction.atomic(), duty("open_order", ranges=AreaRanges.of([area_code]), cause=kind):
        order = WorkOrder.objects.create(
            area_code=area_code,
            kind=kind,
            purpose=purpose,
            place_name=place_name,
            task=task,
            subject_kind=subject_kind,
            subject_id=subject_id,
            asked_by_id=asked_by_id,
            accountable=accountable,
            stage=Stage.DISPATCHED,
            opened_at=now,
            stage_entered_at=now,
            due_at=_due(kind, Stage.DISPATCHED, now),
            admission_id=warrant.admission_id,
            item=warrant.item,
            basis=warrant.basis,
            minutes=warrant.minutes,
            ends_on=warrant.ends_on,
        )
        _add_step(order, "open", now, note="")
        audit.record("open_order", SUBJECT, [order.pk], area_code=area_code, detail={"kind": kind})
        publish(
            OrderOpened(
                order_id=order.pk, kind=kind, subject_id=subject_id, area_code=area_code, occurred_at=now
            )
        )
        _announce(order)
    return order


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
        _add_step(order, "object", now, note=words)
        _announce(order)
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
            _add_step(order, "objection_rejected", now, note=f"街道裁定由社区办理：{reason}")
            _announce(order)


def close_for_ended_admission(*, admission_id: UUID, now: datetime) -> int:
    """Withdraw every open order under an admission that has ended; return how many."""
    under = WorkOrder.objects.filter(admission_id=admission_id, stage__in=OPEN_STAGES)
    with transaction.atomic():
        orders = list(under.select_for_update(of=("self",)))
        for order in orders:
            _withdraw(order, now, "准入事项已结束，工单随之结束。")
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
    order.stage, order.stage_entered_at, order.closed_at = Stage.CLOSED, now, now
    order.due_at = order.late_at = None
    order.version += 1
    order.save()
    _add_step(order, "withdraw", now, note=note)
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
    _announce(order)


def advance_order(
    *, actor: Actor, order_id: UUID, act: Act, note: str, now: datetime, expected_version: int
) -> WorkOrder:
    """Take an order one stage on, or return it.

    Raises NotFound, NotAllowed, OrderMoved where the order has moved since, NoteNeeded.
    """
    with transaction.atomic():
        access_order(actor, order_id)
        order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.version != expected_version or order.stage != FROM_TO[act][0]:
            raise OrderMoved
        if not may(actor, act, order):
            raise NotAllowed
        note = note.strip()
        if len(note) > NOTE_LIMIT or (act in NEEDS_WORDS and not note):
            raise NoteNeeded(fields={"note": NoteNeeded.sentence})
        _enter(order, act, now)
        if act is Act.FEED_BACK:
            order.finding = note
        order.save()
        _add_step(order, act.value, now, note=note)
        audit.record(f"{act.value}_order", SUBJECT, [order.pk], area_code=order.area_code)
        _publish_step(order, act, now)
        _announce(order)
    return order


def _enter(order: WorkOrder, act: Act, now: datetime) -> None:
    order.stage = FROM_TO[act][1]
    order.stage_entered_at = now
    order.due_at = None if order.stage == Stage.CLOSED else _due(order.kind, order.stage, now)
    order.closed_at = now if order.stage == Stage.CLOSED else None
    order.late_at = None
    order.version += 1


def _publish_step(order: WorkOrder, act: Act, now: datetime) -> None:
    announced = {Act.FEED_BACK: OrderFedBack, Act.CLOSE: OrderClosed}.get(act)
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


def hand_orders_on(*, subject_id: UUID, to_subject_id: UUID) -> int:
    """Let the orders about one matter be about another that it was joined to; return how many."""
    return WorkOrder.objects.filter(subject_id=subject_id).update(subject_id=to_subject_id)


def mark_overdue_orders(*, now: datetime) -> int:
    """Mark every open order whose stage has run past its clock; return how many. Run by the clock."""
    marked = 0
    with transaction.atomic():
        for order in overdue_orders(now).select_for_update(of=("self",), skip_locked=True)[:500]:
            order.late_at = now
            order.save(update_fields=["late_at"])
            publish(
                OrderOverdue(order_id=order.pk, stage=order.stage, area_code=order.area_code, occurred_at=now)
            )
            _announce(order)
            marked += 1
    return marked


def _due(kind: str, stage: str, now: datetime) -> datetime | None:
    """Return when a stage must be left; a stage without a limit has no clock."""
    minutes = {item.stage: item.minutes for item in order_kind(kind).stages}
    allowed = sum(minutes.get(name, 0) for name in CLOCKS_OF_STAGE.get(stage, ()))
    return now + timedelta(minutes=allowed) if allowed else None


def _add_step(order: WorkOrder, act: str, now: datetime, *, note: str) -> None:
    actor = require_scope().actor
    last = order.steps.order_by("-at", "-id").first() if act != "open" else None
    OrderStep.objects.create(
        area_code=order.area_code,
        order=order,
        stage=order.stage,
        act=act,
        at=now,
        due_at=order.due_at,
        was_late=bool(last and last.due_at and now > last.due_at),
        post_id=actor.post_id if actor else None,
        post_title=actor.post_title if actor else "",
        member_name=actor.member_name if actor else "",
        note=note,
    )


def _announce(order: WorkOrder) -> None:
    announce_change("orders", order.area_code)
    announce_change(f"orders:{order.pk}", order.area_code)
