"""Every question about the gate: what waits, what is in force, what was held, what it costs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from anlan.affairs.models import AddressedArea, Admission, GateEntry, Objection
from anlan.affairs.pack import Gate, ListItem
from anlan.affairs.rules import (
    FROM_TO,
    WAITING,
    AdmissionState,
    Decision,
    ObjectionState,
    Outcome,
    minutes_in_week,
    monday_of,
)
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import start_of
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import section
from anlan.foundation.scope import within
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

COMMUNITY_DIGITS = CODE_LENGTH[AreaLevel.COMMUNITY]
CITABLE = ("taken_back", "assist", "own_duty")  # lists a community may cite when it gives an order back
VIEWS = {
    "waiting": Q(state__in=WAITING),
    "in_force": Q(state=AdmissionState.ADMITTED),
    "reviews": Q(state=AdmissionState.ADMITTED, is_emergency=True, reviewed_at=None),
    "refused": Q(state__in=[AdmissionState.REFUSED, AdmissionState.ENDED]),
}


def gate() -> Gate:
    """Return who decides at the gate and by when, as the pack in force says."""
    return section(Gate)[0]


def list_items(words: str = "", lists: Iterable[str] = ()) -> list[ListItem]:
    """Return items of the lists in force, of some lists or all, with these words in either language."""
    wanted, sought = set(lists), words.casefold()
    return [
        item
        for item in section(ListItem)
        if (not wanted or item.list in wanted)
        and sought in f"{item.title.zh} {item.title.en} {item.basis.zh} {item.basis.en}".casefold()
    ]


def list_item(key: str) -> ListItem | None:
    """Return one item of the lists in force, if there is one."""
    return next((item for item in section(ListItem) if item.key == key), None)


def visible_admissions(actor: Actor) -> QuerySet[Admission]:
    """Return requests and admissions that lie in the actor's ranges or address an area in them."""
    addressed = AddressedArea.objects.filter(within(actor.ranges)).values("admission_id")
    rows = Admission.objects.filter(within(actor.ranges) | Q(pk__in=addressed))
    return rows.select_related("asked_by", "decided_by", "escalated_to").prefetch_related("addressed")


def listed_admissions(actor: Actor, view: str) -> QuerySet[Admission]:
    """Return the admissions of one view of the gate's list: waiting, in force, to be reviewed, refused."""
    return visible_admissions(actor).filter(VIEWS.get(view, VIEWS["waiting"]))


def own_admissions(actor: Actor) -> QuerySet[Admission]:
    """Return what the actor's own post asked for, the newest first."""
    return visible_admissions(actor).filter(asked_by_id=actor.post_id).order_by("-requested_at", "id")


def own_in_force(actor: Actor, today: date) -> QuerySet[Admission]:
    """Return what the actor's own post may ask of communities today."""
    return own_admissions(actor).filter(state=AdmissionState.ADMITTED, ends_on__gte=today)


def access_admission(actor: Actor, admission_id: UUID) -> Admission:
    """Return one admission, or raise NotFound."""
    admission = visible_admissions(actor).filter(pk=admission_id).first()
    if admission is None:
        raise NotFound
    return admission


def may_decide(actor: Actor, admission: Admission, decision: Decision) -> bool:
    """Say whether the actor's post may take this decision now.

    A secretary may only where the own community alone is addressed; an emergency is its reviewer's.
    """
    if admission.state not in FROM_TO[decision][0] or not actor.ranges.covers(admission.area_code):
        return False
    is_review = admission.is_emergency and admission.reviewed_at is None
    if decision is Decision.CONFIRM and not is_review:
        return False
    return actor.role in (gate().reviewed_by if admission.is_emergency else gate().decided_by)


def reviews_of(actor: Actor) -> QuerySet[Admission]:
    """Return emergencies to review: for the reviewer, or told to the post as late; the most urgent first."""
    waiting = visible_admissions(actor).filter(
        within(actor.ranges), is_emergency=True, state=AdmissionState.ADMITTED, reviewed_at=None
    )
    if actor.role not in gate().reviewed_by:
        waiting = waiting.filter(escalated_to_id=actor.post_id)
    return waiting.order_by("review_due_at", "id")


def visible_entries(actor: Actor) -> QuerySet[GateEntry]:
    """Return the gate's log in the actor's ranges; who does not lead sees what the own post tried."""
    rows = GateEntry.objects.filter(within(actor.ranges)).select_related("accountable", "asked_by")
    return rows if actor.has_purpose("lead", "org") else rows.filter(post_id=actor.post_id)


def held_entries(actor: Actor) -> QuerySet[GateEntry]:
    """Return what was held at the gate."""
    return visible_entries(actor).filter(outcome=Outcome.HELD)


def visible_objections(actor: Actor) -> QuerySet[Objection]:
    """Return objections in the actor's ranges."""
    return Objection.objects.filter(within(actor.ranges)).select_related("raised_by", "decided_by")


def access_objection(actor: Actor, objection_id: UUID) -> Objection:
    """Return one objection, or raise NotFound."""
    objection = visible_objections(actor).filter(pk=objection_id).first()
    if objection is None:
        raise NotFound
    return objection


