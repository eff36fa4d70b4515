"""How alike two identities are: the weight of each piece of evidence, their sum, what it means.

After Fellegi and Sunter (1969): a piece of evidence weighs log2(m / u) bits, m its chance in two records of
one person, u in two records of different people. Chances and thresholds are argued in docs/decisions/0051.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import log2

from django.utils.functional import Promise

from anlan.people.rules import Evidence, LikenessGrade, blurred, plain, plain_name, readings_of
from anlan.people.variants import folded

# Sums of bits. One in fifty is entered twice among a million: 1 in 2**25.6 pairs is one person. From LIKELY
# on it is at least 2 : 1, also for the commonest names; from POSSIBLE on worth one look of a person.
LIKELY, POSSIBLE = 27.0, 20.0
GRID_DIGITS, COMMUNITY_DIGITS = 15, 12
FEWEST_INITIALS = 2

# Evidence: (m, u)
CHANCES: dict[Evidence, tuple[float, float]] = {
    Evidence.ID_SAME: (0.97, 1e-9),
    Evidence.ID_SAME_OLD: (0.95, 1e-8),
    Evidence.ID_DIFFERENT: (1e-6, 1.0),
    Evidence.ID_DIFFERENT_OLD: (0.05, 1.0),
    Evidence.NAME_SAME: (0.90, 2e-4),
    Evidence.NAME_SPACED: (0.90, 2e-4),
    Evidence.NAME_VARIANT: (0.02, 1e-5),
    Evidence.NAME_HOMOPHONE: (0.03, 1e-3),
    Evidence.NAME_LATIN: (0.03, 1e-3),
    Evidence.NAME_NEAR: (0.01, 3.5e-3),
    Evidence.NAME_INITIALS: (0.01, 5e-3),
    Evidence.NAME_DIFFERENT: (0.015, 0.98),
    Evidence.BIRTH_SAME: (0.93, 4e-5),
    Evidence.BIRTH_SWAPPED: (0.01, 4e-5),
    Evidence.BIRTH_YEAR: (0.04, 0.015),
    Evidence.BIRTH_DIFFERENT: (0.001, 0.985),
    Evidence.SEX_SAME: (0.99, 0.5),
    Evidence.SEX_DIFFERENT: (0.01, 0.5),
    Evidence.PHONE_SAME: (0.6, 1e-5),
    Evidence.PHONE_FAMILY: (0.6, 0.15),
    Evidence.PHONE_DIFFERENT: (0.4, 1.0),
    Evidence.DOOR_SAME: (0.6, 1e-5),
    Evidence.DOOR_SAME_SOUND: (0.6, 6e-4),
    Evidence.DOOR_FAMILY: (0.6, 0.3),
    Evidence.BUILDING_SAME: (0.1, 5e-4),
    Evidence.GRID_SAME: (0.1, 1e-3),
    Evidence.COMMUNITY_SAME: (0.1, 0.01),
    Evidence.PLACE_DIFFERENT: (0.4, 0.9),
    Evidence.RELATION_SAME: (0.8, 0.5),
    Evidence.RELATION_DIFFERENT: (0.2, 0.5),
}
WEIGHTS = {evidence: log2(m / u) for evidence, (m, u) in CHANCES.items()}
SAME_NAMES = frozenset({Evidence.NAME_SAME, Evidence.NAME_SPACED, Evidence.NAME_VARIANT})
CONTRADICTIONS = frozenset({Evidence.BIRTH_DIFFERENT, Evidence.SEX_DIFFERENT})
SAME_NUMBERS = frozenset({Evidence.ID_SAME, Evidence.ID_SAME_OLD})


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of one identity; numbers as keys that can only be equal or not, "" for unknown."""

    name: str
    id_key: str = ""
    is_old_id: bool = False  # 18 digits made of the 15 of the first generation
    phone_key: str = ""
    birth_on: date | None = None
    sex: str = ""
    area_code: str = ""
    door: str = ""  # people.tokens.door_token, meant inside area_code
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence and its weight in bits."""

    evidence: Evidence
    weight: float

    @property
    def sentence(self) -> str | Promise:
        """Say what was found."""
        return self.evidence.label


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two identities are, and why; the strongest reasons first."""

    score: float
    grade: LikenessGrade
    reasons: tuple[Reason, ...]


