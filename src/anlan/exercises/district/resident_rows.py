"""Writes residents as lines for COPY: names, sealed numbers, keyed hashes, sources of tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from anlan.exercises.district.geometry import Ints
from anlan.exercises.district.homes import Homes
from anlan.exercises.district.numbers import identity_numbers, phone_numbers
from anlan.exercises.district.person_names import NamePool
from anlan.exercises.district.plan import Layout
from anlan.exercises.district.population import PHONE_AGE, RELATIONS, People, surnames_of
from anlan.foundation.crypto import encrypt_many, lookup_many
from anlan.foundation.identity_numbers import last_four

NOTHING = "\\N"
WITHOUT_PHONE = 0.06  # of those old enough


@dataclass(frozen=True, slots=True)
class Register:
    """Everything about every resident, by row, ready to be written."""

    ids: list[str]
    area_codes: list[str]
    household_ids: list[str]
    doors: list[str]
    surname: Ints
    given: Ints
    id_numbers: list[str]
    phones: list[str]
    people: People
    pool: NamePool


def draw_register(
    layout: Layout,
    rng: np.random.Generator,
    houses: Homes,
    people: People,
    *,
    ids: tuple[list[str], list[str]],
) -> Register:
    """Give every person a name and numbers; `ids` are those of the households and of the people."""
    household_ids, resident_ids = ids
    pool = NamePool.full()
    family = pool.draw_surnames(rng, len(houses.grid))
    surname = surnames_of(people, pool.draw_surnames(rng, len(people)), family)
    years = people.birth_on.astype("datetime64[Y]").astype(np.int64) + 1970
    given = pool.draw_given(rng, people.is_male, years)
    phones = phone_numbers(rng, len(people))
    for row in np.flatnonzero((people.age < PHONE_AGE) | (rng.random(len(people)) < WITHOUT_PHONE)):
        phones[row] = ""
    doors = [
        f"{houses.buildings.number[building]}/{unit}/{room}"
        for building, unit, room in zip(
            houses.building.tolist(), houses.unit.tolist(), houses.room.tolist(), strict=True
        )
    ]
    codes = [layout.grids[index].code for index in houses.grid.tolist()]
    home = people.household.tolist()
    return Register(
        ids=resident_ids,
        area_codes=[codes[index] for index in home],
        household_ids=[household_ids[index] for index in home],
        doors=[doors[index] for index in home],
        surname=surname,
        given=given,
        id_numbers=identity_numbers(layout.code, people.birth_on, people.is_male),
        phones=phones,
        people=people,
        pool=pool,
    )


class ResidentLines:
    """Turns rows of a register into lines, in the order of loading.RESIDENT_COLUMNS and EXTRA_COLUMNS."""

    def __init__(self, register: Register, verified_on: str, created_at: str) -> None:
        self.register = register
        self.sounds = register.pool.sounds()
        self.dates = f"1\t{verified_on}\t{created_at}"

    def lines(self, first: int, beyond: int) -> Iterator[str]:
        """Yield the lines of the rows from first to beyond, the last excluded."""
        people, pool, own = self.register.people, self.register.pool, slice(first, beyond)
        numbers, phones = self.register.id_numbers[own], self.register.phones[own]
        columns = zip(
            self.register.ids[own],
            self.register.area_codes[own],
            self.register.household_ids[own],
            np.where(people.is_male[own] == 1, "male", "female").tolist(),
            np.datetime_as_string(people.birth_on[own].astype("datetime64[D]")).tolist(),
            people.relation[own].tolist(),
            _bytea(encrypt_many(numbers, context="people.Resident.id_number")),
            _bytea(lookup_many("id", numbers)),
            _bytea(encrypt_many(phones, context="people.Resident.phone")),
            _bytea(lookup_many("phone", phones)),
            _hex(lookup_many("tail", [last_four(phone) for phone in phones])),
            self.register.doors[own],
            self.register.surname[own].tolist(),
            self.register.given[own].tolist(),
            strict=True,
        )
        for row in columns:
            id_, area, household, sex, birth_on, relation, number, number_hash, phone, phone_hash = row[:10]
            tail, door, surname, given = row[10:]
            name = pool.surnames[surname] + pool.given[given]
            yield (
                f"{id_}\t{area}\t{household}\t{name}\t{sex}\t{birth_on}\t{RELATIONS[relation]}"
                f"\t{number}\t{number_hash}\t{phone}\t{phone_hash}\t{self.dates}"
                f"\t{self._sounds_of(surname, given)}\t{tail}\t{door}"
            )

    def _sounds_of(self, surname: int, given: int) -> str:
        """Return pinyin and initials, and those of a second reading of the surname."""
        readings = self.sounds.surnames[surname]
        pinyin, initials = self.sounds.given_pinyin[given], self.sounds.given_initials[given]
        first = f"{readings[0][0]}{pinyin}\t{readings[0][1]}{initials}"
        if len(readings) == 1:
            return f"{first}\t{NOTHING}\t{NOTHING}"
        differ = readings[1][1] != readings[0][1]
        return f"{first}\t{readings[1][0]}{pinyin}\t{readings[1][1] + initials if differ else NOTHING}"


def _bytea(values: list[bytes | None]) -> list[str]:
    return [NOTHING if value is None else "\\\\x" + value.hex() for value in values]


def _hex(values: list[bytes | None]) -> list[str]:
    return [NOTHING if value is None else value.hex() for value in values]
