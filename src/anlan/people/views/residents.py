"""Doors of the register: list and search, one person, one household, entering and correcting."""

from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.audit_queries import may_ask_about_records
from anlan.foundation.clock import day_of
from anlan.foundation.doors import answering, behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotFound, Refused
from anlan.foundation.keyset import Page, count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.reveal import reveal_fields
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting, queries
from anlan.people.forms import CorrectionForm, FilterForm, ResidentForm, RevealForm
from anlan.people.models import Resident
from anlan.people.presenting.care import answer_lines, care_lines, reach_lines, visit_lines
from anlan.people.queries.care import key_entries_of, visits_of
from anlan.people.queries.liaison import may_assign, who_answers_for
from anlan.people.views.choosing import areas_to_choose

PURPOSES = ("grid_work", "health")
ORDER = ("area_code", "id")
M = TypeVar("M", bound=Model)
within_limits = answering(actions.LookUpLimitExceeded)  # so that count and alarm stay


def _filter_form(request: ActorRequest) -> FilterForm:
    actor = request.actor
    areas = areas_to_choose(actor, now_for(actor), request.GET.get("area", ""))
    return FilterForm(request.GET, areas=areas)


def _page(request: ActorRequest, rows: QuerySet[M]) -> Page[M]:
    after, before = request.GET.get("after"), request.GET.get("before")
    return page_of(rows, order=ORDER, ranges=request.actor.ranges, after=after, before=before)


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def people(request: ActorRequest) -> HttpResponse:
    """List the residents in range, masked."""
    actor, now, form = request.actor, now_for(request.actor), _filter_form(request)
    rows = queries.visible_residents(actor, form.chosen(), today=day_of(now))
    count, exact = count_up_to(rows.select_related(None), ranges=actor.ranges)
    page = _page(request, rows)
    actions.note_listed(actor=actor, subject="people.Resident", ids=[row.pk for row in page.rows], now=now)
    lines = presenting.resident_lines(actor, page.rows, now=now)
    context = {"page": page, "lines": lines, "count": count, "exact": exact, "form": form}
    return render(request, "people/people.html", context)