REASONS = {evidence: Reason(evidence, round(weight, 1)) for evidence, weight in WEIGHTS.items()}
HALVED = {evidence: Reason(evidence, round(weight / 2, 1)) for evidence, weight in WEIGHTS.items()}
# The strongest first, the same order for the same evidence.
ORDER = sorted(Evidence, key=lambda evidence: (-abs(WEIGHTS[evidence]), evidence.value))
RANK = {evidence: rank for rank, evidence in enumerate(ORDER)}


def likeness(one: Traits, other: Traits) -> Likeness:
    """Return how alike two identities are; the order of the two makes no difference."""
    name = name_evidence(one.name, other.name)
    phone, place = _phone(one, other, name), _place(one, other, name)
    apart = (
        name,
        _number(one, other),
        _birth(one.birth_on, other.birth_on),
        _sex(one.sex, other.sex),
        _relation(one, other, place),
    )
    seen = [evidence for evidence in (*apart, phone, place) if evidence is not None]
    seen.sort(key=RANK.__getitem__)
    score = 0.0
    for evidence in seen:
        score += WEIGHTS[evidence]
    halved = _halved(phone, place)
    if halved is not None:
        score -= WEIGHTS[halved] / 2
    reasons = [HALVED[evidence] if evidence is halved else REASONS[evidence] for evidence in seen]
    return Likeness(round(score, 1), _grade(score, seen), tuple(reasons))


def _halved(phone: Evidence | None, place: Evidence | None) -> Evidence | None:
    """Return which of phone and place counts half, the lesser: who shares a door often shares a phone."""
    if phone is None or place is None or WEIGHTS[phone] <= 0 or WEIGHTS[place] <= 0:
        return None
    return place if WEIGHTS[place] <= WEIGHTS[phone] else phone


def _grade(score: float, seen: Sequence[Evidence]) -> LikenessGrade:
    if Evidence.ID_DIFFERENT in seen:
        return LikenessGrade.DIFFERENT
    if not SAME_NUMBERS.isdisjoint(seen):
        return LikenessGrade.LIKELY if Evidence.NAME_DIFFERENT in seen else LikenessGrade.CERTAIN
    if score >= LIKELY and CONTRADICTIONS.isdisjoint(seen):
        return LikenessGrade.LIKELY
    return LikenessGrade.POSSIBLE if score >= POSSIBLE else LikenessGrade.DIFFERENT


def _number(one: Traits, other: Traits) -> Evidence | None:
    if not one.id_key or not other.id_key:
        return None
    is_old = one.is_old_id or other.is_old_id
    if one.id_key == other.id_key:
        return Evidence.ID_SAME_OLD if is_old else Evidence.ID_SAME
    return Evidence.ID_DIFFERENT_OLD if is_old else Evidence.ID_DIFFERENT


def name_evidence(one: str, other: str) -> Evidence | None:
    """Return how two names agree; None where one of them is unknown."""
    return _compared(min(one, other), max(one, other))


@lru_cache(maxsize=50_000)
def _compared(one: str, other: str) -> Evidence | None:
    """Return how two names agree, for each pair of names once; the smaller comes first."""
    here, there = _heard(one), _heard(other)
    if here.text == there.text:
        return Evidence.NAME_SAME if here.letters else None
    if here.letters == there.letters:
        return Evidence.NAME_SPACED
    if not here.letters or not there.letters:
        return None
    if not here.sounds.isdisjoint(there.sounds):
        if folded(one) == folded(other):
            return Evidence.NAME_VARIANT
        is_latin = here.letters.isascii() or there.letters.isascii()
        return Evidence.NAME_LATIN if is_latin else Evidence.NAME_HOMOPHONE
    if not here.near.isdisjoint(there.near):
        return Evidence.NAME_NEAR
    is_short = _is_initials_of(here.letters, there) or _is_initials_of(there.letters, here)
    return Evidence.NAME_INITIALS if is_short else Evidence.NAME_DIFFERENT


