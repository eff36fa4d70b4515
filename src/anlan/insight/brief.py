"""The daily brief: one day of the loop in figures and lines, for those who lead and those who watch."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Sum

from anlan.foundation.actor import Actor
from anlan.foundation.clock import end_of, start_of
from anlan.foundation.scope import within
from anlan.insight.queries import LoopFigures, loop_figures
from anlan.organisation.queries import area_names
from anlan.surveillance.models import DailyCount, Signal, SignalStep
from anlan.surveillance.queries import visible_receipts, visible_signals
from anlan.surveillance.rules import LEADERS_SEE
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import visible_orders
from anlan.workorders.rules import OPEN_STAGES

LISTED = 20
ACTS = ("raise", "verify", "exclude", "close", "sign")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator in the actor's ranges: the day's count and the mean of the seven days before."""

    indicator: str
    count: int
    week_mean: float


@dataclass(frozen=True, slots=True)
class Brief:
    """One day [00:00, 24:00) in Asia/Shanghai; what is open is as of the moment it was asked for."""

    on: date
    made_at: datetime
    raised: int
    verified: int
    excluded: int
    closed: int
    notices_signed: int
    notices_unanswered: int
    orders_opened: int
    orders_closed: int
    orders_late: int
    figures: LoopFigures
    events: list[Signal]
    late_orders: list[WorkOrder]
    silent_areas: list[str]
    indicators: list[IndicatorLine]  # for posts with the purpose health only


def daily_brief(actor: Actor, on: date, now: datetime) -> Brief:
    """Return the brief of a day as far as this post sees it."""
    first, beyond = start_of(on), end_of(on)
    orders = visible_orders(actor)
    acts = {act: _signals_with(actor, act, first, beyond) for act in ACTS}
    open_orders = orders.filter(stage__in=OPEN_STAGES)
    late = open_orders.filter(due_at__lt=now).order_by("due_at", "id")
    unanswered = visible_receipts(actor).filter(acknowledged_at=None).order_by("due_at", "id")
    silent = list(dict.fromkeys(unanswered.values_list("area_code", flat=True)[:LISTED]))
    names = area_names(silent, now=now)
    return Brief(
        on=on,
        made_at=now,
        raised=acts["raise"],
        verified=acts["verify"],
        excluded=acts["exclude"],
        closed=acts["close"],
        notices_signed=acts["sign"],
        notices_unanswered=unanswered.count(),
        orders_opened=orders.filter(opened_at__gte=first, opened_at__lt=beyond).count(),
        orders_closed=orders.filter(closed_at__gte=first, closed_at__lt=beyond).count(),
        orders_late=late.count(),
        figures=loop_figures(actor, now),
        events=list(verified_events(actor)[:LISTED]),
        late_orders=list(late[:LISTED]),
        silent_areas=[names.get(code, code) for code in silent],
        indicators=_indicators(actor, on),
    )


def verified_events(actor: Actor) -> QuerySet[Signal]:
    """Return open signals that were found to hold, the gravest place first in time."""
    events = visible_signals(actor).filter(state__in=LEADERS_SEE)
    return events.prefetch_related("reasons").order_by("raised_at", "id")


def _signals_with(actor: Actor, act: str, first: datetime, beyond: datetime) -> int:
    """Return to how many visible signals this was done from `first` until before `beyond`."""
    done = SignalStep.objects.filter(signal=OuterRef("pk"), act=act, at__gte=first, at__lt=beyond)
    return visible_signals(actor).filter(Exists(done)).count()


def _indicators(actor: Actor, on: date) -> list[IndicatorLine]:
    """Return the indicators with a count on the day or in the week before, the fullest first."""
    if not actor.has_purpose("health"):
        return []
    counts = DailyCount.objects.filter(within(actor.ranges))
    day = dict(counts.filter(on=on).values_list("indicator").annotate(total=Sum("count")))
    week = counts.filter(on__gte=on - WEEK, on__lt=on).values_list("indicator").annotate(total=Sum("count"))
    means = {indicator: total / WEEK.days for indicator, total in week}
    lines = [IndicatorLine(key, day.get(key, 0), round(means.get(key, 0.0), 1)) for key in {*day, *means}]
    return sorted(lines, key=lambda line: (-line.count, -line.week_mean, line.indicator))
