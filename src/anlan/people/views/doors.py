"""Doors of what is to be looked at again behind doors: who arrived, which households nobody verified."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting
from anlan.people.forms.care import ArrivalForm, today_in
from anlan.people.presenting.care import arrival_lines, home_lines
from anlan.people.queries import care as asked
from anlan.people.queries.workload import workload_below
from anlan.people.views.choosing import area_chosen, areas_to_choose
from anlan.people.views.residents import ORDER, PURPOSES, within_limits

LATEST_FIRST = ("-on", "-id")
HOUSEHOLD = "people.Household"


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def arrivals(request: ActorRequest) -> HttpResponse:
    """List who arrived, the latest first."""
    actor, now, area = request.actor, now_for(request.actor), request.GET.get("area", "")
    rows = asked.visible_arrivals(actor, area_code=area, today=day_of(now))
    count, exact = count_up_to(rows.select_related(None), ranges=actor.ranges)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=LATEST_FIRST, ranges=actor.ranges, after=after, before=before)
    lines = arrival_lines(actor, page.rows, now=now)
    homes = [line.home_id for line in lines if line.home_id]
    actions.note_listed(actor=actor, subject=HOUSEHOLD, ids=homes, now=now)
    context = {"page": page, "lines": lines, "count": count, "exact": exact}
    context |= {"area": area, "areas": areas_to_choose(actor, now, area)}
    return render(request, "people/arrivals.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
@within_limits
def arrival_new(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """Note who came to live behind a door."""
    actor, now = request.actor, now_for(request.actor)
    home, _people = actions.open_household(actor=actor, household_id=household_id, now=now)
    form = ArrivalForm(request.POST or None, initial=today_in(day_of(now)))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        row_id = said.pop("row_id")
        arrival = actions.NewArrival(household_id=household_id, **said)
        try:
            actions.note_arrival(actor=actor, arrival=arrival, arrival_id=row_id, now=now)
            messages.success(request, _("已登记。三十天后自动删除。"))
            return redirect("household", household_id)
        except Invalid as refusal:
            form.show_refusal(refusal)
    context = {"household": home, "door": presenting.door_of(actor, home), "form": form}
    return render(request, "people/arrival.html", context, status=422 if form.errors else 200)


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def recheck(request: ActorRequest) -> HttpResponse:
    """List the households nobody has verified for a long time, or ever."""
    actor, now, area = request.actor, now_for(request.actor), request.GET.get("area", "")
    since = asked.recheck_before(actor, now, day_of(now))
    rows = asked.doors_to_recheck(actor, area_code=area, before=since)
    count, exact = count_up_to(rows.select_related(None), ranges=actor.ranges)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=ORDER, ranges=actor.ranges, after=after, before=before)
    actions.note_listed(actor=actor, subject=HOUSEHOLD, ids=[row.pk for row in page.rows], now=now)
    context = {"page": page, "lines": home_lines(actor, page.rows, "", now=now), "since": since}
    context |= {"count": count, "exact": exact, "area": area, "areas": areas_to_choose(actor, now, area)}
    return render(request, "people/recheck.html", context)


@require_GET
@behind_sign_in("grid_work")
def workload(request: ActorRequest) -> HttpResponse:
    """Show what each area below one asks of its grid workers now."""
    actor, now = request.actor, now_for(request.actor)
    chosen = area_chosen(request)
    rows = workload_below(actor, chosen.code, now=now, today=day_of(now))
    context = {"area": chosen, "rows": [(row, chosen.name_of(row.area_code)) for row in rows]}
    return render(request, "people/workload.html", context)
