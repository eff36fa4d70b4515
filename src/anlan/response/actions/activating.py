"""Approve a plan: orders, warning notification, gate and record in one transaction; or decline it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions import admit_emergency
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, NotAllowed
from anlan.foundation.outbox import publish
from anlan.foundation.pack_store import entry
from anlan.foundation.packs import Source
from anlan.foundation.scope import duty
from anlan.organisation.queries import post_role
from anlan.response.actions.steps import SUBJECT, checked_reason, locked, note_step
from anlan.response.events import PlanActivated, PlanDeclined
from anlan.response.models import PlannedOrder, PlanProposal
from anlan.response.pack import Plan
from anlan.response.planning import PLACE, concerned_by
from anlan.response.queries import may_decide, order_line, plan_of, planned_orders, version_of
from anlan.response.rules import ProposalState
from anlan.response.scoping import place_of
from anlan.surveillance.actions import note_response, pass_on_product, sign_product
from anlan.surveillance.models import Signal, WarningProduct
from anlan.surveillance.queries import NOTIFICATION
from anlan.surveillance.rules import OPEN_STATES, ProductState
from anlan.workorders.actions import open_order
from anlan.workorders.queries import order_kind

DISTRICT_DIGITS = 6
GRID_WORK, HEALTH = "grid_work", "health"


class NoOrders(Conflict):
    """Every order was taken out, or every post is vacant."""

    code = "no_orders"
    sentence = _("没有可以派出的任务，请先补充任务或岗位。")


class NoticeMissing(Conflict):
    """There is no warning notification to go out with the plan, or it is not this post's to sign."""

    code = "notice_missing"
    sentence = _("警示信息通报尚未形成或尚未签发，请先由疾控部门签发。")


class SignalOver(Conflict):
    """The signal was excluded or closed meanwhile."""

    code = "signal_over"
    sentence = _("该信号已排除或关闭，不能再启动响应。")


def approve_proposal(
    *, actor: Actor, proposal_id: UUID, notice_text: str, now: datetime, expected_version: int
) -> PlanProposal:
    """Activate a plan: everything it sends goes out in this one transaction, or nothing does.

    `notice_text` is signed as the warning notification where that is still unsigned. Raises NotAllowed,
    ProposalMoved, NoOrders, NoticeMissing, SignalOver, and what signing raises (BlanksLeft, MustNotSay).
    """
    with transaction.atomic():
        proposal = locked(actor, proposal_id, {ProposalState.PROPOSED}, expected_version)
        if not may_decide(actor, proposal):
            raise NotAllowed
        district = AreaRanges.of([proposal.area_code[:DISTRICT_DIGITS]])
        with duty("activate_plan", ranges=district, cause=str(proposal.pk)):
            signal = Signal.objects.select_for_update().get(pk=proposal.signal_id)
            if signal.state not in OPEN_STATES:
                raise SignalOver
            chosen = [order for order in planned_orders(proposal) if order.is_chosen and order.receiver]
            if not chosen:
                raise NoOrders
            plan = plan_of(proposal)
            proposal.ends_on = day_of(now) + timedelta(days=plan.lasts_days)
            proposal.product_id = _notice(actor, signal, notice_text, now)
            further = concerned_by(signal, place_of(signal), proposal.layer, now)
            pass_on_product(product_id=proposal.product_id, further=further, now=now)
            admitted = _pass_gate(actor, proposal, plan, chosen, now)
            for order in chosen:
                _send(actor, proposal, order, admitted, now)
            note_response(signal_id=signal.pk, since=now)
            return _activated(actor, proposal, len(chosen), now)


def _notice(actor: Actor, signal: Signal, text: str, now: datetime) -> UUID:
    """Sign the notification, or take the one that was signed before."""
    product = WarningProduct.objects.filter(signal=signal, kind=NOTIFICATION).first()
    if product is None or product.state == ProductState.WITHDRAWN:
        raise NoticeMissing
    if product.state == ProductState.FORMED:
        try:
            sign_product(
                actor=actor, product_id=product.pk, text=text, now=now, expected_version=product.version
            )
        except NotAllowed:
            raise NoticeMissing from None
    return product.pk


def _pass_gate(
    actor: Actor, proposal: PlanProposal, plan: Plan, chosen: Sequence[PlannedOrder], now: datetime
) -> dict[str, UUID]:
    """Let what is asked of grids and communities pass the gate at once, to be reviewed; by kind of order.

    Each admission names item, basis, minutes and end date, and the orders under it carry them.
    """
    source = entry(Source, plan.source, version_of(proposal))
    asked: dict[str, list[PlannedOrder]] = {}
    for order in chosen:
        role = post_role(order.receiver.role) if order.receiver else None
        if role is not None and GRID_WORK in role.purposes:
            asked.setdefault(order_line(proposal, order.line).kind, []).append(order)
    return {
        kind: admit_emergency(
            actor=actor,
            cause_kind=SUBJECT,
            cause_id=proposal.pk,
            area_codes={order.area_code for order in orders},
            item=order_kind(kind).list_item or order_kind(kind).title.zh,
            basis=f"{source.title.zh} {plan.article}".strip(),
            minutes=order_kind(kind).estimated_minutes,
            ends_on=proposal.ends_on or day_of(now),
            now=now,
        ).pk
        for kind, orders in asked.items()
    }


def _send(
    actor: Actor, proposal: PlanProposal, order: PlannedOrder, admitted: Mapping[str, UUID], now: datetime
) -> None:
    line = order_line(proposal, order.line)
    if order.receiver is None:
        return
    sent = open_order(
        kind=line.kind,
        area_code=order.area_code,
        accountable=order.receiver,
        task=line.task.zh,
        purpose=HEALTH if line.health_posts_only else "",
        place_name=proposal.place_name if order.why == PLACE else "",
        subject_kind=SUBJECT,
        subject_id=proposal.pk,
        asked_by_id=actor.post_id,
        admission_id=admitted.get(line.kind),
        now=now,
    )
    order.order_id = sent.pk
    order.save(update_fields=["order_id"])


def _activated(actor: Actor, proposal: PlanProposal, count: int, now: datetime) -> PlanProposal:
    proposal.state, proposal.decided_at = ProposalState.RUNNING, now
    proposal.decided_title, proposal.decided_name = actor.post_title, actor.member_name
    proposal.version += 1
    proposal.save()
    note_step(proposal, "approve", now, actor=actor, note=str(count))
    publish(
        PlanActivated(
            proposal_id=proposal.pk,
            signal_id=proposal.signal_id,
            area_code=proposal.area_code,
            occurred_at=now,
        )
    )
    return proposal


def decline_proposal(
    *, actor: Actor, proposal_id: UUID, reason: str, now: datetime, expected_version: int
) -> PlanProposal:
    """Leave a plan aside, saying why. Raises ReasonNeeded, NotAllowed, ProposalMoved."""
    with transaction.atomic():
        proposal = locked(actor, proposal_id, {ProposalState.PROPOSED}, expected_version)
        if not may_decide(actor, proposal):
            raise NotAllowed
        reason = checked_reason(reason, proposal)
        proposal.state, proposal.decided_at = ProposalState.DECLINED, now
        proposal.decided_title, proposal.decided_name = actor.post_title, actor.member_name
        proposal.decline_reason = reason
        proposal.version += 1
        proposal.save()
        note_step(proposal, "decline", now, actor=actor, note=reason)
        publish(
            PlanDeclined(
                proposal_id=proposal.pk,
                signal_id=proposal.signal_id,
                area_code=proposal.area_code,
                occurred_at=now,
            )
        )
    return proposal
