"""A department's first screen: who calls it, what it must do, what it asks of communities."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.affairs.models import Admission, Grant
from anlan.affairs.presenting import admission_lines
from anlan.affairs.queries import burden_asked, may_decide, visible_admissions
from anlan.affairs.queries.grants import grants_awaiting
from anlan.affairs.rules import WAITING, AdmissionState, Decision
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.insight.desk_parts import call_rows, order_rows, request_rows
from anlan.insight.desk_queries import SHOWN, called_legs
from anlan.surveillance.models import WarningReceipt
from anlan.surveillance.queries import may_acknowledge, visible_receipts
from anlan.workorders.models import OrderLeg, WorkOrder
from anlan.workorders.queries import my_orders, orders_asked, orders_to_check
from anlan.workorders.rules import OPEN_STAGES


@dataclass(frozen=True, slots=True)
class DepartmentDesk:
    """A department's morning: each list cut to what fits a screen."""

    calls: list[OrderLeg]
    call_count: int
    orders: list[WorkOrder]
    order_count: int
    to_check: list[WorkOrder]
    asked: list[WorkOrder]
    asked_late: int
    requests: list[Admission]  # it decides
    reviews: list[Admission]  # emergencies it reviews
    grants: list[Grant]  # whose next step is its own
    own_requests: list[Admission]
    warnings: list[WarningReceipt]


def department_desk(actor: Actor, now: datetime) -> DepartmentDesk:
    """Return what waits for a department's post."""
    admissions = visible_admissions(actor)
    waiting = admissions.filter(state__in=WAITING).order_by("requested_at", "id")
    emergencies = admissions.filter(state=AdmissionState.ADMITTED, is_emergency=True, reviewed_at=None)
    asked = orders_asked(actor).filter(stage__in=OPEN_STAGES)
    unanswered = visible_receipts(actor).filter(acknowledged_at=None, role=actor.role)
    calls = called_legs(actor).filter(post_id=actor.post_id).order_by("due_at", "id")
    orders = my_orders(actor).exclude(pk__in=calls.order_by().values("order_id"))
    return DepartmentDesk(
        calls=list(calls[:SHOWN]),
        call_count=calls.count(),
        orders=list(orders[:SHOWN]),
        order_count=orders.count(),
        to_check=list(orders_to_check(actor)[:SHOWN]),
        asked=list(asked[:SHOWN]),
        asked_late=asked.filter(due_at__lt=now).count(),
        requests=[row for row in waiting if may_decide(actor, row, Decision.ADMIT)][:SHOWN],
        reviews=[
            row for row in emergencies.order_by("review_due_at") if may_decide(actor, row, Decision.CONFIRM)
        ][:SHOWN],
        grants=list(grants_awaiting(actor, day_of(now))[:SHOWN]),
        own_requests=list(waiting.filter(asked_by_id=actor.post_id)[:SHOWN]),
        warnings=[row for row in unanswered if may_acknowledge(actor, row)][:SHOWN],
    )


def department_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the page of a department's desk shows."""
    desk, today = department_desk(actor, now), day_of(now)
    minutes, communities = burden_asked(actor, today)
    return {
        "desk": desk,
        "calls": call_rows(actor, desk.calls, now),
        "orders": order_rows(desk.orders, now),
        "to_check": order_rows(desk.to_check, now),
        "asked": order_rows(desk.asked, now),
        "requests": request_rows(actor, desk.requests, now),
        "reviews": admission_lines(desk.reviews, now, today),
        "own_requests": admission_lines(desk.own_requests, now, today),
        "minutes": minutes,
        "communities": communities,
        "now": now,
    }
