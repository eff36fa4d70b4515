"""Doors of the pages over several apps."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.health.presenting import REPLIES
from anlan.insight import queries
from anlan.organisation.presenting.maps import map_answer
from anlan.organisation.queries import now_for
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.surveillance.presenting import signal_lines
from anlan.surveillance.queries import open_signals
from anlan.workorders.presenting import order_lines
from anlan.workorders.queries import visible_orders
from anlan.workorders.rules import OPEN_STAGES

MAP_LEVELS = (AreaLevel.SUBDISTRICT, AreaLevel.COMMUNITY, AreaLevel.GRID)
LISTED = 12


@require_GET
@behind_sign_in()
def my_work(request: ActorRequest) -> HttpResponse:
    """Show what waits for this post, and what became of what it reported."""
    now = now_for(request.actor)
    work = queries.my_work(request.actor, now)
    context = {
        "work": work,
        "orders": order_lines(work.orders, now),
        "to_check": order_lines(work.to_check, now),
        "signals": signal_lines(work.signals, now),
        "replies": [(row, REPLIES.get(row.reply, "")) for row in work.replies],
        "now": now,
        "today": day_of(now),
    }
    return render(request, "insight/my_work.html", context)


@require_GET
@behind_sign_in("health", "lead")
def command(request: ActorRequest) -> HttpResponse:
    """Show how the district stands: the loop's funnel, the map, what is open."""
    actor, now = request.actor, now_for(request.actor)
    signals = open_signals(actor).prefetch_related("reasons")[:LISTED]
    orders = visible_orders(actor).filter(stage__in=OPEN_STAGES).order_by("due_at", "id")[:LISTED]
    context = {
        "figures": queries.loop_figures(actor, now),
        "signals": signal_lines(signals, now),
        "orders": order_lines(orders, now),
        "level": _level(request),
        "levels": [(level, level.label) for level in MAP_LEVELS],
    }
    return render(request, "insight/command.html", context)


@gzip_page
@require_GET
@behind_sign_in("health", "lead")
def command_map(request: ActorRequest) -> HttpResponse:
    """Answer the shapes of one level with their risk grade."""
    level = _level(request)
    features = queries.map_features(request.actor, level, CODE_LENGTH[level], now_for(request.actor))
    return map_answer(features)


def _level(request: ActorRequest) -> AreaLevel:
    wanted = request.GET.get("level", AreaLevel.COMMUNITY)
    return next((level for level in MAP_LEVELS if level == wanted), AreaLevel.COMMUNITY)
