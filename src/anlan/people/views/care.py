"""Doors of care: who is looked in on, agreeing and withdrawing, visits, who is due, the list of services."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in, version_or_404
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.presenting.list_map import area_of_map, counted_features, counts_below
from anlan.organisation.presenting.maps import map_answer
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting
from anlan.people.forms.care import CareFilterForm, MarkForm, RefusableForm, RenewForm, VisitForm
from anlan.people.models import KeyPerson, Resident
from anlan.people.presenting import care as shown
from anlan.people.queries import care as asked
from anlan.people.queries.care import CareFilter
from anlan.people.rules.care import CareBasis
from anlan.people.views.choosing import areas_to_choose
from anlan.people.views.residents import PURPOSES, within_limits

DUE_FIRST = ("due_on", "id")
RESIDENT = "people.Resident"


def _filter_form(request: ActorRequest) -> CareFilterForm:
    actor = request.actor
    areas = areas_to_choose(actor, now_for(actor), request.GET.get("area", ""))
    return CareFilterForm(request.GET, actor=actor, areas=areas)


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def key_people(request: ActorRequest) -> HttpResponse:
    """List the key people in range, masked, whose turn it is first."""
    actor, now, form = request.actor, now_for(request.actor), _filter_form(request)
    chosen = form.chosen()
    rows = _wanted(actor, chosen, now)
    count, exact = count_up_to(rows.select_related(None), ranges=actor.ranges)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=DUE_FIRST, ranges=actor.ranges, after=after, before=before)
    people = [row.resident_id for row in page.rows]
    actions.note_listed(actor=actor, subject=RESIDENT, ids=people, now=now)
    context = {"page": page, "count": count, "exact": exact, "form": form, "chosen": chosen}
    context["lines"] = shown.care_lines(actor, page.rows, now=now)
    return render(request, "people/key_people.html", context)


@gzip_page
@require_GET
@behind_sign_in(*PURPOSES)
def key_people_map(request: ActorRequest) -> HttpResponse:
    """Answer the map beside the list: how many of those asked for live in each area below; nobody by name."""
    actor, now, chosen = request.actor, now_for(request.actor), _filter_form(request).chosen()
    area_code = area_of_map(actor, chosen.area_code)
    counts = counts_below(_wanted(actor, chosen, now), area_code)
    features = counted_features(counts, area_code=area_code, query=request.GET, words=_so_many, now=now)
    return map_answer(features)


def _wanted(actor: Actor, chosen: CareFilter, now: datetime) -> QuerySet[KeyPerson]:
    today = day_of(now)
    recheck = asked.recheck_before(actor, now, today)
    return asked.visible_key_people(actor, chosen, today=today, recheck=recheck)


def _so_many(count: int) -> str:
    return _("%(count)s 条") % {"count": f"{count:,}"}


@require_POST
@behind_sign_in(*PURPOSES)
@within_limits
def key_people_search(request: ActorRequest) -> HttpResponse:
    """Find key people by name, pinyin, number or door; the words travel in the body, never in an address."""
    actor, now, text = request.actor, now_for(request.actor), request.POST.get("q", "").strip()
    if not text:
        return redirect("key_people")
    context: dict[str, Any] = {"searched": True, "text": text, "form": _filter_form(request)}
    try:
        hits = actions.search_residents(actor=actor, text=text, now=now)
    except Invalid as refusal:
        return render(request, "people/key_people.html", {**context, "refusal": refusal}, status=422)
    entries = asked.key_entries_of(actor, hits.residents)
    context |= {"lines": shown.care_lines(actor, entries, now=now), "more": hits.more}
    return render(request, "people/key_people.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
@within_limits
def key_person_mark(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Put a person on the list after the notice was read and somebody agreed."""
    actor, now = request.actor, now_for(request.actor)
    resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    form = MarkForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.mark_key_person(
                actor=actor, resident_id=resident_id, entry_id=said["row_id"], now=now, **_agreed(said)
            )
            messages.success(request, _("已列入，到期会出现在待走访里。"))
            return redirect("person", resident_id)
        except (Invalid, Conflict) as refusal:
            form.show_refusal(refusal)
    return _agreement(request, resident, form, title=_("列为重点人群"))


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
@within_limits
def key_person_renew(request: ActorRequest, entry_id: UUID) -> HttpResponse:
    """Write down that a person agreed again, or what is wanted now; who withdrew is asked from the start."""
    actor, now = request.actor, now_for(request.actor)
    entry = asked.access_key_person(actor, entry_id)
    if entry.withdrawn_on is not None:
        raise actions.EntryChangedSince
    resident = actions.open_resident(actor=actor, resident_id=entry.resident_id, now=now)
    form = RenewForm(request.POST or None, initial=_as_it_is(entry))
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data, "kind": entry.kind}
        try:
            actions.renew_consent(
                actor=actor, entry_id=entry_id, expected_version=said["version"], now=now, **_agreed(said)
            )
            messages.success(request, _("已续签。"))
            return redirect("person", resident.pk)
        except Invalid as refusal:
            form.show_refusal(refusal)
        except Conflict as refusal:
            entry = asked.access_key_person(actor, entry_id)
            form.show_refusal(refusal)
            form.take_version(entry.version)
    return _agreement(request, resident, form, title=_("续签同意"), entry=entry)


