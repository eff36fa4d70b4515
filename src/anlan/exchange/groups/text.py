"""Reads the text of a group's 接龙 into lines: who answers, from which door, for how many; nothing is lost.

Every line that is not blank comes back once, as it was written, with what was read in it. What cannot be read
stays in its remark: reading never fails.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from anlan.exchange.groups.said_doors import SaidDoor, take_door
from anlan.exchange.groups.said_names import SaidName, take_names
from anlan.exchange.groups.words import NUMERAL, number_of, readable

LONGEST_READ = 300  # characters of a line that are looked at
FARTHEST_AHEAD = 3  # numbers a list leaves out, where only a space follows them

NUMBERED = re.compile(
    r"^(?:[(\[](?P<in>[0-9]{1,4})[)\]]|(?P<bare>[0-9]{1,4})(?=\s*[.、,:)\]。])|(?P<han>[一二三四五六七八九十]{1,3})(?=[、.]))"
    r"[\s.、,:)\]。]*"
)
SPACED = re.compile(r"^(?P<bare>[0-9]{1,4})(?:\s+|$)")
EXAMPLE = re.compile(r"^(?:例如?|示例|样例|举例|格式)(?:[:\s]|$)")
QUESTION = re.compile(
    r"^(?:#|【|\[|@|—{2}|-{3}|={3})|接龙|[?:!]$|请|大家|各位|邻居|通知|统计|截止|所有人|填写|按.*格式|如下"
)
HEADING = re.compile(r"^(?:#|【)|#接龙|^接龙[:\s]?")
HEADING_MARKS = re.compile(r"^\s*[#＃]?\s*接龙[:：\s]*|^[【\[#＃\s]+|[】\]\s]+$")
PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
WITHDRAWN = re.compile(
    r"取消|不去了|不要了|不用了|不参加|退出|不报名?了|撤销|撤回|作废|不需要了|不做了|不来了|划掉|~~"
)
STRUCK = re.compile("[\u0335-\u0338]")  # marks that strike a character out
ADULTS = re.compile(rf"({NUMERAL})\s?个?(?:大人|大|老人|老|成人)")
CHILDREN = re.compile(rf"({NUMERAL})\s?个?(?:小孩|小|孩子|孩|娃|儿童)")
PEOPLE = re.compile(
    rf"(?:一家|全家|家里|家中|共|合计)?\s?({NUMERAL})\s?(?:个人|口人|人|口|位)(?:在家|参加|报名|去)?"
)
QUANTITY = re.compile(
    rf"(?:[0-9]{{1,4}}\.[0-9]{{1,2}}|{NUMERAL})\s?"
    r"(?:份|盒|瓶|袋|箱|公斤|斤|kg|KG|个|包|支|板|提|桶|件|套|张|只|条|把|棵)|[x×*]\s?[0-9]{1,3}"
)
PUNCTUATION = re.compile(r"[\s,，、。.;；:：!！?？()（）\[\]【】~\-—_/|+&\"'“”‘’*#]+")


class LineKind(StrEnum):
    """What a line of the text is."""

    ANSWER = "answer"
    TITLE = "title"  # what was asked, and whatever is said around it
    EMPTY = "empty"  # a number nobody took
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as it was written, and what was read in it."""

    position: int  # among the lines that are not blank, from 1
    text: str
    kind: LineKind = LineKind.ANSWER
    number: str = ""  # as the group counts
    names: tuple[SaidName, ...] = ()
    door: SaidDoor | None = None
    phone: str = ""
    people: int | None = None
    quantity: str = ""
    remark: str = ""
    is_withdrawn: bool = False
    body: str = ""  # what follows the number, as it was read


