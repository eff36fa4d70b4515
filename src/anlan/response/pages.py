"""What the page of one plan holds: scopes, orders, who answered, and the forms this post may send."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django import forms

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.organisation.queries import area_names, post_role
from anlan.response import queries
from anlan.response.bodies import BodyPlace, bodies_of, body_places
from anlan.response.forms import ApproveForm, BodyForm, LiftForm, PrepareForm, ReasonForm
from anlan.response.models import PlanProposal
from anlan.response.presenting import (
    condition_lines,
    condition_name,
    figure_rows,
    own,
    plan_name,
    planned_lines,
    proposal_lines,
    scope_columns,
    timeline,
)
from anlan.response.rules import ProposalState
from anlan.surveillance.models import Signal, WarningProduct
from anlan.surveillance.queries import NOTIFICATION, may_sign

NOTHING_SENT: Mapping[str, forms.Form] = {}


def context_of(
    actor: Actor, proposal: PlanProposal, now: datetime, sent: Mapping[str, forms.Form] = NOTHING_SENT
) -> dict[str, object]:
    """Return what the page of one plan shows to this reader; `sent` are forms that were refused."""
    role = post_role(queries.decided_by(proposal))
    plan = queries.plan_of(proposal)
    prepare = sent.get("prepare")
    bodies = list(bodies_of(actor, proposal))
    names = area_names({row.area_code for row in bodies}, now=now)
    columns = scope_columns(actor, proposal, prepare.data.get("layer", "") if prepare else "")
    return {
        "proposal": proposal,
        "line": proposal_lines(actor, [proposal])[0],
        "title": plan_name(actor, proposal),
        "condition": condition_name(actor, proposal),
        "plan": plan,
        "decided_by": own(role.title) if role else "",
        "columns": columns,
        "figure_rows": figure_rows(columns),
        "orders": planned_lines(actor, proposal, now),
        "first_hour": [own(step) for step in plan.first_hour],
        "first_day": [own(step) for step in plan.first_day],
        "steps": timeline(queries.steps_of(proposal)),
        "times": queries.first_times_of([proposal]),
        "is_running": proposal.state == ProposalState.RUNNING,
        "is_over": proposal.state == ProposalState.LIFTED,
        "bodies": [(row, names.get(row.area_code, row.area_code)) for row in bodies],
        **_answers(actor, proposal, now),
        **_forms(actor, proposal, now, sent),
    }


def _answers(actor: Actor, proposal: PlanProposal, now: datetime) -> dict[str, object]:
    receipts = list(queries.receipts_of(actor, proposal))
    lifted = list(queries.lifting_notices_of(actor, proposal))
    names = area_names({row.area_code for row in receipts}, now=now)
    return {
        "receipts": [(row.receiver or names.get(row.area_code, row.area_code), row) for row in receipts],
        "answered": sum(row.acknowledged_at is not None for row in receipts),
        "lifting": lifted,
    }


def _forms(
    actor: Actor, proposal: PlanProposal, now: datetime, sent: Mapping[str, forms.Form]
) -> dict[str, object]:
    """Return the forms the post may send now, as they were sent or fresh."""
    found: dict[str, object] = {"may_prepare": queries.may_prepare(actor, proposal)}
    version = {"version": proposal.version}
    if found["may_prepare"]:
        fresh = {**version, "layer": proposal.layer, "wider_reason": proposal.wider_reason}
        orders = queries.planned_orders(proposal)
        found["prepare_form"] = sent.get("prepare") or PrepareForm(orders=orders, initial=fresh)
    if queries.may_decide(actor, proposal):
        found["approve_form"] = sent.get("approve") or approve_form(actor, proposal)
        found["decline_form"] = sent.get("decline") or ReasonForm(initial=version, auto_id="decline-%s")
    if queries.may_lift(actor, proposal):
        found["conditions"] = _conditions(proposal, now)
        found["lift_form"] = sent.get("lift") or lift_form(proposal, now)
    places = body_places(actor, proposal, now=now) if proposal.state == ProposalState.RUNNING else []
    if places:
        found["body_form"] = sent.get("body") or body_form(places)
    return found


def body_form(places: Iterable[BodyPlace], data: Mapping[str, object] | None = None) -> BodyForm:
    """Return the form to found a body for a running response with."""
    offered = [(one.key, f"{own(one.template.title)} · {one.area.name}") for one in places]
    return BodyForm(data, places=offered, auto_id="body-%s")


def approve_form(
    actor: Actor, proposal: PlanProposal, data: Mapping[str, object] | None = None
) -> ApproveForm:
    """Return the form to approve with: the words of the notice where this post signs it with the plan."""
    product = WarningProduct.objects.filter(signal_id=proposal.signal_id, kind=NOTIFICATION).first()
    signs = product is not None and may_sign(actor, product)
    initial = {"version": proposal.version, "notice_text": product.text if product and signs else ""}
    return ApproveForm(data, signs=signs, initial=initial, auto_id="approve-%s")


def _conditions(proposal: PlanProposal, now: datetime) -> list[object]:
    last_on = Signal.objects.values_list("last_on", flat=True).get(pk=proposal.signal_id)
    return list(condition_lines(proposal, last_on, day_of(now)))


def lift_form(proposal: PlanProposal, now: datetime, data: Mapping[str, object] | None = None) -> LiftForm:
    """Return the form to lift with: a tick for each condition that a person confirms."""
    asked = [(one.key, own(one.text)) for one in queries.plan_of(proposal).lift if one.quiet_days is None]
    return LiftForm(data, conditions=asked, initial={"version": proposal.version}, auto_id="lift-%s")
