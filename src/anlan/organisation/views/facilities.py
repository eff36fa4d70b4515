"""Doors of premises: the list, one facility, entering, correcting, verifying, ending it, its beds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_named, day_of, utc_now
from anlan.foundation.doors import behind_sign_in, version_or_404
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import (
    FacilityChanged,
    correct_facility,
    end_facility,
    enter_facility,
    record_beds,
    verify_facility,
)
from anlan.organisation.forms import blame
from anlan.organisation.models import Facility
from anlan.organisation.presenting.facilities import (
    facility_context,
    facility_lines,
    kind_choices,
    kind_titles,
    listed_attributes,
    premises_context,
    recent_beds,
    said_choices,
)
from anlan.organisation.presenting.list_map import area_of_map, counted_features, counts_below
from anlan.organisation.presenting.maps import map_answer
from anlan.organisation.presenting.registers import facility_crumbs
from anlan.organisation.queries import registers
from anlan.organisation.register_forms import BedsForm, FacilityEndForm, FacilityForm
from anlan.organisation.words import in_words

READERS = ("grid_work", "org", "lead", "health", "department", "reporting")
BY_AREA = ("area_code", "id")


@require_GET
@behind_sign_in(*READERS)
def facility_list(request: ActorRequest) -> HttpResponse:
    """List the facilities of the actor's ranges, with what is missing and what is to be verified."""
    actor, now, sought = request.actor, utc_now(), request.GET
    rows = registers.wanted_facilities(actor, sought, now=now)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=BY_AREA, after=sought.get("after"), before=sought.get("before"))
    area, listed = sought.get("area", ""), listed_attributes(sought.get("kind", ""))
    context = {
        "page": page,
        "lines": facility_lines(page.rows, listed, now=now),
        "kinds": kind_titles(),
        "said": said_choices(sought.get("kind", ""), sought.get("said", "")),
        "headings": [in_words(one.title) for one in listed],
        "area_name": queries.area_names([area], now=now).get(area, ""),
        "sought": sought,
        "count": count,
        "exact": exact,
        "may_enter": registers.may_enter_facility(actor, actor.area_code),
    }
    return render(request, "organisation/facility_list.html", context)


@gzip_page
@require_GET
@behind_sign_in(*READERS)
def facility_map(request: ActorRequest) -> HttpResponse:
    """Answer the map beside the list: how many of the facilities asked for lie in each area below."""
    actor, now = request.actor, utc_now()
    rows = registers.wanted_facilities(actor, request.GET, now=now)
    area_code = area_of_map(actor, request.GET.get("area", ""))
    counts = counts_below(rows, area_code)
    features = counted_features(counts, area_code=area_code, query=request.GET, words=_so_many, now=now)
    return map_answer(features)


def _so_many(count: int) -> str:
    return _("%(count)s 家") % {"count": f"{count:,}"}


@require_GET
@behind_sign_in()
def area_premises(request: ActorRequest, code: str) -> HttpResponse:
    """Answer the part of an area's page that tells how complete its register is; empty beyond the ranges."""
    actor, now = request.actor, utc_now()
    area = queries.access_area_even_ended(actor, code, now=now)
    context = premises_context(actor, area, now=now, may_list=actor.has_purpose(*READERS))
    return render(request, "organisation/_premises_figures.html", context)


