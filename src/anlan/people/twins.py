"""Who in the register may be the person somebody is about to enter: sought for many at once, and graded.

Blocks are equalities of search tokens, which the database takes from an index behind row security: the
identity number, the phone, the name's sound with the birth day anywhere in range; the name's sound and the
door in the grid of the one sought. A common name alone is no block (docs/decisions/0051).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.foundation.actor import RANGE_END, Actor, AreaRanges
from anlan.foundation.crypto import lookup_many
from anlan.foundation.errors import Invalid
from anlan.foundation.identity_numbers import normalise_id_number
from anlan.people.likeness import GRID_DIGITS, Likeness, Traits, likeness
from anlan.people.rules import LikenessGrade, TokenKind, born_token, readings_of
from anlan.people.tokens import door_token

BATCH = 1000
MOST_CANDIDATES = 5
MOST_PER_TOKEN = 40  # a number or door of more people than that tells nobody apart
OLD_ID_DIGITS = 15
RANKS = {grade: rank for rank, grade in enumerate(LikenessGrade.values)}

ID_NUMBER, PHONE, BORN, DOOR, PINYIN = (
    kind.value
    for kind in (TokenKind.ID_NUMBER, TokenKind.PHONE, TokenKind.BORN, TokenKind.DOOR, TokenKind.PINYIN)
)
COLUMNS = """
    person.id, person.area_code, person.version, person.name, person.id_number_hash, person.phone_hash,
    person.birth_on, person.sex, person.relation, building.number, home.unit, home.room
"""
NUMBER_PLACE = 4  # of the identity number's hash among them
DOORS = """
    LEFT JOIN people_household AS home ON home.id = person.household_id
    LEFT JOIN organisation_building AS building ON building.id = home.building_id
"""
FIND = f"""
    WITH wanted AS (
        SELECT ref, kind, token COLLATE "C" AS token, low COLLATE "C" AS low, beyond COLLATE "C" AS beyond
        FROM unnest(
            string_to_array(%s, E'\\n')::int[], string_to_array(%s, E'\\n'), string_to_array(%s, E'\\n'),
            string_to_array(%s, E'\\n'), string_to_array(%s, E'\\n')
        ) AS given (ref, kind, token, low, beyond)
    ), hit AS (
        SELECT DISTINCT wanted.ref, found.resident_id FROM wanted CROSS JOIN LATERAL (
            SELECT resident_id FROM people_searchtoken AS token
            WHERE token.kind = wanted.kind AND token.token = wanted.token
                AND token.area_code >= wanted.low AND token.area_code < wanted.beyond
            ORDER BY token.area_code, token.resident_id LIMIT %s
        ) AS found
    )
    SELECT hit.ref, {COLUMNS} FROM hit JOIN people_resident AS person ON person.id = hit.resident_id {DOORS}
"""
READ = f"SELECT {COLUMNS} FROM people_resident AS person {DOORS} WHERE person.id = ANY(%s::uuid[])"


@dataclass(frozen=True, slots=True)
class Sought:
    """A person as somebody states them; what is unknown is empty, numbers are normalised."""

    ref: int
    name: str
    id_number: str = ""
    phone: str = ""
    birth_on: date | None = None
    sex: str = ""
    door: str = ""  # people.tokens.door_token
    area_code: str = ""
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resident who may be the one sought, and why."""

    resident_id: UUID
    area_code: str
    version: int
    likeness: Likeness


# Ref, kind, token, and the range of areas it is sought in. Columns travel as lines: as arrays their quoting
# would take longer than the search.
Wanted = tuple[str, str, str, str, str]


def likely_same(actor: Actor, sought: Sequence[Sought]) -> dict[int, list[Candidate]]:
    """Return for each `ref` the residents in the actor's ranges who may be that person, the likeliest first.

    At most five each; refs with none are left out. Nothing is decrypted. Who shows what was found counts and
    audits it (`people.actions.note_listed`).
    """
    found: dict[int, list[Candidate]] = {}
    for first in range(0, len(sought), BATCH):
        traits = _traits(sought[first : first + BATCH])
        found.update(seek(traits, lambda _one: actor.ranges))
    return found


