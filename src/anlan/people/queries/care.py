"""Every question about key people, visits and arrivals: whose turn it is, whose consent lapsed, who came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import section
from anlan.foundation.scope import within
from anlan.organisation.queries import setting
from anlan.people.models import Arrival, Household, HouseholdAssignment, KeyPerson, Resident, Visit
from anlan.people.pack import KeyPeopleKind, ServiceNeed
from anlan.people.queries import below
from anlan.people.rules.care import RECHECK, CareBasis

DUE, LAPSED, RECHECK_VIEW = "due", "lapsed", "recheck"
VIEWS = ("", DUE, LAPSED, RECHECK_VIEW)
MOST_ON_A_LIST = 500  # of a service list that is printed
LIVE = Q(withdrawn_on=None)
_HOME = "resident__household__"
# Numbers are texts, for there is a 12甲: the shorter ones first, so that 2号楼 stands before 10号楼.
BY_DOOR = (
    Length(f"{_HOME}building__number"), f"{_HOME}building__number", f"{_HOME}unit", Length(f"{_HOME}room"),
    f"{_HOME}room",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CareFilter:
    """Which key people of one's ranges a list shows."""

    area_code: str = ""
    kind: str = ""
    service: str = ""
    view: str = ""
    is_mine: bool = False  # of households the actor answers for


def kinds_of_key_people() -> dict[str, KeyPeopleKind]:
    """Return the pack's kinds by key, in its order."""
    return {kind.key: kind for kind in section(KeyPeopleKind)}


def kinds_open_to(actor: Actor) -> dict[str, KeyPeopleKind]:
    """Return the kinds this post may know of: some are for health posts only."""
    may_all = actor.has_purpose("health")
    return {key: kind for key, kind in kinds_of_key_people().items() if may_all or not kind.health_posts_only}


def kinds_closed_to(actor: Actor) -> set[str]:
    """Return the kinds that are not for this post: for health posts alone."""
    return kinds_of_key_people().keys() - kinds_open_to(actor).keys()


def service_needs() -> dict[str, ServiceNeed]:
    """Return the pack's kinds of help by key, in its order."""
    return {need.key: need for need in section(ServiceNeed)}


def has_consent(today: date) -> Q:
    """Return the condition that a person may be looked in on today."""
    return LIVE & (Q(basis=CareBasis.STATUTORY_DUTY) | Q(consent_until__gte=today))


def recheck_before(actor: Actor, now: datetime, today: date) -> date:
    """Return the day before which what was verified last has to be looked at again."""
    days = setting(RECHECK.key, actor.area_code, now=now, default=RECHECK.default)
    return today - timedelta(days=int(days) if RECHECK.allows(days) else RECHECK.default)


def visible_key_people(
    actor: Actor, chosen: CareFilter, *, today: date, recheck: date | None = None
) -> QuerySet[KeyPerson]:
    """Return the key people in the actor's ranges that the filter lets through; raise NotFound for an area.

    Whose consent has lapsed stands in the view `lapsed` alone, to be asked again or to leave the list.
    """
    rows = _open_rows(actor).filter(*below(actor, chosen.area_code))
    if chosen.view == LAPSED:
        rows = rows.filter(LIVE, basis=CareBasis.CONSENT, consent_until__lt=today)
    else:
        rows = rows.filter(has_consent(today))
    if chosen.view == DUE:
        rows = rows.filter(due_on__lte=today)
    if chosen.view == RECHECK_VIEW and recheck:
        rows = rows.filter(verified_on__lt=recheck)
    for field in ("kind", "service"):
        if value := getattr(chosen, field):
            rows = rows.filter(**{field: value})
    if chosen.is_mine:
        rows = rows.filter(_answered_for_by(actor))
    return rows.select_related("resident__household__building")


def _open_rows(actor: Actor) -> QuerySet[KeyPerson]:
    """Return the entries in range but for kinds closed to this post."""
    rows = KeyPerson.objects.filter(within(actor.ranges))
    closed = kinds_closed_to(actor)
    return rows.exclude(kind__in=sorted(closed)) if closed else rows


def _answered_for_by(actor: Actor) -> Exists:
    mine = HouseholdAssignment.objects.filter(
        within(actor.ranges), holder=actor.member_id, ends_at=None, household=OuterRef("resident__household")
    )
    return Exists(mine)


def access_key_person(actor: Actor, entry_id: UUID) -> KeyPerson:
    """Return one entry with its person, or raise NotFound."""
    rows = _open_rows(actor).select_related("resident__household__building")
    found = rows.filter(pk=entry_id).first()
    if found is None:
        raise NotFound
    return found


def key_entries_of(actor: Actor, residents: Iterable[Resident]) -> QuerySet[KeyPerson]:
    """Return the live entries of these people, lapsed ones too, the next visit first."""
    ids = [row.pk for row in residents]
    rows = _open_rows(actor).filter(LIVE, resident__in=ids)
    return rows.select_related("resident__household__building").order_by("due_on", "pk")


@dataclass(frozen=True, slots=True)
class VisitsDue:
    """How many people's turn it is today, and of them how many were due before."""

    people: int
    late: int


def visits_due(actor: Actor, *, today: date) -> VisitsDue:
    """Return how many of the actor's ranges are to be looked in on, each person once."""
    rows = visible_key_people(actor, CareFilter(view=DUE), today=today).select_related(None)
    late = Count("resident", distinct=True, filter=Q(due_on__lt=today))
    return VisitsDue(**rows.aggregate(people=Count("resident", distinct=True), late=late))


def visits_of(
    actor: Actor, *, resident: Resident | None = None, home: Household | None = None
) -> list[Visit]:
    """Return the latest visits to a person, or at a door, in the actor's ranges."""
    rows = Visit.objects.filter(within(actor.ranges))
    rows = rows.filter(resident=resident) if resident else rows.filter(household=home)
    return list(rows.order_by("-on", "-pk")[:10])


def doors_to_recheck(actor: Actor, *, area_code: str = "", before: date) -> QuerySet[Household]:
    """Return the households nobody has verified since a day, or ever."""
    old = Q(verified_on=None) | Q(verified_on__lt=before)
    rows = Household.objects.filter(within(actor.ranges), *below(actor, area_code)).filter(old)
    return rows.select_related("building")


def visible_arrivals(actor: Actor, *, area_code: str = "", today: date) -> QuerySet[Arrival]:
    """Return who arrived in the actor's ranges and is not yet forgotten."""
    rows = Arrival.objects.filter(within(actor.ranges), *below(actor, area_code), ends_on__gt=today)
    return rows.select_related("resident__household__building", "household__building")


def service_list(actor: Actor, chosen: CareFilter, *, today: date) -> tuple[list[KeyPerson], bool]:
    """Return (entries of who wants help, whether there are more), in the order one walks the doors."""
    rows = visible_key_people(actor, chosen, today=today).exclude(service="", need="")
    found = list(rows.order_by("area_code", *BY_DOOR, "pk")[: MOST_ON_A_LIST + 1])
    return found[:MOST_ON_A_LIST], len(found) > MOST_ON_A_LIST
