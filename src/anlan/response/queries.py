"""Every question about plans, proposals and running responses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.models import PackVersion
from anlan.foundation.pack_store import NoSuchEntry, entry, section
from anlan.foundation.scope import within
from anlan.health.queries import conditions
from anlan.response.models import LiftingNotice, PlannedOrder, PlanProposal, ResponseStep
from anlan.response.pack import Measure, Plan, PlanOrder, ScopeLayer
from anlan.response.rules import OPEN_STATES, ProposalState, minutes_between
from anlan.surveillance.models import WarningReceipt
from anlan.surveillance.pack import RiskGrade
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import visible_orders

FALLBACK_PLAN = "unknown_cluster"
PREPARES = "cdc_duty_officer"  # sees proposals with those who decide, and may prepare them
VIEWS = {
    "open": (ProposalState.PROPOSED, ProposalState.RUNNING),
    "ended": (ProposalState.LIFTED, ProposalState.DECLINED),
}


def plans() -> list[Plan]:
    """Return the plans of the pack in force."""
    return section(Plan)


def measures() -> list[Measure]:
    """Return the measures of the pack in force."""
    return section(Measure)


def layers() -> list[ScopeLayer]:
    """Return the layers of scope, the smallest first."""
    return sorted(section(ScopeLayer), key=lambda layer: layer.rank)


def access_plan(key: str) -> Plan:
    """Return one plan of the pack in force, or raise NotFound."""
    found = next((plan for plan in plans() if plan.key == key), None)
    if found is None:
        raise NotFound
    return found


def plan_of(proposal: PlanProposal) -> Plan:
    """Return the plan as the pack had it when it was proposed."""
    return entry(Plan, proposal.plan, version_of(proposal))


def order_line(proposal: PlanProposal, key: str) -> PlanOrder:
    """Return one order of a plan as the pack had it when it was proposed."""
    return entry(PlanOrder, key, version_of(proposal))


def version_of(proposal: PlanProposal) -> PackVersion | None:
    """Return the pack's version a proposal began under; None where it is no longer stored."""
    return PackVersion.objects.filter(version=proposal.pack_version).first()


def plan_for(condition: str, grade: str) -> Plan | None:
    """Return the plan a signal of this condition and grade asks for; None where the grade asks for none."""
    rank = {one.key: one.rank for one in section(RiskGrade)}
    wanted = next((plan for plan in plans() if condition in plan.trigger.conditions), None)
    plan = wanted or _named_or_none(FALLBACK_PLAN)
    if plan is None or rank.get(grade, 0) < rank.get(plan.trigger.min_grade, 1):
        return None
    return plan


def _named_or_none(key: str) -> Plan | None:
    try:
        return entry(Plan, key)
    except NoSuchEntry:
        return None


def deciders() -> frozenset[str]:
    """Return the posts that may approve a plan in some layer."""
    return frozenset(layer.decided_by for layer in layers())


def visible_proposals(actor: Actor) -> QuerySet[PlanProposal]:
    """Return plans in the actor's ranges: to those who prepare or decide all, to leaders what runs or ran.

    Row security also asks for the purpose health or lead; a disease for health posts alone stays with them.
    """
    rows = PlanProposal.objects.filter(within(actor.ranges))
    if actor.role not in {PREPARES, *deciders()}:
        rows = rows.filter(state__in=(ProposalState.RUNNING, ProposalState.LIFTED))
    return rows if actor.has_purpose("health") else rows.exclude(condition__in=_closed_conditions())


def _closed_conditions() -> list[str]:
    return [one.key for one in conditions() if one.visibility == "A"]


def access_proposal(actor: Actor, proposal_id: UUID) -> PlanProposal:
    """Return one plan with its signal, or raise NotFound."""
    proposal = visible_proposals(actor).filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    return proposal


def open_proposal_of(signal_id: UUID) -> PlanProposal | None:
    """Return the plan that is proposed or runs for a signal, under the scope in force."""
    return PlanProposal.objects.filter(signal_id=signal_id, state__in=OPEN_STATES).first()


def proposals_to_decide(actor: Actor) -> QuerySet[PlanProposal]:
    """Return the proposals that wait for the actor's approval, the oldest first."""
    layers_decided = [layer.key for layer in layers() if layer.decided_by == actor.role]
    waiting = visible_proposals(actor).filter(state=ProposalState.PROPOSED, layer__in=layers_decided)
    return waiting.order_by("proposed_at", "id")


def listed_proposals(actor: Actor, view: str) -> QuerySet[PlanProposal]:
    """Return the plans of one view of the list: open, waiting for the actor, ended."""
    if view == "mine":
        return proposals_to_decide(actor)
    return visible_proposals(actor).filter(state__in=VIEWS.get(view, VIEWS["open"]))


def running_responses(actor: Actor) -> QuerySet[PlanProposal]:
    """Return the responses that run now, the newest first."""
    return visible_proposals(actor).filter(state=ProposalState.RUNNING).order_by("-decided_at", "id")


