"""Answer an item, act on a leg, ask for more time and decide on it, press for an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.workorders.actions.advancing import NOTE_LIMIT, NoteNeeded, OrderMoved
from anlan.workorders.actions.steps import SUBJECT, add_step, announce
from anlan.workorders.models import OrderExtension, OrderItem, OrderLeg, WorkOrder
from anlan.workorders.queries import (
    access_leg,
    access_order,
    call_named,
    extensions_left,
    may_leg,
    may_remind,
    open_extension,
    order_kind,
)
from anlan.workorders.rules import (
    LEG_FROM_TO,
    LEG_NEEDS_WORDS,
    ExtensionState,
    ItemAnswer,
    LegAct,
    LegState,
    Stage,
)

LONGEST_EXTENSION_MINUTES = 13 * 24 * 60
WORKING = (Stage.DISPATCHED, Stage.HANDLED)


class NoExtensionLeft(Conflict):
    """The kind allows no further extension, or one already waits for its decision."""

    code = "no_extension_left"
    sentence = _("该类工单不能再申请延期，或已有一次申请待批。")


class WrongMinutes(Invalid):
    """So much time cannot be asked for."""

    code = "wrong_minutes"
    sentence = _("延期须为 1 分钟到 13 天，并写明原因。")


@dataclass(frozen=True, slots=True)
class ItemReply:
    """What is said of one item."""

    key: str
    answer: ItemAnswer
    note: str = ""


def answer_items(
    *, actor: Actor, order_id: UUID, replies: Sequence[ItemReply], now: datetime
) -> list[OrderItem]:
    """Answer items of the checklist; each may be answered anew until the result is fed back.

    Raises NotFound, NotAllowed, OrderMoved, NoteNeeded where one could not be done and no reason is given;
    then none is changed.
    """
    with transaction.atomic():
        order = _locked(actor, order_id)
        if order.accountable_id != actor.post_id and not order.legs.filter(post_id=actor.post_id).exists():
            raise NotAllowed
        if order.stage not in WORKING:
            raise OrderMoved
        items = {item.key: item for item in order.items.all()}
        answered = [_answered(items.get(reply.key), reply, actor, now) for reply in replies]
        keys = [reply.key for reply in replies]
        audit.record(
            "answer_order_items", SUBJECT, [order.pk], area_code=order.area_code, detail={"items": keys}
        )
        announce(order)
    return answered


def _answered(item: OrderItem | None, reply: ItemReply, actor: Actor, now: datetime) -> OrderItem:
    note = reply.note.strip()
    if item is None or reply.answer == ItemAnswer.OPEN:
        raise NotFound
    if len(note) > NOTE_LIMIT or (reply.answer == ItemAnswer.NOT_POSSIBLE and not note):
        raise NoteNeeded(
            _("请写明“%(item)s”为什么办不到。") % {"item": item.words_zh},
            fields={item.key: NoteNeeded.sentence},
        )
    item.answer, item.note, item.answered_at = reply.answer, note, now
    item.post_title, item.member_name = actor.post_title, actor.member_name
    item.save()
    return item


def act_on_leg(
    *, actor: Actor, leg_id: UUID, act: LegAct, note: str, now: datetime, expected_version: int
) -> OrderLeg:
    """Accept, refuse, confirm arrival, finish, excuse or insist.

    Raises NotFound, NotAllowed, OrderMoved where the leg has moved since, NoteNeeded.
    """
    with transaction.atomic():
        order = _locked(actor, access_leg(actor, leg_id).order_id)
        leg = OrderLeg.objects.select_related("post", "order").get(pk=leg_id)
        if leg.version != expected_version or leg.state not in LEG_FROM_TO[act][0]:
            raise OrderMoved
        if not may_leg(actor, act, leg):
            raise NotAllowed
        note = note.strip()
        if len(note) > NOTE_LIMIT or (act in LEG_NEEDS_WORDS and not note):
            raise NoteNeeded(fields={"note": NoteNeeded.sentence})
        _move(leg, act, note, now)
        add_step(order, f"leg_{act.value}", now, note=f"{leg.post.title} {note}".strip())
        audit.record(f"{act.value}_order_leg", SUBJECT, [order.pk], area_code=order.area_code)
        announce(order)
    return leg


def _move(leg: OrderLeg, act: LegAct, note: str, now: datetime) -> None:
    leg.state = LEG_FROM_TO[act][1]
    leg.note = note or leg.note
    leg.version += 1
    if leg.state == LegState.ARRIVED:
        leg.arrived_at = now
    if act is LegAct.INSIST:  # its clock begins anew
        leg.due_at = now + timedelta(minutes=call_named(leg.order.category).arrival_minutes)
        leg.late_at = None
    leg.save()


def ask_extension(
    *, actor: Actor, order_id: UUID, minutes: int, reason: str, now: datetime, expected_version: int
) -> OrderExtension:
    """Ask for more time for the present stage. Raises NoExtensionLeft, WrongMinutes, OrderMoved."""
    with transaction.atomic():
        order = _locked(actor, order_id)
        if order.version != expected_version or order.stage not in WORKING:
            raise OrderMoved
        if order.accountable_id != actor.post_id:
            raise NotAllowed
        if not extensions_left(order) or open_extension(order):
            raise NoExtensionLeft
        if not 0 < minutes <= LONGEST_EXTENSION_MINUTES or not 0 < len(reason.strip()) <= NOTE_LIMIT:
            raise WrongMinutes(fields={"minutes": WrongMinutes.sentence})
        asked = OrderExtension.objects.create(
            order=order, area_code=order.area_code, minutes=minutes, reason=reason.strip(), asked_at=now
        )
        add_step(order, "ask_extension", now, note=asked.reason)
        audit.record("ask_order_extension", SUBJECT, [order.pk], area_code=order.area_code)
        announce(order)
    return asked


def decide_extension(
    *, actor: Actor, order_id: UUID, granted: bool, now: datetime, expected_version: int
) -> OrderExtension:
    """Grant or refuse the extension that waits; granted, the stage's clock ends so much later."""
    with transaction.atomic():
        order = _locked(actor, order_id)
        if actor.role not in order_kind(order.kind).checked_by:
            raise NotAllowed
        asked = open_extension(order)
        if asked is None or asked.version != expected_version:
            raise OrderMoved
        asked.state = ExtensionState.GRANTED if granted else ExtensionState.REFUSED
        asked.decided_at, asked.version = now, asked.version + 1
        asked.decided_by = f"{actor.post_title} {actor.member_name}"
        asked.save()
        if granted:
            order.due_at = max(order.due_at or now, now) + timedelta(minutes=asked.minutes)
            order.late_at = None
            order.version += 1
            order.save(update_fields=["due_at", "late_at", "version"])
        add_step(order, "grant_extension" if granted else "refuse_extension", now, note="")
        audit.record("decide_order_extension", SUBJECT, [order.pk], area_code=order.area_code)
        announce(order)
    return asked


def remind(*, actor: Actor, order_id: UUID, note: str, now: datetime) -> WorkOrder:
    """Press for an open order; it stands in the timeline and moves up on the accountable post's screen."""
    with transaction.atomic():
        order = _locked(actor, order_id)
        if not may_remind(actor, order):
            raise NotAllowed
        add_step(order, "remind", now, note=note.strip()[:NOTE_LIMIT])
        audit.record("remind_order", SUBJECT, [order.pk], area_code=order.area_code)
        announce(order)
    return order


def _locked(actor: Actor, order_id: UUID) -> WorkOrder:
    access_order(actor, order_id)
    return WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
