"""Households and the people in them: ages as in a census, families that could be families."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anlan.exercises.district.geometry import Ints

Days = npt.NDArray[np.datetime64]
REFERENCE_DAY = np.datetime64("2026-10-01")  # ages are as of this day
SLOTS = 6
MAN, WOMAN, CHILD, SECOND_CHILD, GRANDFATHER, GRANDMOTHER = range(SLOTS)
ABSENT = -1
RELATIONS = ("户主", "配偶", "子女", "父母", "同住")
HEAD, SPOUSE, OFFSPRING, PARENT, HOUSEMATE = range(5)
PHONE_AGE = 13
# Kinds of household with their shares (chosen so that sizes and ages come near the 2020 census).
KINDS = {
    "old_alone": 0.075, "old_couple": 0.105, "young_alone": 0.10, "alone": 0.055, "young_couple": 0.085,
    "couple": 0.125, "one_child": 0.16, "two_children": 0.115, "grown_child": 0.085,
    "three_generations": 0.075, "one_parent": 0.02,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Families:
    """Households by row, people by slot: age in years or ABSENT, who is a man; and which are families."""

    ages: Ints
    is_male: Ints
    is_related: npt.NDArray[np.bool_]

    def sizes(self) -> Ints:
        """Return the number of people of each household."""
        counted: Ints = (self.ages != ABSENT).sum(axis=1)
        return counted

    def chosen(self, rows: Ints) -> "Families":
        """Return these households, in this order."""
        return Families(self.ages[rows], self.is_male[rows], self.is_related[rows])

    @classmethod
    def together(cls, parts: Sequence["Families"]) -> "Families":
        """Return all households of the parts, in their order."""
        return cls(
            np.vstack([part.ages for part in parts]),
            np.vstack([part.is_male for part in parts]),
            np.concatenate([part.is_related for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class People:
    """One row a person, ordered by household."""

    household: Ints
    slot: Ints
    relation: Ints
    is_male: Ints
    birth_on: Days
    age: Ints

    def __len__(self) -> int:
        return len(self.household)


def draw_families(rng: np.random.Generator, people: int) -> Families:
    """Return households with exactly this many people in all."""
    count = int(people / 2.2) + 20
    kinds = rng.choice(list(KINDS), count, p=np.array(list(KINDS.values())) / sum(KINDS.values()))
    ages = np.full((count, SLOTS), ABSENT, dtype=np.int64)
    _draw_childless(rng, kinds, ages)
    _draw_parents(rng, kinds, ages)
    is_male = np.tile(np.array([1, 0, 0, 0, 1, 0]), (count, 1))
    is_male[:, CHILD : SECOND_CHILD + 1] = rng.random((count, 2)) < 0.525
    return _exactly(Families(ages, is_male, np.ones(count, dtype=bool)), people)


def _draw_childless(rng: np.random.Generator, kinds: npt.NDArray[np.str_], ages: Ints) -> None:
    for kind, low, high, men in (
        ("old_alone", 65, 93, 0.35),
        ("young_alone", 21, 42, 0.55),
        ("alone", 38, 66, 0.6),
    ):
        rows = np.flatnonzero(kinds == kind)
        slot = np.where(rng.random(len(rows)) < men, MAN, WOMAN)
        ages[rows, slot] = _between(rng, low, high, len(rows), towards_low=kind != "alone")
    for kind, low, high in (("old_couple", 60, 90), ("young_couple", 23, 40), ("couple", 42, 63)):
        rows = np.flatnonzero(kinds == kind)
        ages[rows, WOMAN] = _between(rng, low, high, len(rows), towards_low=kind == "old_couple")
        ages[rows, MAN] = np.clip(ages[rows, WOMAN] + _normal(rng, 2, 2.2, len(rows)), low - 1, 96)


def _draw_parents(rng: np.random.Generator, kinds: npt.NDArray[np.str_], ages: Ints) -> None:
    rows = np.flatnonzero(
        np.isin(kinds, ["one_child", "two_children", "three_generations", "one_parent", "grown_child"])
    )
    kind, count = kinds[rows], len(rows)
    grown = kind == "grown_child"
    eldest = np.where(grown, rng.integers(18, 31, count), rng.integers(0, 18, count))
    mother = eldest + np.clip(_normal(rng, 28, 4, count), 20, 41)
    father = np.clip(mother + _normal(rng, 2, 2.4, count), 21, 90)
    ages[rows, CHILD], ages[rows, WOMAN], ages[rows, MAN] = eldest, mother, father
    alone = rows[kind == "one_parent"]
    ages[alone, np.where(rng.random(len(alone)) < 0.25, WOMAN, MAN)] = ABSENT
    second = eldest - rng.integers(2, 7, count)
    has_second = ((kind == "two_children") | ((kind == "three_generations") & (rng.random(count) < 0.4))) & (
        second >= 0
    )
    ages[rows[has_second], SECOND_CHILD] = second[has_second]
    old = np.flatnonzero(kind == "three_generations")
    for slot, share, gap in ((GRANDFATHER, 0.7, 27), (GRANDMOTHER, 0.88, 25)):
        there = old[rng.random(len(old)) < share]
        ages[rows[there], slot] = np.clip(father[there] + _normal(rng, gap, 3, len(there)), 44, 97)


def _between(rng: np.random.Generator, low: int, high: int, count: int, *, towards_low: bool) -> Ints:
    share = rng.beta(1.1, 1.8, count) if towards_low else rng.random(count)
    drawn: Ints = (low + share * (high - low)).astype(np.int64)
    return drawn


def _normal(rng: np.random.Generator, mean: float, spread: float, count: int) -> Ints:
    drawn: Ints = np.rint(rng.normal(mean, spread, count)).astype(np.int64)
    return drawn


def _exactly(families: Families, people: int) -> Families:
    """Cut the list so that the people add up; the last household loses its youngest where it must."""
    total = np.cumsum(families.sizes())
    last = int(np.searchsorted(total, people))
    ages, is_male = families.ages[: last + 1].copy(), families.is_male[: last + 1]
    for slot in reversed(range(SLOTS)):
        if total[last] > people and ages[last, slot] != ABSENT:
            ages[last, slot] = ABSENT
            total[last] -= 1
    return Families(ages, is_male, families.is_related[: last + 1])


def shared_rooms(
    rng: np.random.Generator, people: int, per_room: int, *, ages: tuple[int, int], men: float
) -> Families:
    """Return rooms of people of an age who are no family: dormitories, care homes."""
    rooms = -(-people // per_room)
    drawn = np.full((rooms, SLOTS), ABSENT, dtype=np.int64)
    places = np.arange(rooms * per_room).reshape(rooms, per_room) < people
    drawn[:, :per_room] = np.where(places, rng.integers(*ages, (rooms, per_room)), ABSENT)
    is_male = np.repeat((rng.random(rooms) < men).astype(np.int64)[:, None], SLOTS, axis=1)
    return Families(drawn, is_male, np.zeros(rooms, dtype=bool))


def people_of(rng: np.random.Generator, families: Families) -> People:
    """Return the people of these households in order, each with a birth day that gives the age."""
    household, slot = np.nonzero(families.ages != ABSENT)
    age = families.ages[household, slot]
    days = (age * 365.2425).astype(np.int64) + 1 + rng.integers(0, 364, len(age))
    birth_on = REFERENCE_DAY - days.astype("timedelta64[D]")
    without_man = families.ages[household, MAN] == ABSENT
    relation = np.array([HEAD, SPOUSE, OFFSPRING, OFFSPRING, PARENT, PARENT])[slot]
    relation = np.where(without_man & (slot == WOMAN), HEAD, relation)
    relation = np.where(families.is_related[household], relation, HOUSEMATE)
    return People(household, slot, relation, families.is_male[household, slot], birth_on, age)


def surnames_of(people: People, own: Ints, family: Ints) -> Ints:
    """Return surname indices: the man, his father and the children share the family's."""
    shares = np.isin(people.slot, [MAN, CHILD, SECOND_CHILD, GRANDFATHER]) & (people.relation != HOUSEMATE)
    chosen: Ints = np.where(shares, family[people.household], own)
    return chosen
