"""Enter, correct and take back many buildings or facilities at once: what an import writes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.advisory_locks import AdvisoryLock, hold
from anlan.foundation.live import announce_changes
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty, within
from anlan.foundation.taking_back import Left, referred_to, why_they_stay
from anlan.organisation.events import PremisesEntered
from anlan.organisation.models import Building, Facility
from anlan.organisation.queries import in_force

AREAS = "areas"  # live topic: the pages of areas count and list premises
Premises = TypeVar("Premises", Building, Facility)
Marks = set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PremisesEntry:
    """What a row of a table says of a building or facility: a new one, or the one it speaks of.

    Fields that `values` leaves out are not said. The area counts for a new one: nothing moves.
    """

    ref: int
    area_code: str
    values: Mapping[str, Any]
    premises_id: UUID | None = None
    expected_version: int = 0


@dataclass(frozen=True, slots=True)
class PremisesDone:
    """What became of an entry.

    `outcome` is new, changed, same, or the reason why nothing was done: moved_on (another version, or gone),
    taken (what tells it from others is another's already), area_unknown (beyond the actor's ranges).
    """

    ref: int
    outcome: str
    premises_id: UUID | None = None
    version: int = 0
    before: dict[str, Any] | None = None  # of something changed: the fields as they stood


@dataclass(frozen=True, slots=True)
class PremisesWritten:
    """What one row of an import left behind: something new, or something changed from `before`."""

    ref: int
    premises_id: UUID
    version: int  # as the import left it
    before: Mapping[str, Any] | None = None


def hold_premises(model: type[Premises], actor: Actor, ids: Collection[UUID]) -> dict[UUID, Premises]:
    """Return these rows, locked; until the transaction ends nobody else enters any of their kind."""
    hold(AdvisoryLock.PREMISES, model._meta.label)
    rows = model._default_manager.select_for_update().filter(within(actor.ranges), pk__in=ids)
    return {row.pk: row for row in rows.order_by("pk")}


def enter_premises(
    model: type[Premises],
    *,
    actor: Actor,
    held: Mapping[UUID, Premises],
    entries: Sequence[PremisesEntry],
    source: str,
    now: datetime,
) -> list[PremisesDone]:
    """Enter and correct these premises; return one answer an entry, in their order.

    One audit entry lists them all. `held` is what `hold_premises` returned in this transaction.
    """
    done: list[PremisesDone] = []
    new: list[Premises] = []
    changed: list[Premises] = []
    with transaction.atomic():
        kept = dict(held)
        marks = _marks(model, actor, now)
        for entry in entries:
            if entry.premises_id:
                row = kept.pop(entry.premises_id, None)  # a second row about it finds another version
                one = _correct(entry, row, marks)
            else:
                row = model(area_code=entry.area_code, starts_at=now, **entry.values)
                one = _enter(actor, entry, row, marks)
            done.append(one)
            if row is not None and one.outcome in {"new", "changed"}:
                (new if one.outcome == "new" else changed).append(row)
        model._default_manager.bulk_create(new)
        _save(model, changed, {name for entry in entries for name in entry.values})
        detail = {"source": source, "new": len(new), "changed": len(changed)}
        _put_on_record("enter_many", actor, [*new, *changed], detail, now)
    return done


def premises_that_stay(
    model: type[Premises], *, actor: Actor, written: Sequence[PremisesWritten]
) -> dict[int, str]:
    """Return, for each row that cannot be taken back, why: gone, changed_since, referred_to."""
    ids = [row.premises_id for row in written]
    rows = model._default_manager.filter(within(actor.ranges), pk__in=ids)
    versions = dict(rows.values_list("pk", "version"))
    new = [row.premises_id for row in written if row.before is None]
    with duty("undo_import", ranges=actor.ranges, cause="undo"):  # reports of illness may refer to them too
        referred = referred_to(model, new)
    left = (Left(row.ref, row.premises_id, row.version, row.before is None) for row in written)
    return why_they_stay(left, versions, referred)


def take_back_premises(
    model: type[Premises],
    *,
    actor: Actor,
    held: Mapping[UUID, Premises],
    written: Sequence[PremisesWritten],
    keep: Mapping[int, str],
    source: str,
    now: datetime,
) -> dict[int, str]:
    """Undo these rows; return why each that stays, stays.

    `held` is what `hold_premises` returned in this transaction. The caller knows of those in `keep` why they
    cannot be as they were. The version goes on, lest a form that is open now overwrite what was restored.
    """
    with transaction.atomic():
        stays = {**keep, **premises_that_stay(model, actor=actor, written=written)}
        going = [row for row in written if row.ref not in stays]
        removed = _removed(model, [row.premises_id for row in going if row.before is None])
        stays |= {
            row.ref: "referred_to" for row in going if row.before is None and row.premises_id not in removed
        }
        marks = _marks(model, actor, now)
        restored: list[Premises] = []
        for row in reversed(going):  # what was written last gives its number back first
            if row.before is None:
                continue
            if _change(held[row.premises_id], row.before, marks):
                restored.append(held[row.premises_id])
            else:
                stays[row.ref] = "no_longer_fits"
        _save(model, restored, {name for row in going for name in row.before or ()})
        _put_on_record("take_back", actor, [held[one] for one in removed] + restored, {"source": source}, now)
    return stays


def _marks(model: type[Premises], actor: Actor, now: datetime) -> Marks:
    """Return what tells apart those that stand in the actor's ranges."""
    rows = model._default_manager.filter(within(actor.ranges), in_force(now))
    return {row.mark for row in rows}