def _agreed(said: dict[str, Any]) -> dict[str, Any]:
    care = actions.NewCare(said["kind"], said["service"], said["need"], said["visit_every_days"])
    return {"care": care, "consent": actions.Consent(said["given_by"], said["given_on"])}


def _as_it_is(entry: KeyPerson) -> dict[str, Any]:
    kept = ("version", "service", "need", "visit_every_days")
    return {name: getattr(entry, name) for name in kept}


def _agreement(
    request: ActorRequest,
    resident: Resident,
    form: RefusableForm,
    *,
    title: str,
    entry: KeyPerson | None = None,
) -> HttpResponse:
    """Show the form with what is to be read to the person first, and what was agreed before."""
    actor, now = request.actor, now_for(request.actor)
    line = presenting.resident_lines(actor, [resident], now=now)[0]
    context = {"resident": resident, "line": line, "form": form, "title": title}
    context["notice"] = shown.notice_words()
    context["agreed"] = shown.care_lines(actor, [entry] if entry else [], now=now)
    return render(request, "people/agreement.html", context, status=form.status)


@require_POST
@behind_sign_in(*PURPOSES)
def key_person_withdraw(request: ActorRequest, entry_id: UUID) -> HttpResponse:
    """Take a person off the list at once."""
    version = version_or_404(request.POST.get("version", ""))
    entry = actions.withdraw_consent(
        actor=request.actor, entry_id=entry_id, expected_version=version, now=now_for(request.actor)
    )
    is_consent = entry.basis == CareBasis.CONSENT
    done = _("已撤回同意，不再走访；其他服务照常。") if is_consent else _("已移出名单。")
    messages.success(request, done)
    return redirect("person", entry.resident_id)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
@within_limits
def person_visit(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Note a visit to a person."""
    actor, now = request.actor, now_for(request.actor)
    resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    line = presenting.resident_lines(actor, [resident], now=now)[0]
    about: dict[str, Any] = {"who": f"{line.name} · {line.door}"}
    about["back"] = reverse("person", args=[resident_id])
    about["visits"] = shown.visit_lines(actor, asked.visits_of(actor, resident=resident))
    return _visit(request, about, resident_id=resident_id)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
@within_limits
def household_visit(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """Note a visit at a door."""
    actor, now = request.actor, now_for(request.actor)
    home, _people = actions.open_household(actor=actor, household_id=household_id, now=now)
    about = {
        "who": presenting.door_of(actor, home),
        "back": reverse("household", args=[household_id]),
        "visits": shown.visit_lines(actor, asked.visits_of(actor, home=home)),
    }
    return _visit(request, about, household_id=household_id)


def _visit(request: ActorRequest, about: dict[str, Any], **of: UUID) -> HttpResponse:
    form = VisitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        visit = actions.NewVisit(kind=said["kind"], note=said["note"], on=said["on"], **of)
        try:
            now = now_for(request.actor)
            actions.note_visit(actor=request.actor, visit=visit, visit_id=said["row_id"], now=now)
            messages.success(request, _("已记下这次走访。"))
            return redirect(about["back"])
        except Invalid as refusal:
            form.show_refusal(refusal)
    return render(request, "people/visit.html", {**about, "form": form}, status=form.status)


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def service_list(request: ActorRequest) -> HttpResponse:
    """List who wants which help, grid by grid and door by door in the order one walks, to be printed."""
    actor, now, form = request.actor, now_for(request.actor), _filter_form(request)
    chosen = replace(form.chosen(), view="")  # of those who agreed today: nobody whose consent lapsed
    rows, more = asked.service_list(actor, chosen, today=day_of(now))
    people = [row.resident_id for row in rows]
    actions.note_listed(actor=actor, subject=RESIDENT, ids=people, now=now)
    lines = shown.care_lines(actor, rows, now=now)
    homes = len({row.resident.household_id for row in rows})
    context = {"lines": lines, "more": more, "form": form, "chosen": chosen, "homes": homes}
    return render(request, "people/service_list.html", context)
