"""Doors of the day's counts: a unit's form, the desk of those who report, lists for health posts."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.foundation import audit
from anlan.foundation.clock import day_named, day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.health import presenting, queries
from anlan.health.actions import NewCounts, record_counts
from anlan.health.forms.counts import CountsForm
from anlan.organisation.queries import names_of, now_for

PAGE_SOURCE = "page"
AMENDABLE_DAYS = 7  # on the page; a feed may bring older days
CARDS_SHOWN, UNITS_SHOWN = 6, 8


@require_GET
@behind_sign_in("reporting", "health")
def reporting_desk(request: ActorRequest) -> HttpResponse:
    """Show what this post has to report today, and for health posts who is silent and what awaits a card."""
    actor, now = request.actor, now_for(request.actor)
    today = day_of(now)
    context: dict[str, Any] = {
        "unit": queries.own_facility(actor),
        "due": presenting.due_forms(actor, today, now),
        "replies": presenting.reply_lines(actor, now),
        "on": today,
    }
    if actor.has_purpose("health"):
        waiting = queries.awaiting_card(actor)
        context["cards"] = presenting.card_lines(waiting[:CARDS_SHOWN], now)
        context["card_count"] = waiting.count()
    if actor.has_purpose("health") and not actor.has_purpose("reporting"):
        context["silence"] = presenting.silence(actor, today, now)
        context["units_shown"] = UNITS_SHOWN
    return render(request, "health/reporting_desk.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("reporting", "health")
def count_form(request: ActorRequest, form_key: str) -> HttpResponse:
    """Take this unit's counts of a day; `none=1` says that nobody was ill."""
    actor, now = request.actor, now_for(request.actor)
    asked = queries.count_form(form_key)
    if asked not in queries.forms_of(actor):
        raise NotAllowed
    on = _day(request, day_of(now))
    if not day_of(now) - timedelta(days=AMENDABLE_DAYS) <= on <= day_of(now):
        raise NotFound
    context = presenting.count_page(actor, asked, on, now)
    given = request.POST if request.method == "POST" else None
    form = CountsForm(given, asked=asked, initial=context["initial"], **context["grid"])
    if given is not None and form.is_valid() and _recorded(request, form, on):
        return redirect("reporting_desk")
    status = 422 if form.errors else 200
    return render(request, "health/count_form.html", {**context, "form": form}, status=status)


def _recorded(request: ActorRequest, form: CountsForm, on: date) -> bool:
    """Record what a valid form says, or put the refusal on the form."""
    actor, asked, none = request.actor, form.asked, "none" in request.POST
    place = {"facility_id": actor.facility_id} if asked.facility_kinds else {"area_code": actor.area_code}
    sheet = NewCounts(form=asked.key, on=on, source=PAGE_SOURCE, lines=() if none else form.lines(), **place)
    try:
        record_counts(
            actor=actor, sheet=sheet, now=now_for(actor), expected_version=form.cleaned_data["version"]
        )
    except (Invalid, Conflict) as refusal:
        form.add_error(None, str(refusal.message))
        return False
    messages.success(request, _("已收到，谢谢。"))
    return True


def _day(request: ActorRequest, today: date) -> date:
    """Return the day a request names, else today; an unreadable one is an absent page."""
    named = request.POST.get("on") or request.GET.get("on")
    try:
        return day_named(named) if named else today
    except ValueError as error:
        raise NotFound from error


@require_GET
@behind_sign_in("health")
def counts(request: ActorRequest) -> HttpResponse:
    """List the sheets of a day."""
    actor, now = request.actor, now_for(request.actor)
    on, only = _day(request, day_of(now)), request.GET.get("form", "")
    rows = queries.visible_sheets(actor).filter(on=on, **({"form": only} if only else {}))
    page = page_of(
        rows.prefetch_related("lines"),
        order=("area_code", "id"),
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    audit.record("list_counts", "health.CountSheet", [row.pk for row in page.rows])
    context = {
        "page": page,
        "lines": presenting.sheet_lines(page.rows, now),
        "count": rows.count(),
        "forms": presenting.form_titles(),
        "only": only,
        **_days_around(on, day_of(now)),
    }
    return render(request, "health/counts.html", context)


def _days_around(on: date, today: date) -> dict[str, Any]:
    return {
        "on": on,
        "is_today": on == today,
        "day_before": on - timedelta(days=1),
        "day_after": on + timedelta(days=1) if on < today else None,
    }


@require_GET
@behind_sign_in("reporting", "health")
def count_sheet(request: ActorRequest, sheet_id: UUID) -> HttpResponse:
    """Show one sheet with its numbers and what stood there before."""
    actor, now = request.actor, now_for(request.actor)
    with queries.reading_own_counts(actor):
        sheet = queries.access_sheet(actor, sheet_id)
        context = presenting.sheet_page(sheet, now)
    audit.record("read_counts", "health.CountSheet", [sheet.pk], area_code=sheet.area_code)
    ids = {row["post_id"] for row in context["history"] if row["post_id"]}
    context["names"] = names_of(ids)
    return render(request, "health/count_sheet.html", context)


@require_GET
@behind_sign_in("health")
def silent(request: ActorRequest) -> HttpResponse:
    """List the units that should have reported by their form's deadline and have not."""
    actor, now = request.actor, now_for(request.actor)
    on, only = _day(request, day_of(now)), request.GET.get("form", "")
    context = {
        "silence": presenting.silence(actor, on, now, only=only),
        "forms": presenting.form_titles(),
        "only": only,
        **_days_around(on, day_of(now)),
    }
    return render(request, "health/silent.html", context)
