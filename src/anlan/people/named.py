"""Who of a place bears a name, writes it otherwise with the same sound, or has a phone: for many at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from anlan.foundation.actor import RANGE_END, Actor
from anlan.foundation.crypto import lookup_many
from anlan.foundation.errors import NotFound
from anlan.people.likeness import name_evidence
from anlan.people.rules import Evidence, TokenKind, plain_name, readings_of

MOST_PER_TOKEN = 40

FIND = """
    WITH wanted AS (
        SELECT ref, kind, token COLLATE "C" AS token
        FROM unnest(%s::int[], %s::text[], %s::text[]) AS given (ref, kind, token)
    ), hit AS (
        SELECT wanted.ref, found.resident_id, bool_or(wanted.kind = 'phone') AS by_phone
        FROM wanted CROSS JOIN LATERAL (
            SELECT resident_id FROM people_searchtoken AS token
            WHERE token.kind = wanted.kind AND token.token = wanted.token
                AND token.area_code >= %s COLLATE "C" AND token.area_code < %s COLLATE "C"
            ORDER BY token.area_code, token.resident_id LIMIT %s
        ) AS found
        GROUP BY wanted.ref, found.resident_id
    )
    SELECT hit.ref, person.id, person.household_id, home.building_id, person.name, hit.by_phone
    FROM hit JOIN people_resident AS person ON person.id = hit.resident_id
    LEFT JOIN people_household AS home ON home.id = person.household_id
    ORDER BY hit.ref, person.area_code, person.id
"""


@dataclass(frozen=True, slots=True)
class NameSought:
    """A name or a phone as somebody states it; what is unknown is empty, the phone is normalised."""

    ref: int
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Namesake:
    """A resident whom a name or a phone may mean."""

    resident_id: UUID
    household_id: UUID | None
    building_id: UUID | None
    evidence: Evidence | None  # how the names agree; None where none was stated
    has_phone: bool  # the phone stated is this person's


def residents_named(
    actor: Actor, sought: Sequence[NameSought], *, area_code: str
) -> dict[int, list[Namesake]]:
    """Return for each `ref` the residents of an area in the actor's ranges whom it may mean, in one question.

    Refs with none are left out. Nothing is decrypted. Who shows what was found counts and audits it
    (`people.actions.note_listed`). Raises NotFound for an area outside the ranges.
    """
    if not area_code or not actor.ranges.covers(area_code):
        raise NotFound
    hashes = lookup_many("phone", [one.phone for one in sought])
    wanted = [key for one, phone in zip(sought, hashes, strict=True) for key in _keys(one, phone)]
    if not wanted:
        return {}
    names = {one.ref: one.name for one in sought}
    with connection.cursor() as cursor:
        columns = map(list, zip(*wanted, strict=True))
        cursor.execute(FIND, [*columns, area_code, area_code + RANGE_END, MOST_PER_TOKEN])
        rows = cursor.fetchall()
    found: dict[int, list[Namesake]] = {}
    for ref, resident_id, household_id, building_id, name, by_phone in rows:
        evidence = name_evidence(names[ref], name) if names[ref] else None
        found.setdefault(ref, []).append(Namesake(resident_id, household_id, building_id, evidence, by_phone))
    return found


def _keys(one: NameSought, phone: bytes | None) -> Iterator[tuple[int, str, str]]:
    if phone:
        yield one.ref, TokenKind.PHONE.value, phone.hex()
    if name := plain_name(one.name):
        yield one.ref, TokenKind.NAME.value, name
        for pinyin, _initials in readings_of(one.name):
            yield one.ref, TokenKind.PINYIN.value, pinyin
