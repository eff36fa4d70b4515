"""Matches what a group text says with the register: door first, then name behind it, then phone, then name.

Only what cannot well mean anybody else is certain: a door that is one household, with a name that is written
there or with none; a phone of one household. A name alone is never certain, however rare.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from anlan.exchange.groups.homes import Home, Homes, Person
from anlan.exchange.groups.places import Place
from anlan.exchange.groups.rules import MOST_CANDIDATES, AnswerState, Why
from anlan.exchange.groups.said_doors import SaidDoor
from anlan.exchange.groups.said_names import SaidName
from anlan.foundation.actor import Actor
from anlan.people.queries import Namesake, NameSought, name_evidence, residents_named
from anlan.people.rules import Evidence

SAME = frozenset({Evidence.NAME_SAME, Evidence.NAME_SPACED, Evidence.NAME_VARIANT})
ALIKE = frozenset({Evidence.NAME_HOMOPHONE, Evidence.NAME_LATIN, Evidence.NAME_NEAR, Evidence.NAME_INITIALS})
HOUSEHOLD, RESIDENT = "household", "resident"
Target = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Part:
    """One of those a line names, or the line itself where it names nobody."""

    ref: int
    name: SaidName | None = None
    door: SaidDoor | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a part means, or may mean."""

    state: AnswerState
    why: Why
    household_id: UUID | None = None
    resident_id: UUID | None = None
    candidates: tuple[Target, ...] = ()


@dataclass(slots=True)
class _Known:
    """What the register answered about a whole text."""

    homes: Homes
    namesakes: dict[int, list[Namesake]] = field(default_factory=dict)
    titled: dict[tuple[str, UUID], list[Person]] = field(default_factory=dict)


def match_parts(actor: Actor, place: Place, parts: Sequence[Part], *, now: datetime) -> list[Match]:
    """Return how each part meets the register of a place, in a handful of questions for all of them."""
    homes = Homes(actor, place, (part.door for part in parts if part.door), now=now)
    sought = [
        NameSought(part.ref, _full_name(part), part.phone) for part in parts if part.phone or _full_name(part)
    ]
    titles = [
        (part.name.surname, building)
        for part in parts
        if part.name and part.name.surname and not (part.door and part.door.room)
        for building in homes.buildings(part.door or SaidDoor())
    ]
    found = residents_named(actor, sought, area_code=place.area_code)
    known = _Known(homes, found, homes.people_by_surname(titles))
    return [_match(part, known, place) for part in parts]


def _full_name(part: Part) -> str:
    return part.name.text if part.name and not part.name.surname else ""


def _match(part: Part, known: _Known, place: Place) -> Match:
    namesakes = [one for one in known.namesakes.get(part.ref, []) if _is_here(one, place)]
    if part.door and part.door.room and (homes := known.homes.behind(part.door)):
        return _at_door(part, homes, namesakes)
    if part.phone and (bearers := [one for one in namesakes if one.has_phone]):
        return _by_phone(part, bearers)
    if part.name and part.name.surname:
        return _by_title(part, known)
    if part.name:
        return _by_name(part, namesakes, known)
    return _unmatched(_why_no_home(part, known) or Why.NOTHING)


def _is_here(one: Namesake, place: Place) -> bool:
    return place.building_id is None or one.building_id == place.building_id


def _at_door(part: Part, homes: Sequence[Home], namesakes: Sequence[Namesake]) -> Match:
    people = [person for home in homes for person in home.people]
    same, alike = _fitting(part.name, people)
    if len(homes) == 1:
        return _at_one_door(part, homes[0], same, alike, namesakes)
    for fitting, why in ((same, Why.DOOR_NAME), (alike, Why.DOOR_SOUND)):
        if len({person.household_id for person in fitting}) == 1:
            return _settled(part.name, fitting, why, is_certain=why == Why.DOOR_NAME)
    listed = [home for home in homes if any(one.household_id == home.id for one in (*same, *alike))] or homes
    return _several([(HOUSEHOLD, home.id) for home in listed], Why.DOOR_SEVERAL)


def _at_one_door(
    part: Part, home: Home, same: Sequence[Person], alike: Sequence[Person], namesakes: Sequence[Namesake]
) -> Match:
    name = part.name
    if name is None or (name.is_nickname and not same):
        return Match(AnswerState.MATCHED, Why.DOOR, home.id)
    if same:
        return _settled(name, same, _why_at_door(name), is_certain=True)
    if alike:
        return _settled(name, alike, Why.DOOR_SOUND, is_certain=False)
    elsewhere = [one for one in namesakes if one.evidence in SAME]
    if elsewhere:
        targets = [(HOUSEHOLD, home.id), *((RESIDENT, one.resident_id) for one in elsewhere)]
        return _several(targets, Why.DOOR_OTHER)
    return Match(AnswerState.LIKELY, Why.DOOR_OTHER, candidates=((HOUSEHOLD, home.id),))


