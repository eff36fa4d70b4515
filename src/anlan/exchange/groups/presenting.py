"""How lists out of group texts and their lines are put before people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from anlan.exchange.groups.keeping import Said, said_of, text_of
from anlan.exchange.groups.masking import masked_line, masked_name
from anlan.exchange.groups.matching import HOUSEHOLD, RESIDENT
from anlan.exchange.groups.rules import STATE_KINDS, UNCLEAR, AnswerState, Why
from anlan.exchange.models import GroupAnswer
from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.people.models import Household, Resident
from anlan.people.presenting import door_of, resident_lines


@dataclass(frozen=True, slots=True)
class Target:
    """A household or a resident, masked, with the choice that means it."""

    choice: str
    id: UUID
    is_person: bool
    name: str
    door: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """One of those whom a line names, and whom the register knows by it."""

    row: GroupAnswer
    name: str
    state: str | Promise
    kind: str
    why: str | Promise
    target: Target | None
    options: Sequence[Target]
    facts: Sequence[str]
    marks: Sequence[str]
    is_open: bool


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line of the text with its parts."""

    line: int
    label: str
    text: str
    is_answer: bool
    parts: Sequence[PartLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DoorGroup:
    """The doors of one building, in their order."""

    building: str
    doors: Sequence[tuple[UUID, str]]


def people_shown(rows: Iterable[GroupAnswer]) -> tuple[list[UUID], list[UUID]]:
    """Return the residents and the households that these lines show."""
    residents: set[UUID] = set()
    households: set[UUID] = set()
    for row in rows:
        residents |= {row.resident_id} if row.resident_id else set()
        households |= {row.household_id} if row.household_id else set()
        for kind, key in row.candidates if row.state in UNCLEAR else []:
            (residents if kind == RESIDENT else households).add(UUID(key))
    return sorted(residents), sorted(households)


def answer_lines(actor: Actor, rows: Sequence[GroupAnswer], *, now: datetime) -> list[AnswerLine]:
    """Return the rows of lines, in their order, as lines with parts; what is not in range is not named."""
    known = targets_of(actor, *people_shown(rows), now=now)
    return [_answer_line(list(parts), known) for _line, parts in groupby(rows, key=lambda row: row.line)]


def targets_of(
    actor: Actor, residents: Sequence[UUID], households: Sequence[UUID], *, now: datetime
) -> dict[str, Target]:
    """Return those in the actor's ranges, by the choice that means them."""
    people = Resident.objects.filter(within(actor.ranges), pk__in=residents).select_related(
        "household__building"
    )
    homes = Household.objects.filter(within(actor.ranges), pk__in=households).select_related("building")
    found = [
        Target(f"{RESIDENT}:{one.resident.pk}", one.resident.pk, True, one.name, one.door)
        for one in resident_lines(actor, people, now=now)
    ]
    found += [Target(f"{HOUSEHOLD}:{home.pk}", home.pk, False, "", door_of(actor, home)) for home in homes]
    return {target.choice: target for target in found}


def _answer_line(rows: Sequence[GroupAnswer], known: Mapping[str, Target]) -> AnswerLine:
    said = [said_of(row) for row in rows]
    names = [one.name for one in said if not one.surname]
    first = rows[0]
    return AnswerLine(
        line=first.line,
        label=f"{first.number}." if first.number else "",
        text=masked_line(said[0].body if first.number else text_of(first), names),
        is_answer=first.state != AnswerState.NO_ANSWER,
        parts=[_part_line(row, what, known) for row, what in zip(rows, said, strict=True)],
    )


def _part_line(row: GroupAnswer, said: Said, known: Mapping[str, Target]) -> PartLine:
    target = known.get(f"{RESIDENT}:{row.resident_id}") or known.get(f"{HOUSEHOLD}:{row.household_id}")
    is_open = row.state in UNCLEAR
    options = [known[choice] for kind, key in row.candidates if (choice := f"{kind}:{key}") in known]
    return PartLine(
        row=row,
        name=masked_name(said),
        state=AnswerState(row.state).label,
        kind=STATE_KINDS[AnswerState(row.state)],
        why=Why(row.why).label,
        target=target,
        options=options if is_open else [],
        facts=_facts(row, said),
        marks=_marks(row),
        is_open=is_open,
    )


def _facts(row: GroupAnswer, said: Said) -> list[str]:
    facts = [said.quantity] if said.quantity and row.part == 0 else []
    if row.people:
        facts.insert(0, _("%(n)s 人") % {"n": row.people})
    return facts


def _marks(row: GroupAnswer) -> list[str]:
    marks = []
    if row.is_withdrawn:
        marks.append(_("已退出"))
    if not row.is_last:
        marks.append(_("后面又答了一次，以后一次为准"))
    if row.changed_at:
        marks.append(_("后来改过"))
    if row.is_missing:
        marks.append(_("最近一次的文字里没有这一行"))
    return marks


def door_groups(actor: Actor, households: Iterable[Household]) -> list[DoorGroup]:
    """Return households, in their order, as doors by building."""
    groups = []
    for _building, rows in groupby(households, key=lambda home: home.building_id):
        homes = list(rows)
        building = str(homes[0].building or "")
        doors = [(home.pk, f"{home.unit}-{home.room}") for home in homes]
        groups.append(
            DoorGroup(
                _("%(building)s 号楼") % {"building": building} if building.isdigit() else building, doors
            )
        )
    return groups
