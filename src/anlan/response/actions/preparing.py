"""Change what is proposed before it is decided: the scope, and which orders go out."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.scope import duty
from anlan.response.actions.steps import NOTE_LIMIT, checked_words, locked, note_step
from anlan.response.models import PlannedOrder, PlanProposal
from anlan.response.planning import plan_again
from anlan.response.queries import may_prepare, planned_orders
from anlan.response.rules import ProposalState, is_wider
from anlan.surveillance.models import Signal

DISTRICT_DIGITS = 6


class WiderNeedsReason(Invalid):
    """A wider scope than advised was chosen and nobody says why."""

    code = "wider_needs_reason"
    sentence = _("所选范围大于建议的最小范围，请写明理由。")


class NoSuchLayer(Invalid):
    """The plan has no such scope for this place."""

    code = "no_such_layer"
    sentence = _("请在列出的范围中选择。")


class OrderReasonNeeded(Invalid):
    """An order was taken out and nobody says why."""

    code = "order_reason_needed"
    sentence = _("取消的任务请逐条写明理由。")


def prepare_proposal(
    *,
    actor: Actor,
    proposal_id: UUID,
    layer: str,
    wider_reason: str,
    taken_out: Mapping[UUID, str],
    now: datetime,
    expected_version: int,
) -> PlanProposal:
    """Set the scope and which orders stay; `taken_out` names those left out, each with its reason.

    A new scope plans its orders anew; those taken out before stay out. Raises WiderNeedsReason, NoSuchLayer,
    OrderReasonNeeded, NotAllowed, ProposalMoved.
    """
    with (
        transaction.atomic(),
        duty("activate_plan", ranges=_district(proposal_id, actor), cause=str(proposal_id)),
    ):
        proposal = locked(actor, proposal_id, {ProposalState.PROPOSED}, expected_version)
        if not may_prepare(actor, proposal):
            raise NotAllowed
        before = proposal.layer
        _set_scope(proposal, layer, wider_reason.strip())
        _take_out(proposal, taken_out)
        if proposal.layer != before:
            _plan_anew(proposal, now)
        proposal.version += 1
        proposal.save()
        left_out = proposal.planned_orders.filter(is_chosen=False).count()
        note_step(proposal, "prepare", now, actor=actor, note=f"{before}>{proposal.layer};{left_out}")
    return proposal


def _district(proposal_id: UUID, actor: Actor) -> AreaRanges:
    return AreaRanges.of([actor.area_code[:DISTRICT_DIGITS]])


def _set_scope(proposal: PlanProposal, layer: str, reason: str) -> None:
    if layer not in {option["layer"] for option in proposal.options}:
        raise NoSuchLayer(fields={"layer": NoSuchLayer.sentence})
    wider = is_wider(layer, proposal.advised_layer)
    if wider and not 1 <= len(reason) <= NOTE_LIMIT:
        raise WiderNeedsReason(fields={"wider_reason": WiderNeedsReason.sentence})
    proposal.layer = layer
    proposal.wider_reason = checked_words(reason, proposal, "wider_reason") if wider else ""


def _take_out(proposal: PlanProposal, taken_out: Mapping[UUID, str]) -> None:
    for order in planned_orders(proposal):
        reason = taken_out.get(order.pk)
        if reason is not None and not 1 <= len(reason.strip()) <= NOTE_LIMIT:
            raise OrderReasonNeeded(fields={f"why_{order.pk}": OrderReasonNeeded.sentence})
        words = checked_words((reason or "").strip(), proposal, f"why_{order.pk}")
        order.is_chosen, order.change_reason = reason is None, words
        order.save(update_fields=["is_chosen", "change_reason"])


def _plan_anew(proposal: PlanProposal, now: datetime) -> None:
    planned = plan_again(proposal, Signal.objects.get(pk=proposal.signal_id), now=now)
    proposal.planned_orders.all().delete()
    PlannedOrder.objects.bulk_create(planned)
