"""Every question about counts, signals and warnings."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import entry, section
from anlan.foundation.scope import within
from anlan.health.queries import condition_named
from anlan.surveillance.models import DailyCount, Signal, WarningProduct, WarningReceipt
from anlan.surveillance.pack import Clock, RiskGrade, Rule
from anlan.surveillance.pack import WarningProduct as ProductKind
from anlan.surveillance.rules import CLOCK_OF, FROM_STATES, OPEN_STATES, SignalAct, SignalState

NOTIFICATION = "warning_notification"  # 警示信息通报


def rules_for(condition: str) -> list[Rule]:
    """Return the pack's rules that count this condition."""
    return [rule for rule in section(Rule) if condition in rule.conditions]


def rule_named(key: str) -> Rule:
    """Return one rule of the pack."""
    return entry(Rule, key)


def clock_of(step: str) -> Clock | None:
    """Return the pack's clock of a signal's step, or None where the pack sets none."""
    return next((clock for clock in section(Clock) if clock.of == "signal" and clock.step == step), None)


def grades() -> list[RiskGrade]:
    """Return the risk grades, lowest first."""
    return sorted(section(RiskGrade), key=lambda grade: grade.rank)


def product_kind(key: str) -> ProductKind:
    """Return one of the warning products of the pack."""
    return entry(ProductKind, key)


def disease_for_area_staff(condition: str) -> str:
    """Return what area staff may be told an illness is: its name only in visibility class C."""
    found = condition_named(condition)
    return found.title.zh if found is not None and found.visibility == "C" else "传染病"


def due_at(state: str, urgency: str, since: datetime) -> datetime | None:
    """Return when a signal must leave a state it entered at `since`."""
    clock = clock_of(CLOCK_OF.get(state, ""))
    if clock is None:
        return None
    minutes = clock.minutes
    if urgency == "two_hour" and clock.two_hour_minutes:
        minutes = clock.two_hour_minutes
    return since + timedelta(minutes=minutes)


def visible_signals(actor: Actor) -> QuerySet[Signal]:
    """Return signals in the actor's ranges: raw ones for the roles they go to, others once leaders see them.

    Row security also asks for the purpose `health`, or `lead` for what leaders see.
    """
    whose = Q(receives__contains=[actor.role]) | Q(seen_by_leaders=True)
    return Signal.objects.filter(within(actor.ranges) & whose)


def open_signals(actor: Actor) -> QuerySet[Signal]:
    """Return open signals, the most urgent first."""
    return visible_signals(actor).filter(state__in=OPEN_STATES).order_by("due_at", "-raised_at", "id")


def access_signal(actor: Actor, signal_id: UUID) -> Signal:
    """Return one signal, or raise NotFound."""
    signal = visible_signals(actor).filter(pk=signal_id).first()
    if signal is None:
        raise NotFound
    return signal


def may(actor: Actor, act: SignalAct, signal: Signal) -> bool:
    """Say whether the actor's post may do this to the signal in its present state."""
    if signal.state not in FROM_STATES[act]:
        return False
    if act is SignalAct.SIGN:
        return actor.role in product_kind(NOTIFICATION).signed_by
    if act in {SignalAct.EXCLUDE, SignalAct.CLOSE}:
        act = SignalAct.VERIFY
    clock = clock_of(act)
    return clock is not None and actor.role == clock.owner


def visible_receipts(actor: Actor) -> QuerySet[WarningReceipt]:
    """Return notices handed to areas in the actor's ranges."""
    return WarningReceipt.objects.filter(within(actor.ranges)).order_by("-sent_at", "id")


def access_receipt(actor: Actor, receipt_id: UUID) -> WarningReceipt:
    """Return one notice as its receiver has it, or raise NotFound."""
    receipt = visible_receipts(actor).filter(pk=receipt_id).first()
    if receipt is None:
        raise NotFound
    return receipt


def receipts_of(actor: Actor, products: Iterable[WarningProduct]) -> QuerySet[WarningReceipt]:
    """Return who was told by these products, as far as the actor sees the receivers."""
    ids = [product.pk for product in products]
    return visible_receipts(actor).filter(product_id__in=ids).order_by("area_code")


def may_acknowledge(actor: Actor, receipt: WarningReceipt) -> bool:
    """Say whether this post answers for the receiving area."""
    if receipt.acknowledged_at or not receipt.area_code.startswith(actor.area_code):
        return False
    sent_to = product_kind(receipt.kind).sent_to
    return actor.role in sent_to if sent_to else True


def counts_by_day(actor: Actor, indicator: str, area_code: str, since: date) -> list[tuple[date, int]]:
    """Return (day, count) of an area and all below it, days without any left out."""
    rows = (
        DailyCount.objects.filter(within(actor.ranges), indicator=indicator, on__gte=since)
        .filter(area_code__gte=area_code, area_code__lt=area_code + "~")
        .values("on")
        .annotate(total=Sum("count"))
        .order_by("on")
    )
    return [(row["on"], row["total"]) for row in rows]


def signal_counts_by_area(actor: Actor) -> dict[str, int]:
    """Return how many open signals lie in each grid the actor sees."""
    rows = open_signals(actor).order_by().values("area_code").annotate(n=Count("id"))
    return {row["area_code"]: row["n"] for row in rows}


def state_counts(actor: Actor, since: datetime) -> dict[str, int]:
    """Return how many signals raised since then stand in each state."""
    rows = visible_signals(actor).filter(raised_at__gte=since).values("state").annotate(n=Count("id"))
    counted = dict.fromkeys(SignalState.values, 0)
    counted.update({row["state"]: row["n"] for row in rows})
    return counted
