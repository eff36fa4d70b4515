"""Let a plan follow its signal as it grows: areas that come to be concerned are told and asked too."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.response.actions.sending import send_what_passes
from anlan.response.actions.steps import note_step
from anlan.response.models import PlannedOrder, PlanProposal
from anlan.response.planning import PLACE, concerned_by, plan_again
from anlan.response.queries import plan_of
from anlan.response.rules import OPEN_STATES, ProposalState, is_wider
from anlan.response.scoping import options_for, place_of
from anlan.surveillance.actions import pass_on_product
from anlan.surveillance.models import Signal
from anlan.surveillance.rules import OPEN_STATES as OPEN_SIGNALS
from anlan.workorders.models import WorkOrder

DISTRICT_DIGITS = 6


def extend_response(*, signal_id: UUID, now: datetime) -> int:
    """Give areas a signal has come to concern since what the others had; a consequence, safe to run twice.

    A plan that waits is planned anew for where the signal lies now. Of a running response each new area gets
    the signed notice and the orders the plan has for it, in the scope that was chosen. What was planned or
    sent before stays. Returns how many orders were added.
    """
    with transaction.atomic():
        open_plans = PlanProposal.objects.select_for_update().filter(state__in=OPEN_STATES)
        proposal = open_plans.filter(signal_id=signal_id).first()
        if proposal is None:
            return 0
        district = AreaRanges.of([proposal.area_code[:DISTRICT_DIGITS]])
        with duty("activate_plan", ranges=district, cause=str(proposal.pk)):
            signal = Signal.objects.select_for_update().get(pk=signal_id)
            if signal.state not in OPEN_SIGNALS:
                return 0
            waits = proposal.state == ProposalState.PROPOSED
            return _plan_anew(proposal, signal, now) if waits else _send_further(proposal, signal, now)


def extend_all_responses(*, now: datetime) -> int:
    """Look again at every open plan in scope, as who lives where has changed; return how many orders more."""
    signals = PlanProposal.objects.filter(state__in=OPEN_STATES).order_by("pk")
    ids = list(signals.values_list("signal_id", flat=True))
    return sum(extend_response(signal_id=one, now=now) for one in ids)


def _plan_anew(proposal: PlanProposal, signal: Signal, now: datetime) -> int:
    before = list(proposal.planned_orders.order_by("position", "area_code"))
    has_moved = _follow_place(proposal, signal, now)
    planned = plan_again(proposal, signal, now=now)
    known = {(one.line, one.area_code) for one in before}
    new = [one for one in planned if (one.line, one.area_code) not in known]
    if not new and not has_moved:
        return 0
    _leave_out_lines(new, before)
    proposal.planned_orders.all().delete()
    PlannedOrder.objects.bulk_create(planned)
    proposal.version += 1
    proposal.save()
    note_step(proposal, "extend", now, note=str(len(new)))
    return len(new)


def _follow_place(proposal: PlanProposal, signal: Signal, now: datetime) -> bool:
    """Weigh the layers anew where the signal lies elsewhere now; a wider layer that was chosen stays."""
    place = place_of(signal)
    if (place.kind, place.name, place.area_code) == (
        proposal.place_kind,
        proposal.place_name,
        proposal.area_code,
    ):
        return False
    options = options_for(place, plan_of(proposal), now=now)
    proposal.place_kind, proposal.place_name, proposal.area_code = place.kind, place.name, place.area_code
    proposal.options = [asdict(option) for option in options]
    proposal.advised_layer = options[0].layer
    stays = proposal.layer in {one.layer for one in options}
    if not stays or not is_wider(proposal.layer, proposal.advised_layer):
        proposal.layer, proposal.wider_reason = proposal.advised_layer, ""
    return True


def _send_further(proposal: PlanProposal, signal: Signal, now: datetime) -> int:
    before = list(proposal.planned_orders.order_by("position", "area_code"))
    known = {(one.line, one.area_code) for one in before}
    new = [
        one
        for one in plan_again(proposal, signal, now=now)
        if one.why != PLACE and (one.line, one.area_code) not in known
    ]
    _leave_out_lines(new, before)
    for position, order in enumerate(new, start=len(before)):
        order.position = position
    PlannedOrder.objects.bulk_create(new)
    told = 0
    if proposal.product_id is not None:
        further = concerned_by(signal, place_of(signal), proposal.layer, now)
        told = pass_on_product(product_id=proposal.product_id, further=further, now=now)
    chosen = [order for order in new if order.is_chosen and order.receiver]
    sent = send_what_passes(proposal, chosen, asked_by_id=_asked_by(proposal), now=now) if chosen else 0
    if told:
        note_step(proposal, "tell_further", now, note=str(told))
    if sent:
        note_step(proposal, "extend", now, note=str(sent))
    return sent


def _asked_by(proposal: PlanProposal) -> UUID:
    """Return the post that asked for the orders at activation: it answers for the further ones too."""
    sent = WorkOrder.objects.filter(subject_id=proposal.pk, asked_by__isnull=False)
    return UUID(str(sent.order_by("opened_at", "id").values_list("asked_by_id", flat=True)[0]))


def _leave_out_lines(new: Iterable[PlannedOrder], before: Iterable[PlannedOrder]) -> None:
    """Leave new areas out of a line of which people have left out every area, for the same reason."""
    for order in new:
        same = [one for one in before if one.line == order.line and PLACE not in (one.why, order.why)]
        if same and not any(one.is_chosen for one in same):
            order.is_chosen, order.change_reason = False, same[0].change_reason
