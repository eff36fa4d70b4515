"""Every question about who answers for which household: coverage, gaps and doubles, loads."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Length

from anlan.foundation.actor import RANGE_END, Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import NoSuchEntry, entry, section
from anlan.foundation.scope import within
from anlan.organisation.models import Appointment, Building, Member
from anlan.organisation.pack import BodyTemplate, Slot
from anlan.organisation.queries import live_appointments
from anlan.organisation.queries.patches import place_of
from anlan.organisation.rules import CODE_LENGTH, digits_below
from anlan.people.models import Household, HouseholdAssignment, KeyPerson
from anlan.people.pack import LiaisonLine
from anlan.people.queries import below
from anlan.people.queries.care import has_consent, kinds_open_to

UNCOVERED, PARTLY, DOUBLE = "uncovered", "partly", "double"
MOST_HOLDERS_LISTED = 200  # of a subdistrict or a district nobody reads more names

# From the roll-ups (people.models.counts). Nobody holds a household twice on a line, no seat is taken twice.
EVERY_HOUSEHOLD = """
    WITH homes AS (
        SELECT left(area_code, %(digits)s) AS below, sum(households) AS homes FROM people_gridtotal_now
        WHERE area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C"
        GROUP BY 1 HAVING sum(households) > 0
    ), counted AS (
        SELECT left(area_code, %(digits)s) AS below, sum(homes) FILTER (WHERE seats >= %(seats)s) AS covered,
            sum(homes) FILTER (WHERE seats < %(seats)s) AS partly,
            sum(homes) FILTER (WHERE holders > greatest(%(seats)s, 1)) AS doubled
        FROM people_linecount_now
        WHERE line = %(line)s AND area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C"
        GROUP BY 1
    )
    SELECT homes.below, homes.homes, coalesce(covered, 0), coalesce(partly, 0), coalesce(doubled, 0)
    FROM homes LEFT JOIN counted ON counted.below = homes.below ORDER BY homes.below
"""
LOADS = """
    SELECT holder_id, slot, sum(homes) FROM people_lineload_now
    WHERE line = %(line)s AND area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C"
        AND (%(grids)s::text[] IS NULL OR left(area_code, 15) = ANY(%(grids)s::text[]))
    GROUP BY holder_id, slot
"""
KEY_HOUSEHOLDS = """
    WITH homes AS (
        SELECT DISTINCT person.household_id AS id, left(care.area_code, %(digits)s) AS below
        FROM people_keyperson AS care JOIN people_resident AS person ON person.id = care.resident_id
        WHERE care.withdrawn_on IS NULL AND (care.basis = 'statutory_duty' OR care.consent_until >= %(today)s)
            AND care.area_code >= %(low)s COLLATE "C" AND care.area_code < %(beyond)s COLLATE "C"
            AND person.household_id IS NOT NULL AND care.kind = ANY(%(kinds)s)
    ), held AS (
        SELECT household_id, count(*) AS holders, count(*) FILTER (WHERE slot <> '') AS seats
        FROM people_householdassignment
        WHERE line = %(line)s AND ends_at IS NULL
            AND area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C"
        GROUP BY household_id
    )
    SELECT homes.below, count(*), count(*) FILTER (WHERE held.seats >= %(seats)s),
        count(*) FILTER (WHERE held.seats < %(seats)s),
        count(*) FILTER (WHERE held.holders > greatest(%(seats)s, 1))
    FROM homes LEFT JOIN held ON held.household_id = homes.id GROUP BY homes.below ORDER BY homes.below
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one area on one line: households that should have somebody, and how many have."""

    area_code: str
    homes: int
    covered: int
    partly: int  # of a team: some seats taken, not all
    doubled: int

    @property
    def uncovered(self) -> int:
        """Return how many households nobody answers for."""
        return max(self.homes - self.covered - self.partly, 0)

    @property
    def percent(self) -> int:
        """Return the share covered, rounded down: a hundred means no gap."""
        return self.covered * 100 // self.homes if self.homes else 0


@dataclass(frozen=True, slots=True)
class Load:
    """How many households of an area a member answers for on one line; of a team, in which seats."""

    member: Member
    homes: int
    seats: tuple[str, ...]
    is_over: bool


@dataclass(frozen=True, slots=True)
class Loads:
    """The holders of a line in an area: all of them, or of very many those alone who have too much."""

    rows: list[Load]
    holders: int

    @property
    def only_over(self) -> bool:
        """Say whether those with a load within bounds are left out."""
        return self.holders > MOST_HOLDERS_LISTED


def liaison_lines() -> dict[str, LiaisonLine]:
    """Return the pack's lines by key, in its order."""
    return {line.key: line for line in section(LiaisonLine)}