def objections_of(actor: Actor, order_id: UUID) -> QuerySet[Objection]:
    """Return the objections to one order, the latest first."""
    return visible_objections(actor).filter(order_id=order_id).order_by("-raised_at")


def may_settle(actor: Actor, objection: Objection) -> bool:
    """Say whether the actor's post decides this objection."""
    return (
        objection.state == ObjectionState.RAISED
        and actor.role in gate().objections_decided_by
        and actor.ranges.covers(objection.area_code)
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits at the gate within the actor's ranges."""

    requests: int
    reviews: int
    reviews_late: int
    objections: int
    held: int  # orders held since Monday


def waiting_at_gate(actor: Actor, now: datetime, today: date) -> Waiting:
    """Return the numbers of what waits."""
    rows = visible_admissions(actor)
    reviews = rows.filter(is_emergency=True, state=AdmissionState.ADMITTED, reviewed_at=None)
    since = start_of(monday_of(today))
    return Waiting(
        requests=rows.filter(state__in=FROM_TO[Decision.ADMIT][0]).count(),
        reviews=reviews.count(),
        reviews_late=reviews.filter(review_due_at__lt=now).count(),
        objections=visible_objections(actor).filter(state=ObjectionState.RAISED).count(),
        held=visible_entries(actor).filter(outcome=Outcome.HELD, at__gte=since).count(),
    )


@dataclass(frozen=True, slots=True)
class BurdenLine:
    """What one item costs one community in a week, in minutes."""

    title: str
    is_admission: bool
    minutes: int


def burden_of(actor: Actor, area_code: str, week: date) -> list[BurdenLine]:
    """Return what is asked of a community in the week of this day, by item, the costliest first.

    Admitted items by their frequency, orders under the lists by their minutes; no person is counted.
    """
    monday = monday_of(week)
    here = AreaRanges.of([area_code])
    costs: Counter[tuple[str, bool]] = Counter()
    addressed = AddressedArea.objects.filter(within(here), within(actor.ranges)).values("admission_id")
    running = Admission.objects.filter(pk__in=addressed, starts_on__lt=monday + timedelta(days=7))
    for row in running.filter(ends_on__gte=monday):
        costs[row.title, True] += minutes_in_week(
            row.minutes, row.frequency, row.starts_on or monday, row.ends_on, monday
        )
    passed = GateEntry.objects.filter(
        within(here),
        within(actor.ranges),
        outcome=Outcome.PASSED,
        admission=None,
        at__gte=start_of(monday),
        at__lt=start_of(monday + timedelta(days=7)),
    )
    for title, minutes in passed.values_list("title").annotate(Sum("minutes")).order_by():
        costs[title, False] += minutes
    lines = [BurdenLine(title, admitted, minutes) for (title, admitted), minutes in costs.items() if minutes]
    return sorted(lines, key=lambda line: -line.minutes)


def burden_by_community(actor: Actor, week: date) -> Counter[str]:
    """Return the minutes asked of each community in the actor's ranges in the week of this day.

    An item admitted for several grids of a community costs it once; see `burden_of` for one by item.
    """
    monday = monday_of(week)
    beyond = monday + timedelta(days=7)
    costs: Counter[str] = Counter()
    running = Admission.objects.filter(starts_on__lt=beyond, ends_on__gte=monday)
    addressed = AddressedArea.objects.filter(within(actor.ranges), admission__in=running)
    asked = {
        (row.area_code[:COMMUNITY_DIGITS], row.admission) for row in addressed.select_related("admission")
    }
    for code, row in asked:
        costs[code] += minutes_in_week(
            row.minutes, row.frequency, row.starts_on or monday, row.ends_on, monday
        )
    passed = _passed_without_admission(actor, monday)
    for code, minutes in passed.values_list("area_code", "minutes"):
        costs[code[:COMMUNITY_DIGITS]] += minutes
    return costs


def burden_asked(actor: Actor, week: date) -> tuple[int, int]:
    """Return the minutes the actor's post asks of communities in the week of this day, and of how many."""
    monday = monday_of(week)
    beyond = monday + timedelta(days=7)
    costs: Counter[str] = Counter()
    own = Admission.objects.filter(asked_by_id=actor.post_id, starts_on__lt=beyond, ends_on__gte=monday)
    for row in own.filter(within(actor.ranges)).prefetch_related("addressed"):
        minutes = minutes_in_week(row.minutes, row.frequency, row.starts_on or monday, row.ends_on, monday)
        for code in {area.area_code[:COMMUNITY_DIGITS] for area in row.addressed.all()}:
            costs[code] += minutes
    passed = _passed_without_admission(actor, monday).filter(asked_by_id=actor.post_id)
    for code, minutes in passed.values_list("area_code", "minutes"):
        costs[code[:COMMUNITY_DIGITS]] += minutes
    return costs.total(), len(+costs)


def _passed_without_admission(actor: Actor, monday: date) -> QuerySet[GateEntry]:
    """Return orders of a week that passed the gate on an item of the lists alone."""
    return GateEntry.objects.filter(
        within(actor.ranges),
        outcome=Outcome.PASSED,
        admission=None,
        at__gte=start_of(monday),
        at__lt=start_of(monday + timedelta(days=7)),
    )
