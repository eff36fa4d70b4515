"""What waits at the first screens of leaders: community secretary, subdistrict, commander (DOMAIN.md 4)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.insight.queries import LoopFigures, loop_figures
from anlan.organisation.models import Area, Shift
from anlan.organisation.queries import areas_below
from anlan.organisation.queries.staffing import arrangement_in_force, duty_now, grids_without_responsible
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.surveillance.queries import open_signals, visible_receipts
from anlan.surveillance.rules import LEADERS_SEE
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import visible_orders
from anlan.workorders.rules import OPEN_STAGES, Stage

SHOWN = 7
APPEAL = "resident_problem"
CO_RESPONSE = "neighbour_co_response"
APPEAL_WAITS = timedelta(hours=4)  # an appeal unanswered for longer stands on the secretary's screen
COMMUNITY_DIGITS = 12


def _open_orders(actor: Actor) -> QuerySet[WorkOrder]:
    return visible_orders(actor).filter(stage__in=OPEN_STAGES).order_by("due_at", "id")


def _unanswered(actor: Actor) -> QuerySet[WarningReceipt]:
    return visible_receipts(actor).filter(acknowledged_at=None).order_by("due_at", "id")


@dataclass(frozen=True, slots=True)
class CommunityDesk:
    """A community's morning: each list cut to what fits a screen, the counts whole."""

    new_orders: list[WorkOrder]
    late_orders: list[WorkOrder]
    waiting_appeals: list[WorkOrder]
    joint_responses: list[WorkOrder]
    unanswered: list[WarningReceipt]
    vacant_grids: list[Area]
    new_count: int
    late_count: int
    appeal_count: int
    vacant_count: int


def community_desk(actor: Actor, now: datetime) -> CommunityDesk:
    """Return what waits in the actor's community."""
    orders = _open_orders(actor)
    new = orders.filter(stage=Stage.DISPATCHED)
    late = orders.filter(due_at__lt=now)
    appeals = orders.filter(kind=APPEAL, opened_at__lt=now - APPEAL_WAITS, stage=Stage.DISPATCHED)
    vacant = grids_without_responsible(actor.area_code, arrangement_in_force(), now=now)
    return CommunityDesk(
        new_orders=list(new[:SHOWN]),
        late_orders=list(late[:SHOWN]),
        waiting_appeals=list(appeals[:SHOWN]),
        joint_responses=list(orders.filter(kind=CO_RESPONSE)[:SHOWN]),
        unanswered=list(_unanswered(actor)[:SHOWN]),
        vacant_grids=list(vacant[:SHOWN]),
        new_count=new.count(),
        late_count=late.count(),
        appeal_count=appeals.count(),
        vacant_count=vacant.count(),
    )


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """How one community stands: counts of open work, never of persons."""

    area: Area
    open_orders: int
    late_orders: int
    unanswered: int
    vacant_grids: int


def communities_of(actor: Actor, now: datetime) -> list[CommunityLine]:
    """Return the communities below the actor's area, those with overdue clocks first."""
    orders = list(_open_orders(actor).values_list("area_code", "due_at"))
    every = Counter(code[:COMMUNITY_DIGITS] for code, _due in orders)
    late = Counter(code[:COMMUNITY_DIGITS] for code, due in orders if due is not None and due < now)
    silent = Counter(
        code[:COMMUNITY_DIGITS] for code in _unanswered(actor).values_list("area_code", flat=True)
    )
    vacancies = grids_without_responsible(actor.area_code, arrangement_in_force(), now=now)
    vacant = Counter(code[:COMMUNITY_DIGITS] for code in vacancies.values_list("code", flat=True))
    lines = [
        CommunityLine(area, every[area.code], late[area.code], silent[area.code], vacant[area.code])
        for area in areas_below(actor.area_code, now=now)
    ]
    return sorted(lines, key=lambda line: (-line.late_orders, -line.unanswered, line.area.code))


def late_at_departments(actor: Actor, now: datetime) -> list[WorkOrder]:
    """Return overdue orders of the actor's area for which a post outside it answers, the latest first."""
    late = _open_orders(actor).filter(due_at__lt=now)
    return list(late.exclude(accountable__area_code__startswith=actor.area_code)[:SHOWN])


def silent_receivers(actor: Actor) -> list[WarningReceipt]:
    """Return notices in the actor's ranges that nobody has acknowledged, the most urgent first."""
    return list(_unanswered(actor)[:SHOWN])


@dataclass(frozen=True, slots=True)
class CommanderDesk:
    """The district's morning: verified events only, first times, who has not answered, who is on duty."""

    events: list[Signal]
    figures: LoopFigures
    unanswered: list[WarningReceipt]
    unanswered_count: int
    on_duty: list[Shift]


def commander_desk(actor: Actor, now: datetime) -> CommanderDesk:
    """Return what the commander begins the day with."""
    events = open_signals(actor).filter(state__in=LEADERS_SEE).prefetch_related("reasons")
    unanswered = _unanswered(actor)
    return CommanderDesk(
        events=list(events[:SHOWN]),
        figures=loop_figures(actor, now),
        unanswered=list(unanswered[:SHOWN]),
        unanswered_count=unanswered.count(),
        on_duty=duty_now(actor.area_code, now=now),
    )
