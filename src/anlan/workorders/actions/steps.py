"""What every change to an order leaves behind: a step in its timeline, a word to open pages."""

from datetime import datetime

from anlan.foundation.live import announce_change
from anlan.foundation.scope import require_scope
from anlan.workorders.models import OrderStep, WorkOrder

SUBJECT = "workorders.WorkOrder"


def add_step(order: WorkOrder, act: str, now: datetime, *, note: str) -> None:
    """Write who did what through which post, and whether the stage before it ended after its clock."""
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


def announce(order: WorkOrder) -> None:
    """Tell open pages that the order changed."""
    announce_change("orders", order.area_code)
    announce_change(f"orders:{order.pk}", order.area_code)
