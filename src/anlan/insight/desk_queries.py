"""What waits at the first screens of leaders: community secretary, subdistrict (DOMAIN.md 4)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from anlan.affairs.models import Admission, Objection
from anlan.affairs.queries import (
    burden_by_community,
    burden_of,
    may_settle,
    visible_admissions,
    visible_objections,
    waiting_at_gate,
)
from anlan.affairs.rules import WAITING, ObjectionState
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.scope import within
from anlan.organisation.models import Area
from anlan.organisation.queries import areas_below
from anlan.organisation.queries.staffing import arrangement_in_force, grids_without_responsible
from anlan.surveillance.models import WarningReceipt
from anlan.surveillance.queries import visible_receipts
from anlan.workorders.models import OrderLeg, WorkOrder
from anlan.workorders.queries import may_leg, unanswered_problems, visible_orders
from anlan.workorders.rules import ON_THE_WAY, OPEN_LEGS, OPEN_STAGES, LegAct, LegState, Stage

SHOWN = 7
CO_RESPONSE = "neighbour_co_response"
APPEAL_WAITS = timedelta(hours=4)  # an appeal unanswered for longer stands on the secretary's screen
COMMUNITY_DIGITS = 12


def _open_orders(actor: Actor) -> QuerySet[WorkOrder]:
    return visible_orders(actor).filter(stage__in=OPEN_STAGES).order_by("due_at", "id")


def unanswered_notices(actor: Actor) -> QuerySet[WarningReceipt]:
    """Return notices in the actor's ranges that nobody has acknowledged, the most urgent first."""
    return visible_receipts(actor).filter(acknowledged_at=None).order_by("due_at", "id")


def called_legs(actor: Actor) -> QuerySet[OrderLeg]:
    """Return the posts called to open orders in the actor's ranges that have not done their part."""
    rows = OrderLeg.objects.filter(within(actor.ranges), state__in=OPEN_LEGS, order__stage__in=OPEN_STAGES)
    return rows.select_related("post", "order", "order__asked_by").order_by(
        "order__opened_at", "-is_lead", "id"
    )


@dataclass(frozen=True, slots=True)
class CommunityDesk:
    """A community's morning: each list cut to what fits a screen, the counts whole."""

    new_orders: list[WorkOrder]
    late_orders: list[WorkOrder]
    waiting_appeals: list[WorkOrder]
    joint_responses: list[WorkOrder]
    calls: list[OrderLeg]
    requests: list[Admission]
    request_count: int
    burden_minutes: int
    held_count: int
    unanswered: list[WarningReceipt]
    vacant_grids: list[Area]
    new_count: int
    late_count: int
    appeal_count: int
    vacant_count: int


def community_desk(actor: Actor, now: datetime) -> CommunityDesk:
    """Return what waits in the actor's community."""
    orders, today = _open_orders(actor), day_of(now)
    new = orders.filter(stage=Stage.DISPATCHED).exclude(asked_by_id=actor.post_id)
    late = orders.filter(due_at__lt=now)
    appeals = unanswered_problems(actor, since=now - APPEAL_WAITS)
    requests = visible_admissions(actor).filter(state__in=WAITING).order_by("requested_at", "id")
    vacant = grids_without_responsible(actor.area_code, arrangement_in_force(), now=now)
    return CommunityDesk(
        new_orders=list(new[:SHOWN]),
        late_orders=list(late[:SHOWN]),
        waiting_appeals=list(appeals[:SHOWN]),
        joint_responses=list(orders.filter(kind=CO_RESPONSE)[:SHOWN]),
        calls=list(called_legs(actor).filter(order__asked_by_id=actor.post_id)[: SHOWN * 2]),
        requests=list(requests[:SHOWN]),
        request_count=requests.count(),
        burden_minutes=sum(line.minutes for line in burden_of(actor, actor.area_code, today)),
        held_count=waiting_at_gate(actor, now, today).held,
        unanswered=list(unanswered_notices(actor)[:SHOWN]),
        vacant_grids=list(vacant[:SHOWN]),
        new_count=new.count(),
        late_count=late.count(),
        appeal_count=appeals.count(),
        vacant_count=vacant.count(),
    )


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """How one community stands: counts of open work, never of persons."""

    area: Area
    open_orders: int
    late_orders: int
    unanswered: int
    vacant_grids: int
    burden_minutes: int  # asked of it this week


def communities_of(actor: Actor, now: datetime) -> list[CommunityLine]:
    """Return the communities below the actor's area, those with overdue clocks first."""
    orders = list(_open_orders(actor).values_list("area_code", "due_at"))
    every = Counter(code[:COMMUNITY_DIGITS] for code, _due in orders)
    late = Counter(code[:COMMUNITY_DIGITS] for code, due in orders if due is not None and due < now)
    silent = Counter(
        code[:COMMUNITY_DIGITS] for code in unanswered_notices(actor).values_list("area_code", flat=True)
    )
    vacancies = grids_without_responsible(actor.area_code, arrangement_in_force(), now=now)
    vacant = Counter(code[:COMMUNITY_DIGITS] for code in vacancies.values_list("code", flat=True))
    costs = burden_by_community(actor, day_of(now))
    lines = [
        CommunityLine(
            area,
            every[area.code],
            late[area.code],
            silent[area.code],
            vacant[area.code],
            costs[area.code],
        )
        for area in areas_below(actor.area_code, now=now)
    ]
    return sorted(lines, key=lambda line: (-line.late_orders, -line.unanswered, line.area.code))


def late_at_departments(actor: Actor, now: datetime) -> list[WorkOrder]:
    """Return overdue orders of the actor's area for which a post outside it answers, the latest first."""
    late = _open_orders(actor).filter(due_at__lt=now)
    return list(late.exclude(accountable__area_code__startswith=actor.area_code)[:SHOWN])


def late_arrivals(actor: Actor, now: datetime) -> list[OrderLeg]:
    """Return called posts whose clock to arrive has run out, the latest first."""
    late = called_legs(actor).filter(state__in=ON_THE_WAY, due_at__lt=now)
    return list(late.order_by("due_at", "id")[:SHOWN])


def refusals_to_decide(actor: Actor) -> list[OrderLeg]:
    """Return refused calls that this post decides."""
    refused = called_legs(actor).filter(state=LegState.REFUSED)
    return [leg for leg in refused if may_leg(actor, LegAct.INSIST, leg)][:SHOWN]


def objections_to_decide(actor: Actor) -> list[Objection]:
    """Return the objections 非社区职责 that this post decides, the most urgent first."""
    raised = visible_objections(actor).filter(state=ObjectionState.RAISED).order_by("due_at", "id")
    return [row for row in raised if may_settle(actor, row)][:SHOWN]


def silent_receivers(actor: Actor) -> list[WarningReceipt]:
    """Return notices in the actor's ranges that nobody has acknowledged, the most urgent first."""
    return list(unanswered_notices(actor)[:SHOWN])
