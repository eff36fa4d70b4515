"""Doors of patches (片): the list, one patch, making, changing, ending it, taking an end back."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in, version_or_404
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import (
    PatchChanged,
    PatchInvalid,
    edit_patch,
    end_patch,
    make_patch,
    resume_patch,
)
from anlan.organisation.forms import blame
from anlan.organisation.models import Area, Patch
from anlan.organisation.patch_forms import PatchForm
from anlan.organisation.presenting import crumbs_of
from anlan.organisation.presenting.patches import patch_context, patch_lines
from anlan.organisation.queries.patches import access_patch, wanted_patches
from anlan.organisation.rules import AreaLevel

BY_PLACE = ("area_code", "name", "id")


@require_GET
@behind_sign_in()
def patch_list(request: ActorRequest) -> HttpResponse:
    """List the patches of the actor's ranges with their grids, heads, households and residents."""
    now, sought = utc_now(), request.GET
    words = sought.get("q", "").strip()
    rows = wanted_patches(request.actor, words)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=BY_PLACE, after=sought.get("after"), before=sought.get("before"))
    context = {"page": page, "query": words, "count": count, "exact": exact}
    context |= {"lines": patch_lines(request.actor, page.rows, now=now)}
    context |= {"manages": request.actor.has_purpose("org")}
    return render(request, "organisation/patch_list.html", context)


@require_GET
@behind_sign_in()
def patch_page(request: ActorRequest, patch_id: UUID) -> HttpResponse:
    """Show one patch: its grids, who heads it, what came into it and left."""
    patch = access_patch(request.actor, patch_id)
    return render(request, "organisation/patch.html", patch_context(request.actor, patch, now=utc_now()))


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def patch_new(request: ActorRequest, code: str) -> HttpResponse:
    """Put grids of a community together in a patch."""
    actor, now = request.actor, utc_now()
    area = _looked_after(request, code, now)
    form = PatchForm(request.POST or None, area=area, patch=None, now=now)
    if request.method == "POST" and form.is_valid():
        said = {"patch_id": form.cleaned_data["row_id"], "area_code": code, "facts": form.facts()}
        try:
            patch = make_patch(actor=actor, now=now, **said)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("片已设立，从现在起生效"))
            return redirect("patch", patch_id=patch.pk)
    context = {"form": form, "area": area, "crumbs": crumbs_of(area, queries.areas_above(code, now=now))}
    return render(request, "organisation/patch_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def patch_edit(request: ActorRequest, patch_id: UUID) -> HttpResponse:
    """Change name, grids or head of a patch from now on."""
    actor, now = request.actor, utc_now()
    patch = _changeable(request, patch_id)
    area = _looked_after(request, patch.area_code, now)
    form = PatchForm(request.POST or None, area=area, patch=patch, now=now)
    status = 200
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            edit_patch(actor=actor, patch_id=patch_id, expected_version=version, facts=form.facts(), now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
            status = refusal.status
        else:
            messages.success(request, _("已更改，从现在起生效"))
            return redirect("patch", patch_id=patch_id)
    context = {**patch_context(actor, patch, now=now), "form": form}
    status = 422 if form.errors and status == 200 else status
    return render(request, "organisation/patch_form.html", context, status=status)


@require_POST
@behind_sign_in("org")
def patch_end(request: ActorRequest, patch_id: UUID) -> HttpResponse:
    """End a patch now."""
    version = version_or_404(request.POST.get("version", ""))
    end_patch(actor=request.actor, patch_id=patch_id, expected_version=version, now=utc_now())
    messages.success(request, _("片已撤销，网格不再归片；在本页可以恢复"))
    return redirect("patch", patch_id=patch_id)


@require_POST
@behind_sign_in("org")
def patch_resume(request: ActorRequest, patch_id: UUID) -> HttpResponse:
    """Take the end of a patch back."""
    version = version_or_404(request.POST.get("version", ""))
    resume_patch(actor=request.actor, patch_id=patch_id, expected_version=version, now=utc_now())
    messages.success(request, _("片已恢复"))
    return redirect("patch", patch_id=patch_id)


def _looked_after(request: ActorRequest, code: str, now: datetime) -> Area:
    """Return a community whose grids the actor's post arranges."""
    area = queries.access_area_of(request.actor, code, now=now)
    if not queries.may_manage(request.actor, area.code):
        raise NotAllowed
    if area.level != AreaLevel.COMMUNITY:
        raise PatchInvalid(_("片设在社区里：请从社区的页面进入。"))
    return area


def _changeable(request: ActorRequest, patch_id: UUID) -> Patch:
    patch = access_patch(request.actor, patch_id)
    if not queries.may_manage(request.actor, patch.area_code):
        raise NotAllowed
    if patch.ends_at is not None:
        raise PatchChanged
    return patch
