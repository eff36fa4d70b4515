"""What scripted staff do about orders and notices: take on, answer each item, check, close, acknowledge."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from anlan.exercises.replay.scripting import Due, Script
from anlan.foundation.actor import Actor
from anlan.surveillance import actions
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.surveillance.rules import SignalState
from anlan.workorders.actions import ItemReply, advance_order, answer_items
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import order_kind
from anlan.workorders.rules import OF_ACCOUNTABLE_POST, Act, ItemAnswer, Stage

CO_RESPONSE = "neighbour_co_response"
ACTS: dict[str, tuple[Act, str, str]] = {  # stage: act, delay step, words
    Stage.DISPATCHED: (Act.HANDLE, "accept", ""),
    Stage.HANDLED: (Act.FEED_BACK, "handle", "已到场办理，情况属实，结果见清单"),
    Stage.FED_BACK: (Act.CHECK, "check", ""),
    Stage.CHECKED: (Act.CLOSE, "close", ""),
}


class OrderScript(Script):
    """Posts that orders and notices come to, and those who check."""

    def acts(self) -> Iterator[Due | None]:
        """Yield the next act on each open order and unanswered notice."""
        orders = WorkOrder.objects.filter(stage__in=ACTS, **self.own)
        undecided = self._undecided()
        for order in orders.select_related("accountable"):
            act, step, note = ACTS[order.stage]
            if act in {Act.CHECK, Act.CLOSE} and order.subject_id in undecided:
                continue
            if order.kind == CO_RESPONSE and act is Act.FEED_BACK:
                step = "co_response"
            if act in OF_ACCOUNTABLE_POST:
                who = self.ground.holder(order.accountable_id)
            else:
                who = self.ground.answering(order_kind(order.kind).checked_by, order.area_code)
            do = partial(_take_on, order=order, act=act, note=note)
            yield self.due(order.stage_entered_at, step, who, f"order {act}", do)
        yield from self._notices()

    def _undecided(self) -> set[object]:
        """Return the signals that still wait for the duty officer's conclusion; so do their orders."""
        waiting = Signal.objects.filter(state__in=(SignalState.RAISED, SignalState.VERIFYING), **self.own)
        return set(waiting.values_list("pk", flat=True))

    def _notices(self) -> Iterator[Due | None]:
        """Acknowledge what was handed over; say what was done when the six items would be."""
        for notice in WarningReceipt.objects.filter(fed_back_at=None, **self.own):
            who = self.receiver(notice.role, notice.area_code)
            if notice.acknowledged_at is None:
                act = partial(actions.acknowledge_warning, receipt_id=notice.pk)
                yield self.due(notice.sent_at, "receipt", who, "receipt", act)
            else:
                act = partial(actions.feed_back_warning, receipt_id=notice.pk, words="已按通报告知并留意症状")
                yield self.due(notice.acknowledged_at, "co_response", who, "feed back", act)


def _take_on(*, actor: Actor, order: WorkOrder, act: Act, note: str, now: datetime) -> None:
    """Take an order a stage on; before the result goes in, every item of its checklist is answered."""
    if act is Act.FEED_BACK:
        replies = [ItemReply(item.key, ItemAnswer.DONE) for item in order.items.all()]
        if replies:
            answer_items(actor=actor, order_id=order.pk, replies=replies, now=now)
    advance_order(actor=actor, order_id=order.pk, act=act, note=note, expected_version=order.version, now=now)
