"""Doors of pages about an area or a person over several apps: the size of grids, the hand-over sheet."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation import audit
from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import NotAllowed
from anlan.foundation.middleware import ActorRequest
from anlan.insight.grid_sizes import LISTED, grid_sizes
from anlan.insight.leaving import access_leaving
from anlan.organisation.presenting import crumbs_of
from anlan.organisation.queries import access_area_of, areas_above, may_manage


@require_GET
@behind_sign_in("org", "lead")
def grid_sizes_page(request: ActorRequest, code: str) -> HttpResponse:
    """Show how large the grids of an area are, and which of them ask to be split, merged or staffed."""
    now = utc_now()
    area = access_area_of(request.actor, code, now=now)
    if not request.actor.ranges.covers(area.code):
        raise NotAllowed
    sizes = grid_sizes(area, now=now)
    view = request.GET.get("view", "")
    chosen = [grid for grid in sizes.grids if not view or view == grid.state]
    context = {
        "area": area,
        "crumbs": crumbs_of(area, areas_above(area.code, now=now)),
        "sizes": sizes,
        "grids": chosen[:LISTED],
        "more": max(len(chosen) - LISTED, 0),
        "view": view,
        "manages": may_manage(request.actor, area.code),
    }
    return render(request, "insight/grid_sizes.html", context)


@require_GET
@behind_sign_in()
def leaving_page(request: ActorRequest, member_id: UUID) -> HttpResponse:
    """Show on one page what somebody holds and leaves open, to be handed over."""
    sheet = access_leaving(request.actor, member_id, now=utc_now())
    audit.record("read_leaving", "organisation.Member", [sheet.member.pk])
    return render(request, "insight/leaving.html", {"sheet": sheet, "now": utc_now()})
