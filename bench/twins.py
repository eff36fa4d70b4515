"""Who may already stand in the register, sought for a whole file at 1,000,000 residents."""

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bench import house
from bench.figure import Figure
from bench.lists import actor_of, transaction

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
ROWS = 20_000
MOST_MS_A_ROW = 0.5  # issue 5: 2,000 rows a second with the search for duplicates
SEED = 5

BARE = """
    SELECT person.id, person.name FROM unnest(%s::text[]) AS wanted (token)
    JOIN people_searchtoken AS token ON token.kind = 'id' AND token.token = wanted.token COLLATE "C"
    JOIN people_resident AS person ON person.id = token.resident_id
"""


def main() -> Iterator[Figure]:
    """Seek a file of known people, changed ones and new ones, for a district's and a grid's post."""
    with house.district(RESIDENTS):
        from django.conf import settings

        settings.LOGGING_CONFIG = None
        for role in ("cdc_duty_officer", "community_worker"):
            actor = actor_of(role)
            sought = _file(actor)
            ceiling = _bare_ms(actor, sought)
            yield Figure(
                f"twins sought by {role}, a row",
                _ours_ms(actor, sought),
                ceiling,
                "ms",
                "found by identity number alone",
                ours_at_most=MOST_MS_A_ROW,
            )


def _file(actor: Any) -> list[Any]:
    """Return rows as a file holds them: most known, some misspelt or without a number, some of new people."""
    from anlan.foundation.scope import scope, within
    from anlan.people.models import Resident

    with transaction(), scope(actor):
        people = Resident.objects.filter(within(actor.ranges)).select_related("household__building")
        known = [_sought(index, person) for index, person in enumerate(people.order_by("id")[:ROWS])]
    rng = random.Random(SEED)
    return [_as_written(rng, row, rng.choice(known)) for row in known]


def _sought(ref: int, person: Any) -> Any:
    from anlan.foundation.crypto import decrypt
    from anlan.people.queries import Sought
    from anlan.people.tokens import door_token

    def plain(field: str) -> str:
        value = getattr(person, field)
        return decrypt(bytes(value), context=f"people.Resident.{field}") if value else ""

    home = person.household
    return Sought(
        ref, person.name, plain("id_number"), plain("phone"), person.birth_on, person.sex,
        door_token(home.building.number, home.unit, home.room), person.area_code,
    )  # fmt: skip


def _as_written(rng: random.Random, row: Any, other: Any) -> Any:
    kind = rng.random()
    if kind < 0.5:
        return row
    if kind < 0.7:  # no number; the phone another
        return replace(row, id_number="", phone=other.phone)
    if kind < 0.8:  # no number, one character of the name another
        return replace(row, id_number="", name=row.name[:-1] + other.name[-1])
    return replace(  # somebody new
        row, id_number="", phone=f"154{rng.randrange(10**8):08}", name=row.name[0] + other.name[1:],
        birth_on=other.birth_on, sex=other.sex,
    )  # fmt: skip


def _ours_ms(actor: Any, sought: list[Any]) -> float:
    from anlan.foundation.scope import scope
    from anlan.people.queries import likely_same

    with transaction(), scope(actor):
        began = time.perf_counter()
        found = likely_same(actor, sought)
        spent = time.perf_counter() - began
    if len(found) < len(sought) / 2:
        raise RuntimeError(f"only {len(found)} of {len(sought)} were found")
    return spent * 1000 / len(sought)


def _bare_ms(actor: Any, sought: list[Any]) -> float:
    from django.db import connection

    from anlan.foundation.crypto import lookup_many
    from anlan.foundation.scope import scope

    numbers = [row.id_number for row in sought if row.id_number]
    with transaction(), scope(actor), connection.cursor() as cursor:
        began = time.perf_counter()
        for first in range(0, len(numbers), 1000):
            tokens = [value.hex() for value in lookup_many("id", numbers[first : first + 1000]) if value]
            cursor.execute(BARE, [tokens])
            cursor.fetchall()
        return (time.perf_counter() - began) * 1000 / len(numbers)
