"""Doors of posts and appointments: the list, one post, a new post, appointing, ending."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import NewPost, appoint, create_post, end_appointment
from anlan.organisation.forms import AppointForm, EndForm, PostForm, blame
from anlan.organisation.post_pages import (
    candidates,
    post_context,
    post_crumbs,
    role_choices,
)
from anlan.organisation.presenting import crumbs_of, post_lines

BY_AREA = ("area_code", "id")


@require_GET
@behind_sign_in()
def post_list(request: ActorRequest) -> HttpResponse:
    """List the posts of the actor's ranges with their holders."""
    now, sought = utc_now(), request.GET
    rows = queries.wanted_posts(request.actor, sought, now=now)
    count, exact = count_up_to(rows)
    shown = queries.with_holders(rows, now=now)
    page = page_of(shown, order=BY_AREA, after=sought.get("after"), before=sought.get("before"))
    context = {
        "page": page,
        "lines": post_lines(page.rows, now=now),
        "roles": role_choices(),
        "area_name": queries.area_names([sought.get("area", "")], now=now).get(sought.get("area", ""), ""),
        "sought": sought,
        "count": count,
        "exact": exact,
        "manages": request.actor.has_purpose("org"),
    }
    return render(request, "organisation/post_list.html", context)


@require_GET
@behind_sign_in()
def post_page(request: ActorRequest, post_id: UUID) -> HttpResponse:
    """Show one post: duties, ranges, purposes, who holds it and who held it."""
    post = queries.access_post(request.actor, post_id)
    return render(request, "organisation/post.html", post_context(request.actor, post, now=utc_now()))


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def post_new(request: ActorRequest) -> HttpResponse:
    """Create a post from a role of the pack."""
    actor, now = request.actor, utc_now()
    area = queries.access_area_of(actor, request.GET.get("area", actor.area_code), now=now)
    if not queries.may_manage(actor, area.code):
        raise NotAllowed
    form = PostForm(request.POST or None, actor=actor, area=area, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            post = create_post(actor=actor, wanted=_as_post(form, area.code), now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("岗位已设立，请任命责任人"))
            return redirect("post", post_id=post.pk)
    crumbs = crumbs_of(area, queries.areas_above(area.code, now=now))
    context = {"form": form, "area": area, "crumbs": crumbs}
    return render(request, "organisation/post_new.html", context, status=422 if form.errors else 200)


def _as_post(form: PostForm, area_code: str) -> NewPost:
    said = form.cleaned_data
    return NewPost(
        role=said["role"],
        area_code=area_code,
        title=said["title"],
        facility_id=said["facility"].pk if said["facility"] else None,
        further_codes=form.codes(),
        post_id=said["row_id"],
    )


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def appoint_page(request: ActorRequest, post_id: UUID) -> HttpResponse:
    """Choose a member and give the post to them."""
    actor, now = request.actor, utc_now()
    post = queries.access_post(actor, post_id)
    if not queries.may_manage_post(actor, post):
        raise NotAllowed
    words = request.GET.get("q", "").strip()
    found = candidates(actor, post, words, chosen=request.POST.get("member", ""), now=now)
    form = AppointForm(request.POST or None, members=found)
    if request.method == "POST" and form.is_valid():
        try:
            _appoint(actor, post_id, form, now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已任命"))
            return redirect("post", post_id=post_id)
    context = {
        "form": form,
        "post": post,
        "found": found,
        "query": words,
        "crumbs": post_crumbs(post, now=now),
    }
    return render(request, "organisation/appoint.html", context, status=422 if form.errors else 200)


def _appoint(actor: Actor, post_id: UUID, form: AppointForm, now: datetime) -> None:
    said = form.cleaned_data
    appoint(
        actor=actor,
        post_id=post_id,
        member_id=UUID(said["member"]),
        reason=said["reason"],
        starts_at=said["starts_at"],
        ends_at=said["ends_at"],
        appointment_id=said["row_id"],
        now=now,
    )


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def appointment_end(request: ActorRequest, appointment_id: UUID) -> HttpResponse:
    """End an appointment, at once or at a moment."""
    actor, now = request.actor, utc_now()
    row = queries.access_appointment(actor, appointment_id)
    post = queries.access_post(actor, row.post_id)
    if not queries.may_manage_post(actor, post):
        raise NotAllowed
    form = EndForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            _end(actor, appointment_id, form, now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(
                request, _("任职已结束，权限同时停止") if form.is_at_once() else _("已定下结束时间")
            )
            return redirect("post", post_id=post.pk)
    context = {"form": form, "row": row, "post": post, "crumbs": post_crumbs(post, now=now)}
    return render(request, "organisation/appointment_end.html", context, status=422 if form.errors else 200)


def _end(actor: Actor, appointment_id: UUID, form: EndForm, now: datetime) -> None:
    said = form.cleaned_data
    end_appointment(
        actor=actor,
        appointment_id=appointment_id,
        ends_at=said["ends_at"],
        reason=said["reason"],
        expected_version=said["version"],
        now=now,
    )