def read_text(text: str) -> list[TextLine]:
    """Return every line that is not blank, in its order."""
    written = [line for line in text.splitlines() if line.strip()]
    plain = [readable(line)[:LONGEST_READ] for line in written]
    numbers = _numbers(plain)
    first = next((place for place, (number, _rest) in enumerate(numbers) if number), None)
    lines = []
    for place, line in enumerate(written):
        number, rest = numbers[place]
        kind = _kind(plain[place], number, rest, is_before=first is not None and place < first)
        found = TextLine(place + 1, line, kind, number, body=rest)
        lines.append(_read(found, line, rest) if kind == LineKind.ANSWER else found)
    return lines


def title_in(lines: Sequence[TextLine]) -> str:
    """Return what the text says was asked, "" where it does not say."""
    for line in lines:
        if line.kind == LineKind.TITLE:
            words = HEADING_MARKS.sub("", "".join(c for c in line.text if c.isprintable())).strip()
            if words:
                return words
    return ""


def _numbers(plain: Sequence[str]) -> list[tuple[str, str]]:
    """Return the number of each line and what follows it."""
    found, last = [], 0
    for line in plain:
        number, rest = _number(line, last)
        if number:
            last = int(number)
        found.append((number, rest))
    return found


def _number(line: str, last: int) -> tuple[str, str]:
    if match := NUMBERED.match(line):
        said = match["in"] or match["bare"] or match["han"]
        return str(number_of(said)), line[match.end() :].strip()
    # A number with nothing but a space after it may be a door: it counts where it goes on counting.
    if (match := SPACED.match(line)) and last < int(match["bare"]) <= last + FARTHEST_AHEAD:
        return str(int(match["bare"])), line[match.end() :].strip()
    glued = re.match(r"^([0-9]{1,3})(?=[^0-9\s\-—–/a-zA-Z号栋幢座单#室房人个份盒口点月日时年])", line)
    if glued and int(glued[1]) == last + 1:
        return str(int(glued[1])), line[glued.end() :].strip()
    return "", line


def _kind(line: str, number: str, rest: str, *, is_before: bool) -> LineKind:
    if EXAMPLE.match(rest):
        return LineKind.EXAMPLE
    if number:
        return LineKind.ANSWER if PUNCTUATION.sub("", rest) else LineKind.EMPTY
    if HEADING.search(line) or is_before or not PUNCTUATION.sub("", line):
        return LineKind.TITLE
    door, _rest = take_door(line)
    speaks = QUESTION.search(line) and door is None and not PHONE.search(line)
    return LineKind.TITLE if speaks else LineKind.ANSWER


def _read(line: TextLine, written: str, rest: str) -> TextLine:
    """Take out of an answer, one after another, what can be told apart; the rest is its remark."""
    phone = PHONE.search(rest)
    if phone:
        rest = f"{rest[: phone.start()]} {rest[phone.end() :]}"
    rest = ID_NUMBER.sub(" ", rest)
    withdrawn = bool(WITHDRAWN.search(rest) or STRUCK.search(written))
    rest = WITHDRAWN.sub(" ", rest)
    door, rest = take_door(rest)
    people, rest = _take_people(rest)
    quantity, rest = _take_quantity(rest)
    names, rest = take_names(rest, at_door=door is not None)
    return replace(
        line,
        names=names,
        door=door,
        phone="".join(phone.groups()) if phone else "",
        people=people,
        quantity=quantity,
        remark=" ".join(PUNCTUATION.sub(" ", rest).split()),
        is_withdrawn=withdrawn,
    )


def _take_people(text: str) -> tuple[int | None, str]:
    parts = [found for form in (ADULTS, CHILDREN) if (found := form.search(text))]
    if not parts and (found := PEOPLE.search(text)):
        parts = [found]
    if not parts:
        return None, text
    for found in sorted(parts, key=lambda one: one.start(), reverse=True):
        text = f"{text[: found.start()]} {text[found.end() :]}"
    return sum(number_of(found[1]) for found in parts), text


def _take_quantity(text: str) -> tuple[str, str]:
    found = QUANTITY.search(text)
    return ("", text) if found is None else (found[0], f"{text[: found.start()]} {text[found.end() :]}")
