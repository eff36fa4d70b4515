"""The API's operations on orders: the lists a post works through, and one order."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema

from anlan.foundation.actor import Actor
from anlan.foundation.api_doors import AnyArea, Listed, Marks, Word, actor_of, answers, cut, through_post
from anlan.organisation.queries import now_for
from anlan.workorders import presenting, queries
from anlan.workorders.models import OrderStep, WorkOrder

router = Router(tags=["orders"])
NEWEST_FIRST = ("-opened_at", "id")
View = Literal["mine", "check", "asked", "open", "late", "closed"]


class OrderShown(Schema):
    """One order as a row of a list; times are UTC."""

    id: UUID
    area_code: str
    kind: str
    kind_title: str
    category: str
    place_name: str
    task: str
    stage: str
    stage_title: str
    accountable: str
    opened_at: datetime
    due_at: datetime | None
    is_late: bool
    closed_at: datetime | None
    version: int


class OrderPage(Listed):
    """A page of orders."""

    rows: list[OrderShown]


class StepShown(Schema):
    """Something that was done to an order."""

    act: str
    words: str
    stage: str
    at: datetime
    was_late: bool
    post_title: str
    note: str


class ItemShown(Schema):
    """One line of an order's checklist."""

    words: str
    answer: str
    note: str


class LegShown(Schema):
    """A post called to an order."""

    id: UUID
    post: str
    state: str
    asked_at: datetime
    due_at: datetime | None


class OrderInFull(OrderShown):
    """One order with its timeline, checklist and called posts."""

    finding: str
    basis: str
    steps: list[StepShown]
    items: list[ItemShown]
    legs: list[LegShown]


def _line(order: WorkOrder, actor: Actor) -> dict[str, object]:
    line = presenting.order_lines([order], now_for(actor))[0]
    plain = ("id", "area_code", "kind", "category", "place_name", "task", "stage", "opened_at", "due_at")
    return {
        **{name: getattr(order, name) for name in (*plain, "closed_at", "version")},
        "kind_title": line.title,
        "stage_title": line.stage,
        "accountable": order.accountable.title,
        "is_late": line.state_kind == "overdue",
    }


@router.get(
    "/orders",
    auth=through_post(),
    response=answers(OrderPage),
    operation_id="list_orders",
    summary=_("列出工单"),
)
def list_orders(
    request: HttpRequest, marks: Query[Marks], view: View = "mine", kind: Word = "", area_code: AnyArea = ""
) -> OrderPage:
    """List orders: mine, those that wait for my check, those I asked for, open, late or closed ones."""
    actor = actor_of(request)
    rows = queries.orders_in_view(actor, view, now_for(actor))
    page = cut(queries.narrowed(rows, kind=kind, area_code=area_code, text=""), marks, order=NEWEST_FIRST)
    shown = [OrderShown.model_validate(_line(row, actor)) for row in page.rows]
    return OrderPage(rows=shown, after=page.after, before=page.before)


@router.get(
    "/orders/{uuid:order_id}",
    auth=through_post(),
    response=answers(OrderInFull),
    operation_id="show_order",
    summary=_("一张工单"),
)
def show_order(request: HttpRequest, order_id: UUID) -> OrderInFull:
    """Show one order with its timeline."""
    actor = actor_of(request)
    order = queries.access_order(actor, order_id)
    legs = order.legs.select_related("post", "order").order_by("-is_lead", "asked_at", "id")
    return OrderInFull.model_validate(
        {
            **_line(order, actor),
            "finding": order.finding,
            "basis": order.basis,
            "steps": [_step(*one) for one in presenting.timeline(queries.steps_of(order))],
            "items": [
                {"words": words, "answer": item.answer, "note": item.note}
                for item, words in presenting.item_lines(order.items.order_by("position"))
            ],
            "legs": [
                {"id": leg.pk, "post": leg.post.title, "state": leg.state, "asked_at": leg.asked_at,
                 "due_at": leg.due_at}
                for leg in legs
            ],
        }
    )  # fmt: skip


def _step(step: OrderStep, words: str | Promise) -> dict[str, object]:
    plain = ("act", "stage", "at", "was_late", "post_title", "note")
    return {**{name: getattr(step, name) for name in plain}, "words": str(words)}
