"""How often each rule was right, and what the alert budget held back."""

from dataclasses import dataclass
from math import sqrt

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.surveillance.models import HeldFinding, SignalReason, SignalStep
from anlan.surveillance.queries import visible_signals

Z_95 = 1.959964  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What became of a rule's signals; `low` and `high` bound the share that held (95 %, Wilson 1927)."""

    rule: str
    verified: int
    excluded: int
    undecided: int
    share: float | None
    low: float | None
    high: float | None


def rule_records(actor: Actor) -> list[RuleRecord]:
    """Return for each rule how many of its signals were verified and excluded, as far as the actor sees them.

    A signal verified and excluded later counts as excluded; one joined to another counts by that one.
    """
    steps = SignalStep.objects.filter(signal=OuterRef("signal"))
    reasons = SignalReason.objects.filter(
        within(actor.ranges), signal__in=visible_signals(actor), signal__joined_to=None
    ).annotate(
        was_excluded=Exists(steps.filter(act="exclude")), was_verified=Exists(steps.filter(act="verify"))
    )
    rows = reasons.values("rule").annotate(
        excluded=Count("pk", filter=Q(was_excluded=True)),
        verified=Count("pk", filter=Q(was_excluded=False, was_verified=True)),
        undecided=Count("pk", filter=Q(was_excluded=False, was_verified=False)),
    )
    return [_record(**row) for row in rows.order_by("rule")]


def _record(*, rule: str, verified: int, excluded: int, undecided: int) -> RuleRecord:
    decided = verified + excluded
    if not decided:
        return RuleRecord(rule, verified, excluded, undecided, None, None, None)
    low, high = wilson(verified, decided)
    return RuleRecord(rule, verified, excluded, undecided, verified / decided, low, high)


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    share, square = right / of, Z_95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = Z_95 / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def held_findings(actor: Actor) -> QuerySet[HeldFinding]:
    """Return what the alert budget held back and has not risen since, the strongest of the last day first.

    For health posts of the whole district's desk and those of the places; nobody else has the purpose.
    """
    rows = HeldFinding.objects.filter(within(actor.ranges), signal_id=None)
    return rows.order_by("-on", "-z", "pk")
