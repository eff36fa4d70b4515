"""Doors of areas: one's own, any other by code or name, its map, its declared links."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import declare_link, end_link
from anlan.organisation.forms import LinkForm, blame
from anlan.organisation.presenting import area_context, area_lines, crumbs_of, map_features
from anlan.organisation.presenting.maps import map_answer
from anlan.organisation.presenting.patches import patches_beside
from anlan.organisation.queries.redraws import code_now

BY_CODE = ("code", "id")


@require_GET
@behind_sign_in()
def area_home(request: ActorRequest) -> HttpResponse:
    """Go to the post's own area; with words to look for, list the areas they name."""
    words = request.GET.get("q", "").strip()
    if not words:
        return redirect("area", code=request.actor.area_code)
    now = utc_now()
    rows = queries.areas_named(request.actor, words, now=now)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=BY_CODE, after=request.GET.get("after"), before=request.GET.get("before"))
    lines = area_lines(page.rows, now=now)
    context = {"page": page, "lines": lines, "query": words, "count": count, "exact": exact}
    return render(request, "organisation/area_list.html", context)


@require_GET
@behind_sign_in()
def area_page(request: ActorRequest, code: str) -> HttpResponse:
    """Show who answers for an area, what lies in it and what it borders on."""
    now = utc_now()
    area = queries.access_area_even_ended(request.actor, code, now=now)
    context = area_context(request.actor, area, now=now)
    context |= patches_beside(request.actor, area, now=now)
    context["now_code"] = code_now(code) if area.ends_at else code
    return render(request, "organisation/area.html", context)


@gzip_page
@require_GET
@behind_sign_in()
def area_map(request: ActorRequest, code: str) -> HttpResponse:
    """Answer the shapes of the areas below; of a grid, itself and its neighbours."""
    now = utc_now()
    area = queries.access_area_even_ended(request.actor, code, now=now)
    return map_answer(map_features(area, now=now))


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def link_new(request: ActorRequest, code: str) -> HttpResponse:
    """Declare that another area concerns this one."""
    now = utc_now()
    area = queries.access_area_of(request.actor, code, now=now)
    if not queries.may_manage(request.actor, area.code):
        raise NotAllowed
    form = LinkForm(request.POST or None, actor=request.actor, area=area, now=now)
    if request.method == "POST" and form.is_valid():
        other, reason = form.cleaned_data["other"], form.cleaned_data["reason"]
        try:
            declare_link(actor=request.actor, code=code, other_code=other, reason=reason, now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已登记关联"))
            return redirect("area", code=code)
    crumbs = crumbs_of(area, queries.areas_above(code, now=now))
    context = {"form": form, "area": area, "crumbs": crumbs}
    return render(request, "organisation/link_new.html", context, status=422 if form.errors else 200)


@require_POST
@behind_sign_in("org")
def link_end(request: ActorRequest, code: str, link_id: UUID) -> HttpResponse:
    """End a declared link."""
    end_link(actor=request.actor, link_id=link_id, now=utc_now())
    messages.success(request, _("已结束关联"))
    return redirect("area", code=code)
