"""Note that somebody was looked in on, or not reached, and who arrived."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Invalid, Text
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.people.actions.care import CARE
from anlan.people.actions.register import PEOPLE
from anlan.people.events import ArrivalNoted
from anlan.people.models import Arrival, Household, KeyPerson, Resident, Visit
from anlan.people.queries import access_household, access_resident
from anlan.people.queries.care import kinds_of_key_people
from anlan.people.rules.care import (
    ARRIVAL_KEPT,
    LATEST,
    LONGEST_NEED,
    LONGEST_NOTE,
    REACHED,
    Transport,
    VisitKind,
    names_illness,
    next_visit,
)

SUBJECT_VISIT = "people.Visit"
SUBJECT_ARRIVAL = "people.Arrival"
ARRIVALS = "arrivals"  # live topic
MOST_ARRIVING = 50
R = TypeVar("R", Visit, Arrival)


class VisitInvalid(Invalid):
    """Say which part of a visit cannot be accepted."""

    code = "visit_invalid"


class ArrivalInvalid(Invalid):
    """Say which part of an arrival cannot be accepted."""

    code = "arrival_invalid"


@dataclass(frozen=True, slots=True)
class NewVisit:
    """What came of looking in, on which day, to whom or at which door."""

    kind: str
    resident_id: UUID | None = None
    household_id: UUID | None = None
    on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewArrival:
    """Who arrived, at which door, from where, when and how."""

    household_id: UUID
    from_place: str
    on: date
    transport: str
    people_count: int = 1
    resident_id: UUID | None = None


def note_visit(*, actor: Actor, visit: NewVisit, now: datetime, visit_id: UUID | None = None) -> Visit:
    """Note a visit in one's ranges and return it; the same `visit_id` is the same act.

    Whoever was reached is due again after the rhythm of each of their entries, and counts as verified; a door
    only where somebody stood at it. Raises NotFound, VisitInvalid.
    """
    person = access_resident(actor, visit.resident_id) if visit.resident_id else None
    home = access_household(actor, visit.household_id) if visit.household_id else None
    of = person or home
    on = visit.on or day_of(now)
    if of is None:
        raise VisitInvalid
    _check_visit(visit, on, today=day_of(now))
    with transaction.atomic():
        row = Visit(
            id=visit_id or new_id(),
            area_code=of.area_code,
            resident=person,
            household=None if person else home,
            on=on,
            kind=visit.kind,
            note=" ".join(visit.note.split()),
            noted_at=now,
            **_noted_by(actor),
        )
        if (earlier := _saved_before(row)) is not None:
            return _same_act(earlier, row, VisitInvalid)
        if person is not None and visit.kind in REACHED:
            _reached(person, on)
        if visit.kind == VisitKind.VISITED and (door := person.household if person else home):
            _verified(Household, door.pk, on)
        audit.record("note_visit", SUBJECT_VISIT, [row.pk, of.pk], area_code=row.area_code)
        for topic in (CARE, PEOPLE):
            announce_change(topic, row.area_code)
    return row


def _check_visit(visit: NewVisit, on: date, *, today: date) -> None:
    wrong: dict[str, Text] = {}
    if visit.kind not in VisitKind.values:
        wrong["kind"] = _("请选择走访结果。")
    if not today - LATEST <= on <= today:
        wrong["on"] = _("走访日期不能晚于今天，也不能早于三十天前。")
    if len(visit.note) > LONGEST_NOTE or names_illness(visit.note):
        wrong["note"] = _("只写看到的和需要的，最多 200 个字，不写病名；发现有人生病请用“报告病例”。")
    if wrong:
        raise VisitInvalid(fields=wrong)


def _noted_by(actor: Actor) -> dict[str, object]:
    return {
        "post_id": actor.post_id,
        "post_title": actor.post_title,
        "member_name": actor.member_name,
    }


def _saved_before(row: R) -> R | None:
    """Save a new row; where its id is taken, return the one that has it."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "_pkey" not in str(error):
            raise
        earlier = type(row)._default_manager.filter(pk=row.pk).first()
        return earlier or row
    return None