@dataclass(frozen=True, slots=True)
class _Heard:
    """A name in the forms in which it is compared."""

    text: str
    letters: str  # without spaces and dots
    sounds: frozenset[str]
    near: frozenset[str]  # sounds without what is misheard
    initials: frozenset[str]


@lru_cache(maxsize=20_000)
def _heard(name: str) -> _Heard:
    readings = readings_of(name)
    return _Heard(
        text=plain(name),
        letters=plain_name(name),
        sounds=frozenset(pinyin for pinyin, _initials in readings),
        near=frozenset(blurred(pinyin) for pinyin, _initials in readings),
        initials=frozenset(initials for _pinyin, initials in readings),
    )


def _is_initials_of(letters: str, name: _Heard) -> bool:
    is_word = letters.isascii() and letters.isalpha() and len(letters) >= FEWEST_INITIALS
    return is_word and letters in name.initials


def _birth(one: date | None, other: date | None) -> Evidence | None:
    if one is None or other is None:
        return None
    if one == other:
        return Evidence.BIRTH_SAME
    if one.year != other.year:
        return Evidence.BIRTH_DIFFERENT
    is_swapped = (one.month, one.day) == (other.day, other.month)
    return Evidence.BIRTH_SWAPPED if is_swapped else Evidence.BIRTH_YEAR


def _sex(one: str, other: str) -> Evidence | None:
    if {one, other} <= {"female", "male"}:
        return Evidence.SEX_SAME if one == other else Evidence.SEX_DIFFERENT
    return None


def _phone(one: Traits, other: Traits, name: Evidence | None) -> Evidence | None:
    if not one.phone_key or not other.phone_key:
        return None
    if one.phone_key != other.phone_key:
        return Evidence.PHONE_DIFFERENT
    return Evidence.PHONE_FAMILY if name in {None, Evidence.NAME_DIFFERENT} else Evidence.PHONE_SAME


def _place(one: Traits, other: Traits, name: Evidence | None) -> Evidence | None:
    here, there = one.area_code, other.area_code
    if not here or not there:
        return None
    if here == there and one.door and other.door:
        if one.door == other.door:
            return _same_door(name)
        if one.door.split("/")[0] == other.door.split("/")[0]:
            return Evidence.BUILDING_SAME
    for digits, evidence in (
        (GRID_DIGITS, Evidence.GRID_SAME),
        (COMMUNITY_DIGITS, Evidence.COMMUNITY_SAME),
    ):
        if len(here) >= digits and here[:digits] == there[:digits]:
            return evidence
    return Evidence.PLACE_DIFFERENT


def _same_door(name: Evidence | None) -> Evidence:
    """Tell how much a common door says: much of one name, less of names that brothers and sisters bear."""
    if name in {None, Evidence.NAME_DIFFERENT}:
        return Evidence.DOOR_FAMILY
    return Evidence.DOOR_SAME if name in SAME_NAMES else Evidence.DOOR_SAME_SOUND


def _relation(one: Traits, other: Traits, place: Evidence | None) -> Evidence | None:
    """Compare the relation to the head of the household, which means something behind one door only."""
    behind_one_door = place in {Evidence.DOOR_SAME, Evidence.DOOR_SAME_SOUND, Evidence.DOOR_FAMILY}
    if not behind_one_door or not one.relation or not other.relation:
        return None
    return Evidence.RELATION_SAME if one.relation == other.relation else Evidence.RELATION_DIFFERENT
