"""Turns read lines into rows that are kept, and back: what is said stays encrypted."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anlan.exchange.groups.matching import Match, Part, match_parts
from anlan.exchange.groups.pairing import OldLine
from anlan.exchange.groups.places import Place
from anlan.exchange.groups.rules import AnswerState, Why
from anlan.exchange.groups.said_names import SaidName
from anlan.exchange.groups.text import LineKind, TextLine
from anlan.exchange.models import GroupAnswer, GroupList
from anlan.foundation.actor import Actor
from anlan.foundation.crypto import decrypt, encrypt, encrypt_many

TEXT, SAID = "exchange.GroupAnswer.text", "exchange.GroupAnswer.said"
BEFORE = "exchange.GroupAnswer.before"
AT_ONCE = 500
NOT_ANSWERS = {
    LineKind.TITLE: Why.IS_TITLE,
    LineKind.EMPTY: Why.IS_EMPTY,
    LineKind.EXAMPLE: Why.IS_EXAMPLE,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What was read in a line, of one part of it."""

    body: str = ""
    name: str = ""
    surname: str = ""  # of a title
    is_kin: bool = False
    is_nickname: bool = False
    door: str = ""
    phone: str = ""
    quantity: str = ""
    remark: str = ""


def said_of(answer: GroupAnswer) -> Said:
    """Return what was read in a kept line."""
    kept: dict[str, Any] = json.loads(decrypt(bytes(answer.said), context=SAID))
    return Said(**kept)


def text_of(answer: GroupAnswer) -> str:
    """Return a kept line as it was written."""
    return decrypt(bytes(answer.text), context=TEXT)


def rows_of(
    actor: Actor, listed: GroupList, place: Place, lines: Sequence[tuple[int, TextLine]], *, now: datetime
) -> list[GroupAnswer]:
    """Return rows to be kept for (line, what was read), each part matched with the register."""
    parts: list[tuple[int, int, TextLine, Part | None]] = []
    for number, line in lines:
        if line.kind != LineKind.ANSWER:
            parts.append((number, 0, line, None))
            continue
        for place_in_line, name in enumerate(line.names or (None,)):
            parts.append((number, place_in_line, line, Part(len(parts), name, line.door, line.phone)))
    asked = [part for *_where, part in parts if part is not None]
    matches = iter(match_parts(actor, place, asked, now=now))
    rows = []
    for number, part, line, said in parts:
        row = _row(line, part, next(matches) if said else _no_answer(line))
        row.group_list, row.area_code, row.line = listed, listed.area_code, number
        rows.append(row)
    _encrypt(rows, [(line, said) for _number, _part, line, said in parts])
    return rows


def _row(line: TextLine, part: int, match: Match) -> GroupAnswer:
    return GroupAnswer(
        part=part,
        number=line.number,
        state=match.state,
        why=match.why,
        household_id=match.household_id,
        resident_id=match.resident_id,
        candidates=[[kind, str(key)] for kind, key in match.candidates],
        people=people_of(line, part) if line.kind == LineKind.ANSWER else None,
        is_withdrawn=line.is_withdrawn,
    )


def people_of(line: TextLine, part: int) -> int | None:
    """Return how many a part of a line answers for: the number said counts once, a name alone is one."""
    if line.people is not None:
        return line.people if part == 0 else 0
    return 1 if line.names else None


def _no_answer(line: TextLine) -> Match:
    return Match(AnswerState.NO_ANSWER, NOT_ANSWERS[line.kind])


def _encrypt(rows: Sequence[GroupAnswer], said: Sequence[tuple[TextLine, Part | None]]) -> None:
    texts = encrypt_many([line.text for line, _part in said], context=TEXT)
    kept = encrypt_many([_said_json(line, part) for line, part in said], context=SAID)
    for row, text, what in zip(rows, texts, kept, strict=True):
        row.text, row.said = text, what


def _said_json(line: TextLine, part: Part | None) -> str:
    name = part.name if part and part.name else SaidName("")
    said = Said(
        body=line.body,
        name=name.text,
        surname=name.surname,
        is_kin=name.is_kin,
        is_nickname=name.is_nickname,
        door=str(line.door or ""),
        phone=line.phone,
        quantity=line.quantity,
        remark=line.remark,
    )
    return json.dumps({field: getattr(said, field) for field in Said.__slots__}, ensure_ascii=False)


def old_lines(answers: Iterable[GroupAnswer]) -> list[OldLine]:
    """Return kept lines as they are compared with a later text."""
    found: dict[int, OldLine] = {}
    for row in answers:
        said = said_of(row)
        names = (said.name,) if said.name else ()
        if row.line in found:
            found[row.line] = replace(found[row.line], names=found[row.line].names + names)
            continue
        found[row.line] = OldLine(
            line=row.line,
            number=row.number,
            body=said.body,
            is_answer=row.why not in NOT_ANSWERS.values(),
            is_empty=row.why == Why.IS_EMPTY,
            names=names,
            door=said.door,
            phone=said.phone,
        )
    return list(found.values())


def says_the_same_people(old: OldLine, line: TextLine) -> bool:
    """Say whether a line that changed still means whom it meant."""
    names = tuple(name.text for name in line.names)
    return old.is_answer and (old.names, old.door, old.phone) == (names, str(line.door or ""), line.phone)


def rewrite(rows: Sequence[GroupAnswer], line: TextLine, *, now: datetime) -> None:
    """Let the parts of a kept line say what it says now; whom they mean stays as it was."""
    for row in rows:
        said = said_of(row)
        name = SaidName(said.name, said.surname, is_kin=said.is_kin, is_nickname=said.is_nickname)
        row.before = encrypt(text_of(row), context=BEFORE)
        row.text = encrypt(line.text, context=TEXT)
        row.said = encrypt(_said_json(line, Part(0, name)), context=SAID)
        row.people, row.is_withdrawn = people_of(line, row.part), line.is_withdrawn
        row.number, row.changed_at, row.is_missing = line.number, now, False
