"""Enter and correct many residents at once, set by set: what an import writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.crypto import encrypt_many, lookup_many
from anlan.foundation.database.loading import ESCAPES, insert_lines, insert_rows, line_of, needs_escape
from anlan.foundation.history import keep_histories, keep_history
from anlan.foundation.identity_numbers import last_four
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_changes
from anlan.foundation.outbox import publish
from anlan.people.actions.alike import UNSOUGHT, save_alike
from anlan.people.actions.differing import DOOR, Door, as_kept, differing, merged_identity
from anlan.people.actions.move import let_follow
from anlan.people.actions.register import (
    PEOPLE,
    SUBJECT,
    Identity,
    RegisteredAlready,
    rebuild_tokens,
    save_once,
    stored_fields,
)
from anlan.people.events import ResidentMoved, ResidentsEntered
from anlan.people.models import Household, Resident
from anlan.people.tokens import Hashes, tokens_of_hashes

HOMES = """
    SELECT said.place, home.id
    FROM unnest(
        string_to_array(%s, E'\n')::int[], string_to_array(%s, E'\n')::uuid[],
        string_to_array(%s, E'\n')::smallint[], string_to_array(%s, E'\n')
    ) AS said (place, building_id, unit, room)
    JOIN people_household home
        ON home.building_id = said.building_id AND home.unit = said.unit AND home.room = said.room
    ORDER BY said.place, home.id
"""
LOCK = r"SELECT pg_advisory_xact_lock(hashtextextended(id, 0)) FROM unnest(string_to_array(%s, E'\n')) AS id"
STANDING = r"""
    SELECT id, area_code, number FROM organisation_building
    WHERE id = ANY(string_to_array(%(buildings)s, E'\n')::uuid[]) AND (ends_at IS NULL OR ends_at > %(now)s)
    ORDER BY id FOR KEY SHARE
"""
HOME_COLUMNS = ("id", "area_code", "building_id", "unit", "room", "version", "verified_on")
RESIDENT_COLUMNS = (
    "id", "area_code", "household_id", "name", "sex", "birth_on", "relation", "id_number", "id_number_hash",
    "phone", "phone_hash", "version", "verified_on", "created_at",
)  # fmt: skip
TOKEN_COLUMNS = ("kind", "token", "area_code", "resident_id")
IN_THE_GRID_ALREADY = "(area_code, id_number_hash) WHERE id_number_hash IS NOT NULL DO NOTHING"
IN_THE_ORDER_OF_THE_INDEX = 'kind, token COLLATE "C"'


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row of a table says of one person: somebody new, or the resident it speaks of.

    Empty fields of the identity say nothing; so does a missing door. Without a day they are verified today.
    """

    ref: int
    said: Identity
    door: Door | None
    resident_id: UUID | None = None
    expected_version: int = 0
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody new with all that can be worked out before the database is asked."""

    id: UUID
    door: Door
    columns: str  # of their row behind the household, as a line of COPY
    tokens: str  # lines of COPY


@dataclass(frozen=True, slots=True)
class Ready:
    """Entries made ready to be entered; newcomers by `ref`."""

    entries: Sequence[Entry]
    newcomers: Mapping[int, Newcomer]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of an entry.

    `outcome` is new, changed, same, or the reason why nothing was done: moved_on (another version, or the
    resident or the building is not what it was), registered_already, contradicts (fields in `fields`),
    several_households, no_door.
    """

    ref: int
    outcome: str
    resident_id: UUID | None = None
    version: int = 0
    fields: tuple[str, ...] = ()
    before: dict[str, Any] | None = None  # of somebody changed: the row as it stood
    new_household_id: UUID | None = None


@dataclass(slots=True)
class _Homes:
    """The household behind each door: found, made, or not to be told from another.

    A door of a building that has gone by now, or bears another number, is in none of them.
    """

    found: dict[tuple[UUID, int, str], UUID] = field(default_factory=dict)
    made: set[UUID] = field(default_factory=set)
    several: set[tuple[UUID, int, str]] = field(default_factory=set)