def _enter(actor: Actor, entry: PremisesEntry, row: Building | Facility, marks: Marks) -> PremisesDone:
    if not actor.ranges.covers(entry.area_code):
        return PremisesDone(entry.ref, "area_unknown")
    if row.mark in marks:
        return PremisesDone(entry.ref, "taken")
    marks.add(row.mark)
    return PremisesDone(entry.ref, "new", row.pk, row.version)


def _correct(entry: PremisesEntry, row: Building | Facility | None, marks: Marks) -> PremisesDone:
    if row is None or row.version != entry.expected_version:
        return PremisesDone(entry.ref, "moved_on", entry.premises_id)
    before = {name: getattr(row, name) for name in entry.values}
    before = {name: value for name, value in before.items() if value != entry.values[name]}
    if not before:
        return PremisesDone(entry.ref, "same", row.pk, row.version)
    if not _change(row, entry.values, marks):
        return PremisesDone(entry.ref, "taken", row.pk)
    return PremisesDone(entry.ref, "changed", row.pk, row.version, before)


def _change(row: Building | Facility, values: Mapping[str, Any], marks: Marks) -> bool:
    """Give a row these values and the next version; False where its mark would be another's."""
    mark = row.mark
    for name, value in values.items():
        setattr(row, name, value)
    if row.mark != mark:
        if row.mark in marks:
            return False
        marks.discard(mark)
        marks.add(row.mark)
    row.version += 1
    return True


def _save(model: type[Premises], rows: Collection[Premises], names: Iterable[str]) -> None:
    if rows:
        model._default_manager.bulk_update(rows, sorted({*names, "version"}))


def _removed(model: type[Building] | type[Facility], ids: Sequence[UUID]) -> set[UUID]:
    """Delete these rows and return which went: what a row beyond the actor's sight refers to, stays."""
    if not ids:
        return set()
    try:
        with transaction.atomic():
            model._default_manager.filter(pk__in=ids).delete()
            connection.check_constraints()  # now, where one can still go back, not with the commit
        return set(ids)
    except IntegrityError:
        middle = len(ids) // 2
        return _removed(model, ids[:middle]) | _removed(model, ids[middle:]) if middle else set()


def _put_on_record(
    verb: str, actor: Actor, rows: Sequence[Building | Facility], detail: Mapping[str, Any], now: datetime
) -> None:
    """Write one line of audit for all of them, and tell it for each area."""
    if rows:
        subject = rows[0]._meta.label
        audit.record(verb, subject, [row.pk for row in rows], detail=detail)
        publish(PremisesEntered(area_code=actor.area_code, occurred_at=now, source=str(detail["source"])))
        announce_changes(AREAS, {row.area_code for row in rows})
