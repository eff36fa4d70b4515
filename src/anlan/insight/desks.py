"""Doors of the leaders' first screens and the daily brief."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation import audit
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.insight import desk_queries as queries
from anlan.insight.brief import daily_brief
from anlan.insight.brief_pdf import brief_pdf
from anlan.insight.brief_words import BriefWords, brief_words
from anlan.organisation.queries import area_names, now_for
from anlan.surveillance.presenting import signal_lines
from anlan.workorders.presenting import order_lines


@require_GET
@behind_sign_in("lead")
def community_desk(request: ActorRequest) -> HttpResponse:
    """Show a community secretary what waits: new and late orders, appeals, joint responses, vacancies."""
    now = now_for(request.actor)
    desk = queries.community_desk(request.actor, now)
    context = {
        "desk": desk,
        "new": order_lines(desk.new_orders, now),
        "late": order_lines(desk.late_orders, now),
        "appeals": order_lines(desk.waiting_appeals, now),
        "joint": order_lines(desk.joint_responses, now),
    }
    return render(request, "insight/community_desk.html", context)


@require_GET
@behind_sign_in("lead")
def subdistrict_desk(request: ActorRequest) -> HttpResponse:
    """Show a subdistrict its communities, the red clocks first, and departments late to it."""
    actor, now = request.actor, now_for(request.actor)
    lines = queries.communities_of(actor, now)
    silent = queries.silent_receivers(actor)
    names = area_names([row.area_code for row in silent], now=now)
    context = {
        "lines": lines,
        "late": order_lines(queries.late_at_departments(actor, now), now),
        "silent": [(row, names.get(row.area_code, row.area_code)) for row in silent],
        "totals": {
            "open": sum(line.open_orders for line in lines),
            "late": sum(line.late_orders for line in lines),
            "unanswered": sum(line.unanswered for line in lines),
            "vacant": sum(line.vacant_grids for line in lines),
        },
    }
    return render(request, "insight/subdistrict_desk.html", context)


@require_GET
@behind_sign_in("lead")
def commander_desk(request: ActorRequest) -> HttpResponse:
    """Show the commander verified events, the first times, who has not answered and who is on duty."""
    actor, now = request.actor, now_for(request.actor)
    desk = queries.commander_desk(actor, now)
    names = area_names([row.area_code for row in desk.unanswered], now=now)
    context = {
        "desk": desk,
        "events": signal_lines(desk.events, now),
        "unanswered": [(row, names.get(row.area_code, row.area_code)) for row in desk.unanswered],
    }
    return render(request, "insight/commander_desk.html", context)


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
        on = min(date.fromisoformat(request.GET.get("on", "")), day_of(now))
    except ValueError:
        on = day_of(now)
    return brief_words(daily_brief(request.actor, on, now), request.actor)
