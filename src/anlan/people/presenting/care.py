"""How key people, visits, arrivals and who answers for whom are put before people, masked as everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.masks import DOTS, visible, visible_many
from anlan.foundation.pack_store import entry
from anlan.foundation.packs import Text
from anlan.organisation.models import Building, Member, Post
from anlan.organisation.queries import area_names
from anlan.organisation.queries.staffing import nearest_staff
from anlan.people.models import Arrival, Household, HouseholdAssignment, KeyPerson, Visit
from anlan.people.pack import PrivacyNotice
from anlan.people.presenting import ResidentLine, door_of, doors_of, resident_lines
from anlan.people.queries.care import kinds_of_key_people, service_needs
from anlan.people.queries.liaison import liaison_lines as lines_of_pack
from anlan.people.queries.liaison import live_assignments, seats_of
from anlan.people.rules.care import CareBasis, ConsentBy

CARE, VISIT, ARRIVAL = "people.KeyPerson", "people.Visit", "people.Arrival"
NOTICE = "key_people_consent"


def in_language(text: Text) -> str:
    """Return words of the pack in the reader's language."""
    return text.en if get_language() == "en" else text.zh


def kind_words() -> dict[str, str]:
    """Return the kinds of key people in words."""
    return {key: in_language(kind.title) for key, kind in kinds_of_key_people().items()}


def service_words() -> dict[str, str]:
    """Return the kinds of help in words."""
    return {key: in_language(need.title) for key, need in service_needs().items()}


def line_words() -> dict[str, str]:
    """Return the lines of liaison in words, each with what it is part of."""
    return {
        key: f"{in_language(line.group)} · {in_language(line.title)}" for key, line in lines_of_pack().items()
    }


def notice_words() -> str:
    """Return what is read to a person before they are asked whether they agree."""
    return in_language(entry(PrivacyNotice, NOTICE).read_aloud)


@dataclass(frozen=True, slots=True)
class CareLine:
    """One entry of a key person as a row."""

    entry: KeyPerson
    person: ResidentLine
    kind: str
    service: str
    need: str
    consent: str | Promise
    is_late: bool
    is_lapsed: bool

    @property
    def is_consent(self) -> bool:
        """Say whether the person agreed; a duty of the law is never shown as agreed to."""
        return self.entry.basis == CareBasis.CONSENT

    @property
    def help(self) -> str:
        """Return the service and the words about it."""
        return " · ".join(part for part in (self.service, self.need) if part)


def care_lines(actor: Actor, entries: Iterable[KeyPerson], *, now: datetime) -> list[CareLine]:
    """Return entries as rows; kind, service and need only where the post serves those people."""
    rows, today = list(entries), day_of(now)
    people = resident_lines(actor, [row.resident for row in rows], now=now)
    shown = {
        field: visible_many(actor, CARE, field, [getattr(row, field) for row in rows])
        for field in ("kind", "service", "need")
    }
    kinds, services, by = kind_words(), service_words(), dict(ConsentBy.choices)
    return [
        CareLine(
            entry=row,
            person=people[at],
            kind=kinds.get(shown["kind"][at], shown["kind"][at]),
            service=services.get(shown["service"][at], shown["service"][at]),
            need=shown["need"][at],
            consent=by.get(row.given_by, row.get_basis_display()),
            is_late=row.due_on < today,
            is_lapsed=row.consent_until is not None and row.consent_until < today,
        )
        for at, row in enumerate(rows)
    ]


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit as a line: what came of it, when, by whom."""

    on: date
    words: str
    note: str
    who: str


def visit_lines(actor: Actor, visits: Iterable[Visit]) -> list[VisitLine]:
    """Return visits as lines, notes only for posts that serve those people."""
    return [
        VisitLine(
            row.on,
            row.get_kind_display() if visible(actor, VISIT, "kind", row.kind) != DOTS else DOTS,
            str(visible(actor, VISIT, "note", row.note) or ""),
            f"{row.post_title} {row.member_name}",
        )
        for row in visits
    ]


@dataclass(frozen=True, slots=True)
class ArrivalLine:
    """One arrival as a row."""

    row: Arrival
    door: str
    area: str
    from_place: str
    transport: str
    home_id: UUID | None


def arrival_lines(actor: Actor, arrivals: Iterable[Arrival], *, now: datetime) -> list[ArrivalLine]:
    """Return arrivals as rows."""
    rows = list(arrivals)
    names = area_names({row.area_code for row in rows}, now=now)
    homes = [row.household or (row.resident.household if row.resident else None) for row in rows]
    doors = doors_of(actor, homes)
    places = visible_many(actor, ARRIVAL, "from_place", [row.from_place for row in rows])
    ways = visible_many(actor, ARRIVAL, "transport", [row.get_transport_display() for row in rows])
    return [
        ArrivalLine(
            row, str(doors[at]), names.get(row.area_code, row.area_code), places[at], str(ways[at]),
            homes[at].pk if homes[at] else None,  # type: ignore[union-attr]
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line on a household's page: who answers for it, on which line, in which seat."""

    line: str
    seat: str
    rows: tuple[HouseholdAssignment, ...]


def answer_lines(rows: Sequence[HouseholdAssignment]) -> list[AnswerLine]:
    """Return every line of the pack with who answers on it, lines without anybody too."""
    words, found = line_words(), []
    for key, line in lines_of_pack().items():
        own = [row for row in rows if row.line == key]
        for seat, slot in seats_of(line).items():
            taken = tuple(row for row in own if row.slot == seat)
            found += [AnswerLine(words[key], in_language(slot.title), taken)] if own else []
        if not line.team or not own:
            found.append(AnswerLine(words[key], "", tuple(own)))
    return found


@dataclass(frozen=True, slots=True)
class ReachLine:
    """Somebody to ask about a household: the post, who holds it, their work telephone."""

    post: Post
    holders: tuple[tuple[Member, str], ...]


def reach_lines(actor: Actor, area_code: str, *, now: datetime) -> list[ReachLine]:
    """Return who serves an area and its community, those nearest to the door first."""
    return [
        ReachLine(
            post, tuple((one, str(visible(actor, Member, "phone", one.phone) or "")) for one in holders)
        )
        for post, holders in nearest_staff(area_code, now=now)
    ]


@dataclass(frozen=True, slots=True)
class HomeLine:
    """A household of a line as a row: its door, and who answers for it."""

    household: Household
    door: str
    area: str
    holders: str


def home_lines(actor: Actor, homes: Iterable[Household], line: str, *, now: datetime) -> list[HomeLine]:
    """Return households as rows with their holders on one line, or on any, all asked for at once."""
    rows = list(homes)
    names = area_names({row.area_code for row in rows}, now=now)
    held: dict[UUID, dict[str, None]] = {}  # somebody who has several lines is named once
    assigned = live_assignments(actor, line=line).filter(household__in=[row.pk for row in rows])
    for one in assigned.select_related("holder").order_by("holder__name", "pk"):
        held.setdefault(one.household_id, {})[one.holder.name] = None
    return [
        HomeLine(
            row,
            door_of(actor, row),
            names.get(row.area_code, row.area_code),
            gettext("、").join(held.get(row.pk, ())),
        )
        for row in rows
    ]


def building_words(row: Building, homes: int, covered: int) -> str:
    """Return a building with how many of its households somebody answers for."""
    counts: Mapping[str, Any] = {"building": row, "homes": homes, "covered": covered}
    return gettext("%(building)s：%(homes)s 户，已有 %(covered)s 户") % counts
