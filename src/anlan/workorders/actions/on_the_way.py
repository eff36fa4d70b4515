"""Work an order as it was done on the way, in one act: taken up, its items answered, the result fed back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotAllowed
from anlan.workorders.actions.advancing import OrderMoved, advance_order
from anlan.workorders.actions.parts import WORKING, ItemReply, answer_items
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import access_order
from anlan.workorders.rules import Act, Stage


def work_order(
    *, actor: Actor, order_id: UUID, replies: Sequence[ItemReply], finding: str, now: datetime
) -> WorkOrder:
    """Take an order up; where a finding is given, answer its items and feed the result back.

    For a phone that was offline: it did not see what the order is now, only that it is the post's and not
    yet fed back. Taking up what is taken up changes nothing. Raises NotFound, NotAllowed, OrderMoved,
    NoteNeeded, ItemsOpen, LegsOpen; then nothing is changed.
    """
    with transaction.atomic():
        access_order(actor, order_id)
        order = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.accountable_id != actor.post_id:
            raise NotAllowed
        if order.stage not in WORKING:
            raise OrderMoved
        if order.stage == Stage.DISPATCHED:
            order = _on(actor, order, Act.HANDLE, "", now)
        if replies:
            answer_items(actor=actor, order_id=order_id, replies=replies, now=now)
        return _on(actor, order, Act.FEED_BACK, finding, now) if finding else order


def _on(actor: Actor, order: WorkOrder, act: Act, note: str, now: datetime) -> WorkOrder:
    return advance_order(
        actor=actor, order_id=order.pk, act=act, note=note, now=now, expected_version=order.version
    )