def make_ready(entries: Sequence[Entry]) -> Ready:
    """Encrypt, hash and spell what new people need; asks nothing of the database."""
    able = [(entry, entry.door) for entry in entries if not entry.resident_id and entry.door]
    numbers, phones = [e.said.id_number for e, _door in able], [e.said.phone for e, _door in able]
    hashes = [
        Hashes(*three)
        for three in zip(
            lookup_many("id", numbers),
            lookup_many("phone", phones),
            lookup_many("tail", [last_four(phone) if phone else "" for phone in phones]),
            strict=True,
        )
    ]
    sealed = zip(
        encrypt_many(numbers, context="people.Resident.id_number"),
        encrypt_many(phones, context="people.Resident.phone"),
        strict=True,
    )
    newcomers = {}
    for (entry, door), hashed, (number, phone) in zip(able, hashes, sealed, strict=True):
        said, person = entry.said, new_id()
        columns = line_of(
            (said.name, said.sex, said.birth_on, said.relation, number, hashed.id_number, phone, hashed.phone)
        )
        newcomers[entry.ref] = Newcomer(person, door, columns, _token_lines(person, said, door, hashed))
    return Ready(entries, newcomers)


def enter_many(*, actor: Actor, ready: Ready, source: str, now: datetime) -> list[Entered]:
    """Enter and correct these people in one transaction; return one answer an entry, in their order.

    Doors lie in the actor's ranges (the caller found their buildings there). One audit entry lists everybody;
    field history names `source`.
    """
    entries = ready.entries
    with transaction.atomic():
        homes = _homes_behind(entries, now)
        new = [entry for entry in entries if not entry.resident_id]
        done = {row.ref: row for row in _enter(new, ready.newcomers, homes, now)}
        known = [entry for entry in entries if entry.resident_id]
        done.update({row.ref: row for row in _correct(actor, known, homes, source, now)})
        _remove_unused(homes, done.values())
        _put_on_record(actor, entries, done, source, now)
    return [done[entry.ref] for entry in entries]


def _homes_behind(entries: Iterable[Entry], now: datetime) -> _Homes:
    """Find or make the households behind all doors named; buildings are locked, lest two imports make one."""
    homes = _Homes()
    named = {entry.door.key: entry.door for entry in entries if entry.door}
    with connection.cursor() as cursor:
        buildings = _lines(sorted({str(building) for building, _unit, _room in named}))
        cursor.execute(LOCK, [buildings])
        cursor.execute(STANDING, {"buildings": buildings, "now": now})
        standing = {building: facts for building, *facts in cursor.fetchall()}
        doors = {
            key: door for key, door in named.items() if standing.get(key[0]) == [door.area_code, door.number]
        }
        keys = list(doors)
        columns = (range(len(keys)), *([key[part] for key in keys] for part in range(3)))
        cursor.execute(HOMES, [_lines(column) for column in columns])
        for place, home_id in cursor.fetchall():
            if keys[place] in homes.found:
                homes.several.add(keys[place])
            homes.found[keys[place]] = home_id
    missing = {key: new_id() for key in keys if key not in homes.found}
    if missing:
        insert_rows(
            "people_household",
            HOME_COLUMNS,
            ((home, doors[key].area_code, *key, 1, day_of(now)) for key, home in missing.items()),
        )
    homes.found.update(missing)
    homes.made.update(missing.values())
    return homes


def _lines(values: Iterable[object]) -> str:
    """Return values as one text that the database takes apart: as an array their quoting takes longer."""
    return "\n".join(map(str, values))


