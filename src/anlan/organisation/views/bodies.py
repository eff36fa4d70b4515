"""Doors of bodies: those of an area, one body, founding, seating, ending, the roll-up."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.actor import Actor
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.actions import (
    BodyInvalid,
    NewBody,
    NewSeat,
    end_body,
    found_body,
    leave_seat,
    seat_member,
)
from anlan.organisation.body_forms import BodyEndForm, BodyForm, SeatForm
from anlan.organisation.forms import blame
from anlan.organisation.models import Body
from anlan.organisation.pack import BodyTemplate, Slot
from anlan.organisation.presenting.bodies import (
    area_bodies,
    area_way,
    body_context,
    body_coverage_areas,
    body_coverage_lines,
    seat_choices,
)
from anlan.organisation.queries import bodies as queries
from anlan.organisation.queries import now_for
from anlan.organisation.queries.coverage import access_area_in_range
from anlan.organisation.words import in_words


@require_GET
@behind_sign_in()
def body_list(request: ActorRequest) -> HttpResponse:
    """Show the bodies of an area: each template of its level, complete, incomplete or not founded."""
    actor, now = request.actor, now_for(request.actor)
    area = access_area_in_range(actor, request.GET.get("area", actor.area_code), now=now)
    context = {
        "area": area,
        "crumbs": area_way(area.code, now=now),
        "lines": area_bodies(area, now=now),
        "manages": queries.may_seat(actor, area.code),
    }
    return render(request, "organisation/body_list.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("lead", "org")
def body_new(request: ActorRequest) -> HttpResponse:
    """Found a body from a template of the area's level."""
    actor, now = request.actor, now_for(request.actor)
    area = access_area_in_range(actor, request.GET.get("area", actor.area_code), now=now)
    templates = queries.templates_for(area)
    initial = {"template": request.GET.get("template", "")}
    form = BodyForm(request.POST or None, templates=templates, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        wanted = NewBody(
            template=said["template"], area_code=area.code, name=said["name"], reason=said["reason"],
            body_id=said["row_id"],
        )  # fmt: skip
        try:
            body = found_body(actor=actor, wanted=wanted, now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已建立，请安排席位"))
            return redirect("body", body_id=body.pk)
    context = {"form": form, "area": area, "templates": templates, "crumbs": area_way(area.code, now=now)}
    return render(request, "organisation/body_new.html", context, status=422 if form.errors else 200)


@require_GET
@behind_sign_in()
def body_page(request: ActorRequest, body_id: UUID) -> HttpResponse:
    """Show one body: seats, calls, meetings, decisions."""
    body = queries.access_body(request.actor, body_id)
    context = body_context(request.actor, body, now=now_for(request.actor))
    return render(request, "organisation/body.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("lead", "org")
def body_seat(request: ActorRequest, body_id: UUID) -> HttpResponse:
    """Choose who takes a seat of a slot."""
    actor, now = request.actor, now_for(request.actor)
    body = queries.access_body(actor, body_id)
    template, words = queries.template_of(body), request.GET.get("q", "").strip()
    slot = _slot(template, request.GET.get("slot", ""))
    form = SeatForm(request.POST or None, choices=seat_choices(actor, body, slot, words, now=now))
    if request.method == "POST" and form.is_valid():
        try:
            seat_member(actor=actor, wanted=_as_seat(form, body, slot), now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("席位已安排"))
            return redirect("body", body_id=body_id)
    context = {"form": form, "body": body, "slot": slot, "title": in_words(slot.title), "query": words,
               "leads": not template.lead or template.lead in slot.posts,
               "crumbs": area_way(body.area_code, now=now)}  # fmt: skip
    return render(request, "organisation/body_seat.html", context, status=422 if form.errors else 200)


def _slot(template: BodyTemplate, key: str) -> Slot:
    """Return the slot of this key, the first where none is named."""
    found = next((one for one in template.slots if key in {"", one.key}), None)
    if found is None:
        raise NotFound
    return found


def _as_seat(form: SeatForm, body: Body, slot: Slot) -> NewSeat:
    post_id, member_id = form.chosen()
    said = form.cleaned_data
    return NewSeat(
        body_id=body.pk, slot=slot.key, post_id=post_id, member_id=member_id, is_lead=said["is_lead"],
        seat_id=said["row_id"],
    )  # fmt: skip


@require_POST
@behind_sign_in("lead", "org")
def seat_leave(request: ActorRequest, seat_id: UUID) -> HttpResponse:
    """Take a seat back."""
    seat = leave_seat(actor=request.actor, seat_id=seat_id, now=now_for(request.actor))
    messages.success(request, _("已撤下席位"))
    return redirect("body", body_id=seat.body_id)


@require_http_methods(["GET", "POST"])
@behind_sign_in("lead", "org")
def body_end(request: ActorRequest, body_id: UUID) -> HttpResponse:
    """End a body."""
    actor, now = request.actor, now_for(request.actor)
    body = _managed(actor, body_id)
    form = BodyEndForm(request.POST or None, initial={"version": body.version})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            end_body(
                actor=actor, body_id=body_id, reason=said["reason"], expected_version=said["version"], now=now
            )
        except BodyInvalid as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已撤销"))
            return redirect("body", body_id=body_id)
    context = {"form": form, "body": body, "crumbs": area_way(body.area_code, now=now)}
    return render(request, "organisation/body_end.html", context, status=422 if form.errors else 200)


def _managed(actor: Actor, body_id: UUID) -> Body:
    body = queries.access_body(actor, body_id)
    if not queries.may_seat(actor, body.area_code):
        raise NotAllowed
    return body


@require_GET
@behind_sign_in()
def body_coverage(request: ActorRequest) -> HttpResponse:
    """Roll the bodies of a template up: of each area below, how many are complete and what is missing."""
    actor, now = request.actor, now_for(request.actor)
    area = access_area_in_range(actor, request.GET.get("area", actor.area_code), now=now)
    template = queries.template_named(request.GET.get("template", ""), area.code)
    areas = body_coverage_areas(area, template, now=now)
    context = {
        "area": area,
        "crumbs": area_way(area.code, now=now),
        "template": template,
        "title": in_words(template.title),
        "templates": [(row.key, in_words(row.title)) for row in queries.body_templates().values()],
        "is_expected": queries.is_expected(template),
        "lines": body_coverage_lines(area, template, areas, now=now),
    }
    return render(request, "organisation/body_coverage.html", context)
