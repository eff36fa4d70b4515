"""Questions over several apps: what waits for a post, how the loop stands, how the map is coloured."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from anlan.affairs.models import Admission, Grant
from anlan.affairs.queries import reviews_of
from anlan.affairs.queries.grants import grants_awaiting
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.scope import within
from anlan.health.models import ReportReceipt
from anlan.health.queries import replies_to
from anlan.organisation.models import Area, AreaShape, CallUpReceipt, Decision
from anlan.organisation.presenting.maps import area_feature
from anlan.organisation.queries import in_force
from anlan.organisation.queries.bodies import calls_to_answer, my_decisions
from anlan.organisation.rules import AreaLevel
from anlan.people.models import LookUpAlarm
from anlan.people.queries import look_up_alarms_to_see
from anlan.response.models import LiftingNotice
from anlan.response.queries import lifting_notices_to_answer
from anlan.surveillance.models import Signal, SignalStep, WarningReceipt
from anlan.surveillance.queries import may_acknowledge, open_signals, visible_receipts, visible_signals
from anlan.surveillance.rules import SignalState
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import my_orders, orders_to_check, visible_orders
from anlan.workorders.rules import OPEN_STAGES

SHOWN = 7  # a grid worker's day has at most seven lines (DOMAIN.md section 4)
REPLIES_SHOWN_DAYS = 14
FUNNEL_DAYS = 90
LABELLED_DIGITS = 9  # names are written on the map down to subdistricts; below they stand in the list
GRADE_OF_KEY = {"very_low": 1, "low": 2, "medium": 3, "high": 4}


@dataclass(frozen=True, slots=True)
class MyWork:
    """What waits for the post: each list cut to what fits a morning."""

    orders: list[WorkOrder]
    to_check: list[WorkOrder]
    signals: list[Signal]
    warnings: list[WarningReceipt]
    lifted: list[LiftingNotice]
    reviews: list[Admission]
    grants: list[Grant]
    alarms: list[LookUpAlarm]
    call_ups: list[CallUpReceipt]
    decisions: list[Decision]
    replies: list[ReportReceipt]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing waits."""
        waits = (self.orders, self.to_check, self.signals, self.warnings, self.lifted, self.reviews)
        return not any((*waits, self.grants, self.alarms, self.call_ups, self.decisions))


def my_work(actor: Actor, now: datetime) -> MyWork:
    """Return what waits for this post."""
    sees_signals = actor.has_purpose("health", "lead")
    signals = open_signals(actor).prefetch_related("reasons")[:SHOWN] if sees_signals else []
    unanswered = visible_receipts(actor).filter(acknowledged_at=None)[: SHOWN * 3]
    return MyWork(
        orders=list(my_orders(actor)[:SHOWN]),
        to_check=list(orders_to_check(actor)[:SHOWN]),
        signals=list(signals),
        warnings=[row for row in unanswered if may_acknowledge(actor, row)][:SHOWN],
        lifted=list(lifting_notices_to_answer(actor)[:SHOWN]),
        reviews=list(reviews_of(actor)[:SHOWN]),
        grants=list(grants_awaiting(actor, day_of(now))[:SHOWN]),
        alarms=list(look_up_alarms_to_see(actor)[:SHOWN])
        if actor.has_purpose(*LookUpAlarm.read_purposes)
        else [],
        call_ups=list(calls_to_answer(actor)[:SHOWN]),
        decisions=list(my_decisions(actor)[:SHOWN]),
        replies=list(replies_to(actor, now - timedelta(days=REPLIES_SHOWN_DAYS))[:SHOWN]),
    )


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """How many matters stand at each bend of the loop, and how long the first steps took (minutes)."""

    raised: int
    verified: int
    warned: int
    closed: int
    open_orders: int
    late_orders: int
    to_acknowledge: float | None
    to_verify: float | None
    to_warn: float | None


def loop_figures(actor: Actor, now: datetime) -> LoopFigures:
    """Return the funnel of the loop over the last ninety days, as far as this post sees it."""
    since = now - timedelta(days=FUNNEL_DAYS)
    signals = visible_signals(actor).filter(raised_at__gte=since)
    orders = visible_orders(actor).filter(stage__in=OPEN_STAGES)
    return LoopFigures(
        raised=signals.count(),
        verified=signals.filter(steps__act="verify").distinct().count(),
        warned=signals.filter(products__signed_at__isnull=False).distinct().count(),
        closed=signals.filter(state=SignalState.CLOSED).count(),
        open_orders=orders.count(),
        late_orders=orders.filter(due_at__lt=now).count(),
        to_acknowledge=_median_minutes(actor, "acknowledge", since),
        to_verify=_median_minutes(actor, "verify", since),
        to_warn=_median_minutes(actor, "sign", since),
    )


def _median_minutes(actor: Actor, act: str, since: datetime) -> float | None:
    """Return the median of minutes from a signal's raising to this act; None where there was none."""
    steps = SignalStep.objects.filter(
        within(actor.ranges), act=act, signal__in=visible_signals(actor), signal__raised_at__gte=since
    ).values_list("at", "signal__raised_at")
    minutes = [(at - raised_at).total_seconds() / 60 for at, raised_at in steps]
    return round(median(minutes), 1) if minutes else None


def risk_by_area(actor: Actor, digits: int) -> dict[str, int]:
    """Return the highest risk grade (1–4; 0 for a signal not yet assessed) of open signals by area."""
    graded: dict[str, int] = {}
    for code, grade in open_signals(actor).values_list("area_code", "grade"):
        area = code[:digits]
        graded[area] = max(graded.get(area, 0), GRADE_OF_KEY.get(grade, 0))
    return graded


def map_features(actor: Actor, level: AreaLevel, digits: int, now: datetime) -> list[dict[str, Any]]:
    """Return the areas of one level in the actor's ranges as GeoJSON features with their risk grade."""
    graded = risk_by_area(actor, digits)
    areas = Area.objects.filter(in_force(now), within(actor.ranges, "code"), level=level)
    shapes = AreaShape.objects.filter(area__in=areas).select_related("area")
    features = [_feature(shape, graded.get(shape.area.code)) for shape in shapes]
    return features if level == AreaLevel.SUBDISTRICT else features + _outlines(actor, now)


def _outlines(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Return the subdistricts in the actor's ranges as borders with a name plate, not to be chosen."""
    areas = Area.objects.filter(in_force(now), within(actor.ranges, "code"), level=AreaLevel.SUBDISTRICT)
    shapes = AreaShape.objects.filter(area__in=areas).select_related("area")
    features = [_feature(shape, None) for shape in shapes]
    for feature in features:
        feature["properties"] |= {"outline": True, "label": True}
    return features


def _feature(shape: AreaShape, grade: int | None) -> dict[str, Any]:
    code = shape.area.code
    return area_feature(
        shape,
        grade=grade if grade else (None if grade == 0 else 0),
        href=f"/areas/{code}/",
        label=len(code) <= LABELLED_DIGITS,
    )
