"""Doors of checklists: those of an area, one with its answers, the roll-up."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.foundation.actor import Actor
from anlan.foundation.doors import behind_sign_in, uuid_or_404
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.actions import NewAnswers, answer_checklist
from anlan.organisation.body_forms import ChecklistForm
from anlan.organisation.checklist_pages import checklist_context
from anlan.organisation.forms import blame
from anlan.organisation.presenting.bodies import area_way
from anlan.organisation.presenting.checklists import (
    checklist_coverage_areas,
    checklist_coverage_lines,
    list_lines,
)
from anlan.organisation.queries import checklists as queries
from anlan.organisation.queries import now_for
from anlan.organisation.queries.coverage import access_area_in_range
from anlan.organisation.words import in_words


@require_GET
@behind_sign_in()
def checklist_list(request: ActorRequest) -> HttpResponse:
    """Show the checklists of an area and of the facilities in it."""
    actor, now = request.actor, now_for(request.actor)
    area = access_area_in_range(actor, request.GET.get("area", actor.area_code), now=now)
    context = {
        "area": area,
        "crumbs": area_way(area.code, now=now),
        "lines": list_lines(actor, queries.lists_at(actor, area, now=now)),
    }
    return render(request, "organisation/checklist_list.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in()
def checklist_page(request: ActorRequest, key: str, code: str) -> HttpResponse:
    """Show a checklist with its answers and evidence, and take answers."""
    actor, now = request.actor, now_for(request.actor)
    facility = request.GET.get("facility", "")
    facility_id = uuid_or_404(facility) if facility else None
    listed = queries.checklist_of(key)
    subject = queries.access_subject(actor, listed, code, facility_id, now=now)
    if request.method == "POST" and not queries.may_answer(actor, listed, subject):
        raise NotAllowed
    form = ChecklistForm(request.POST or None, listed=listed)
    if request.method == "POST" and form.is_valid():
        try:
            _answer(actor, form, subject, key, now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("清单已填写"))
            return redirect(request.get_full_path())
    context = checklist_context(actor, listed, subject, form, now=now)
    return render(request, "organisation/checklist.html", context, status=422 if form.errors else 200)


def _answer(actor: Actor, form: ChecklistForm, subject: queries.Subject, key: str, now: datetime) -> None:
    facility_id: UUID | None = subject.facility.pk if subject.facility else None
    said = NewAnswers(
        checklist=key,
        area_code=subject.area.code,
        facility_id=facility_id,
        answers=form.said(),
        sending=form.cleaned_data["row_id"],
    )
    answer_checklist(actor=actor, said=said, now=now)


@require_GET
@behind_sign_in()
def checklist_coverage(request: ActorRequest) -> HttpResponse:
    """Roll a checklist up: of each area below, how many are complete, stale, and what is missing."""
    actor, now = request.actor, now_for(request.actor)
    area = access_area_in_range(actor, request.GET.get("area", actor.area_code), now=now)
    listed = queries.checklist_named(request.GET.get("checklist", ""))
    areas = checklist_coverage_areas(area, listed, now=now)
    context = {
        "area": area,
        "crumbs": area_way(area.code, now=now),
        "listed": listed,
        "title": in_words(listed.title),
        "checklists": [(row.key, in_words(row.title)) for row in queries.checklists().values()],
        "lines": checklist_coverage_lines(area, listed, areas, now=now),
    }
    return render(request, "organisation/checklist_coverage.html", context)
