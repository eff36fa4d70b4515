"""What the clock does to orders: mark what is overdue and tell who is next."""

from datetime import datetime

from django.db import transaction

from anlan.foundation.outbox import publish
from anlan.organisation.models import Post
from anlan.organisation.queries import posts_with_role
from anlan.workorders.actions.steps import add_step, announce
from anlan.workorders.events import OrderOverdue
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import late_legs, order_kind, overdue_orders, unanswered_orders

AT_ONCE = 500


def mark_overdue_orders(*, now: datetime) -> int:
    """Mark orders and called posts whose clock has run out, and tell the next in line; return how many."""
    with transaction.atomic():
        marked = 0
        for order in overdue_orders(now).select_for_update(of=("self",), skip_locked=True)[:AT_ONCE]:
            order.late_at = now
            order.escalated_to = _next_in_line(order, now)
            order.save(update_fields=["late_at", "escalated_to"])
            add_step(order, "overdue", now, note=_told(order))
            publish(
                OrderOverdue(order_id=order.pk, stage=order.stage, area_code=order.area_code, occurred_at=now)
            )
            announce(order)
            marked += 1
        return marked + _mark_late_legs(now) + _mark_unanswered(now)


def _mark_late_legs(now: datetime) -> int:
    marked = 0
    waiting = late_legs(now).select_related("order", "post")
    for leg in waiting.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE]:
        leg.late_at = now
        leg.version += 1
        leg.save(update_fields=["late_at", "version"])
        order = leg.order
        order.escalated_to = _next_in_line(order, now)
        order.save(update_fields=["escalated_to"])
        add_step(order, "leg_late", now, note=f"{leg.post.title} {_told(order)}".strip())
        announce(order)
        marked += 1
    return marked


def _mark_unanswered(now: datetime) -> int:
    """Mark problems whose raiser has heard nothing in time, and tell the next in line."""
    unanswered = unanswered_orders(now).select_for_update(of=("self",), skip_locked=True)[:AT_ONCE]
    marked = 0
    for order in unanswered:
        order.escalated_to = _next_in_line(order, now)
        order.save(update_fields=["escalated_to"])
        add_step(order, "no_reply", now, note=_told(order))
        announce(order)
        marked += 1
    return marked


def _next_in_line(order: WorkOrder, now: datetime) -> Post | None:
    """Return the closest post of the first role that is told, other than the one that is late."""
    kind = order_kind(order.kind)
    for role in kind.escalates_to or kind.checked_by:
        for post in posts_with_role(role, covering=order.area_code, now=now):
            if post.pk != order.accountable_id:
                return post
    return None


def _told(order: WorkOrder) -> str:
    return f"→ {order.escalated_to.title}" if order.escalated_to else ""
