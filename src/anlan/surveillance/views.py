"""Doors of signals and notices: lists, one signal, its acts, one notice."""

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation import audit
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotFound
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.health.presenting import report_lines
from anlan.health.queries import reports_behind
from anlan.organisation.queries import now_for
from anlan.surveillance import queries
from anlan.surveillance.actions import acknowledge_warning
from anlan.surveillance.models import Signal
from anlan.surveillance.presenting import ACT_NAMES, FORMS, curve, open_forms, signal_lines, signal_path
from anlan.surveillance.rules import OPEN_STATES, SignalAct
from anlan.surveillance.sent import carry_out
from anlan.workorders.presenting import order_lines
from anlan.workorders.queries import orders_about

NEWEST_FIRST = ("-raised_at", "id")
REPORTS_SHOWN = 12
NOTHING_SENT: Mapping[str, forms.Form] = {}


@require_GET
@behind_sign_in("health", "lead")
def signal_list(request: ActorRequest) -> HttpResponse:
    """List signals: open ones first, or all."""
    rows = queries.visible_signals(request.actor)
    view = request.GET.get("view", "open")
    if view == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    count, exact = count_up_to(rows)
    page = page_of(
        rows.prefetch_related("reasons"),
        order=NEWEST_FIRST,
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    lines = signal_lines(page.rows, now_for(request.actor))
    context = {"page": page, "lines": lines, "view": view, "count": count, "exact": exact}
    return render(request, "surveillance/signal_list.html", context)


@require_GET
@behind_sign_in("health", "lead")
def signal_page(request: ActorRequest, signal_id: UUID) -> HttpResponse:
    """Show one signal: why, what lies behind it, who did what, what is to be done."""
    signal = queries.access_signal(request.actor, signal_id)
    audit.record("read_signal", "surveillance.Signal", [signal.pk], area_code=signal.area_code)
    return render(request, "surveillance/signal.html", _signal_context(request, signal))


@require_POST
@behind_sign_in("health", "lead")
def signal_act(request: ActorRequest, signal_id: UUID, act: str) -> HttpResponse:
    """Take a signal one step on."""
    signal = queries.access_signal(request.actor, signal_id)
    if act not in FORMS:
        raise NotFound
    form = FORMS[act][0](request.POST, auto_id=f"{act}-%s")
    try:
        if form.is_valid():
            carry_out(request.actor, signal_id, SignalAct(act), form.cleaned_data, now_for(request.actor))
            messages.success(request, _("已记录。"))
            return redirect("signal", signal_id=signal_id)
    except Invalid as refusal:
        form.add_error(None, str(refusal.message))
    return render(
        request, "surveillance/signal.html", _signal_context(request, signal, {act: form}), status=422
    )


@require_GET
@behind_sign_in()
def warning_list(request: ActorRequest) -> HttpResponse:
    """List notices handed to areas in range, unanswered ones first."""
    rows = queries.visible_receipts(request.actor)
    page = page_of(
        rows,
        order=("-sent_at", "id"),
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    lines = [(row, queries.may_acknowledge(request.actor, row)) for row in page.rows]
    context = {"page": page, "lines": lines, "now": now_for(request.actor)}
    return render(request, "surveillance/warning_list.html", context)


@require_POST
@behind_sign_in()
def warning_acknowledge(request: ActorRequest, receipt_id: UUID) -> HttpResponse:
    """Answer a notice."""
    acknowledge_warning(actor=request.actor, receipt_id=receipt_id, now=now_for(request.actor))
    messages.success(request, _("已应答，谢谢。"))
    return redirect("notifications")


def _signal_context(
    request: ActorRequest, signal: Signal, sent: Mapping[str, forms.Form] = NOTHING_SENT
) -> dict[str, object]:
    actor, now = request.actor, now_for(request.actor)
    reports = list(reports_behind(actor, signal.report_ids)) if actor.has_purpose("health") else []
    products = list(signal.products.all())
    steps = [(ACT_NAMES.get(step.act, step.act), step) for step in signal.steps.order_by("at", "id")]
    return {
        "signal": signal,
        "line": signal_lines([signal], now)[0],
        "path": signal_path(signal, now),
        "reasons": signal.reasons.order_by("at"),
        "reports": report_lines(reports if "all" in request.GET else reports[-REPORTS_SHOWN:]),
        "report_count": len(reports),
        "curve": curve(reports, day_of(now)),
        "orders": order_lines(orders_about(actor, signal.pk), now),
        "products": products,
        "receipts": queries.receipts_of(actor, products),
        "assessment": signal.assessments.order_by("-assessed_at").first(),
        "steps": steps,
        "forms": open_forms(actor, signal, sent),
    }
