"""The words by which a resident is found, and how a typed word is read."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from anlan.foundation.crypto import lookup_hash
from anlan.foundation.errors import Invalid
from anlan.foundation.identity_numbers import (
    MOBILE,
    TAIL_CHARACTERS,
    last_four,
    normalise_id_number,
    normalise_phone,
)
from anlan.people.rules import TokenKind as Kind
from anlan.people.rules import born_token, plain, plain_name, readings_of

PREFIX_END = "\U0010ffff"  # sorts after every character a token may hold
DOOR = re.compile(
    r"^(?P<building>[0-9]+[a-z]?)(?:号楼|栋|幢|座|#|[-/])"
    r"(?:(?P<unit>[0-9]+)(?:单元|[-/])(?:(?P<room>[0-9]+[a-z]?)(?:室|号)?)?)?$"
)
SHORT_DOOR = re.compile(
    r"^(?P<building>[0-9]+[a-z]?)(?:号楼|栋|幢|座|#|[-/])(?P<room>[0-9]{3,4}[a-z]?)(?:室|号)?$"
)
MOST_UNITS = 8  # of a building, tried where the unit was left out
NUMBER = re.compile(r"^[0-9a-z()]*[0-9][0-9a-z()]*$")
GROUPED = re.compile(r"\+?[0-9]{2,17} [0-9]{2,12}x?")  # groups of one number
LONGEST_NUMBER = 18
LATIN = re.compile(r"^[a-z']+$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One way to read a typed word: a kind of token, whole or as a beginning."""

    kind: str
    token: str
    is_prefix: bool = False


def plain_number(text: str) -> str:
    """Return an identity or phone number without spaces, dashes and the country's prefix, in capitals."""
    number = re.sub(r"[\s\-‐–—]", "", unicodedata.normalize("NFKC", text)).upper()
    return re.sub(r"^(?:\+86|0086)(?=1\d{10}$)", "", number)


def door_token(building: str, unit: int | str, room: str) -> str:
    """Return the token of a door."""
    return f"{plain(building)}/{unit}/{plain(room)}"


def hash_token(kind: str, number: str) -> str:
    """Return the keyed hash of a number as token text."""
    return lookup_hash(kind, number).hex()


@dataclass(frozen=True, slots=True)
class Hashes:
    """The keyed hashes of a person's numbers and of the phone's last four, None for what is not known."""

    id_number: bytes | None
    phone: bytes | None
    tail: bytes | None


def tokens_of(
    *, name: str, id_number: str, phone: str, door: str, birth_on: date | None
) -> Iterator[tuple[str, str]]:
    """Yield each (kind, token) of one resident; empty numbers, an unknown door or birth day give none."""
    number = plain_number(phone) if phone else ""
    hashes = Hashes(
        id_number=lookup_hash("id", plain_number(id_number)) if id_number else None,
        phone=lookup_hash("phone", number) if number else None,
        tail=lookup_hash("tail", last_four(number)) if number else None,
    )
    yield from tokens_of_hashes(name, birth_on, hashes, door)


def tokens_of_hashes(
    name: str, birth_on: date | None, hashes: Hashes, door: str
) -> Iterator[tuple[Kind, str]]:
    """Yield the same from hashes made before."""
    yield Kind.NAME, plain_name(name)
    for pinyin, initials in readings_of(name):
        yield Kind.PINYIN, pinyin
        yield Kind.INITIALS, initials
        if birth_on:
            yield Kind.BORN, born_token(pinyin, birth_on)
    for kind, hashed in (
        (Kind.ID_NUMBER, hashes.id_number), (Kind.PHONE, hashes.phone), (Kind.PHONE_TAIL, hashes.tail),
    ):  # fmt: skip
        if hashed:
            yield kind, hashed.hex()
    if door:
        yield Kind.DOOR, door


def read_words(text: str) -> list[list[Wanted]]:
    """Return, for each typed word, the ways it may be meant; a resident must fit one of each word's."""
    return [_ways(word) for word in _joined(plain(text).split(" ")) if word]


def _joined(words: list[str]) -> list[str]:
    """Put together what was typed with spaces inside: a name in letters, a long number in groups."""
    joined = words[:1]
    for word in words[1:]:
        last = joined[-1]
        letters = LATIN.match(last) and LATIN.match(word)
        digits = GROUPED.fullmatch(f"{last} {word}") and len(plain_number(last + word)) <= LONGEST_NUMBER
        if letters or digits:
            joined[-1] = last + word
        else:
            joined.append(word)
    return joined


def _ways(word: str) -> list[Wanted]:
    if not MOBILE.fullmatch(plain_number(word)):
        if door := DOOR.match(word):
            return [_door_wanted(door)]
        if short := SHORT_DOOR.match(word):
            doors = (f"{short['building']}/{unit}/{short['room']}" for unit in range(1, MOST_UNITS + 1))
            return [Wanted(Kind.DOOR, door) for door in doors]
    if NUMBER.match(word) or plain_number(word) != word.upper():
        return _number_ways(plain_number(word))
    if LATIN.match(word):
        letters = word.replace("'", "").replace("ü", "v")
        return [Wanted(Kind.PINYIN, letters, is_prefix=True), Wanted(Kind.INITIALS, letters, is_prefix=True)]
    return [Wanted(Kind.NAME, plain_name(word), is_prefix=True)]


def _number_ways(number: str) -> list[Wanted]:
    if len(number) < TAIL_CHARACTERS and number.isdigit():
        return [Wanted(Kind.DOOR, f"{number}/", is_prefix=True)]
    if len(number) == TAIL_CHARACTERS:
        return [Wanted(Kind.PHONE_TAIL, hash_token("tail", number))]
    ways = []
    for kind, name, normalise in (
        (Kind.ID_NUMBER, "id", normalise_id_number),
        (Kind.PHONE, "phone", normalise_phone),
    ):
        try:
            ways.append(Wanted(kind, hash_token(name, normalise(number))))
        except Invalid:
            continue
    return ways


def _door_wanted(door: re.Match[str]) -> Wanted:
    building, unit, room = door["building"], door["unit"], door["room"]
    if room:
        return Wanted(Kind.DOOR, f"{building}/{unit}/{room}")
    return Wanted(Kind.DOOR, f"{building}/{unit}/" if unit else f"{building}/", is_prefix=True)
