"""Doors of orders: the list, one order, its steps."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.affairs.presenting import item_words, objection_lines
from anlan.affairs.queries import objections_of
from anlan.affairs.rules import AT_THE_GATE
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotFound
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.workorders import presenting, queries
from anlan.workorders.actions import advance_order
from anlan.workorders.forms import ActForm, ExtensionForm
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import REPLY_WITHIN, Act, Stage

NOTHING_SENT: Mapping[str, ActForm] = {}
NEWEST_FIRST = ("-opened_at", "id")


@require_GET
@behind_sign_in()
def order_list(request: ActorRequest) -> HttpResponse:
    """List orders: mine, those that wait for me, those I asked for, all open ones, late ones, closed ones."""
    actor, view, now = request.actor, request.GET.get("view", "mine"), now_for(request.actor)
    rows = queries.orders_in_view(actor, view, now)
    asked = {name: request.GET.get(name, "").strip() for name in ("kind", "area", "q")}
    rows = queries.narrowed(rows, kind=asked["kind"], area_code=asked["area"], text=asked["q"])
    count, exact = count_up_to(rows)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    context = {
        "page": page,
        "lines": presenting.order_lines(page.rows, now),
        "view": view,
        **_choices(request, asked),
        "count": count,
        "exact": exact,
    }
    return render(request, "workorders/order_list.html", context)


def _choices(request: ActorRequest, asked: Mapping[str, str]) -> dict[str, object]:
    """Return what the list may be narrowed to, what it is narrowed to, and what may be opened from it."""
    role = request.actor.role
    return {
        "kind": asked["kind"],
        "kinds": [(row.key, presenting.in_language(row.title)) for row in queries.order_kinds()],
        "area": asked["area"],
        "areas": queries.areas_to_choose(request.actor, now=now_for(request.actor)),
        "may_call": role in queries.order_kind(queries.CALL).asked_by,
        "may_raise": role in queries.order_kind(queries.PROBLEM).asked_by,
        "may_send": queries.may_send_task(request.actor),
        "query": asked["q"],
    }


@require_GET
@behind_sign_in()
def order_page(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Show one order with its stages, its timeline and what the post may do."""
    order = queries.access_order(request.actor, order_id)
    return render(request, "workorders/order.html", order_context(request, order))


@require_POST
@behind_sign_in()
def order_act(request: ActorRequest, order_id: UUID, act: str) -> HttpResponse:
    """Take one step."""
    order, now = queries.access_order(request.actor, order_id), now_for(request.actor)
    if act not in presenting.ACT_WORDS:
        raise NotFound
    form = presenting.form_of(Act(act), order, now, request.POST)
    if not form.is_valid():
        return wrong(request, order, {act: form})
    values = form.cleaned_data
    try:
        order = advance_order(
            actor=request.actor,
            order_id=order_id,
            act=Act(act),
            note=values["note"],
            post_id=UUID(values["post"]) if values.get("post") else None,
            satisfaction=values.get("satisfaction"),
            expected_version=values["version"],
            now=now,
        )
    except Invalid as refusal:
        form.add_error("note", str(refusal.message))
        return wrong(request, order, {act: form})
    messages.success(request, _("已记录：%(stage)s") % {"stage": presenting.stage_title(order)})
    return redirect("order", order_id=order.pk)


def wrong(request: ActorRequest, order: WorkOrder, sent: Mapping[str, ActForm]) -> HttpResponse:
    """Answer the order's page again, with the form that was not right."""
    return render(request, "workorders/order.html", order_context(request, order, sent), status=422)


def order_context(
    request: ActorRequest, order: WorkOrder, sent: Mapping[str, ActForm] = NOTHING_SENT
) -> dict[str, object]:
    """Return all parts of an order's page."""
    actor, now = request.actor, now_for(request.actor)
    legs = order.legs.select_related("post", "order").order_by("-is_lead", "asked_at", "id")
    is_mine = order.accountable_id == actor.post_id
    is_working = order.stage in {Stage.DISPATCHED, Stage.HANDLED}
    return {
        "order": order,
        "line": presenting.order_lines([order], now)[0],
        "stages": presenting.order_steps(order, now),
        "timeline": presenting.timeline(queries.steps_of(order)),
        "acts": presenting.possible_acts(actor, order, sent, now),
        "items": presenting.item_lines(order.items.order_by("position")),
        "answers_items": is_working and (is_mine or any(leg.post_id == actor.post_id for leg in legs)),
        "legs": presenting.leg_lines(actor, legs, now),
        "extension": queries.open_extension(order),
        "decides": actor.role in queries.order_kind(order.kind).checked_by,
        "extension_form": ExtensionForm(initial={"version": order.version}, auto_id="extension-%s")
        if is_mine and is_working and queries.extensions_left(order) and not queries.open_extension(order)
        else None,
        "may_remind": queries.may_remind(actor, order),
        **_said_of(request, order),
    }


def _said_of(request: ActorRequest, order: WorkOrder) -> dict[str, object]:
    """Return what the raiser has heard, what the order rests on, and what was said against it."""
    actor, now = request.actor, now_for(request.actor)
    return {
        "reads_admission": order.admission_id is not None and actor.has_purpose(*AT_THE_GATE),
        "reply": queries.first_reply(order) if order.kind == queries.PROBLEM else None,
        "reply_due_at": order.opened_at + REPLY_WITHIN if order.kind == queries.PROBLEM else None,
        "objections": objection_lines(objections_of(actor, order.pk), now),
        "objection_form": presenting.objection_form(actor, order),
        "item": item_words(order.item),
    }
