"""What buildings and facilities have in common as tables meet them."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Generic
from uuid import UUID

from anlan.exchange.cells import Cell, Unreadable, written_text
from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers.areas import Areas
from anlan.exchange.registers.kinds import (
    KEY,
    VERSION,
    Applied,
    Judgement,
    Line,
    Problem,
    Undoable,
    read_key,
)
from anlan.exchange.rules import Outcome
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Text
from anlan.foundation.scope import within
from anlan.organisation.actions import (
    Premises,
    PremisesDone,
    PremisesEntry,
    PremisesWritten,
    enter_premises,
    hold_premises,
    premises_that_stay,
    take_back_premises,
)
from anlan.organisation.queries import in_force
from anlan.organisation.rules import AreaLevel

Reader = Callable[[Cell], Any]
RECORD = (
    SheetColumn(KEY, "记录编号", (), width=10, is_hidden=True),
    SheetColumn(VERSION, "记录版本", (), width=6, is_hidden=True, kind="number"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: the area it names, "" for none, and the fields it fills."""

    area_code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change(Generic[Premises]):
    """Something registered, the area it is said to be in, and the fields that are said to be others."""

    row: Premises
    area_code: str
    values: Mapping[str, Any]


class PremisesRegister(ABC, Generic[Premises]):
    """Buildings or facilities of the actor's ranges as tables meet them."""

    key: ClassVar[str]
    title: ClassVar[Text]
    purposes: ClassVar[tuple[str, ...]] = ("grid_work",)
    columns: ClassVar[tuple[SheetColumn, ...]]
    levels: ClassVar[tuple[AreaLevel, ...]]  # of areas they may stand at
    named_by: ClassVar[tuple[str, ...]]  # without these a row names nothing
    needed: ClassVar[tuple[str, ...]] = ()  # and without these it makes nothing new
    bulk: ClassVar[tuple[str, ...]] = ()
    overruled: ClassVar[frozenset[str]] = frozenset()  # objections that a person may decide against
    model: type[Premises]

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now = actor, now
        self._readers = self.readers()
        self._areas = Areas(actor, now, *self.levels)
        self._seen: dict[tuple[str, ...], tuple[int, Said]] = {}  # mark: row number, what it says
        self._new: dict[str, list[tuple[int, Premises]]] = defaultdict(list)  # what earlier rows would make

    @abstractmethod
    def readers(self) -> Mapping[str, Reader]:
        """Return how the cell of each field is read."""

    @abstractmethod
    def word(self, said: str) -> str:
        """Return a number or name as it is compared."""

    @abstractmethod
    def called(self, row: Premises) -> set[str]:
        """Return the words by which people may mean it."""

    @abstractmethod
    def is_near(self, one: Premises, other: Premises) -> bool:
        """Say whether two that are called alike may be taken for each other where they lie."""

    @abstractmethod
    def objections(self, changes: Mapping[int, Change[Premises]]) -> Mapping[int, list[Problem]]:
        """Say of these changes, by row number, why they cannot be."""

    def read(self, number: int, cells: Mapping[str, Cell]) -> Line:
        """Read one row."""
        line = Line(number)
        read_key(line, cells)
        values = {}
        for name, reader in self._readers.items():
            cell = cells.get(name, Cell())
            try:
                if not cell.is_empty:
                    values[name] = reader(cell)
                elif name in self.named_by and not line.key:
                    raise Unreadable("missing")
            except Unreadable as unreadable:
                line.problems.append((name, unreadable.reason, ""))
        area = self._read_area(line, cells.get("area", Cell()))
        if not line.problems:
            line.said = Said(area, values)
        return line

    def _read_area(self, line: Line, cell: Cell) -> str:
        try:
            said = written_text(cell)
            return self._areas.named(said) if said or not line.key else ""
        except Unreadable as unreadable:
            line.problems.append(("area", unreadable.reason, ""))
            return ""

    def judge(self, lines: Sequence[Line]) -> list[Judgement]:
        """Compare readable lines with one another and with the register."""
        judged: dict[int, Judgement] = {}
        changes: dict[int, Change[Premises]] = {}
        for line in lines:
            found = self._within_file(line) or self._against_register(line)
            if isinstance(found, Judgement):
                judged[line.number] = found
            else:
                changes[line.number] = found
        against = self._all_objections(changes)
        for line in lines:
            if line.number in changes:
                judged[line.number] = self._weighed(line, changes[line.number], against.get(line.number, []))
        return [judged[line.number] for line in lines]

    def _within_file(self, line: Line) -> Judgement | None:
        """Find an earlier row about the same place."""
        said: Said = line.said
        mark = (str(line.key),) if line.key else self._probe(said).mark
        number, earlier = self._seen.setdefault(mark, (line.number, said))
        if number == line.number:
            return None
        if self._plain(earlier) == self._plain(said):
            return Judgement(Outcome.REPEATED, problems=(("", "repeats", str(number)),))
        return Judgement(Outcome.CONFLICT, problems=(("", "contradicts_row", str(number)),))

    def _against_register(self, line: Line) -> Judgement | Change[Premises]:
        said: Said = line.said
        if line.key:
            row = self._registered.get(line.key)
            if row is None:
                return Judgement(Outcome.REJECTED, problems=((KEY, "key_unknown", ""),))
            return self._change(row, said)
        probe = self._probe(said)
        found = self._by_mark.get(probe.mark, [])
        if len(found) == 1:
            return self._change(found[0], said)
        if found:
            return _offered(Outcome.CONFLICT, "several_alike", found)
        missing = tuple((name, "missing", "") for name in self.needed if name not in said.values)
        if missing:
            return Judgement(Outcome.REJECTED, problems=missing)
        if alike := self._alike(probe):
            return _offered(Outcome.TO_DECIDE, "possible_same", alike)
        words = self.called(probe)
        earlier = [number for word in words for number, row in self._new[word] if self.is_near(probe, row)]
        if earlier:
            return Judgement(Outcome.TO_DECIDE, problems=(("", "possible_same_row", str(min(earlier))),))
        for word in words:
            self._new[word].append((line.number, probe))
        return Judgement(Outcome.NEW)

    def _alike(self, probe: Premises) -> list[Premises]:
        """Return those registered that a probe may be, or be taken for."""
        found = {row.pk: row for word in self.called(probe) for row in self._by_word[word]}
        return [row for row in found.values() if self.is_near(probe, row)]

    def _plain(self, said: Said) -> Said:
        """Return what is said with numbers and names as they are compared."""
        values = {
            name: self.word(value) if name in self.named_by else value for name, value in said.values.items()
        }
        return Said(said.area_code, values)

    def _weighed(self, line: Line, change: Change[Premises], against: Sequence[Problem]) -> Judgement:
        """Say what a line does to the row it speaks of."""
        row, fields, problems = change.row, tuple(change.values), list(against)
        if fields and line.key and line.version != row.version:
            problems.append(("", "version_behind", ""))
        if fields and self._becomes_another(change):
            problems.append(("", "taken", ""))
        if problems:
            return Judgement(Outcome.CONFLICT, row.pk, row.version, fields, tuple(problems))
        return Judgement(Outcome.CHANGED if fields else Outcome.SAME, row.pk, row.version, fields)

    def _change(self, row: Premises, said: Said) -> Change[Premises]:
        """Return what is said of a row; a number or name that is only written otherwise is no change."""
        values = {
            name: value
            for name, value in said.values.items()
            if value != (old := getattr(row, name))
            and not (name in self.named_by and self.word(value) == self.word(old))
        }
        return Change(row, said.area_code, values)

    def _becomes_another(self, change: Change[Premises]) -> bool:
        """Say whether a row with what is said would be, or be taken for, another one."""
        row, kept = change.row, {name: getattr(change.row, name) for name in self._readers}
        probe = self._probe(Said(row.area_code, {**kept, **change.values}))
        new = {one.pk for one in self._alike(probe)} - {one.pk for one in self._alike(row)}
        return bool(new - {row.pk}) or (probe.mark != row.mark and probe.mark in self._by_mark)

    def kept(self, said: Said) -> Any:
        """Return what a line says as JSON holds it."""
        return [said.area_code, dict(said.values)]

    def said_again(self, kept: Any) -> Said:
        """Return what `kept` kept."""
        return Said(*kept)

    def ready(self, rows: Sequence[tuple[Line, Judgement]]) -> Sequence[tuple[Line, Judgement]]:
        """Return the lines: nothing can be worked out ahead."""
        return rows

    def write(self, ready: Sequence[tuple[Line, Judgement]], *, source: str) -> list[Applied]:
        """Enter and correct; what cannot be by now is a conflict, also where a person decided for it."""
        targets = [judgement.target_id for _line, judgement in ready if judgement.target_id]
        held = hold_premises(self.model, self.actor, targets)
        changes = {
            line.number: self._change(held[judgement.target_id], line.said)
            for line, judgement in ready
            if judgement.target_id in held
        }
        against = self._hard_objections(changes)
        entries = []
        for line, one in ready:
            if line.number not in against:
                values = changes[line.number].values if line.number in changes else line.said.values
                area = line.said.area_code
                entries.append(PremisesEntry(line.number, area, values, one.target_id, one.version))
        done = enter_premises(
            self.model, actor=self.actor, held=held, entries=entries, source=source, now=self.now
        )
        applied = {one.ref: _applied(one) for one in done}
        for number, problems in against.items():
            applied[number] = Applied(Outcome.CONFLICT, changes[number].row.pk, problems=tuple(problems))
        return [applied[line.number] for line, _judgement in ready]

    def what_stays(self, rows: Sequence[Undoable]) -> dict[int, str]:
        """Say what was changed since, is referred to, or no longer fits."""
        registered = self._registered
        return self._unfit(rows, registered) | premises_that_stay(
            self.model, actor=self.actor, written=_written(rows)
        )

    def take_back(self, rows: Sequence[Undoable], *, source: str) -> dict[int, str]:
        """Take back what was new and restore what was changed."""
        held = hold_premises(self.model, self.actor, [row.target_id for row in rows])
        return take_back_premises(
            self.model,
            actor=self.actor,
            held=held,
            written=_written(rows),
            keep=self._unfit(rows, held),
            source=source,
            now=self.now,
        )

    def _unfit(self, rows: Sequence[Undoable], registered: Mapping[UUID, Premises]) -> dict[int, str]:
        """Return the rows that cannot be as they were before."""
        changes = {
            row.number: Change(registered[row.target_id], "", row.before)
            for row in rows
            if row.before is not None and row.target_id in registered
        }
        return dict.fromkeys(self._hard_objections(changes), "no_longer_fits")

    def _hard_objections(self, changes: Mapping[int, Change[Premises]]) -> dict[int, list[Problem]]:
        """Return what speaks against these changes and cannot be decided away."""
        hard = {
            number: [problem for problem in problems if problem[1] not in self.overruled]
            for number, problems in self._all_objections(changes).items()
        }
        return {number: problems for number, problems in hard.items() if problems}

    def _all_objections(self, changes: Mapping[int, Change[Premises]]) -> dict[int, list[Problem]]:
        against: dict[int, list[Problem]] = defaultdict(list)
        for number, change in changes.items():
            if not change.row.area_code.startswith(change.area_code):
                against[number].append(("area", "other_area", ""))
        for number, problems in self.objections(changes).items():
            against[number] += problems
        return against

    def _probe(self, said: Said) -> Premises:
        """Return a row that is not stored, as said."""
        return self.model(area_code=said.area_code, **said.values)

    @cached_property
    def _registered(self) -> dict[UUID, Premises]:
        rows = self.model._default_manager.filter(within(self.actor.ranges), in_force(self.now))
        return {row.pk: row for row in rows.order_by("area_code", "pk")}

    @cached_property
    def _by_word(self) -> Mapping[str, list[Premises]]:
        found: dict[str, list[Premises]] = defaultdict(list)
        for row in self._registered.values():
            for word in self.called(row):
                found[word].append(row)
        return found

    @cached_property
    def _by_mark(self) -> dict[tuple[str, ...], list[Premises]]:
        found: dict[tuple[str, ...], list[Premises]] = defaultdict(list)
        for row in self._registered.values():
            found[row.mark].append(row)
        return found


def words(longest: int) -> Reader:
    """Return a reader of short texts, a number among them."""

    def read(cell: Cell) -> str:
        return written_text(cell, longest=longest)

    return read


def _offered(outcome: Outcome, reason: str, rows: Sequence[Any]) -> Judgement:
    """Leave it to a person which of these rows is meant."""
    candidates = tuple((str(row.pk), row.version, 0.0, ()) for row in rows)
    return Judgement(outcome, problems=(("", reason, ""),), candidates=candidates)


def _applied(done: PremisesDone) -> Applied:
    if done.outcome in {"new", "changed", "same"}:
        return Applied(Outcome(done.outcome), done.premises_id, done.version, before=done.before)
    return Applied(Outcome.CONFLICT, done.premises_id, problems=(("", done.outcome, ""),))


def _written(rows: Sequence[Undoable]) -> list[PremisesWritten]:
    return [PremisesWritten(row.number, row.target_id, row.version, row.before) for row in rows]
