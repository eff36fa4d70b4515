"""Doors of orders: the list, one order, one step."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.affairs.presenting import item_words, objection_lines
from anlan.affairs.queries import objections_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.workorders import queries
from anlan.workorders.actions import advance_order, object_to_order
from anlan.workorders.forms import ActForm, ObjectionForm
from anlan.workorders.models import WorkOrder
from anlan.workorders.presenting import ACT_WORDS, objection_form, order_lines, order_steps, possible_acts
from anlan.workorders.rules import OPEN_STAGES, Act, Stage

NOTHING_SENT: Mapping[str, ActForm] = {}
NEWEST_FIRST = ("-opened_at", "id")


@require_GET
@behind_sign_in()
def order_list(request: ActorRequest) -> HttpResponse:
    """List orders: mine, those I check, all open ones in range, closed ones."""
    actor, view = request.actor, request.GET.get("view", "mine")
    lists = {
        "mine": queries.my_orders(actor),
        "check": queries.orders_to_check(actor),
        "open": queries.visible_orders(actor).filter(stage__in=OPEN_STAGES),
        "closed": queries.visible_orders(actor).filter(stage=Stage.CLOSED),
    }
    rows = lists.get(view, lists["mine"])
    text = request.GET.get("q", "").strip()
    if text:
        rows = rows.filter(place_name__icontains=text)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    lines = order_lines(page.rows, now_for(actor))
    context = {"page": page, "lines": lines, "view": view, "query": text, "count": count, "exact": exact}
    return render(request, "workorders/order_list.html", context)


@require_GET
@behind_sign_in()
def order_page(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Show one order with its stages, its timeline and what the post may do."""
    order = queries.access_order(request.actor, order_id)
    return render(request, "workorders/order.html", _order_context(request, order))


@require_POST
@behind_sign_in()
def order_act(request: ActorRequest, order_id: UUID, act: str) -> HttpResponse:
    """Take one step."""
    order = queries.access_order(request.actor, order_id)
    if act not in ACT_WORDS:
        raise NotFound
    form = ActForm(request.POST, auto_id=f"{act}-%s")
    if not form.is_valid():
        return _wrong(request, order, act, form)
    try:
        order = advance_order(
            actor=request.actor,
            order_id=order_id,
            act=Act(act),
            note=form.cleaned_data["note"],
            expected_version=form.cleaned_data["version"],
            now=now_for(request.actor),
        )
    except Invalid as refusal:
        form.add_error("note", str(refusal.message))
        return _wrong(request, order, act, form)
    messages.success(request, _("已记录：%(stage)s") % {"stage": Stage(order.stage).label})
    return redirect("order", order_id=order.pk)


@require_POST
@behind_sign_in()
def order_object(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """非社区职责: give an order back, citing the lists."""
    order = queries.access_order(request.actor, order_id)
    if not queries.may_object(request.actor, order):
        raise NotAllowed
    form = ObjectionForm(request.POST, auto_id="object-%s")
    if not form.is_valid():
        context = {**_order_context(request, order), "objection_form": form}
        return render(request, "workorders/order.html", context, status=422)
    object_to_order(
        actor=request.actor,
        order_id=order_id,
        cited=form.cleaned_data["list_item"],
        note=form.cleaned_data["note"],
        expected_version=form.cleaned_data["version"],
        now=now_for(request.actor),
    )
    messages.success(request, _("已退回，等街道裁定"))
    return redirect("order", order_id=order_id)


def _wrong(request: ActorRequest, order: WorkOrder, act: str, form: ActForm) -> HttpResponse:
    context = _order_context(request, order, {act: form})
    return render(request, "workorders/order.html", context, status=422)


def _order_context(
    request: ActorRequest, order: WorkOrder, sent: Mapping[str, ActForm] = NOTHING_SENT
) -> dict[str, object]:
    now = now_for(request.actor)
    return {
        "order": order,
        "line": order_lines([order], now)[0],
        "stages": order_steps(order, now),
        "timeline": queries.steps_of(order),
        "acts": possible_acts(request.actor, order, sent),
        "objections": objection_lines(objections_of(request.actor, order.pk), now),
        "objection_form": objection_form(request.actor, order),
        "item": item_words(order.item),
    }
