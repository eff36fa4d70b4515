"""The district commander's first screen: what to decide, what holds, what it costs (DOMAIN.md 4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from anlan.affairs.queries import burden_by_community, waiting_at_gate
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.insight.desk_queries import unanswered_notices
from anlan.insight.queries import loop_figures
from anlan.organisation.queries import area_names
from anlan.organisation.queries.staffing import duty_now
from anlan.response.models import PlanProposal
from anlan.response.presenting import ScopeColumn, condition_lines, plan_name, scope_columns
from anlan.response.queries import first_times, may_lift, proposals_to_decide, running_responses
from anlan.surveillance.models import WarningReceipt
from anlan.surveillance.presenting import SignalLine, outlook_lines, signal_lines
from anlan.surveillance.queries import may_acknowledge, open_signals, visible_receipts
from anlan.surveillance.rules import LEADERS_SEE

SHOWN = 7
DECISIONS = 3  # a commander's morning has none to three
LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan that waits for the commander's word, with its scopes side by side."""

    proposal: PlanProposal
    act: str  # approve, or lift
    title: str
    columns: list[ScopeColumn]


@dataclass(frozen=True, slots=True)
class EventLine:
    """A verified event with what the coming week may bring."""

    line: SignalLine
    outlook: str
    is_forecast: bool


def commander_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the commander begins the day with."""
    unanswered = unanswered_notices(actor)
    shown = list(unanswered[:SHOWN])
    names = area_names([row.area_code for row in shown], now=now)
    decisions = decisions_of(actor, now)
    return {
        "decisions": decisions[:DECISIONS],
        "further_decisions": max(0, len(decisions) - DECISIONS),
        "advice": advice_to(actor),
        "events": events_of(actor, now),
        "times": first_times(actor, now - LOOK_BACK),
        "late_orders": loop_figures(actor, now).late_orders,
        "unanswered": [(row, names.get(row.area_code, row.area_code)) for row in shown],
        "unanswered_count": unanswered.count(),
        "burden": burden(actor, now),
        "on_duty": duty_now(actor.area_code, now=now),
    }


def decisions_of(actor: Actor, now: datetime) -> list[Decision]:
    """Return the plans that wait for this post: to approve, then to lift as the days have passed."""
    waiting = [_decision(actor, row, "approve") for row in proposals_to_decide(actor)]
    ready = [
        row for row in running_responses(actor).select_related("signal") if may_be_lifted(actor, row, now)
    ]
    return [*waiting, *(_decision(actor, row, "lift") for row in ready)]


def may_be_lifted(actor: Actor, proposal: PlanProposal, now: datetime) -> bool:
    """Say whether this post may end a response and its days without a case have passed."""
    if not may_lift(actor, proposal):
        return False
    conditions = condition_lines(proposal, proposal.signal.last_on, day_of(now))
    return all(one.holds for one in conditions if one.until is not None)


def _decision(actor: Actor, proposal: PlanProposal, act: str) -> Decision:
    columns = scope_columns(actor, proposal)
    chosen = [one for one in columns if one.is_chosen or one.is_advised]
    return Decision(proposal, act, plan_name(actor, proposal), columns if act == "approve" else chosen)


def advice_to(actor: Actor) -> list[WarningReceipt]:
    """Return the notices to this very post that it has not answered: 预警决策建议 to the government."""
    rows = visible_receipts(actor).filter(acknowledged_at=None, role=actor.role)
    return [row for row in rows[:SHOWN] if may_acknowledge(actor, row)]


def events_of(actor: Actor, now: datetime) -> list[EventLine]:
    """Return the open events that were found to hold, each with its outlook."""
    rows = open_signals(actor).filter(state__in=LEADERS_SEE).prefetch_related("reasons")
    signals = list(rows[:SHOWN])
    ahead = outlook_lines(actor, signals, now)
    return [EventLine(line, *ahead[line.signal.pk]) for line in signal_lines(signals, now)]


@dataclass(frozen=True, slots=True)
class Burden:
    """What is asked of the communities this week: minutes in all, how many of them, the heaviest one."""

    minutes: int
    communities: int
    heaviest: str
    heaviest_minutes: int
    held: int


def burden(actor: Actor, now: datetime) -> Burden:
    """Return this week's burden of the communities in the actor's ranges, and what the gate held back."""
    today = day_of(now)
    costs = +burden_by_community(actor, today)
    held = waiting_at_gate(actor, now, today).held
    if not costs:
        return Burden(0, 0, "", 0, held)
    [(code, most)] = costs.most_common(1)
    name = area_names([code], now=now).get(code, _("社区"))
    return Burden(costs.total(), len(costs), name, most, held)
