"""Doors of the leaders' first screens and the daily brief."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation import audit
from anlan.foundation.clock import day_named, day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.insight.brief import daily_brief
from anlan.insight.brief_pdf import brief_pdf
from anlan.insight.brief_words import BriefWords, brief_words
from anlan.insight.commander import commander_parts
from anlan.insight.department import department_parts
from anlan.insight.desk_parts import community_parts, subdistrict_parts
from anlan.organisation.queries import now_for


@require_GET
@behind_sign_in("lead")
def community_desk(request: ActorRequest) -> HttpResponse:
    """Show a community secretary what waits: new and late orders, appeals, the gate, calls, vacancies."""
    parts = community_parts(request.actor, now_for(request.actor))
    return render(request, "insight/community_desk.html", parts)


@require_GET
@behind_sign_in("lead")
def subdistrict_desk(request: ActorRequest) -> HttpResponse:
    """Show a subdistrict its communities, the red clocks first, departments late to it, what to decide."""
    parts = subdistrict_parts(request.actor, now_for(request.actor))
    return render(request, "insight/subdistrict_desk.html", parts)


@require_GET
@behind_sign_in("lead")
def commander_desk(request: ActorRequest) -> HttpResponse:
    """Show the commander what to decide, verified events, first times, the silent, the burden, the duty."""
    parts = commander_parts(request.actor, now_for(request.actor))
    return render(request, "insight/commander_desk.html", parts)


@require_GET
@behind_sign_in("department")
def department_desk(request: ActorRequest) -> HttpResponse:
    """Show a department who calls it, what it must do, what it asks of communities and what that costs."""
    parts = department_parts(request.actor, now_for(request.actor))
    return render(request, "insight/department_desk.html", parts)


@require_GET
@behind_sign_in("health", "lead")
def brief_page(request: ActorRequest) -> HttpResponse:
    """Show the daily brief of a day."""
    words = _brief(request)
    today = day_of(now_for(request.actor))
    context = {
        "brief": words,
        "before": words.on - timedelta(days=1),
        "after": words.on + timedelta(days=1) if words.on < today else None,
        "today": today,
    }
    return render(request, "insight/brief.html", context)


@require_GET
@behind_sign_in("health", "lead")
def brief_as_pdf(request: ActorRequest) -> HttpResponse:
    """Answer the daily brief as a PDF that names its reader."""
    words = _brief(request)
    audit.record("export_brief", "insight.Brief", [], area_code=request.actor.area_code)
    answer = HttpResponse(brief_pdf(words.as_dict()), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="anlan-brief-{words.on.isoformat()}.pdf"'
    return answer


def _brief(request: ActorRequest) -> BriefWords:
    """Write the brief of the day asked for; today's where none or no past day is named."""
    now = now_for(request.actor)
    try:
        on = min(day_named(request.GET.get("on", "")), day_of(now))
    except ValueError:
        on = day_of(now)
    return brief_words(daily_brief(request.actor, on, now), request.actor)