def _enter(
    entries: Sequence[Entry], newcomers: Mapping[int, Newcomer], homes: _Homes, now: datetime
) -> list[Entered]:
    answers: list[Entered] = []
    able: list[tuple[int, Newcomer, UUID]] = []
    for entry in entries:
        newcomer = newcomers.get(entry.ref)
        if newcomer is None:
            answers.append(Entered(entry.ref, "no_door"))
        elif newcomer.door.key in homes.several:
            answers.append(Entered(entry.ref, "several_households"))
        elif newcomer.door.key not in homes.found:
            answers.append(Entered(entry.ref, "moved_on"))
        else:
            able.append((entry.ref, newcomer, homes.found[newcomer.door.key]))
    if not able:
        return answers
    verified = {entry.ref: entry.verified_on or day_of(now) for entry in entries}
    ends = {day: line_of((1, day, now)) for day in set(verified.values())}
    lines = (
        f"{one.id.hex}\t{one.door.area_code}\t{home.hex}\t{one.columns}\t{ends[verified[ref]]}"
        for ref, one, home in able
    )
    count = insert_lines("people_resident", RESIDENT_COLUMNS, lines, conflict=IN_THE_GRID_ALREADY)
    stored = {one.id for _ref, one, _home in able}
    if count < len(able):
        stored = set(Resident.objects.filter(pk__in=stored).values_list("pk", flat=True))
    insert_lines(
        "people_searchtoken",
        TOKEN_COLUMNS,
        (one.tokens for _ref, one, _home in able if one.id in stored),
        order=IN_THE_ORDER_OF_THE_INDEX,
    )
    for ref, one, home in able:
        if one.id in stored:
            made = home if home in homes.made else None
            answers.append(Entered(ref, "new", one.id, version=1, new_household_id=made))
        else:
            answers.append(Entered(ref, "registered_already"))
    return answers


@dataclass(slots=True)
class _Correction:
    """Somebody whose row is written anew."""

    entry: Entry
    resident: Resident
    fields: tuple[str, ...]
    before: dict[str, Any]
    identity: Identity | None  # as it comes to be; None where only fields change by which nobody is found
    from_area: str


def _correct(
    actor: Actor, entries: Sequence[Entry], homes: _Homes, source: str, now: datetime
) -> list[Entered]:
    ids = [entry.resident_id for entry in entries if entry.resident_id]
    rows = Resident.objects.select_for_update(of=("self",)).select_related("household__building")
    kept = {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}
    answers, wanted = [], []
    for entry in entries:
        resident = kept.get(entry.resident_id) if entry.resident_id else None
        found = _judge(entry, resident, homes, now)
        if isinstance(found, Entered):
            answers.append(found)
        else:
            wanted.append(found)
            kept.pop(found.resident.pk)  # a second row about the same person finds another version
    answers += [
        _write(actor, one, one.identity, homes, source=source, now=now) for one in wanted if one.identity
    ]
    unsought = [one for one in wanted if one.identity is None]
    return answers + _write_unsought(actor, unsought, source, now)


def _judge(entry: Entry, resident: Resident | None, homes: _Homes, now: datetime) -> Entered | _Correction:
    """Say what an entry changes about a resident, or why it cannot."""
    if resident is None or resident.version != entry.expected_version:
        return Entered(entry.ref, "moved_on", entry.resident_id)
    fields = differing(resident, entry.said, entry.door, entry.verified_on)
    if not fields:
        return Entered(entry.ref, "same", resident.pk, version=resident.version)
    if DOOR in fields and entry.door and entry.door.key in homes.several:
        return Entered(entry.ref, "several_households", resident.pk)
    if DOOR in fields and entry.door and entry.door.key not in homes.found:
        return Entered(entry.ref, "moved_on", resident.pk)
    identity = None
    if not UNSOUGHT.issuperset(fields):
        merged = merged_identity(resident, entry.said, today=day_of(now))
        if not isinstance(merged, Identity):
            return Entered(entry.ref, "contradicts", resident.pk, fields=tuple(merged))
        identity = merged
    return _Correction(entry, resident, fields, as_kept(resident), identity, resident.area_code)