def _same_act(earlier: R, row: R, refusal: type[Invalid]) -> R:
    """Return the earlier row of the same form; an id that is another's is answered as a malformed one."""
    is_same = earlier is not row and earlier.post_id == row.post_id
    if not is_same or (earlier.resident_id, earlier.household_id) != (row.resident_id, row.household_id):
        raise refusal(code="invalid")
    return earlier


def _reached(person: Resident, on: date) -> None:
    """Let the person's entries be due again by their rhythm, unless a later visit stands there.

    A visit from before somebody agreed to be looked in on is none of that entry.
    """
    _verified(Resident, person.pk, on)
    kinds = kinds_of_key_people()
    is_news = Q(last_visited_on__lt=on) | Q(last_visited_on=None, given_on__lte=on)
    entries = KeyPerson.objects.select_for_update().filter(is_news, resident=person, withdrawn_on=None)
    for entry in entries.order_by("pk"):
        kind = kinds.get(entry.kind)
        rhythm = entry.visit_every_days or (kind.visit_every_days if kind else None)
        entry.last_visited_on = on
        entry.verified_on = max(entry.verified_on, on)
        if rhythm:
            entry.due_on = next_visit(on, rhythm)
        entry.save(update_fields=["last_visited_on", "verified_on", "due_on"])


def _verified(model: type[Model], row_id: UUID, on: date) -> None:
    """Write the day down where no later one stands; the version stays, for no field was corrected."""
    rows = model._default_manager.filter(Q(verified_on=None) | Q(verified_on__lt=on), pk=row_id)
    rows.update(verified_on=on)


def note_arrival(
    *, actor: Actor, arrival: NewArrival, now: datetime, arrival_id: UUID | None = None
) -> Arrival:
    """Note who came to live behind a door of one's ranges; the same `arrival_id` is the same act.

    It is forgotten after 30 days. Raises NotFound, ArrivalInvalid.
    """
    home = access_household(actor, arrival.household_id)
    person = access_resident(actor, arrival.resident_id) if arrival.resident_id else None
    _check_arrival(arrival, today=day_of(now))
    if person is not None and person.household_id != home.pk:
        raise ArrivalInvalid(fields={"resident_id": _("这个人不住在这一户。")})
    with transaction.atomic():
        row = Arrival(
            id=arrival_id or new_id(),
            area_code=home.area_code,
            household=home,
            resident=person,
            people_count=arrival.people_count,
            from_place=" ".join(arrival.from_place.split()),
            on=arrival.on,
            transport=arrival.transport,
            noted_at=now,
            ends_on=arrival.on + ARRIVAL_KEPT,
            **_noted_by(actor),
        )
        if (earlier := _saved_before(row)) is not None:
            return _same_act(earlier, row, ArrivalInvalid)
        audit.record("note_arrival", SUBJECT_ARRIVAL, [row.pk, home.pk], area_code=row.area_code)
        publish(ArrivalNoted(area_code=row.area_code, occurred_at=now, arrival_id=row.pk))
        announce_change(ARRIVALS, row.area_code)
    return row


def _check_arrival(arrival: NewArrival, *, today: date) -> None:
    wrong: dict[str, Text] = {}
    if not arrival.from_place.strip() or len(arrival.from_place) > LONGEST_NEED:
        wrong["from_place"] = _("请写从哪里来，最多 60 个字。")
    if not today - ARRIVAL_KEPT + timedelta(days=1) <= arrival.on <= today:
        wrong["on"] = _("到达日期不能晚于今天，也不能早于三十天前。")
    if arrival.transport not in Transport.values:
        wrong["transport"] = _("请选择怎么来的。")
    if not 1 <= arrival.people_count <= MOST_ARRIVING:
        wrong["people_count"] = _("人数为 1 至 50。")
    if wrong:
        raise ArrivalInvalid(fields=wrong)
