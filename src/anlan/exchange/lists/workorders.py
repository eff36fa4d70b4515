"""Lists of work orders."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet, moment
from anlan.foundation.actor import Actor
from anlan.workorders.presenting import order_lines
from anlan.workorders.queries import narrowed, orders_in_view


def _orders(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    rows = orders_in_view(actor, filters.get("view", "mine"), now)
    asked = {"kind": filters.get("kind", ""), "text": filters.get("q", "")}
    return narrowed(rows, area_code=filters.get("area", ""), **asked)


ORDERS = ListSheet(
    key="orders",
    title=_("工单"),
    url_name="orders",
    subject="workorders.WorkOrder",
    found=_orders,
    lines=lambda actor, rows, now: order_lines(rows, now),
    order=("-opened_at", "id"),
    filters=("view", "kind", "area", "q"),
    columns=(
        ListColumn("title", _("事项"), lambda line: line.title, width=26),
        ListColumn("place", _("地点"), lambda line: line.order.place_name, width=22),
        ListColumn("accountable", _("主办岗位"), lambda line: line.order.accountable.title, width=22),
        ListColumn("stage", _("环节"), lambda line: line.stage),
        ListColumn(
            "due_at",
            _("本环节期限"),
            lambda line: moment(line.order.due_at or line.order.closed_at),
            kind="moment",
            width=18,
        ),
    ),
)

LISTS = (ORDERS,)
