"""Residents with their doors, from a table: read, compared with the register, written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.exchange.cells import Cell, Unreadable, day, number_text, plain_text
from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers.doors import Doors
from anlan.exchange.registers.kinds import KEY, Applied, Judgement, Line, Problem, Undoable, read_key
from anlan.exchange.registers.resident_columns import COLUMNS, FIELDS, VERIFIED
from anlan.exchange.rules import Outcome
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Text
from anlan.foundation.masks import DOTS, visible
from anlan.foundation.scope import within
from anlan.health.queries import people_in_event_files
from anlan.people.actions import (
    Door,
    Entered,
    Entry,
    Identity,
    Ready,
    ResidentInvalid,
    Written,
    checked_identity,
    contradictions,
    differing,
    enter_many,
    make_ready,
    take_back,
    what_stays,
)
from anlan.people.models import Resident
from anlan.people.queries import Sought, bearers_of, likely_same
from anlan.people.rules import plain_name

SEXES = {"男": "male", "女": "female", "male": "male", "female": "female", "男性": "male", "女性": "female"}
IDENTITY = ("name", "id_number", "phone", "relation")
RESIDENT = "people.Resident"
REASON_OF_FIELD = {
    "name": "name_invalid",
    "id_number": "id_number_invalid",
    "phone": "phone_invalid",
    "birth_on": "birth_contradicts",
    "sex": "sex_contradicts",
}
UNSAID = "某"  # stands for a name that a workbook of ours showed masked
YEAR_DIGITS = 4


@dataclass(slots=True)
class Said:
    """What a row says of a person; `masked` are cells of an exported workbook, as they were shown."""

    identity: Identity
    door: Door | None
    masked: dict[str, str] = field(default_factory=dict)
    area: str = ""  # the grid it names without a door
    verified_on: date | None = None


class Residents:
    """The register of residents as tables meet it."""

    key: ClassVar[str] = "residents"
    title: ClassVar[Text] = _("居民")
    purposes: ClassVar[tuple[str, ...]] = ("grid_work",)
    columns: ClassVar[tuple[SheetColumn, ...]] = COLUMNS
    bulk: ClassVar[tuple[str, ...]] = (VERIFIED, "relation")

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now, self.today = actor, now, day_of(now)
        self.doors = Doors(actor, now)
        self._seen: dict[tuple[str, ...], tuple[int, int]] = {}  # mark: row number, digest of what it says

    def read(self, number: int, cells: Mapping[str, Cell]) -> Line:
        """Read one row."""
        line = Line(number)
        if KEY in cells and not cells[KEY].is_empty:
            read_key(line, cells)
        masked = self._masked(cells) if line.key else {}
        sent = self._fields(line, {key: cell for key, cell in cells.items() if key not in masked})
        if line.key and not sent.get("name"):
            sent["name"] = UNSAID
        door = self.doors.read(cells, line.problems)
        area = "" if door or line.problems else self.doors.area_named(cells, line.problems)
        verified_on = self._verified(line, cells)
        if not line.problems:
            identity = self._identity(line, sent)
            if identity is not None:
                line.said = Said(identity, door, masked, area, verified_on)
        return line

    def _verified(self, line: Line, cells: Mapping[str, Cell]) -> date | None:
        try:
            return day(cells.get(VERIFIED, Cell()), today=self.today)
        except Unreadable as unreadable:
            line.problems.append((VERIFIED, unreadable.reason, ""))
            return None

    def _masked(self, cells: Mapping[str, Cell]) -> dict[str, str]:
        """Return the cells that hold a masked form, of which only the register knows what it hides."""
        return {
            key: cell.text.strip()
            for key, cell in cells.items()
            if key in FIELDS and (DOTS in cell.text or (key == "birth_on" and _is_year(cell.text)))
        }

    def _fields(self, line: Line, cells: Mapping[str, Cell]) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        for key in FIELDS:
            cell = cells.get(key)
            if cell is None or cell.is_empty:
                continue
            try:
                sent[key] = self._value(key, cell)
            except Unreadable as unreadable:
                line.problems.append((key, unreadable.reason, ""))
        if not line.key and not sent.get("name") and not any(p[0] == "name" for p in line.problems):
            line.problems.append(("name", "missing", ""))
        return sent

    def _value(self, key: str, cell: Cell) -> Any:
        if key == "birth_on":
            return day(cell, today=self.today)
        if key in {"id_number", "phone"}:
            return number_text(cell)
        if key == "sex":
            word = plain_text(cell).casefold()
            if word not in SEXES:
                raise Unreadable("sex_unclear")
            return SEXES[word]
        return plain_text(cell, longest=60 if key == "name" else 20)

    def _identity(self, line: Line, sent: Mapping[str, Any]) -> Identity | None:
        try:
            identity = checked_identity(sent, today=self.today)
        except ResidentInvalid as refusal:
            line.problems += [
                (name, REASON_OF_FIELD[name], str(words)) for name, words in refusal.fields.items()
            ]
            return None
        return replace(identity, name="") if identity.name == UNSAID else identity

    def judge(self, lines: Sequence[Line]) -> list[Judgement]:
        """Compare readable lines with one another and with the register."""
        known = _Known(self.actor, lines)
        judged: dict[int, Judgement] = {}
        open_lines: list[Line] = []
        for line in lines:
            found = self._within_file(line) or known.judge(line, self.today)
            if found is None:
                open_lines.append(line)
            else:
                judged[line.number] = found
        judged.update(self._against_everybody(open_lines))
        return [judged[line.number] for line in lines]

    def _within_file(self, line: Line) -> Judgement | None:
        """Find an earlier row about the same person."""
        said: Said = line.said
        digest = hash((said.identity, said.door, said.verified_on, *sorted(said.masked.items())))
        earlier = self._seen.setdefault(_mark_of(line), (line.number, digest))
        if earlier[0] == line.number:
            return None
        if earlier[1] == digest:
            return Judgement(Outcome.REPEATED, problems=(("", "repeats", str(earlier[0])),))
        return Judgement(Outcome.CONFLICT, problems=(("", "contradicts_row", str(earlier[0])),))

    def _against_everybody(self, lines: Sequence[Line]) -> dict[int, Judgement]:
        """Look for people who may be those whom no number names."""
        sought = [_sought(line) for line in lines]
        twins = likely_same(self.actor, sought) if sought else {}
        judged = {}
        for line in lines:
            found = twins.get(line.number, [])
            if found:
                candidates = tuple(
                    (
                        str(one.resident_id),
                        one.version,
                        one.likeness.score,
                        tuple(str(reason.evidence.value) for reason in one.likeness.reasons),
                    )
                    for one in found
                )
                problem: Problem = ("", "possible_twin", "")
                judged[line.number] = Judgement(Outcome.TO_DECIDE, problems=(problem,), candidates=candidates)
            elif line.said.door is None:  # only who is known may be written about without an address
                judged[line.number] = Judgement(Outcome.REJECTED, problems=(("room", "no_door", ""),))
            else:
                judged[line.number] = Judgement(Outcome.NEW)
        return judged

    def kept(self, said: Said) -> Any:
        """Return what a line says as JSON holds it; masked cells have been compared by then."""
        identity, door = said.identity, said.door
        day_text = identity.birth_on.isoformat() if identity.birth_on else ""
        numbers = (identity.id_number, identity.phone)
        home = [str(door.building_id), door.area_code, door.number, door.unit, door.room] if door else None
        verified = said.verified_on.isoformat() if said.verified_on else ""
        return [identity.name, identity.sex, day_text, identity.relation, *numbers, home, verified]

    def said_again(self, kept: Any) -> Said:
        """Return what `kept` kept."""
        name, sex, day_text, relation, id_number, phone, home, *later = kept  # a batch may be older
        birth_on = date.fromisoformat(day_text) if day_text else None
        door = Door(UUID(home[0]), *home[1:]) if home else None
        verified_on = date.fromisoformat(later[0]) if later and later[0] else None
        identity = Identity(name, sex, birth_on, relation, id_number, phone)
        return Said(identity, door, verified_on=verified_on)

    def ready(self, rows: Sequence[tuple[Line, Judgement]]) -> Ready:
        """Encrypt, hash and spell."""
        return make_ready(
            [
                Entry(
                    ref=index,
                    said=line.said.identity,
                    door=line.said.door,
                    resident_id=judgement.target_id,
                    expected_version=judgement.version,
                    verified_on=line.said.verified_on,
                )
                for index, (line, judgement) in enumerate(rows)
            ]
        )

    def write(self, ready: Ready, *, source: str) -> list[Applied]:
        """Enter and correct."""
        done = enter_many(actor=self.actor, ready=ready, source=source, now=self.now)
        return [_applied(one) for one in done]

    def what_stays(self, rows: Sequence[Undoable]) -> dict[int, str]:
        """Say who was changed since, or is referred to."""
        referred = self._referred(rows)
        stays = {
            row.number: "referred_to" for row in rows if row.before is None and row.target_id in referred
        }
        return stays | what_stays(self.actor, [_written(row) for row in rows])

    def take_back(self, rows: Sequence[Undoable], *, source: str) -> dict[int, str]:
        """Take back new people and restore changed ones."""
        written = [_written(row) for row in rows]
        return take_back(
            actor=self.actor, written=written, source=source, now=self.now, keep=self._referred(rows)
        )

    def _referred(self, rows: Sequence[Undoable]) -> set[UUID]:
        return people_in_event_files([row.target_id for row in rows if row.before is None])


class _Known:
    """The residents whom lines name by record key or identity number, read in two questions."""

    def __init__(self, actor: Actor, lines: Iterable[Line]) -> None:
        self.actor = actor
        keys = [line.key for line in lines if line.key]
        numbers = {line.said.identity.id_number for line in lines} - {""}
        bearers = bearers_of(actor, numbers) if numbers else {}
        ids = {*keys, *(resident_id for some in bearers.values() for resident_id in some)}
        self.residents = {row.pk: row for row in _residents(actor).filter(pk__in=ids)} if ids else {}
        self.by_number = {
            number: [self.residents[one] for one in some if one in self.residents]
            for number, some in bearers.items()
        }

    def judge(self, line: Line, today: date) -> Judgement | None:
        """Say what a line does to the person it names; None where it names nobody."""
        said: Said = line.said
        if line.key:
            resident = self.residents.get(line.key)
            if resident is None:
                return Judgement(Outcome.REJECTED, problems=((KEY, "key_unknown", ""),))
            return self._compare(line, resident, today)
        bearers = self.by_number.get(said.identity.id_number, [])
        if not bearers:
            return None
        here = [one for one in bearers if said.door and one.area_code == said.door.area_code]
        if len(bearers) > 1 and len(here) != 1:
            listed = tuple((str(one.pk), one.version, 0.0, ("id_same",)) for one in bearers)
            return Judgement(Outcome.TO_DECIDE, problems=(("", "possible_twin", ""),), candidates=listed)
        return self._compare(line, here[0] if here else bearers[0], today)

    def _compare(self, line: Line, resident: Resident, today: date) -> Judgement:
        said: Said = line.said
        problems: list[Problem] = [
            (name, "masked_changed", "")
            for name, text in said.masked.items()
            if text != str(visible(self.actor, RESIDENT, name, getattr(resident, name)) or "")
        ]
        if problems:
            return Judgement(Outcome.REJECTED, resident.pk, resident.version, problems=tuple(problems))
        if said.area and not resident.area_code.startswith(said.area):  # a grid alone is no place to move to
            problems = [("area", "grid_without_door", "")]
            return Judgement(Outcome.CONFLICT, resident.pk, resident.version, problems=tuple(problems))
        fields = differing(resident, said.identity, said.door, said.verified_on)
        if not fields:
            return Judgement(Outcome.SAME, resident.pk, resident.version)
        if line.key and line.version != resident.version:
            problems.append(("", "version_behind", ""))
        if not line.key and plain_name(said.identity.name) != plain_name(resident.name):
            problems.append(("name", "another_name", ""))
        problems += [
            (name, "contradicts", "") for name in contradictions(resident, said.identity, today=today)
        ]
        outcome = Outcome.CONFLICT if problems else Outcome.CHANGED
        return Judgement(outcome, resident.pk, resident.version, fields, tuple(problems))


def _residents(actor: Actor) -> QuerySet[Resident]:
    return Resident.objects.filter(within(actor.ranges)).select_related("household")


def _mark_of(line: Line) -> tuple[str, ...]:
    """Return what tells a person of a table from the others in it."""
    said: Said = line.said
    if line.key:
        return "key", str(line.key)
    identity = said.identity
    if identity.id_number:
        return "id", identity.id_number
    door = "/".join(str(part) for part in said.door.key) if said.door else ""
    return "who", plain_name(identity.name), door, str(identity.birth_on or ""), identity.phone


def _sought(line: Line) -> Sought:
    said: Said = line.said
    identity, door = said.identity, said.door
    return Sought(
        ref=line.number,
        name=identity.name,
        id_number=identity.id_number,
        phone=identity.phone,
        birth_on=identity.birth_on,
        sex=identity.sex,
        door=door.token if door else "",
        area_code=door.area_code if door else "",
        relation=identity.relation,
    )


def _applied(entered: Entered) -> Applied:
    if entered.outcome in {"new", "changed", "same"}:
        return Applied(
            Outcome(entered.outcome),
            entered.resident_id,
            entered.version,
            before=entered.before,
            new_household_id=entered.new_household_id,
        )
    problems: tuple[Problem, ...] = tuple((name, entered.outcome, "") for name in entered.fields)
    return Applied(Outcome.CONFLICT, entered.resident_id, problems=problems or (("", entered.outcome, ""),))


def _written(row: Undoable) -> Written:
    return Written(row.number, row.target_id, row.version, row.before, row.new_household_id)


def _is_year(text: str) -> bool:
    return len(text.strip()) == YEAR_DIGITS and text.strip().isdigit()
