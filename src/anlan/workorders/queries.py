"""Every question about orders."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.affairs.rules import is_of_community
from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import entry, section
from anlan.foundation.scope import within
from anlan.workorders.models import OrderStep, WorkOrder
from anlan.workorders.pack import OrderKind
from anlan.workorders.rules import FROM_TO, OF_ACCOUNTABLE_POST, OPEN_STAGES, Act


def order_kind(key: str) -> OrderKind:
    """Return a kind of order of the pack in force."""
    return entry(OrderKind, key)


def order_kinds() -> list[OrderKind]:
    """Return all kinds of order."""
    return section(OrderKind)


def visible_orders(actor: Actor) -> QuerySet[WorkOrder]:
    """Return the orders in the actor's ranges; those of a purpose only to posts serving it (the policy)."""
    return WorkOrder.objects.filter(within(actor.ranges)).select_related("accountable", "asked_by")


def my_orders(actor: Actor) -> QuerySet[WorkOrder]:
    """Return open orders the actor's post is accountable for, the most urgent first."""
    mine = visible_orders(actor).filter(accountable_id=actor.post_id, stage__in=OPEN_STAGES)
    return mine.order_by("due_at", "id")


def orders_to_check(actor: Actor) -> QuerySet[WorkOrder]:
    """Return orders fed back or checked that wait for the actor's role."""
    kinds = [kind.key for kind in order_kinds() if actor.role in kind.checked_by]
    waiting = (FROM_TO[Act.CHECK][0], FROM_TO[Act.CLOSE][0])
    return visible_orders(actor).filter(kind__in=kinds, stage__in=waiting).order_by("due_at", "id")


def orders_about(actor: Actor, subject_id: UUID) -> QuerySet[WorkOrder]:
    """Return the orders about one matter."""
    return visible_orders(actor).filter(subject_id=subject_id).order_by("opened_at")


def overdue_orders(now: datetime) -> QuerySet[WorkOrder]:
    """Return open orders whose present stage is past its clock and not yet marked."""
    return WorkOrder.objects.filter(Q(stage__in=OPEN_STAGES, due_at__lt=now, late_at=None))


def access_order(actor: Actor, order_id: UUID) -> WorkOrder:
    """Return one order, or raise NotFound."""
    order = visible_orders(actor).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def steps_of(order: WorkOrder) -> QuerySet[OrderStep]:
    """Return the order's timeline, oldest first."""
    return order.steps.order_by("at", "id")


def may_object(actor: Actor, order: WorkOrder) -> bool:
    """Say whether the actor may give this order back as not the community's: its post, or the secretary."""
    if order.stage not in OPEN_STAGES or order.minutes is None:  # minutes: it asks something of a community
        return False
    leads = actor.has_purpose("lead") and is_of_community(actor.area_code)
    return order.accountable_id == actor.post_id or (leads and actor.ranges.covers(order.area_code))


def may(actor: Actor, act: Act, order: WorkOrder) -> bool:
    """Say whether the actor's post may do this to the order at its present stage."""
    if order.stage != FROM_TO[act][0]:
        return False
    if act in OF_ACCOUNTABLE_POST:
        return order.accountable_id == actor.post_id
    return actor.role in order_kind(order.kind).checked_by
