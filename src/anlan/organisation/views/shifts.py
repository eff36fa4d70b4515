"""Doors of the duty roster of a post: plan a shift, move it, swap it, withdraw it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import (
    Hours,
    ShiftChanged,
    move_shift,
    plan_shift,
    swap_shifts,
    withdraw_shift,
)
from anlan.organisation.forms import ShiftForm, SwapForm, blame
from anlan.organisation.models import Post, Shift
from anlan.organisation.post_pages import post_crumbs


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def roster(request: ActorRequest, post_id: UUID) -> HttpResponse:
    """Show who is on duty at a post from now on, and put another holder on duty."""
    actor, now = request.actor, utc_now()
    post = queries.access_post(actor, post_id)
    if not queries.may_manage_post(actor, post):
        raise NotAllowed
    form = ShiftForm(request.POST or None, members=queries.members_holding(post, now=now))
    if request.method == "POST" and form.is_valid():
        try:
            plan_shift(
                actor=actor,
                post_id=post_id,
                hours=_hours(form),
                now=now,
                shift_id=form.cleaned_data["row_id"],
            )
            messages.success(request, _("已排班"))
            return redirect("roster", post_id=post_id)
        except Invalid as refusal:
            blame(form, refusal)
    context = {"form": form, "shifts": queries.coming_shifts(post, now=now), **_parts(post, now)}
    return render(request, "organisation/roster.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def duty_shift(request: ActorRequest, shift_id: UUID) -> HttpResponse:
    """Show one shift, and give it other hours or another holder."""
    actor, now = request.actor, utc_now()
    shift = queries.access_shift(actor, shift_id)
    if not queries.may_manage_post(actor, shift.post):
        raise NotAllowed
    members = queries.members_holding(shift.post, now=now)
    form = ShiftForm(request.POST or None, members=members, initial=_as_initial(shift))
    if request.method == "POST" and form.is_valid():
        try:
            move_shift(
                actor=actor,
                shift_id=shift_id,
                hours=_hours(form),
                expected_version=_version(request),
                now=now,
            )
            messages.success(request, _("已改班"))
            return redirect("roster", post_id=shift.post_id)
        except Invalid as refusal:
            blame(form, refusal)
    context = {"form": form, "shift": shift, "others": _others(shift, now), **_parts(shift.post, now)}
    return render(request, "organisation/duty_shift.html", context, status=422 if form.errors else 200)


@require_POST
@behind_sign_in("org")
def duty_swap(request: ActorRequest, shift_id: UUID) -> HttpResponse:
    """Let the members of two shifts take each other's."""
    shift = _managed(request.actor, shift_id)
    form = SwapForm(request.POST)
    if not form.is_valid():
        raise ShiftChanged
    swap_shifts(
        actor=request.actor,
        shift_id=shift_id,
        other_id=form.cleaned_data["other"],
        expected_version=_version(request),
        now=utc_now(),
    )
    messages.success(request, _("两班已互换"))
    return redirect("roster", post_id=shift.post_id)


@require_POST
@behind_sign_in("org")
def duty_withdraw(request: ActorRequest, shift_id: UUID) -> HttpResponse:
    """Take a shift back, or end one that runs."""
    shift = _managed(request.actor, shift_id)
    withdraw_shift(actor=request.actor, shift_id=shift_id, expected_version=_version(request), now=utc_now())
    messages.success(request, _("已撤班"))
    return redirect("roster", post_id=shift.post_id)


def _managed(actor: Actor, shift_id: UUID) -> Shift:
    shift = queries.access_shift(actor, shift_id)
    if not queries.may_manage_post(actor, shift.post):
        raise NotAllowed
    return shift


def _hours(form: ShiftForm) -> Hours:
    said = form.cleaned_data
    return Hours(UUID(said["member"]), said["starts_at"], said["ends_at"])


def _version(request: ActorRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else 0


def _as_initial(shift: Shift) -> dict[str, Any]:
    return {"member": str(shift.member_id), "starts_at": shift.starts_at, "ends_at": shift.ends_at}


def _others(shift: Shift, now: datetime) -> list[Shift]:
    """Return the shifts this one may be swapped with: others' that have not begun."""
    if shift.starts_at <= now:
        return []
    coming = queries.coming_shifts(shift.post, now=now)
    return [row for row in coming if row.starts_at > now and row.member_id != shift.member_id]


def _parts(post: Post, now: datetime) -> dict[str, Any]:
    here = {"label": _("值班表"), "href": reverse("roster", args=[post.pk])}
    return {"post": post, "crumbs": [*post_crumbs(post, now=now), here], "now": now}
