"""How the first screens of community and subdistrict put what waits before their reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from anlan.affairs.models import Admission
from anlan.affairs.presenting import AdmissionLine, admission_lines, item_words, objection_lines
from anlan.affairs.queries import may_decide
from anlan.affairs.rules import Decision
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.insight import desk_queries as queries
from anlan.organisation.queries import area_names
from anlan.workorders.models import OrderLeg, WorkOrder
from anlan.workorders.presenting import LegLine, OrderLine, in_language, leg_lines, order_lines
from anlan.workorders.queries import CALL, calls, order_kind


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order at a desk: its line, and where, for whom and on what it rests in one sentence."""

    line: OrderLine
    where: str


def order_rows(orders: Iterable[WorkOrder], now: datetime) -> list[OrderRow]:
    """Return orders with their place, asker and item of the lists."""
    return [OrderRow(line, _where(line.order)) for line in order_lines(orders, now)]


def _where(order: WorkOrder) -> str:
    asker = gettext("%(who)s交办") % {"who": order.asked_by.title} if order.asked_by else ""
    item = item_words(order.item) if order.item else ""
    return " · ".join(part for part in (order.place_name, asker, item) if part)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A called post: for what, how it stands, what it said."""

    line: LegLine
    what: str
    where: str


def call_rows(actor: Actor, legs: Iterable[OrderLeg], now: datetime) -> list[CallRow]:
    """Return called posts with the situation they are called to."""
    titles = {row.key: in_language(row.title) for row in calls()}
    return [_call_row(line, titles) for line in leg_lines(actor, legs, now)]


def _call_row(line: LegLine, titles: dict[str, str]) -> CallRow:
    order = line.leg.order
    title = titles.get(order.category) or in_language(order_kind(order.kind).title)
    words = (title, order.place_name or order.task, line.leg.note)
    return CallRow(line, f"{line.leg.post.title} · {line.state}", " · ".join(part for part in words if part))


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request at the gate: `may_decide` where it is this post's, else it waits for another."""

    line: AdmissionLine
    may_decide: bool


def request_rows(actor: Actor, requests: list[Admission], now: datetime) -> list[RequestRow]:
    """Return requests at the gate, those this post decides first."""
    lines = admission_lines(requests, now, day_of(now))
    rows = [RequestRow(line, may_decide(actor, line.admission, Decision.ADMIT)) for line in lines]
    return sorted(rows, key=lambda row: not row.may_decide)


def community_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a community secretary begins the day with."""
    desk = queries.community_desk(actor, now)
    return {
        "desk": desk,
        "new": order_rows(desk.new_orders, now),
        "late": order_rows(desk.late_orders, now),
        "appeals": order_rows(desk.waiting_appeals, now),
        "joint": order_rows(desk.joint_responses, now),
        "calls": call_rows(actor, desk.calls, now),
        "requests": request_rows(actor, desk.requests, now),
        "may_call": actor.role in order_kind(CALL).asked_by,
    }


def subdistrict_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a subdistrict begins the day with."""
    lines = queries.communities_of(actor, now)
    silent = queries.silent_receivers(actor)
    names = area_names([row.area_code for row in silent], now=now)
    return {
        "lines": lines,
        "late": order_rows(queries.late_at_departments(actor, now), now),
        "late_legs": call_rows(actor, queries.late_arrivals(actor, now), now),
        "refusals": call_rows(actor, queries.refusals_to_decide(actor), now),
        "objections": objection_lines(queries.objections_to_decide(actor), now),
        "silent": [(row, names.get(row.area_code, row.area_code)) for row in silent],
        "totals": {
            "open": sum(line.open_orders for line in lines),
            "late": sum(line.late_orders for line in lines),
            "unanswered": sum(line.unanswered for line in lines),
            "vacant": sum(line.vacant_grids for line in lines),
            "burden": sum(line.burden_minutes for line in lines),
        },
    }
