"""Doors of the pack's plans and measures, to be read by everybody on duty, and printed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.response import library, queries


@require_GET
@behind_sign_in()
def plan_list(request: ActorRequest) -> HttpResponse:
    """List the plans of the pack."""
    return render(request, "response/plan_list.html", {"groups": library.plan_groups()})


@require_GET
@behind_sign_in()
def plan_page(request: ActorRequest, key: str) -> HttpResponse:
    """Show one plan on two pages."""
    plan = queries.access_plan(key)
    return render(request, "response/plan.html", library.plan_context(plan))


@require_GET
@behind_sign_in()
def measure_list(request: ActorRequest) -> HttpResponse:
    """List the measures: who decides, how long, lifted when, which remedy."""
    return render(request, "response/measure_list.html", {"measures": library.measure_lines()})