def _why_at_door(name: SaidName) -> Why:
    if name.surname:
        return Why.DOOR_TITLE
    return Why.DOOR_KIN if name.is_kin else Why.DOOR_NAME


def _fitting(name: SaidName | None, people: Iterable[Person]) -> tuple[list[Person], list[Person]]:
    """Return those whom a name means, and those whose name is written otherwise."""
    if name is None:
        return [], []
    if name.surname:
        return [one for one in people if _is_titled(one, name)], []
    same, alike = [], []
    for person in people:
        evidence = name_evidence(name.text, person.name)
        if evidence in SAME:
            same.append(person)
        elif evidence in ALIKE:
            alike.append(person)
    return same, alike


def _is_titled(person: Person, name: SaidName) -> bool:
    sexes = {name.sex, person.sex} - {"", "unknown"}
    return person.name.startswith(name.surname) and len(sexes) <= 1


def _settled(name: SaidName | None, fitting: Sequence[Person], why: Why, *, is_certain: bool) -> Match:
    """Return the one person meant, or the household where a title, a relative or two of one name speak."""
    one = fitting[0]
    is_person = len(fitting) == 1 and name is not None and not name.surname and not name.is_kin
    if is_certain:
        return Match(AnswerState.MATCHED, why, one.household_id, one.id if is_person else None)
    if len({person.id for person in fitting}) > 1 and is_person is False and name and not name.is_kin:
        return _several([(RESIDENT, person.id) for person in fitting], why)
    target: Target = (RESIDENT, one.id) if is_person else (HOUSEHOLD, one.household_id)
    return Match(AnswerState.LIKELY, why, candidates=(target,))


def _by_phone(part: Part, bearers: Sequence[Namesake]) -> Match:
    named = [one for one in bearers if one.evidence in SAME]
    if len(named) == 1:
        return Match(AnswerState.MATCHED, Why.PHONE_NAME, named[0].household_id, named[0].resident_id)
    homes = {one.household_id for one in bearers}
    if len(homes) > 1 or None in homes:
        return _several([(RESIDENT, one.resident_id) for one in bearers], Why.PHONE)
    home = homes.pop()
    if part.name is None or part.name.surname or part.name.is_nickname or part.name.is_kin:
        person = bearers[0].resident_id if len(bearers) == 1 and part.name is None else None
        return Match(AnswerState.MATCHED, Why.PHONE, home, person)
    target: Target = (RESIDENT, bearers[0].resident_id) if len(bearers) == 1 else (HOUSEHOLD, _sure(home))
    return Match(AnswerState.LIKELY, Why.PHONE_OTHER, candidates=(target,))


def _sure(household_id: UUID | None) -> UUID:
    assert household_id is not None
    return household_id


def _by_title(part: Part, known: _Known) -> Match:
    assert part.name is not None
    if lacking := _why_no_home(part, known):
        return _unmatched(lacking)
    buildings = known.homes.buildings(part.door or SaidDoor())
    if not buildings:
        return _unmatched(Why.TITLE)
    people = [
        person
        for building in sorted(buildings)
        for person in known.titled.get((part.name.surname, building), [])
        if _is_titled(person, part.name)
    ]
    return _one_or_several([(RESIDENT, one.id) for one in people], Why.TITLE, Why.TITLE)


def _by_name(part: Part, namesakes: Sequence[Namesake], known: _Known) -> Match:
    lacking = _why_no_home(part, known)
    if part.door and part.door.building and not part.door.room and not lacking:
        buildings = known.homes.buildings(part.door)
        namesakes = [one for one in namesakes if one.building_id in buildings]
    same = [(RESIDENT, one.resident_id) for one in namesakes if one.evidence in SAME]
    alike = [(RESIDENT, one.resident_id) for one in namesakes if one.evidence in ALIKE]
    if same:
        one, many = (Why.NAME_ELSEWHERE,) * 2 if lacking else (Why.NAME, Why.NAME_SEVERAL)
        return _one_or_several(same, one, many)
    return (
        _one_or_several(alike, Why.NAME_SOUND, Why.NAME_SOUND)
        if alike and not lacking
        else _unmatched(lacking or Why.NO_NAME)
    )


def _why_no_home(part: Part, known: _Known) -> Why | None:
    """Say what a said door lacks in the register."""
    if part.door is None:
        return None
    if not known.homes.knows_building(part.door):
        return Why.NO_BUILDING
    return Why.NO_DOOR if part.door.room else None


def _one_or_several(targets: Sequence[Target], one: Why, many: Why) -> Match:
    if not targets:
        return _unmatched(Why.NO_NAME)
    if len(targets) == 1:
        return Match(AnswerState.LIKELY, one, candidates=tuple(targets))
    return _several(targets, many)


def _several(targets: Sequence[Target], why: Why) -> Match:
    if len(targets) > MOST_CANDIDATES:
        return _unmatched(Why.TOO_MANY)
    return Match(AnswerState.SEVERAL, why, candidates=tuple(targets))


def _unmatched(why: Why) -> Match:
    return Match(AnswerState.UNMATCHED, why)