@require_GET
@behind_sign_in(*READERS)
def facility_page(request: ActorRequest, facility_id: UUID) -> HttpResponse:
    """Show one facility: what is known of it, its posts, beds, vehicles and staff."""
    facility = registers.access_facility(request.actor, facility_id)
    context = facility_context(request.actor, facility, now=utc_now())
    return render(request, "organisation/facility.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def facility_new(request: ActorRequest) -> HttpResponse:
    """Choose a kind, then enter a facility with what the pack asks of that kind."""
    actor, now, kind = request.actor, utc_now(), request.GET.get("kind", "")
    if kind not in registers.definitions_in_force().facility_kinds:
        return render(request, "organisation/facility_kind.html", {"groups": kind_choices()})
    form = _form(request, None, kind, now)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            facility = enter_facility(
                actor=actor,
                facility_id=said["row_id"],
                area_code=said["area"],
                facts=form.facts(kind),
                now=now,
            )
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已登记"))
            return redirect("facility", facility_id=facility.pk)
    context = {"form": form, "kind": kind_titles()[kind], "is_new": True}
    return render(request, "organisation/facility_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*READERS)
def facility_edit(request: ActorRequest, facility_id: UUID) -> HttpResponse:
    """Correct what is known of a facility."""
    actor, now = request.actor, utc_now()
    facility = _correctable(actor, facility_id)
    kind = _kind_asked(request, facility)
    form = _form(request, facility, kind, now)
    if request.method == "POST" and form.is_valid():
        try:
            correct_facility(
                actor=actor,
                facility_id=facility_id,
                expected_version=form.cleaned_data["version"] or 0,
                facts=form.facts(kind),
                now=now,
            )
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已更正"))
            return redirect("facility", facility_id=facility_id)
    context = {**_parts(facility, now), "form": form, "kind": kind_titles().get(kind, kind)}
    if registers.may_enter_facility(actor, facility.area_code):
        context |= {"kinds": kind_titles(), "kind_key": kind}
    return render(request, "organisation/facility_form.html", context, status=422 if form.errors else 200)


@require_POST
@behind_sign_in(*READERS)
def facility_verify(request: ActorRequest, facility_id: UUID) -> HttpResponse:
    """Say that what is known of a facility was found true today."""
    version = version_or_404(request.POST.get("version", ""))
    verify_facility(actor=request.actor, facility_id=facility_id, expected_version=version, now=utc_now())
    messages.success(request, _("已记下今天核对过"))
    return redirect("facility", facility_id=facility_id)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*READERS)
def facility_end(request: ActorRequest, facility_id: UUID) -> HttpResponse:
    """End a facility, with the reason."""
    actor, now = request.actor, utc_now()
    facility = registers.access_facility(actor, facility_id)
    if not registers.may_enter_facility(actor, facility.area_code):
        raise NotAllowed
    form = FacilityEndForm(request.POST or None, initial={"version": facility.version})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            end_facility(
                actor=actor,
                facility_id=facility_id,
                expected_version=said["version"],
                reason=said["reason"],
                now=now,
            )
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("登记已终止"))
            return redirect("facility", facility_id=facility_id)
    context = {**_parts(facility, now), "form": form}
    return render(request, "organisation/facility_end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*READERS)
def facility_beds(request: ActorRequest, facility_id: UUID) -> HttpResponse:
    """Say how many beds are open and taken on a day, today where none is named."""
    actor, now = request.actor, utc_now()
    facility = registers.access_facility(actor, facility_id)
    if not registers.may_keep(actor, facility):
        raise NotAllowed
    recent = recent_beds(facility, day_of(now))
    form = _beds_form(request, recent, _day_asked(request, now))
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            record_beds(
                actor=actor, facility_id=facility_id, beds=form.beds(), expected_version=version, now=now
            )
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("床位数已记下"))
            return redirect("facility", facility_id=facility_id)
    on = _day_asked(request, now)
    context = {**_parts(facility, now), "form": form, "on": on, "recent": recent}
    return render(request, "organisation/facility_beds.html", context, status=422 if form.errors else 200)


def _correctable(actor: Actor, facility_id: UUID) -> Facility:
    facility = registers.access_facility(actor, facility_id)
    if not registers.may_correct(actor, facility):
        raise NotAllowed
    if facility.ends_at is not None:
        raise FacilityChanged
    return facility


def _kind_asked(request: ActorRequest, facility: Facility) -> str:
    """Return the kind whose fields are shown: its own, or the one it is to become."""
    wanted = request.GET.get("kind", "")
    may_change = registers.may_enter_facility(request.actor, facility.area_code)
    return (
        wanted if may_change and wanted in registers.definitions_in_force().facility_kinds else facility.kind
    )


def _form(request: ActorRequest, facility: Facility | None, kind: str, now: datetime) -> FacilityForm:
    initial: dict[str, Any]
    if facility is None:
        initial = {"area": request.GET.get("area", request.actor.area_code)}
    else:
        initial = {"name": facility.name, "address": facility.address, "version": facility.version}
    asked = registers.definitions_in_force().of("facility", kind)
    return FacilityForm(
        request.POST or None,
        actor=request.actor,
        is_new=facility is None,
        now=now,
        attributes=asked,
        values=facility.attributes if facility else {},
        initial=initial,
    )


def _parts(facility: Facility, now: datetime) -> dict[str, Any]:
    return {"facility": facility, "crumbs": facility_crumbs(facility, now=now)}


def _day_asked(request: ActorRequest, now: datetime) -> date:
    """Return the day the form is about: the one sent, the one in the address, else today."""
    try:
        return day_named(request.POST.get("on") or request.GET.get("on") or "")
    except ValueError:
        return day_of(now)


def _beds_form(request: ActorRequest, recent: Any, on: date) -> BedsForm:
    row = next((row for day, row in recent if day == on), None)
    initial: dict[str, Any] = {"on": on, "version": 0}
    if row is not None:
        initial |= {name: getattr(row, name) for name in ("open_count", "occupied_count", "reason")}
        initial["version"] = row.version
    return BedsForm(request.POST or None, initial=initial)
