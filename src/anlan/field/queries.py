"""Questions of the field: what waits today, what a phone may keep, under which posts it may still send."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from anlan.field.rules import PEOPLE_SHOWN, SHOWN, urgency_of, way_of
from anlan.foundation.actor import Actor
from anlan.foundation.inbox.statement import LATE_DAYS
from anlan.foundation.scope import within
from anlan.health.models import ReportReceipt
from anlan.health.pack import Symptom
from anlan.health.queries import replies_to, symptoms
from anlan.organisation.models import Appointment, Area, Building
from anlan.organisation.queries import in_force
from anlan.organisation.rules import AreaLevel
from anlan.surveillance.models import WarningReceipt
from anlan.surveillance.queries import may_acknowledge, visible_receipts
from anlan.workorders.models import OrderItem, WorkOrder
from anlan.workorders.queries import (
    PROBLEM,
    at_home,
    may_object,
    my_orders,
    order_kind,
    order_kinds,
    orders_asked,
)
from anlan.workorders.rules import Stage

TO_DO = (Stage.DISPATCHED, Stage.HANDLED)  # later stages wait for others
ORDERED_AT_MOST = 200
REPLIES_SHOWN_DAYS = 14
PLACES_KEPT = 400
ENDED_TOLD = 20
IN_ORDER = OrderItem.objects.order_by("position")
EASILY_SEEN = frozenset({"digestive", "skin"})


@dataclass(frozen=True, slots=True)
class Day:
    """What waits for a post today: at most seven lines, how many more, and the minutes all of it takes."""

    orders: list[WorkOrder]
    minutes: dict[UUID, int]  # that each of them is estimated to take
    more_count: int
    minutes_left: int
    people: list[WorkOrder]  # of them those for whom somebody waits at home: the three most urgent
    not_ours: list[WorkOrder]  # of the lines those the post may give back as not the community's
    warnings: list[WarningReceipt]
    replies: list[ReportReceipt]
    problems: list[WorkOrder]  # that the post raised


def day_of_post(actor: Actor, now: datetime) -> Day:
    """Return what waits for this post, the overdue and the urgent first, then by building and stairs."""
    mine = my_orders(actor).filter(stage__in=TO_DO).prefetch_related(Prefetch("items", IN_ORDER))
    waiting = list(mine[:ORDERED_AT_MOST])
    kinds = {kind.key: kind for kind in order_kinds()}
    waiting.sort(
        key=lambda order: (
            urgency_of(order.due_at, kinds[order.kind].urgent, now),
            way_of(order.place_name),
            order.opened_at,
        )
    )
    unanswered = visible_receipts(actor).filter(acknowledged_at=None)[: SHOWN * 3]
    since = now - timedelta(days=REPLIES_SHOWN_DAYS)
    return Day(
        orders=waiting[:SHOWN],
        minutes={order.pk: kinds[order.kind].estimated_minutes for order in waiting[:SHOWN]},
        more_count=max(0, len(waiting) - SHOWN),
        minutes_left=sum(kinds[order.kind].estimated_minutes for order in waiting),
        people=[order for order in at_home(waiting) if not order.purpose][:PEOPLE_SHOWN],
        not_ours=[order for order in waiting[:SHOWN] if may_object(actor, order)],
        warnings=[row for row in unanswered if may_acknowledge(actor, row)][:SHOWN],
        replies=list(replies_to(actor, since)[:SHOWN]),
        problems=list(orders_asked(actor).filter(kind=PROBLEM, opened_at__gte=since)[:SHOWN]),
    )


def may_raise_problem(actor: Actor) -> bool:
    """Say whether the post may raise a problem seen in its grid."""
    return actor.role in order_kind(PROBLEM).asked_by


def own_appointments(account_id: UUID, now: datetime) -> QuerySet[Appointment]:
    """Return the appointments under which this account's phone may still send what was written."""
    since = now - timedelta(days=LATE_DAYS)
    own = Appointment.objects.filter(member__account_id=account_id, starts_at__lte=now)
    return own.filter(Q(ends_at=None) | Q(ends_at__gt=since)).select_related("post").order_by("starts_at")


def long_ended_appointments(account_id: UUID, now: datetime) -> QuerySet[Appointment]:
    """Return the appointments that ended so long ago that their phone may send nothing more."""
    until = now - timedelta(days=LATE_DAYS)
    ended = Appointment.objects.filter(member__account_id=account_id, ends_at__lte=until)
    return ended.order_by("-ends_at")[:ENDED_TOLD]


def own_grids(actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Return (code, name) of the grids in the post's ranges; its own area where it holds no whole grid."""
    grids = Area.objects.filter(in_force(now), within(actor.ranges, "code"), level=AreaLevel.GRID)
    rows = list(grids.order_by("code").values_list("code", "name")[:PLACES_KEPT])
    return rows or [(actor.area_code, actor.area_name)]


def own_buildings(actor: Actor, now: datetime) -> list[Building]:
    """Return the buildings in the post's ranges, in the order one walks them."""
    rows = Building.objects.filter(in_force(now), within(actor.ranges)).order_by("area_code", "number")
    return sorted(rows[:PLACES_KEPT], key=lambda row: (row.area_code, way_of(str(row))))


def symptoms_to_tick() -> list[Symptom]:
    """Return the pack's symptoms, those first that most people who are ill have and anybody can see."""
    return sorted(symptoms(), key=lambda row: not (row.ten_symptom_list or row.group in EASILY_SEEN))
