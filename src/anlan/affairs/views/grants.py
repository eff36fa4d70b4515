"""Doors of grants: the list, an application, one grant and what is done with it, its certificate."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.affairs import grant_forms, grant_pages
from anlan.affairs.actions import (
    NewGrant,
    apply_for_grant,
    approve_grant,
    check_grant,
    move_grant,
)
from anlan.affairs.forms import show_refusal
from anlan.affairs.grant_rules import BY_WORDS_ALONE, ISSUED, GrantAct
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.affairs.presenting.grants import grant_lines
from anlan.affairs.queries.grants import (
    READERS,
    access_grant,
    grant_kinds,
    grants_of,
    is_of_role,
    kinds_to_apply_for,
)
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in, uuid_or_404
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.models import Facility
from anlan.organisation.queries import now_for
from anlan.organisation.queries.registers import access_facility


@require_GET
@behind_sign_in(*READERS)
def grant_list(request: ActorRequest) -> HttpResponse:
    """List the grants of one kind in the actor's ranges, with how many hold in each category."""
    context = grant_pages.list_context(request.actor, request.GET, now=now_for(request.actor))
    return render(request, "affairs/grant_list.html", context)


@require_GET
@behind_sign_in(*READERS)
def facility_grants(request: ActorRequest, facility_id: UUID) -> HttpResponse:
    """Answer the part of a facility's page that tells what it was granted and what it may apply for."""
    actor, now = request.actor, now_for(request.actor)
    facility = access_facility(actor, facility_id)
    concerned = any(facility.kind in kind.facility_kinds for kind in grant_kinds().values())
    lines = grant_lines(grants_of(actor, facility_id), now, day_of(now))
    context = {
        "facility": facility,
        "lines": lines,
        "is_concerned": concerned or bool(lines),
        "may_apply": bool(kinds_to_apply_for(actor, facility)),
    }
    return render(request, "affairs/_facility_grants.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*READERS)
def grant_new(request: ActorRequest) -> HttpResponse:
    """Apply for a facility: one's own, or one of the area; without one, say how to choose it."""
    facility = _facility_asked(request)
    if facility is None:
        return render(request, "affairs/grant_choose.html", grant_pages.choice_context(request.actor))
    kind = _kind_asked(request, facility)
    renewing = bool(request.GET.get("renew"))
    form = grant_forms.ApplicationForm(request.POST or None, kind=kind, facility_kind=facility.kind)
    if request.method == "POST" and form.is_valid():
        application = NewGrant(facility_id=facility.pk, kind=kind.key, renewing=renewing, **form.cleaned_data)
        try:
            made = apply_for_grant(actor=request.actor, application=application, now=now_for(request.actor))
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("已提交，等待核查"))
            return redirect("grant", grant_id=made.pk)
    context = grant_pages.application_context(facility, kind, form, renewing=renewing)
    return render(request, "affairs/grant_new.html", context, status=422 if form.errors else 200)


def _facility_asked(request: ActorRequest) -> Facility | None:
    """Return the facility of the address, else the post's own that may apply; None where there is neither."""
    said, own = request.GET.get("facility", ""), request.actor.facility_id
    if said:
        return access_facility(request.actor, uuid_or_404(said))
    facility = access_facility(request.actor, own) if own else None
    return facility if facility and kinds_to_apply_for(request.actor, facility) else None


def _kind_asked(request: ActorRequest, facility: Facility) -> GrantKind:
    """Return the kind of the address where the actor may apply for it, else the first it may apply for."""
    kinds = kinds_to_apply_for(request.actor, facility)
    if not kinds:
        raise NotAllowed
    return next((kind for kind in kinds if kind.key == request.GET.get("kind")), kinds[0])


@require_GET
@behind_sign_in(*READERS)
def grant(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    """Show one grant with its steps and what the post may do."""
    return _grant_page(request, access_grant(request.actor, grant_id))


def _grant_page(request: ActorRequest, found: Grant, **sent: Any) -> HttpResponse:
    context = grant_pages.page_context(request.actor, found, now=now_for(request.actor), **sent)
    return render(request, "affairs/grant.html", context, status=422 if sent else 200)


@require_POST
@behind_sign_in(*READERS)
def grant_check(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    """Take what was found of each point."""
    found, kind = _in_turn(request, grant_id, GrantAct.CHECK)
    form = grant_forms.CheckForm(request.POST, kind=kind, grant=found)

    def act() -> None:
        check_grant(
            actor=request.actor,
            grant_id=grant_id,
            found=form.found(),
            note=form.cleaned_data["note"],
            now=now_for(request.actor),
            expected_version=form.cleaned_data["version"],
        )

    return _answer(request, found, form, act, "check_form")


@require_POST
@behind_sign_in(*READERS)
def grant_approve(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    """Approve a grant for a term, with conditions."""
    found, kind = _in_turn(request, grant_id, GrantAct.APPROVE)
    now = now_for(request.actor)
    form = grant_forms.ApprovalForm(request.POST, kind=kind, grant=found, today=day_of(now))

    def act() -> None:
        approve_grant(
            actor=request.actor,
            grant_id=grant_id,
            terms=form.terms(),
            reason=form.cleaned_data["reason"],
            now=now,
            expected_version=form.cleaned_data["version"],
        )

    return _answer(request, found, form, act, "approval_form")


@require_POST
@behind_sign_in(*READERS)
def grant_act(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    """Refuse, publish, suspend, lift the suspension, or revoke."""
    asked = request.POST.get("act", "")
    if asked not in set(BY_WORDS_ALONE):
        access_grant(request.actor, grant_id)
        raise NotAllowed
    found, _kind = _in_turn(request, grant_id, GrantAct(asked))
    form = grant_forms.ActForm(request.POST, auto_id=f"{asked}-%s")

    def act() -> None:
        move_grant(
            actor=request.actor,
            grant_id=grant_id,
            act=GrantAct(asked),
            reason=form.cleaned_data["reason"],
            now=now_for(request.actor),
            expected_version=form.cleaned_data["version"],
        )

    return _answer(request, found, form, act, "act_form")


def _in_turn(request: ActorRequest, grant_id: UUID, act: GrantAct) -> tuple[Grant, GrantKind]:
    """Return the grant with its kind where the post's role does this; raise NotFound, NotAllowed."""
    found = access_grant(request.actor, grant_id)
    if not is_of_role(request.actor, found, act):
        raise NotAllowed
    return found, grant_kinds()[found.kind]


def _answer(
    request: ActorRequest, found: Grant, form: Any, act: Callable[[], None], name: str
) -> HttpResponse:
    """Do it where the form is right, else show the page with the form as sent."""
    if not form.is_valid():
        return _grant_page(request, found, **{name: form})
    try:
        act()
    except Invalid as refusal:
        show_refusal(form, refusal)
        return _grant_page(request, found, **{name: form})
    messages.success(request, _("已记录。"))
    return redirect("grant", grant_id=found.pk)


@require_GET
@behind_sign_in(*READERS)
def grant_certificate(request: ActorRequest, grant_id: UUID) -> HttpResponse:
    """Show the certificate to be printed, with the QR code by which anybody verifies it."""
    found = access_grant(request.actor, grant_id)
    if found.state not in ISSUED or not found.code:
        raise NotFound
    address = request.build_absolute_uri(reverse("verify", args=[found.code]))
    context = grant_pages.certificate_context(found, address, now=now_for(request.actor))
    return render(request, "affairs/grant_certificate.html", context)
