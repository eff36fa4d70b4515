"""Every question about checklists that are answered for an area or a facility."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import section
from anlan.foundation.scope import within
from anlan.organisation.models import Area, ChecklistAnswer, Facility
from anlan.organisation.pack import Checklist
from anlan.organisation.queries import in_force
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.organisation.rules.checklists import (
    ANSWERED_FOR,
    ItemAnswer,
    ItemState,
    ItemWanted,
    is_complete,
    item_states,
)

HISTORY_SHOWN = 20


def checklists() -> dict[str, Checklist]:
    """Return the pack's checklists of areas and facilities by key, in the pack's order."""
    return {row.key: row for row in section(Checklist) if row.used_for in ANSWERED_FOR}


def checklist_of(key: str) -> Checklist:
    """Return one checklist of areas or facilities, or raise NotFound."""
    found = checklists().get(key)
    if found is None:
        raise NotFound
    return found


def checklist_named(key: str) -> Checklist:
    """Return one checklist of areas or facilities, the first where none is named."""
    return checklist_of(key or next(iter(checklists()), ""))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a checklist is answered for: an area, or a facility in it."""

    area: Area
    facility: Facility | None = None

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.facility.name if self.facility else self.area.name


def access_subject(
    actor: Actor, listed: Checklist, code: str, facility_id: UUID | None, *, now: datetime
) -> Subject:
    """Return what a checklist is answered for, in the actor's ranges, or raise NotFound."""
    area = Area.objects.filter(in_force(now), within(actor.ranges, "code"), code=code).first()
    if area is None or (listed.used_for == "facility") != (facility_id is not None):
        raise NotFound
    if facility_id is None:
        if area.level != listed.used_for:
            raise NotFound
        return Subject(area)
    rows = Facility.objects.filter(within(actor.ranges), in_force(now), pk=facility_id, area_code=code)
    facility = rows.first()
    if facility is None or not fits_kind(listed, facility.kind):
        raise NotFound
    return Subject(area, facility)


def fits_kind(listed: Checklist, kind: str) -> bool:
    """Say whether a checklist of facilities is meant for this kind."""
    return not listed.facility_kinds or kind in listed.facility_kinds


def may_answer(actor: Actor, listed: Checklist, subject: Subject) -> bool:
    """Say whether the actor's post answers a checklist; a unit's post answers for its own unit alone."""
    if listed.answered_by and actor.role not in listed.answered_by:
        return False
    is_own = subject.facility is None or actor.facility_id in {None, subject.facility.pk}
    return is_own and actor.ranges.covers(subject.area.code)


def latest_answers(listed: Checklist, subject: Subject) -> dict[str, ChecklistAnswer]:
    """Return the answer that counts of each item that has one."""
    rows = ChecklistAnswer.objects.filter(
        checklist=listed.key, area_code=subject.area.code, facility=subject.facility, replaced_at=None
    )
    return {row.item: row for row in rows}


def answers_before(listed: Checklist, subject: Subject) -> QuerySet[ChecklistAnswer]:
    """Return the answers that others took the place of, the latest first."""
    rows = ChecklistAnswer.objects.filter(
        checklist=listed.key, area_code=subject.area.code, facility=subject.facility
    )
    return rows.exclude(replaced_at=None).order_by("-answered_at", "item")[:HISTORY_SHOWN]


def items_of(listed: Checklist) -> list[ItemWanted]:
    """Return the items of a checklist as the rule looks at them."""
    return [ItemWanted(item.key, item.evidence) for item in listed.items]


def states_of(
    listed: Checklist, answers: Iterable[ChecklistAnswer], *, now: datetime
) -> dict[str, ItemState]:
    """Return how each item stands."""
    found = {
        row.item: ItemAnswer(row.is_met, row.evidence, row.evidence_kind, row.answered_at) for row in answers
    }
    return item_states(items_of(listed), found, renew_days=listed.renew_days, now=now)


@dataclass(frozen=True, slots=True)
class ListState:
    """A checklist of one subject and how its items stand."""

    listed: Checklist
    subject: Subject
    states: dict[str, ItemState]
    oldest_at: datetime | None  # the oldest answer that counts

    @property
    def met_count(self) -> int:
        """Return how many items are met."""
        return sum(state is ItemState.MET for state in self.states.values())

    @property
    def is_complete(self) -> bool:
        """Say whether every item is met."""
        return is_complete(self.states)


def lists_at(actor: Actor, area: Area, *, now: datetime) -> list[ListState]:
    """Return the checklists of an area and of the facilities in it, with how they stand, by two questions."""
    kept = checklists().values()
    subjects = [(row, Subject(area)) for row in kept if row.used_for == area.level]
    for_units = [row for row in kept if row.used_for == "facility"]
    if for_units and len(area.code) >= CODE_LENGTH[AreaLevel.GRID]:
        units = Facility.objects.filter(within(actor.ranges), in_force(now), area_code=area.code)
        subjects += [
            (row, Subject(area, unit))
            for unit in units.order_by("name", "pk")
            for row in for_units
            if fits_kind(row, unit.kind)
        ]
    answers: dict[tuple[str, UUID | None], list[ChecklistAnswer]] = {}
    for answer in ChecklistAnswer.objects.filter(area_code=area.code, replaced_at=None):
        answers.setdefault((answer.checklist, answer.facility_id), []).append(answer)
    return [
        _stands(row, subject, answers.get((row.key, subject.facility.pk if subject.facility else None), []),
                now=now)
        for row, subject in subjects
    ]  # fmt: skip


def _stands(
    listed: Checklist, subject: Subject, answers: list[ChecklistAnswer], *, now: datetime
) -> ListState:
    oldest = min((row.answered_at for row in answers), default=None)
    return ListState(listed, subject, states_of(listed, answers, now=now), oldest)