@require_POST
@behind_sign_in(*PURPOSES)
@within_limits
def people_search(request: ActorRequest) -> HttpResponse:
    """Search by name, pinyin, number or door; the words travel in the body, never in an address."""
    actor, now, text = request.actor, now_for(request.actor), request.POST.get("q", "").strip()
    if not text:
        return redirect("people")
    context: dict[str, Any] = {"searched": True, "text": text, "form": _filter_form(request)}
    try:
        hits = actions.search_residents(actor=actor, text=text, now=now)
    except Invalid as refusal:
        return render(request, "people/people.html", {**context, "refusal": refusal}, status=422)
    context |= {"lines": presenting.resident_lines(actor, hits.residents, now=now), "more": hits.more}
    return render(request, "people/people.html", context)


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def person(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Show one resident, masked, with history and household; the id of a merged entry leads on."""
    actor = request.actor
    try:
        resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now_for(actor))
    except NotFound:
        if kept := queries.kept_instead_of(actor, resident_id):
            return redirect("person", kept)
        raise
    return render(request, "people/person.html", _person_context(request, resident))


def _person_context(request: ActorRequest, resident: Resident, **more: Any) -> dict[str, Any]:
    actor, now = request.actor, now_for(request.actor)
    form = more.get("form") or RevealForm(offered=presenting.revealable(actor, resident))
    revealed = more.get("revealed", ())
    return {
        "resident": resident,
        "line": presenting.resident_lines(actor, [resident], now=now, revealed=revealed)[0],
        "enrolments": queries.enrolments_of(resident),
        "history": presenting.history_lines(actor, queries.history_of(resident)[:50]),
        "merges": queries.merges_of(resident),
        "care": care_lines(actor, key_entries_of(actor, [resident]), now=now),
        "visits": visit_lines(actor, visits_of(actor, resident=resident)[:3]),
        "form": form,
        "revealed": revealed,
        "may_ask_who_looked": may_ask_about_records(actor),
    }


@require_POST
@behind_sign_in(*PURPOSES)
@within_limits
def reveal(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Show chosen masked fields once, for a reason, on record."""
    actor, now = request.actor, now_for(request.actor)
    resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    form = RevealForm(request.POST, offered=presenting.revealable(actor, resident))
    if not form.is_valid():
        return render(
            request, "people/person.html", _person_context(request, resident, form=form), status=422
        )
    _reveal(request, resident, form)
    revealed = form.cleaned_data["fields_wanted"]
    return render(request, "people/person.html", _person_context(request, resident, revealed=revealed))


def _reveal(request: ActorRequest, resident: Resident, form: RevealForm) -> None:
    actor, wanted = request.actor, form.cleaned_data["fields_wanted"]
    asked = {"actor": actor, "why": form.cleaned_data["why"], "now": now_for(actor)}
    own = [name for name in wanted if name != "room"]
    if own:
        reveal_fields(model="people.Resident", row_id=resident.pk, fields=own, **asked)
    if "room" in wanted and resident.household_id:
        reveal_fields(model="people.Household", row_id=resident.household_id, fields=["room"], **asked)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
@within_limits
def correct(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Correct a resident; a version that is behind is said clearly and nothing typed is lost."""
    actor, now = request.actor, now_for(request.actor)
    resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    line = presenting.resident_lines(actor, [resident], now=now)[0]
    form = _correction_form(request, resident)
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            _correct(request, resident_id, form)
            messages.success(request, _("已保存，修改前的内容留在记录中。"))
            return redirect("person", resident_id)
        except Conflict as refusal:
            conflict = refusal
            form.take_version(resident.version)
        except Invalid as refusal:
            form.show_refusal(refusal)
    context = {"resident": resident, "line": line, "form": form, "conflict": conflict}
    return render(request, "people/correct.html", context, status=_status(form, conflict))


def _correction_form(request: ActorRequest, resident: Resident) -> CorrectionForm:
    initial = {"version": resident.version, "relation": resident.relation}
    masked = presenting.placeholders(request.actor, resident)
    return CorrectionForm(request.POST or None, masked=masked, initial=initial)


def _correct(request: ActorRequest, resident_id: UUID, form: CorrectionForm) -> None:
    actions.correct_resident(
        actor=request.actor,
        resident_id=resident_id,
        expected_version=form.cleaned_data["version"],
        changes=form.changes(),
        now=now_for(request.actor),
    )


def _status(form: ResidentForm, conflict: Conflict | None) -> int:
    if conflict is not None:
        return conflict.status
    return 422 if form.errors else 200


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def households(request: ActorRequest) -> HttpResponse:
    """List the households in range."""
    actor, now, form = request.actor, now_for(request.actor), _filter_form(request)
    rows = queries.visible_households(actor, area_code=form.chosen().area_code)
    count, exact = count_up_to(rows.select_related(None), ranges=actor.ranges)
    page = _page(request, rows)
    actions.note_listed(actor=actor, subject="people.Household", ids=[row.pk for row in page.rows], now=now)
    lines = presenting.household_lines(actor, page.rows, now=now)
    context = {"page": page, "lines": lines, "count": count, "exact": exact, "form": form}
    return render(request, "people/households.html", context)


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def household(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """Show one household with its people, masked."""
    actor, now = request.actor, now_for(request.actor)
    home, residents = actions.open_household(actor=actor, household_id=household_id, now=now)
    context = {
        "household": home,
        "door": presenting.door_of(actor, home),
        "lines": presenting.resident_lines(actor, residents, now=now),
        "history": presenting.history_lines(actor, queries.history_of(home)[:50]),
        "answers": answer_lines(who_answers_for(actor, home)),
        "nearest": reach_lines(actor, home.area_code, now=now),
        "may_assign": may_assign(actor),
    }
    return render(request, "people/household.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
@within_limits
def register(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """Enter a person into a household."""
    actor, now = request.actor, now_for(request.actor)
    home, _residents = actions.open_household(actor=actor, household_id=household_id, now=now)
    form = ResidentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            made = actions.register_resident(
                actor=actor, household_id=home.pk, sent=sent, now=now, resident_id=sent["resident_id"]
            )
            messages.success(request, _("已登记。"))
            return redirect("person", made.pk)
        except Refused as refusal:
            form.show_refusal(refusal)
    context = {"household": home, "door": presenting.door_of(actor, home), "form": form}
    return render(request, "people/register.html", context, status=422 if form.errors else 200)