def may_prepare(actor: Actor, proposal: PlanProposal) -> bool:
    """Say whether the actor's post may change what is proposed."""
    return proposal.state == ProposalState.PROPOSED and actor.role in {PREPARES, *deciders()}


def decides(actor: Actor, proposal: PlanProposal) -> bool:
    """Say whether this plan, in its chosen layer, is the actor's post's to decide and to lift."""
    return actor.role == decided_by(proposal)


def may_decide(actor: Actor, proposal: PlanProposal) -> bool:
    """Say whether the actor's post approves or declines this plan in its chosen layer."""
    return proposal.state == ProposalState.PROPOSED and decides(actor, proposal)


def may_lift(actor: Actor, proposal: PlanProposal) -> bool:
    """Say whether the actor's post ends this response: whoever could impose it can lift it."""
    return proposal.state == ProposalState.RUNNING and decides(actor, proposal)


def decided_by(proposal: PlanProposal) -> str:
    """Return the role that decides the chosen layer."""
    return entry(ScopeLayer, proposal.layer, version_of(proposal)).decided_by


def planned_orders(proposal: PlanProposal) -> QuerySet[PlannedOrder]:
    """Return the orders planned or sent, as far as the scope in force sees the receivers."""
    return proposal.planned_orders.select_related("receiver").order_by("position", "area_code")


def orders_of(actor: Actor, proposal: PlanProposal) -> QuerySet[WorkOrder]:
    """Return the orders sent, as far as the actor sees them."""
    return visible_orders(actor).filter(subject_id=proposal.pk).order_by("opened_at", "id")


def receipts_of(actor: Actor, proposal: PlanProposal) -> QuerySet[WarningReceipt]:
    """Return who was warned with this plan, as far as the actor sees the receivers."""
    if proposal.product_id is None:
        return WarningReceipt.objects.none()
    rows = WarningReceipt.objects.filter(within(actor.ranges), product_id=proposal.product_id)
    return rows.order_by("area_code", "role")


def steps_of(proposal: PlanProposal) -> QuerySet[ResponseStep]:
    """Return the timeline, oldest first."""
    return proposal.steps.order_by("at", "id")


def visible_lifting_notices(actor: Actor) -> QuerySet[LiftingNotice]:
    """Return the notices of an end handed to areas in the actor's ranges, or to the actor's kind of post."""
    own = Q(role="") | Q(role=actor.role)
    return LiftingNotice.objects.filter(within(actor.ranges) & own).order_by("-sent_at", "id")


def lifting_notices_to_answer(actor: Actor) -> QuerySet[LiftingNotice]:
    """Return notices of an end that this post answers for and has not yet, the newest first."""
    unread = visible_lifting_notices(actor).filter(acknowledged_at=None)
    unread = unread.filter(area_code__startswith=actor.area_code)
    return unread if actor.has_purpose("grid_work") else unread.exclude(role="")


def access_lifting_notice(actor: Actor, notice_id: UUID) -> LiftingNotice:
    """Return one such notice, or raise NotFound."""
    notice = visible_lifting_notices(actor).filter(pk=notice_id).first()
    if notice is None:
        raise NotFound
    return notice


def lifting_notices_of(actor: Actor, proposal: PlanProposal) -> QuerySet[LiftingNotice]:
    """Return who was told that this response is over, as far as the actor sees the receivers."""
    rows = LiftingNotice.objects.filter(within(actor.ranges), proposal_id=proposal.pk)
    return rows.order_by("area_code", "role")


def may_acknowledge(actor: Actor, notice: LiftingNotice) -> bool:
    """Say whether this post answers for the receiver: one at work in the area, or the kind of post told."""
    if notice.acknowledged_at is not None or not notice.area_code.startswith(actor.area_code):
        return False
    return notice.role == actor.role if notice.role else actor.has_purpose("grid_work")


@dataclass(frozen=True, slots=True)
class FirstTimes:
    """Medians in whole minutes, None where nothing is known, over `count` activated plans."""

    report_to_signal: int | None
    signal_to_verification: int | None
    verification_to_action: int | None
    count: int


def first_times(actor: Actor, since: datetime) -> FirstTimes:
    """Return how quick the first steps were in responses activated since then, as the actor sees them."""
    rows = list(visible_proposals(actor).filter(state__in=("running", "lifted"), decided_at__gte=since))
    return first_times_of(rows)


def first_times_of(rows: Iterable[PlanProposal]) -> FirstTimes:
    """Return the first-times of these responses; their medians where there are several."""
    known = list(rows)
    return FirstTimes(
        _median([minutes_between(row.reported_at, row.raised_at) for row in known]),
        _median([minutes_between(row.raised_at, row.verified_at) for row in known]),
        _median([minutes_between(row.verified_at, acted_at(row)) for row in known]),
        len(known),
    )


def acted_at(row: PlanProposal) -> datetime | None:
    """Return when orders and notices went out; None for a plan never activated."""
    return row.decided_at if row.state in {ProposalState.RUNNING, ProposalState.LIFTED} else None


def _median(minutes: Iterable[int | None]) -> int | None:
    known = [value for value in minutes if value is not None]
    return round(median(known)) if known else None
