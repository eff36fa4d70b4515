"""Propose the pack's plan for an assessed signal in its smallest scope; take it back later."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.foundation.outbox import publish
from anlan.foundation.pack_store import pack_in_force
from anlan.health.models import CaseReport, CountSheet
from anlan.response.actions.steps import note_step
from anlan.response.events import PlanProposed
from anlan.response.models import PlannedOrder, PlanProposal
from anlan.response.pack import Plan
from anlan.response.planning import plan_orders
from anlan.response.queries import open_proposal_of, plan_for
from anlan.response.rules import ProposalState
from anlan.response.scoping import Place, options_for, place_of
from anlan.surveillance.models import Signal


def propose_plan(*, signal_id: UUID, now: datetime) -> PlanProposal | None:
    """Propose a plan for an assessed signal; a consequence, safe to run twice.

    Returns the plan that waits or runs; None where the grade asks for none, which also withdraws one that
    waits. Assessed again, a proposal that waits takes the new grade.
    """
    with transaction.atomic():
        signal = Signal.objects.select_for_update().get(pk=signal_id)
        proposal = open_proposal_of(signal.pk)
        plan = plan_for(signal.condition, signal.grade)
        if plan is None:
            withdraw_proposal(signal_id=signal_id, now=now)
            return None
        if proposal is None:
            return _propose(signal, plan, now)
        if proposal.state == ProposalState.PROPOSED and proposal.grade != signal.grade:
            proposal.grade = signal.grade
            proposal.version += 1
            proposal.save()
            note_step(proposal, "regrade", now, note=signal.grade)
    return proposal


def withdraw_proposal(*, signal_id: UUID, now: datetime) -> None:
    """Take back a proposal nobody has decided: its signal ended or needs none. A consequence."""
    with transaction.atomic():
        proposal = (
            PlanProposal.objects.select_for_update()
            .filter(signal_id=signal_id, state=ProposalState.PROPOSED)
            .first()
        )
        if proposal is not None:
            proposal.state, proposal.decided_at = ProposalState.DECLINED, now
            proposal.version += 1
            proposal.save()
            note_step(proposal, "withdraw", now)


def _propose(signal: Signal, plan: Plan, now: datetime) -> PlanProposal:
    place = place_of(signal)
    options = options_for(place, plan, now=now)
    proposal = PlanProposal.objects.create(
        area_code=signal.area_code,
        signal=signal,
        plan=plan.key,
        pack_version=pack_in_force().version,
        condition=signal.condition,
        place_kind=signal.place_kind,
        place_name=signal.place_name,
        grade=signal.grade,
        options=[asdict(option) for option in options],
        advised_layer=options[0].layer,
        layer=options[0].layer,
        reported_at=_first_report(signal, place),
        raised_at=signal.raised_at,
        verified_at=signal.verified_at,
        proposed_at=now,
    )
    PlannedOrder.objects.bulk_create(plan_orders(proposal, signal, place, plan, now=now))
    note_step(proposal, "propose", now, note=plan.key)
    publish(
        PlanProposed(
            proposal_id=proposal.pk, signal_id=signal.pk, area_code=signal.area_code, occurred_at=now
        )
    )
    return proposal


def _first_report(signal: Signal, place: Place) -> datetime | None:
    """Return when the first report came, or for a unit known by its counts the first sheet of these days."""
    reports = CaseReport.objects.filter(pk__in=signal.report_ids).order_by("reported_at")
    first = reports.values_list("reported_at", flat=True).first()
    if first is not None or place.facility is None:
        return first
    sheets = CountSheet.objects.filter(facility=place.facility, on__gte=signal.first_on)
    return sheets.order_by("first_reported_at").values_list("first_reported_at", flat=True).first()
