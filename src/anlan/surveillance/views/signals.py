"""Doors of signals: the list, one signal, its acts, its risk assessment, the record of the rules."""

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.surveillance import queries
from anlan.surveillance.actions import StillOpen, assess_signal, holds_open
from anlan.surveillance.expectation import expectation_of
from anlan.surveillance.filters import filtered
from anlan.surveillance.forms import AssessForm
from anlan.surveillance.models import Signal
from anlan.surveillance.presenting import FORMS, open_forms, signal_lines
from anlan.surveillance.rules import SignalAct
from anlan.surveillance.sent import carry_out
from anlan.surveillance.signal_parts import assessment_parts, signal_parts

NEWEST_FIRST = ("-raised_at", "id")
NOTHING_SENT: Mapping[str, forms.Form] = {}


@require_GET
@behind_sign_in("health", "lead")
def signal_list(request: ActorRequest) -> HttpResponse:
    """List signals: by state, condition, rule, area, or words of the place."""
    chosen = filtered(request.actor, request.GET)
    count, exact = count_up_to(chosen.rows)
    page = page_of(
        chosen.rows.prefetch_related("reasons"),
        order=NEWEST_FIRST,
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    lines = signal_lines(page.rows, now_for(request.actor))
    context = {"page": page, "lines": lines, "chosen": chosen, "count": count, "exact": exact}
    return render(request, "surveillance/signal_list.html", context)


@require_GET
@behind_sign_in("health", "lead")
def signal_page(request: ActorRequest, signal_id: UUID) -> HttpResponse:
    """Show one signal: why, what lies behind it, who did what, what is to be done."""
    signal = queries.access_signal(request.actor, signal_id)
    audit.record("read_signal", "surveillance.Signal", [signal.pk], area_code=signal.area_code)
    return render(request, "surveillance/signal.html", _signal_context(request, signal))


@require_GET
@behind_sign_in("health")
def signal_expected(request: ActorRequest, signal_id: UUID) -> HttpResponse:
    """Show, as a part of the signal's page, what its statistical rule expected beside what was seen."""
    signal = queries.access_signal(request.actor, signal_id)
    found = expectation_of(signal, now_for(request.actor))
    context = {"found": found, "chart": found.as_chart() if found else None}
    return render(request, "surveillance/_expected.html", context)


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
    except (Invalid, StillOpen) as refusal:
        form.add_error(None, str(refusal.message))
    return render(
        request, "surveillance/signal.html", _signal_context(request, signal, {act: form}), status=422
    )


@require_http_methods(["GET", "POST"])
@behind_sign_in("health")
def signal_assess(request: ActorRequest, signal_id: UUID) -> HttpResponse:
    """Weigh the risk by the pack's questions, beside its matrix and what was assessed before."""
    actor, now = request.actor, now_for(request.actor)
    signal = queries.access_signal(actor, signal_id)
    if not queries.assesses(actor):
        raise NotAllowed
    form = AssessForm(request.POST or None, initial={"version": signal.version}, auto_id="assess-%s")
    try:
        if request.method == "POST" and form.is_valid():
            version, filled = form.cleaned_data["version"], form.assessment()
            assess_signal(
                actor=actor, signal_id=signal_id, assessment=filled, now=now, expected_version=version
            )
            messages.success(request, _("风险评估已记录。"))
            return redirect("signal", signal_id=signal_id)
    except Invalid as refusal:
        form.add_error("differs_because" if refusal.fields else None, str(refusal.message))
    context = assessment_parts(actor, signal, form, now)
    return render(request, "surveillance/assess.html", context, status=422 if form.errors else 200)


def _signal_context(
    request: ActorRequest, signal: Signal, sent: Mapping[str, forms.Form] = NOTHING_SENT
) -> dict[str, object]:
    actor = request.actor
    parts = signal_parts(actor, signal, now_for(actor), all_reports="all" in request.GET)
    still_open = [reason.sentence for reason in holds_open(actor, signal)]
    return {**parts, "forms": open_forms(actor, signal, sent), "still_open": still_open}