def _write(
    actor: Actor, correction: _Correction, identity: Identity, homes: _Homes, *, source: str, now: datetime
) -> Entered:
    """Write one correction with its history and tokens; a number that stands in the grid leaves it undone."""
    entry, resident, old = correction.entry, correction.resident, {}
    for name, value in stored_fields(identity).items():
        if name.removesuffix("_hash") in correction.fields or name in ("birth_on", "sex"):
            if name in correction.fields:
                old[name] = getattr(resident, name)
            setattr(resident, name, value)
    made = None
    if DOOR in correction.fields and entry.door:
        old[DOOR] = resident.household_id
        resident.household_id = homes.found[entry.door.key]
        resident.area_code = entry.door.area_code
        made = resident.household_id if resident.household_id in homes.made else None
    resident.version += 1
    resident.verified_on = entry.verified_on or day_of(now)
    try:
        save_once(resident, new=False)
    except RegisteredAlready:
        return Entered(entry.ref, "registered_already", resident.pk)
    resident.refresh_from_db(fields=["household"])
    rebuild_tokens(resident, identity)
    keep_history(actor, resident, old, source=source, now=now)
    if DOOR in correction.fields:
        _move_along(resident, correction.from_area, now)
    return Entered(
        entry.ref, "changed", resident.pk, resident.version, correction.fields, correction.before, made
    )


def _write_unsought(
    actor: Actor, corrections: Sequence[_Correction], source: str, now: datetime
) -> list[Entered]:
    """Write fields by which nobody is found, all people with the same values at once."""
    changed = []
    for one in corrections:
        resident = one.resident
        old = {"relation": resident.relation} if "relation" in one.fields else {}
        resident.relation = one.entry.said.relation or resident.relation
        resident.verified_on = one.entry.verified_on or day_of(now)
        changed.append((resident, old))
    save_alike(resident for resident, _old in changed)
    keep_histories(actor, changed, source=source, now=now)
    return [
        Entered(one.entry.ref, "changed", one.resident.pk, one.resident.version, one.fields, one.before)
        for one in corrections
    ]


def _move_along(resident: Resident, from_area: str, now: datetime) -> None:
    """Let what lies where they live follow somebody who moved, and say where from."""
    let_follow([resident.pk], resident.area_code)
    assert resident.household_id is not None
    publish(
        ResidentMoved(
            area_code=resident.area_code,
            occurred_at=now,
            resident_id=resident.pk,
            household_id=resident.household_id,
            from_area_code=from_area,
        )
    )


def _remove_unused(homes: _Homes, done: Iterable[Entered]) -> None:
    """Take away households that were made for somebody who was not entered after all."""
    unused = homes.made - {row.new_household_id for row in done}
    Household.objects.filter(pk__in=unused).delete()


def _put_on_record(
    actor: Actor, entries: Sequence[Entry], done: dict[int, Entered], source: str, now: datetime
) -> None:
    """Write one line of audit for all who were entered or changed, and tell it for each grid."""
    written = [row for row in done.values() if row.outcome in {"new", "changed"}]
    if not written:
        return
    ids = [row.resident_id for row in written if row.resident_id]
    new_count = sum(row.outcome == "new" for row in written)
    detail = {"source": source, "new": new_count, "changed": len(written) - new_count}
    audit.record("enter_many", SUBJECT, ids, detail=detail)
    doors = {entry.ref: entry.door for entry in entries}
    areas = {door.area_code for row in written if (door := doors[row.ref])} or {actor.area_code}
    publish(ResidentsEntered(area_code=actor.area_code, occurred_at=now, source=source))
    announce_changes(PEOPLE, areas)


def _token_lines(person: UUID, said: Identity, door: Door, hashes: Hashes) -> str:
    """Return the search tokens of somebody who has none as lines of COPY."""
    end = f"\t{door.area_code}\t{person.hex}"
    tokens = dict.fromkeys(tokens_of_hashes(said.name, said.birth_on, hashes, door.token))
    return "\n".join(
        f"{kind.value}\t{token.translate(ESCAPES) if needs_escape(token) else token}{end}"
        for kind, token in tokens
    )
