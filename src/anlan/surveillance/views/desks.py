"""Doors of the CDC's duty desk with its shifts, and of the disease-control department's desk."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.surveillance import queries
from anlan.surveillance.actions import give_shift, take_shift
from anlan.surveillance.desk_parts import cdc_parts, control_parts, sheet_parts
from anlan.surveillance.forms import HandoverForm, VersionForm
from anlan.surveillance.handover import sheet_of

LATEST_FIRST = ("-given_at", "id")


@require_GET
@behind_sign_in("health")
def cdc_desk(request: ActorRequest) -> HttpResponse:
    """Show the CDC duty officer the shift, the signals with their evidence, the legal clocks, the silent."""
    if not queries.keeps_desk(request.actor):
        raise NotAllowed
    return render(request, "surveillance/cdc_desk.html", cdc_parts(request.actor, now_for(request.actor)))


@require_GET
@behind_sign_in("health")
def disease_control_desk(request: ActorRequest) -> HttpResponse:
    """Show the department what waits for its signature, who has not answered, what was escalated to it."""
    if not queries.signs_products(request.actor):
        raise NotAllowed
    parts = control_parts(request.actor, now_for(request.actor))
    return render(request, "surveillance/control_desk.html", parts)


@require_GET
@behind_sign_in("health")
def shift_list(request: ActorRequest) -> HttpResponse:
    """List the sheets of past shifts."""
    rows = queries.visible_handovers(request.actor)
    page = page_of(rows, order=LATEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    context = {"page": page, "keeps_desk": queries.keeps_desk(request.actor)}
    return render(request, "surveillance/shift_list.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("health")
def shift_give(request: ActorRequest) -> HttpResponse:
    """Give the shift with a note."""
    actor, now = request.actor, now_for(request.actor)
    if not queries.keeps_desk(actor):
        raise NotAllowed
    form = HandoverForm(request.POST or None)
    try:
        if request.method == "POST" and form.is_valid():
            shift = give_shift(actor=actor, note=form.cleaned_data["note"], now=now)
            messages.success(request, _("已交班，等接班人签收。"))
            return redirect("shift", handover_id=shift.pk)
    except Invalid as refusal:
        form.add_error("note", str(refusal.message))
    context = {"form": form, **sheet_parts(actor, sheet_of(actor, now))}
    return render(request, "surveillance/shift_give.html", context, status=422 if form.errors else 200)


@require_GET
@behind_sign_in("health")
def shift_page(request: ActorRequest, handover_id: UUID) -> HttpResponse:
    """Show one sheet, as it is printed."""
    actor = request.actor
    shift = queries.access_handover(actor, handover_id)
    may_take = shift.taken_at is None and queries.keeps_desk(actor) and shift.given_by != actor.member_id
    context = {"shift": shift, "may_take": may_take, **sheet_parts(actor, shift.sheet)}
    return render(request, "surveillance/shift.html", context)


@require_POST
@behind_sign_in("health")
def shift_take(request: ActorRequest, handover_id: UUID) -> HttpResponse:
    """Take the shift."""
    queries.access_handover(request.actor, handover_id)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Invalid
    take_shift(
        actor=request.actor,
        handover_id=handover_id,
        now=now_for(request.actor),
        expected_version=form.cleaned_data["version"],
    )
    messages.success(request, _("已接班。"))
    return redirect("cdc_desk")
