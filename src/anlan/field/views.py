"""Doors of the field: the morning, the page that works without a signal, what a phone is given at contact."""

import json
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.field import presenting, queries
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people.queries.care import visits_due
from anlan.workorders.presenting import order_lines
from anlan.workorders.queries import problem_categories

FIRST_TILES = 15
SHELL_FILES = ("built/style.css", "built/field.js", "built/icons.svg", "foundation/mark.svg")
ICON_SIZES = (192, 512)


@require_GET
@behind_sign_in("grid_work")
def my_day(request: ActorRequest) -> HttpResponse:
    """Show a grid worker the day: at most seven lines, what became of reports, the large 报一件事."""
    now = now_for(request.actor)
    day = queries.day_of_post(request.actor, now)
    context = {
        "day": day,
        "lines": presenting.day_lines(day, now),
        "people": order_lines(day.people, now),
        "not_ours": order_lines(day.not_ours, now),
        "echoes": presenting.echoes(day),
        "visits": visits_due(request.actor, today=day_of(now)),
        "without_problem": not queries.may_raise_problem(request.actor),
    }
    return render(request, "field/my_day.html", context)


@require_GET
@behind_sign_in("grid_work")
def phone(request: ActorRequest) -> HttpResponse:
    """Show the page that works without a signal; a phone keeps it, so it holds nothing of anybody."""
    tiles = presenting.symptom_tiles(queries.symptoms_to_tick())
    context = {
        "first_tiles": tiles[:FIRST_TILES],
        "more_tiles": tiles[FIRST_TILES:],
        "problem_tiles": presenting.problem_tiles(problem_categories()),
    }
    return render(request, "field/phone.html", context)


@require_GET
def contact(request: HttpRequest) -> HttpResponse:
    """Give a phone the keys of its posts, what of today and places it may keep, and what was set aside."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    acting, now = cast("ActorRequest", request).actor, utc_now()
    account_id = request.user.pk
    answer: dict[str, object] = {"posts": presenting.phone_posts(account_id, now), "acting": None}
    answer |= presenting.phone_outcomes(account_id, now)
    if acting is not None and acting.has_purpose("grid_work"):
        then = now_for(acting)
        answer |= {
            "acting": str(acting.appointment_id),
            "today": presenting.phone_day(queries.day_of_post(acting, then), acting, then),
            **presenting.phone_places(acting, then),
        }
    return JsonResponse(answer)


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the service worker, with the files it keeps by their present names."""
    files = [static(name) for name in SHELL_FILES]
    lines = (
        f"self.SHELL = {json.dumps([reverse('field'), *files])};",
        f"importScripts({json.dumps(static('built/field_worker.js'))});",
    )
    return HttpResponse("\n".join(lines), content_type="text/javascript; charset=utf-8")


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the page to a phone that puts it among its applications."""
    icons = [
        {
            "src": static(f"foundation/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in ICON_SIZES
    ]
    described = {
        "name": _("安澜 · 网格"),
        "short_name": _("安澜"),
        "start_url": reverse("field"),
        "scope": reverse("field"),
        "display": "standalone",
        "background_color": "#f4f6f9",
        "theme_color": "#0e2f57",
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")
