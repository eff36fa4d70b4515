"""End a response: what is open ends with it, each receiver is told, nothing of what happened is undone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions import end_emergencies
from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty
from anlan.organisation.actions import end_bodies_of
from anlan.organisation.queries import area_names
from anlan.response.actions.steps import (
    SUBJECT,
    checked_reason,
    locked,
    note_step,
    words_for_receivers,
)
from anlan.response.events import PlanLifted
from anlan.response.models import LiftingNotice, PlanProposal
from anlan.response.queries import access_lifting_notice, may_acknowledge, may_lift, plan_of, planned_orders
from anlan.response.rules import ProposalState, open_conditions
from anlan.surveillance.actions import note_response
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.workorders.actions import withdraw_order
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import OPEN_STAGES

DISTRICT_DIGITS = 6
IS_OVER = "附近的响应已解除，相关任务不再要求，请恢复日常工作。谢谢配合。"


class ConditionsOpen(Invalid):
    """A condition to lift does not hold."""

    code = "conditions_open"
    sentence = _("还有解除条件没有满足。")


def lift_response(
    *,
    actor: Actor,
    proposal_id: UUID,
    confirmed: Sequence[str],
    reason: str,
    now: datetime,
    expected_version: int,
) -> PlanProposal:
    """Lift a running response; `confirmed` are the keys of the conditions the person vouches for.

    Raises ConditionsOpen, ReasonNeeded, NotAllowed, ProposalMoved.
    """
    with transaction.atomic():
        proposal = locked(actor, proposal_id, {ProposalState.RUNNING}, expected_version)
        if not may_lift(actor, proposal):
            raise NotAllowed
        reason = checked_reason(reason, proposal)
        district = AreaRanges.of([proposal.area_code[:DISTRICT_DIGITS]])
        with duty("activate_plan", ranges=district, cause=str(proposal.pk)):
            signal = Signal.objects.get(pk=proposal.signal_id)
            still = open_conditions(
                plan_of(proposal).lift, last_case_on=signal.last_on, today=day_of(now), confirmed=confirmed
            )
            if still:
                raise ConditionsOpen(fields={"confirmed": ConditionsOpen.sentence})
            said = words_for_receivers(reason, proposal, IS_OVER)
            ended = _end_orders(proposal, said, now)
            end_emergencies(actor=actor, cause_kind=SUBJECT, cause_id=proposal.pk, reason=said, now=now)
            disbanded = end_bodies_of(cause_kind=SUBJECT, cause_id=proposal.pk, reason=said, now=now)
            note_response(signal_id=proposal.signal_id, since=None)
            told = _tell_receivers(proposal, now)
            proposal.state, proposal.lifted_at, proposal.lift_reason = ProposalState.LIFTED, now, reason
            proposal.lifted_title, proposal.lifted_name = actor.post_title, actor.member_name
            proposal.version += 1
            proposal.save()
            note_step(proposal, "lift", now, actor=actor, note=reason)
            note_step(proposal, "end_orders", now, note=str(ended))
            if disbanded:
                note_step(proposal, "end_bodies", now, note=str(disbanded))
            note_step(proposal, "tell_receivers", now, note=str(told))
            publish(
                PlanLifted(
                    proposal_id=proposal.pk,
                    signal_id=proposal.signal_id,
                    area_code=proposal.area_code,
                    occurred_at=now,
                )
            )
    return proposal


def _end_orders(proposal: PlanProposal, reason: str, now: datetime) -> int:
    """End what is open; what was done stays done. Returns how many were ended."""
    waiting = WorkOrder.objects.filter(subject_id=proposal.pk, stage__in=OPEN_STAGES)
    open_ones = list(waiting.values_list("pk", flat=True))
    for order_id in open_ones:
        withdraw_order(order_id=order_id, reason=reason, now=now)
    return len(open_ones)


def _tell_receivers(proposal: PlanProposal, now: datetime) -> int:
    """Tell all who were warned and all who had an order, each with a row of their own."""
    told: dict[tuple[str, str], str] = {}
    for receipt in WarningReceipt.objects.filter(product_id=proposal.product_id or proposal.pk):
        told[receipt.area_code, receipt.role] = receipt.receiver or receipt.area_code
    for order in planned_orders(proposal).filter(order_id__isnull=False):
        if order.receiver is not None:
            own = "" if order.why != "place" else order.receiver.role
            area = order.area_code if not own else order.receiver.area_code
            told.setdefault((area, own), order.receiver_name)
    origin = area_names([proposal.area_code], now=now).get(proposal.area_code, "")
    LiftingNotice.objects.bulk_create(
        LiftingNotice(
            proposal_id=proposal.pk,
            area_code=code,
            role=role,
            receiver=name,
            from_area=origin,
            text=IS_OVER,
            sent_at=now,
        )
        for (code, role), name in sorted(told.items())
    )
    for code in {code for code, _role in told}:
        announce_change("lifting", code)
    return len(told)


def acknowledge_lifting(*, actor: Actor, notice_id: UUID, now: datetime) -> LiftingNotice:
    """Acknowledge that a response is over. Twice is once: the first answer stands."""
    with transaction.atomic():
        access_lifting_notice(actor, notice_id)
        notice = LiftingNotice.objects.select_for_update().get(pk=notice_id)
        if notice.acknowledged_at is not None:
            return notice
        if not may_acknowledge(actor, notice):
            raise NotAllowed
        notice.acknowledged_at, notice.acknowledged_by = now, actor.member_name
        notice.post_title = actor.post_title
        notice.save()
        audit.record("acknowledge_lifting", "response.LiftingNotice", [notice.pk], area_code=notice.area_code)
        announce_change("lifting", notice.area_code)
    return notice