def access_line(key: str) -> LiaisonLine:
    """Return one line of the pack, or raise NotFound."""
    try:
        return entry(LiaisonLine, key)
    except NoSuchEntry as error:
        raise NotFound from error


def seats_of(line: LiaisonLine) -> dict[str, Slot]:
    """Return the seats of a line's team by key; none for a line of single holders."""
    return {slot.key: slot for slot in entry(BodyTemplate, line.team).slots} if line.team else {}


def coverage_below(actor: Actor, line: LiaisonLine, place: str, *, today: date) -> list[Coverage]:
    """Return the coverage of each area directly below one, or of each grid of a patch.

    Raises NotFound for an area or a patch out of range.
    """
    asked = place_of(actor, place)
    values: dict[str, Any] = {
        "line": line.key,
        "low": asked.area_code,
        "beyond": asked.area_code + RANGE_END,
        "digits": digits_below(asked.area_code),
        "seats": len(seats_of(line)),
        "today": today,
        "kinds": list(kinds_open_to(actor)),
    }
    sql = KEY_HOUSEHOLDS if line.expects == "key_people" else EVERY_HOUSEHOLD
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = [Coverage(*row) for row in cursor.fetchall()]
    return rows if asked.grids is None else [row for row in rows if row.area_code in asked.grids]


def total_of(rows: Iterable[Coverage], area_code: str = "") -> Coverage:
    """Return the coverage of several areas as one."""
    counted = list(rows)
    counts = ("homes", "covered", "partly", "doubled")
    return Coverage(area_code, *(sum(getattr(row, name) for row in counted) for name in counts))


def by_patch(rows: Iterable[Coverage], grids: Mapping[UUID, Collection[str]]) -> list[Coverage]:
    """Return the coverage of a community's grids put together by patch, what is in none ('') the last.

    `grids` names those of each patch, in the order of the answer; in `area_code` stands the patch's id.
    """
    counted = {row.area_code: row for row in rows}
    patches = [
        total_of((counted.pop(code) for code in codes if code in counted), str(patch))
        for patch, codes in grids.items()
    ]
    return [*patches, total_of(counted.values())] if counted else patches


def homes_of_line(
    actor: Actor, line: LiaisonLine, *, area_code: str, today: date, view: str = ""
) -> QuerySet[Household]:
    """Return the households a line should reach: all, those without a holder, or those with one too many.

    Of a team PARTLY are those that have somebody, but not in every seat.
    """
    rows = Household.objects.filter(within(actor.ranges), *below(actor, area_code)).select_related("building")
    if line.expects == "key_people":
        needing = KeyPerson.objects.filter(has_consent(today), kind__in=list(kinds_open_to(actor)))
        rows = rows.filter(Exists(needing.filter(resident__household=OuterRef("pk"))))
    held = HouseholdAssignment.objects.filter(line=line.key, ends_at=None)
    if view == UNCOVERED:
        rows = rows.filter(~Exists(held.filter(household=OuterRef("pk"))))
    if view in (PARTLY, DOUBLE):
        seats = len(seats_of(line))
        counted = held.filter(within(actor.ranges), *below(actor, area_code)).values("household").annotate(
            holders=Count("pk"), taken=Count("slot", filter=~Q(slot=""), distinct=True)
        )  # fmt: skip
        wanted = Q(taken__lt=seats) if view == PARTLY else Q(holders__gt=max(seats, 1))
        rows = rows.filter(pk__in=counted.filter(wanted).values("household"))
    return rows


def loads_of_holders(actor: Actor, line: LiaisonLine, place: str) -> Loads:
    """Return who answers for how many households of a place on a line, by name: never a ranking."""
    asked = place_of(actor, place)
    low, beyond = asked.area_code, asked.area_code + RANGE_END
    grids = None if asked.grids is None else list(asked.grids)
    values = {"line": line.key, "low": low, "beyond": beyond, "grids": grids}
    counted: dict[UUID, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LOADS, values)
        for holder, slot, homes in cursor.fetchall():
            counted.setdefault(holder, {})[slot] = homes  # of one household somebody has one seat at most
    homes_of = {holder: sum(by_seat.values()) for holder, by_seat in counted.items()}
    over = {holder for holder, homes in homes_of.items() if homes > line.most_per_holder}
    listed = over if len(counted) > MOST_HOLDERS_LISTED else counted.keys()
    loads = []
    for member in Member.objects.filter(pk__in=listed).order_by("name", "pk"):
        seats = tuple(seat for seat in seats_of(line) if seat in counted[member.pk])
        loads.append(Load(member, homes_of[member.pk], seats, member.pk in over))
    return Loads(loads, len(counted))


