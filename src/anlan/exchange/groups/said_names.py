"""Finds whom a line of a group text names: full names, titles, a child's parent, a nickname."""

import re
from dataclasses import dataclass

from anlan.exchange.groups.words import (
    AFTER_NAME,
    HAN,
    KIN,
    LABELS,
    LATIN,
    LONGEST_NICKNAME,
    NO_NAMES,
    SURNAMES,
    TITLES,
    has_surname,
    is_name,
)
from anlan.people.rules import surname_of

APART = re.compile(r"[\s、,，;；:：/|+&()（）\[\]【】。.!！~\-—_]+")
CALLED = re.compile(r"^[老小阿](?P<surname>[\u3400-\u9fff])$")
MOST_NAMES = 8
SHORTEST_JOINED = 5  # 王伟和李娜


@dataclass(frozen=True, slots=True)
class SaidName:
    """A name as it is written, and how much it says."""

    text: str
    surname: str = ""  # of a title such as 王阿姨; then text is the title
    sex: str = ""  # that a title says
    is_kin: bool = False  # a relative speaks: the household answers
    is_nickname: bool = False


def take_names(text: str, *, at_door: bool) -> tuple[tuple[SaidName, ...], str]:
    """Return whom a line names and what is left of it.

    Names stand together: after the first, the next word that is none ends them. With nothing that reads as a
    name, the first word is taken for a nickname.
    """
    words = [part for word in APART.split(text) if word for part in _joined(word)]
    names: list[SaidName] = []
    left: list[str] = []
    for word in words:
        if left and names:
            left.append(word)
            continue
        name = _name(word, at_door=at_door) if len(names) < MOST_NAMES else None
        if name is None:
            left.append(word)
        else:
            names.append(name)
    if not names and left and _may_be_nickname(left[0]):
        names, left = [SaidName(left[0], is_nickname=True)], left[1:]
    return tuple(names), " ".join(left)


def _joined(word: str) -> list[str]:
    """Take 王伟和李娜 apart; 李和平 stays whole."""
    before, and_, after = word.partition("和")
    if and_ and len(word) >= SHORTEST_JOINED and is_name(before) and _name(after, at_door=False):
        return [before, after]
    return [word]


def _name(word: str, *, at_door: bool) -> SaidName | None:
    word = LABELS.sub("", word).strip("'·@")
    while word and not is_name(word) and (cut := AFTER_NAME.sub("", word)) != word:
        word = cut
    if not word or word in NO_NAMES:
        return None
    if found := CALLED.match(word):
        return SaidName(word, found["surname"]) if found["surname"] in SURNAMES else None
    if titled := _titled(word):
        return titled
    if kin := KIN.search(word):
        name = word[: kin.start()]
        return SaidName(name, is_kin=True) if is_name(name) else None
    if is_name(word) or LATIN.fullmatch(word):
        return SaidName(word)
    if at_door and len(word) == 1 and word in SURNAMES:
        return SaidName(word, word)
    return None


def _titled(word: str) -> SaidName | None:
    surname = surname_of(word)
    title = word[len(surname) :]
    if title in TITLES and has_surname(word):
        return SaidName(word, surname, TITLES[title])
    return None


def _may_be_nickname(word: str) -> bool:
    return (
        1 < len(word) <= LONGEST_NICKNAME
        and word not in NO_NAMES
        and bool(HAN.match(word) or LATIN.match(word))
    )
