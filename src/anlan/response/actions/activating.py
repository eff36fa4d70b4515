"""Approve a plan: orders, warning notification, gate and record in one transaction; or decline it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, NotAllowed
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty
from anlan.response.actions.sending import send_orders
from anlan.response.actions.steps import checked_reason, locked, note_step
from anlan.response.events import PlanActivated, PlanDeclined
from anlan.response.models import PlanProposal
from anlan.response.planning import concerned_by
from anlan.response.queries import may_decide, plan_of, planned_orders
from anlan.response.rules import ProposalState
from anlan.response.scoping import place_of
from anlan.surveillance.actions import note_response, pass_on_product, sign_product
from anlan.surveillance.models import Signal, WarningProduct
from anlan.surveillance.queries import NOTIFICATION
from anlan.surveillance.rules import OPEN_STATES, ProductState

DISTRICT_DIGITS = 6


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
            proposal.ends_on = day_of(now) + timedelta(days=plan_of(proposal).lasts_days)
            proposal.product_id = _notice(actor, signal, notice_text, now)
            further = concerned_by(signal, place_of(signal), proposal.layer, now)
            pass_on_product(product_id=proposal.product_id, further=further, now=now)
            send_orders(proposal, chosen, asked_by_id=actor.post_id, now=now)
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
