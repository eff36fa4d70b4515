"""Doors of plans for signals: the list, one plan, its map, and every act on it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.presenting.maps import map_answer
from anlan.organisation.queries import now_for
from anlan.response import actions, queries
from anlan.response.bodies import body_places
from anlan.response.forms import PrepareForm, ReasonForm
from anlan.response.models import PlanProposal
from anlan.response.pages import approve_form, body_form, context_of, lift_form
from anlan.response.presenting import map_features, proposal_lines

PAGE = "response/response.html"
NEWEST_FIRST = ("-proposed_at", "id")


@require_GET
@behind_sign_in("health", "lead")
def response_list(request: ActorRequest) -> HttpResponse:
    """List plans for signals: what waits for me, open ones, ended ones."""
    actor, view = request.actor, request.GET.get("view", "open")
    rows = queries.listed_proposals(actor, view)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    lines = proposal_lines(actor, page.rows)
    context = {"page": page, "lines": lines, "view": view, "count": count, "exact": exact}
    return render(request, "response/response_list.html", context)


@require_GET
@behind_sign_in("health", "lead")
def response_page(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """Show one plan: to be decided, running, or over."""
    proposal = queries.access_proposal(request.actor, proposal_id)
    audit.record("read_plan", "response.PlanProposal", [proposal.pk], area_code=proposal.area_code)
    return render(request, PAGE, context_of(request.actor, proposal, now_for(request.actor)))


@require_GET
@behind_sign_in("health", "lead")
def response_map(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """Answer the shapes of the scope and of the areas that were told."""
    proposal = queries.access_proposal(request.actor, proposal_id)
    receipts = queries.receipts_of(request.actor, proposal).filter(role="")
    told = [(row.area_code, _("已应答") if row.acknowledged_at else _("待应答")) for row in receipts]
    planned = queries.planned_orders(proposal).exclude(why="place")
    asked = [(row.area_code, _("拟通报")) for row in planned]
    features = map_features(proposal, told or asked, now_for(request.actor))
    return map_answer(features)


@require_POST
@behind_sign_in("health", "lead")
def response_prepare(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """Change the scope or the orders of a proposal."""
    proposal = queries.access_proposal(request.actor, proposal_id)
    form = PrepareForm(request.POST, orders=queries.planned_orders(proposal))

    def act() -> None:
        sent = form.cleaned_data
        actions.prepare_proposal(
            actor=request.actor,
            proposal_id=proposal_id,
            layer=sent["layer"],
            wider_reason=sent["wider_reason"],
            taken_out=form.taken_out(),
            now=now_for(request.actor),
            expected_version=sent["version"],
        )

    return _carry_out(request, proposal, "prepare", form, act=act, done=_("方案已保存。"))


@require_POST
@behind_sign_in("health", "lead")
def response_approve(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """Activate a plan."""
    proposal = _own_to_decide(request, proposal_id)
    form = approve_form(request.actor, proposal, request.POST)

    def act() -> None:
        actions.approve_proposal(
            actor=request.actor,
            proposal_id=proposal_id,
            notice_text=form.cleaned_data.get("notice_text", ""),
            now=now_for(request.actor),
            expected_version=form.cleaned_data["version"],
        )

    return _carry_out(request, proposal, "approve", form, act=act, done=_("已启动：任务和通报已发出。"))


@require_POST
@behind_sign_in("health", "lead")
def response_decline(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """Leave a plan aside."""
    proposal = _own_to_decide(request, proposal_id)
    form = ReasonForm(request.POST, auto_id="decline-%s")

    def act() -> None:
        actions.decline_proposal(
            actor=request.actor,
            proposal_id=proposal_id,
            reason=form.cleaned_data["reason"],
            now=now_for(request.actor),
            expected_version=form.cleaned_data["version"],
        )

    return _carry_out(request, proposal, "decline", form, act=act, done=_("已记录：不采用。"))


@require_POST
@behind_sign_in("health", "lead")
def response_lift(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """End a response."""
    proposal = _own_to_decide(request, proposal_id)
    form = lift_form(proposal, now_for(request.actor), request.POST)

    def act() -> None:
        actions.lift_response(
            actor=request.actor,
            proposal_id=proposal_id,
            confirmed=form.cleaned_data["confirmed"],
            reason=form.cleaned_data["reason"],
            now=now_for(request.actor),
            expected_version=form.cleaned_data["version"],
        )

    return _carry_out(request, proposal, "lift", form, act=act, done=_("已解除，接收方已通知。"))


@require_POST
@behind_sign_in("health", "lead")
def response_body(request: ActorRequest, proposal_id: UUID) -> HttpResponse:
    """Found a body for a running response."""
    actor, now = request.actor, now_for(request.actor)
    proposal = queries.access_proposal(actor, proposal_id)
    form = body_form(body_places(actor, proposal, now=now), request.POST)

    def act() -> None:
        sent = form.cleaned_data
        actions.found_body_of(
            actor=actor,
            proposal_id=proposal_id,
            place=sent["place"],
            reason=sent["reason"],
            body_id=sent["row_id"],
            now=now,
        )

    return _carry_out(request, proposal, "body", form, act=act, done=_("已成立，请打开它安排席位。"))


def _own_to_decide(request: ActorRequest, proposal_id: UUID) -> PlanProposal:
    proposal = queries.access_proposal(request.actor, proposal_id)
    if not queries.decides(request.actor, proposal):
        raise NotAllowed
    return proposal


def _carry_out(
    request: ActorRequest,
    proposal: PlanProposal,
    name: str,
    form: forms.Form,
    *,
    act: Callable[[], None],
    done: str,
) -> HttpResponse:
    """Take the act if the form is well formed; a refusal comes back on the page, at its field."""
    try:
        if form.is_valid():
            act()
            messages.success(request, done)
            return redirect("response", proposal_id=proposal.pk)
    except Invalid as refusal:
        told: Mapping[str, str | Promise] = refusal.fields or {"": refusal.message}
        for field, words in told.items():
            form.add_error(field if field in form.fields else None, str(words))
    context = context_of(request.actor, proposal, now_for(request.actor), {name: form})
    return render(request, PAGE, context, status=422)