def live_assignments(
    actor: Actor, *, line: str = "", area_code: str = "", holder_id: UUID | None = None
) -> QuerySet[HouseholdAssignment]:
    """Return the assignments in force in the actor's ranges."""
    rows = HouseholdAssignment.objects.filter(within(actor.ranges), *below(actor, area_code), ends_at=None)
    if line:
        rows = rows.filter(line=line)
    return rows.filter(holder=holder_id) if holder_id else rows


def access_assignment(actor: Actor, assignment_id: UUID) -> HouseholdAssignment:
    """Return one assignment, ended or not, or raise NotFound."""
    rows = HouseholdAssignment.objects.filter(within(actor.ranges)).select_related("holder", "household")
    found = rows.filter(pk=assignment_id).first()
    if found is None:
        raise NotFound
    return found


def who_answers_for(actor: Actor, home: Household) -> list[HouseholdAssignment]:
    """Return who answers for a household, line by line as the pack has them."""
    order = list(liaison_lines())
    rows = live_assignments(actor).filter(household=home).select_related("holder", "post")
    return sorted(rows, key=lambda row: (order.index(row.line) if row.line in order else 99, row.starts_at))


def may_assign(actor: Actor) -> bool:
    """Say whether the post decides who answers for which household."""
    return actor.has_purpose("grid_work") and actor.has_purpose("lead", "org")


def roles_that_hold(line: LiaisonLine, seat: str = "") -> list[str]:
    """Return the duties one of which a holder must have; none where any member may be named."""
    slot = seats_of(line).get(seat)
    return list(slot.posts if slot else line.held_by)


def who_may_hold(
    actor: Actor, line: LiaisonLine, seat: str = "", *, words: str = "", near: str = "", now: datetime
) -> QuerySet[Appointment]:
    """Return appointments whose members may hold a line: in the district, with a fitting duty.

    Those of the area `near` come first, then those of the areas around it; among them by area and name.
    """
    district = actor.area_code[:6]
    rows = live_appointments(now).filter(
        post__area_code__gte=district, post__area_code__lt=district + RANGE_END, member__is_system=False
    )
    if roles := roles_that_hold(line, seat):
        rows = rows.filter(post__role__in=roles)
    if words:
        rows = rows.filter(Q(member__name__icontains=words) | Q(post__title__icontains=words))
    nearest = [_distance(near)] if near else []
    return rows.select_related("member", "post").order_by(*nearest, "post__area_code", "member__name", "pk")


def _distance(near: str) -> Case:
    """Return 0 for posts below an area, 1 for those below the area around it, and so on."""
    sizes = sorted((size for size in CODE_LENGTH.values() if size <= len(near)), reverse=True)
    around = (near[:size] for size in sizes)
    steps = (
        When(post__area_code__gte=code, post__area_code__lt=code + RANGE_END, then=Value(step))
        for step, code in enumerate(around)
    )
    return Case(*steps, default=Value(len(sizes)))


@dataclass(frozen=True, slots=True)
class BuildingCovered:
    """A building with its households, and how many of them a line reaches."""

    building: Building
    homes: int
    covered: int


def buildings_of_line(
    actor: Actor, line: LiaisonLine, area_code: str, *, today: date
) -> list[BuildingCovered]:
    """Return the buildings with households a line should reach, each with how many of them have a holder."""
    homes = homes_of_line(actor, line, area_code=area_code, today=today).select_related(None)
    held = HouseholdAssignment.objects.filter(line=line.key, ends_at=None, household=OuterRef("pk"))
    counted = homes.exclude(building=None).values("building").annotate(
        homes=Count("pk"), covered=Count("pk", filter=Exists(held))
    )  # fmt: skip
    by_building = {row["building"]: row for row in counted}
    buildings = Building.objects.filter(pk__in=by_building).order_by(
        "area_code", Length("number"), "number", "pk"
    )
    return [
        BuildingCovered(row, by_building[row.pk]["homes"], by_building[row.pk]["covered"])
        for row in buildings
    ]