def seek(
    traits: Mapping[int, Traits], ranges_of: Callable[[Traits], AreaRanges]
) -> dict[int, list[Candidate]]:
    """Return for each of these identities who in its ranges may be the same person, the likeliest first.

    One who stands in the register finds themselves too.
    """
    wanted = [key for ref, one in traits.items() for key in _keys(ranges_of(one), ref, one)]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIND, [*("\n".join(column) for column in zip(*wanted, strict=True)), MOST_PER_TOKEN])
        rows = cursor.fetchall()
    found: dict[int, list[Candidate]] = {}
    for ref, *row in rows:
        one = traits[ref]
        number = row[NUMBER_PLACE]
        if number and one.id_key and not one.is_old_id and number.hex() != one.id_key:
            continue  # two whole numbers are two people, whatever else agrees
        id_, version, other = _entry(row)
        like = likeness(one, other)
        if like.grade != LikenessGrade.DIFFERENT:
            found.setdefault(ref, []).append(Candidate(id_, other.area_code, version, like))
    return {ref: sorted(some, key=_best_first)[:MOST_CANDIDATES] for ref, some in found.items()}


def traits_of(residents: Iterable[UUID]) -> dict[UUID, tuple[int, Traits]]:
    """Return version and traits of residents, under the scope in force; absent ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [list(residents)])
        rows = cursor.fetchall()
    return {id_: (version, traits) for id_, version, traits in map(_entry, rows)}


def _best_first(candidate: Candidate) -> tuple[int, float, str, UUID]:
    like = candidate.likeness
    return RANKS[like.grade], -like.score, candidate.area_code, candidate.resident_id


def _traits(sought: Sequence[Sought]) -> dict[int, Traits]:
    """Return what is compared of those sought, numbers as the keys that residents hold."""
    numbers = [_whole_number(one.id_number) for one in sought]
    keys = zip(
        sought, lookup_many("id", numbers), lookup_many("phone", [one.phone for one in sought]), strict=True
    )
    return {
        one.ref: Traits(
            name=one.name,
            id_key=number.hex() if number else "",
            is_old_id=len(one.id_number) == OLD_ID_DIGITS,
            phone_key=phone.hex() if phone else "",
            birth_on=one.birth_on,
            sex=one.sex,
            area_code=one.area_code,
            door=one.door,
            relation=one.relation,
        )
        for one, number, phone in keys
    }


def _whole_number(number: str) -> str:
    """Return 18 characters, also of a number of the first generation; "" where it is none."""
    if len(number) != OLD_ID_DIGITS:
        return number
    try:
        return normalise_id_number(number)
    except Invalid:
        return ""


def _keys(ranges: AreaRanges, ref: int, traits: Traits) -> Iterator[Wanted]:
    """Yield the tokens by which candidates are sought, each with the areas they are sought in."""
    text, bounds = str(ref), ranges.bounds()
    sounds = [pinyin for pinyin, _initials in readings_of(traits.name) if pinyin]
    anywhere = [(ID_NUMBER, traits.id_key), (PHONE, traits.phone_key)]
    if traits.birth_on:
        anywhere += [(BORN, born_token(pinyin, traits.birth_on)) for pinyin in sounds]
    for kind, token in anywhere:
        if token:
            for low, beyond in bounds:
                yield text, kind, token, low, beyond
    here = traits.area_code
    if len(here) >= GRID_DIGITS and ranges.covers(here):
        if traits.door:
            yield text, DOOR, " ".join(traits.door.split()), here, here + RANGE_END
        for pinyin in sounds:
            yield text, PINYIN, pinyin, here, here + RANGE_END


def _entry(row: Sequence[Any]) -> tuple[UUID, int, Traits]:
    id_, area_code, version, name, number, phone, birth_on, sex, relation, building, unit, room = row
    traits = Traits(
        name=name,
        id_key=number.hex() if number else "",
        phone_key=phone.hex() if phone else "",
        birth_on=birth_on,
        sex=sex,
        area_code=area_code,
        door=door_token(building, unit, room) if building else "",
        relation=relation,
    )
    return id_, version, traits
