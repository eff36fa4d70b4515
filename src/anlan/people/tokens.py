"""The words by which a resident is found, and how a typed word is read."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from anlan.foundation.crypto import lookup_hash
from anlan.people.models import SearchToken

Kind = SearchToken.Kind
PREFIX_END = "\U0010ffff"  # sorts after every character a token may hold
TAIL_DIGITS = 4
DOUBLE_SURNAMES = frozenset((
    "欧阳", "上官", "司马", "司徒", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "长孙", "宇文", "令狐",
    "夏侯", "东方", "南宫", "西门", "端木", "澹台", "万俟", "钟离", "轩辕", "闻人",
))  # fmt: skip
SURNAME_READINGS = {  # read otherwise in a surname than in a word; two where families differ
    "单": ("shan",), "仇": ("qiu",), "解": ("xie",), "曾": ("zeng",), "查": ("zha",), "区": ("ou",),
    "任": ("ren",), "盖": ("ge", "gai"), "朴": ("piao", "pu"), "翟": ("zhai", "di"), "乐": ("yue", "le"),
    "员": ("yun",), "缪": ("miao",), "覃": ("qin", "tan"), "冼": ("xian",), "种": ("chong",),
    "尉迟": ("yuchi",), "万俟": ("moqi",), "长孙": ("zhangsun",), "澹台": ("tantai",), "令狐": ("linghu",),
    "秘": ("bi",), "折": ("she",), "繁": ("po",), "车": ("che",), "黑": ("he",), "宓": ("mi", "fu"),
}  # fmt: skip
DOOR = re.compile(
    r"^(?P<building>[0-9]+[a-z]?)(?:号楼|栋|幢|座|#|[-/])"
    r"(?:(?P<unit>[0-9]+)(?:单元|[-/])(?:(?P<room>[0-9]+[a-z]?)(?:室|号)?)?)?$"
)
NUMBER = re.compile(r"^[0-9a-z()]*[0-9][0-9a-z()]*$")
LATIN = re.compile(r"^[a-z']+$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One way to read a typed word: a kind of token, whole or as a beginning."""

    kind: str
    token: str
    is_prefix: bool = False


def plain(text: str) -> str:
    """Return text in the one form that is stored and compared: half width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def plain_number(text: str) -> str:
    """Return an identity or phone number without spaces, dashes and the country's prefix, in capitals."""
    number = re.sub(r"[\s\-‐–—]", "", unicodedata.normalize("NFKC", text)).upper()
    return re.sub(r"^(?:\+86|0086)(?=1\d{10}$)", "", number)


def plain_name(name: str) -> str:
    """Return a name without spaces and the dot between the parts of a long name."""
    return re.sub(r"[\s·・•.]", "", plain(name))


def surname_of(name: str) -> str:
    """Return the surname a Chinese name begins with."""
    return name[:2] if name[:2] in DOUBLE_SURNAMES else name[:1]


@lru_cache(maxsize=20_000)
def readings_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return (pinyin, initials) of a name, once per reading of its surname."""
    name = plain_name(name)
    surname = surname_of(name)
    given = _syllables(name[len(surname) :])
    readings = SURNAME_READINGS.get(surname) or ("".join(_syllables(surname)),)
    first = "".join(part[0] for part in _syllables(surname)) if len(surname) > 1 else ""
    return tuple(
        (reading + "".join(given), (first or reading[:1]) + "".join(part[:1] for part in given))
        for reading in readings
    )


def _syllables(characters: str) -> list[str]:
    """Return the syllable of each character; letters and characters without a reading stay as they are."""
    return [part for part in lazy_pinyin(characters, style=Style.NORMAL, v_to_u=False) if part]


def door_token(building: str, unit: int | str, room: str) -> str:
    """Return the token of a door."""
    return f"{plain(building)}/{unit}/{plain(room)}"


def hash_token(kind: str, number: str) -> str:
    """Return the keyed hash of a number as token text."""
    return lookup_hash(kind, number).hex()


def tokens_of(*, name: str, id_number: str, phone: str, door: str) -> Iterator[tuple[str, str]]:
    """Yield each (kind, token) of one resident; empty numbers and an unknown door give none."""
    yield Kind.NAME, plain_name(name)
    for pinyin, initials in readings_of(name):
        yield Kind.PINYIN, pinyin
        yield Kind.INITIALS, initials
    if id_number:
        yield Kind.ID_NUMBER, hash_token("id", plain_number(id_number))
    if phone:
        number = plain_number(phone)
        yield Kind.PHONE, hash_token("phone", number)
        yield Kind.PHONE_TAIL, hash_token("tail", number[-TAIL_DIGITS:])
    if door:
        yield Kind.DOOR, door


def read_words(text: str) -> list[list[Wanted]]:
    """Return, for each typed word, the ways it may be meant; a resident must fit one of each word's."""
    return [_ways(word) for word in plain(text).split(" ") if word]


def _ways(word: str) -> list[Wanted]:
    door = DOOR.match(word)
    number = plain_number(word)
    if door and not re.fullmatch(r"1\d{10}", number):
        return [Wanted(Kind.DOOR, *_door_prefix(door))]
    if NUMBER.match(word) or number != word.upper():
        return _number_ways(number)
    if LATIN.match(word):
        letters = word.replace("'", "").replace("ü", "v")
        return [Wanted(Kind.PINYIN, letters, is_prefix=True), Wanted(Kind.INITIALS, letters, is_prefix=True)]
    return [Wanted(Kind.NAME, plain_name(word), is_prefix=True)]


def _number_ways(number: str) -> list[Wanted]:
    if len(number) < TAIL_DIGITS and number.isdigit():
        return [Wanted(Kind.DOOR, f"{number}/", is_prefix=True)]
    if len(number) == TAIL_DIGITS and number.isdigit():
        return [Wanted(Kind.PHONE_TAIL, hash_token("tail", number))]
    if re.fullmatch(r"1\d{10}", number):
        return [Wanted(Kind.PHONE, hash_token("phone", number))]
    return [Wanted(Kind.ID_NUMBER, hash_token("id", number)), Wanted(Kind.PHONE, hash_token("phone", number))]


def _door_prefix(door: re.Match[str]) -> tuple[str, bool]:
    building, unit, room = door["building"], door["unit"], door["room"]
    if unit is None:
        return f"{building}/", True
    if room is None:
        return f"{building}/{unit}/", True
    return f"{building}/{unit}/{room}", False
