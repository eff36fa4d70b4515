"""Take back what an import wrote, as far as nobody has acted on it since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.history import keep_histories, keep_history
from anlan.foundation.live import announce_changes
from anlan.foundation.models import FieldChange
from anlan.foundation.outbox import publish
from anlan.foundation.scope import within
from anlan.foundation.taking_back import Left, referred_to, why_they_stay
from anlan.people.actions.alike import UNSOUGHT, save_alike
from anlan.people.actions.correct import plain_fields
from anlan.people.actions.differing import DOOR, from_kept
from anlan.people.actions.move import let_follow
from anlan.people.actions.register import (
    PEOPLE,
    SUBJECT,
    Identity,
    RegisteredAlready,
    rebuild_tokens,
    save_once,
)
from anlan.people.actions.twins import let_go
from anlan.people.events import ResidentsEntered
from anlan.people.models import Household, Resident, SearchToken


@dataclass(frozen=True, slots=True)
class Written:
    """What one row of an import left behind: somebody new, or somebody changed from `before`."""

    ref: int
    resident_id: UUID
    version: int  # as the import left it
    before: Mapping[str, Any] | None = None
    new_household_id: UUID | None = None


def what_stays(actor: Actor, written: Sequence[Written]) -> dict[int, str]:
    """Return, for each row that cannot be taken back, why: gone, changed_since, referred_to."""
    ids = [row.resident_id for row in written]
    rows = Resident.objects.filter(within(actor.ranges), pk__in=ids)
    versions = dict(rows.values_list("pk", "version"))
    new = [row.resident_id for row in written if row.before is None]
    left = (Left(row.ref, row.resident_id, row.version, row.before is None) for row in written)
    return why_they_stay(left, versions, referred_to(Resident, new, but=[SearchToken]))


def take_back(
    *, actor: Actor, written: Sequence[Written], source: str, now: datetime, keep: Collection[UUID] = ()
) -> dict[int, str]:
    """Undo these rows in one transaction; return why each that stays, stays (as `what_stays` does).

    Who is in `keep` stays: something on a higher floor refers to them. New households go with the last of
    their people. The version goes on, lest a form that is open now overwrite what was restored.
    """
    with transaction.atomic():
        ids = [row.resident_id for row in written]
        kept = {row.pk: row for row in Resident.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
        stays = what_stays(actor, written)
        stays |= {row.ref: "referred_to" for row in written if row.resident_id in keep and row.before is None}
        going = [row for row in written if row.ref not in stays]
        areas = {kept[row.resident_id].area_code for row in going}
        _remove([kept[row.resident_id] for row in going if row.before is None])
        changed = [(row.ref, kept[row.resident_id], row.before) for row in going if row.before is not None]
        stays |= dict.fromkeys(_restore(actor, changed, source, now), "changed_since")
        _remove_empty({row.new_household_id for row in going if row.new_household_id})
        if going:
            audit.record("take_back", SUBJECT, [row.resident_id for row in going], detail={"source": source})
            publish(ResidentsEntered(area_code=actor.area_code, occurred_at=now, source=source))
            announce_changes(PEOPLE, areas)
    return stays


def _remove(entries: Collection[Resident]) -> None:
    """Delete people who were new, with their tokens and the pairs they were parked in."""
    people = [entry.pk for entry in entries]
    let_go(people, {entry.area_code for entry in entries})
    SearchToken.objects.filter(resident_id__in=people).delete()
    FieldChange.objects.filter(row_id__in=people).delete()
    Resident.objects.filter(pk__in=people).delete()


def _restore(
    actor: Actor, rows: Iterable[tuple[int, Resident, Mapping[str, Any]]], source: str, now: datetime
) -> list[int]:
    """Write rows back as they stood; return the refs of those whose number or household is no longer free."""
    unsought, stay = [], []
    for ref, resident, before in rows:
        columns = from_kept(before)
        changed = {name for name in columns if _raw(getattr(resident, name)) != _raw(columns[name])}
        if UNSOUGHT.issuperset(changed):
            unsought.append((resident, columns))
        elif not _restore_one(actor, resident, columns, changed, source=source, now=now):
            stay.append(ref)
    _restore_unsought(actor, unsought, source, now)
    return stay


def _restore_unsought(
    actor: Actor, rows: Iterable[tuple[Resident, Mapping[str, Any]]], source: str, now: datetime
) -> None:
    """Write fields back by which nobody is found, of all these people at once."""
    changed = []
    for resident, columns in rows:
        old = {"relation": resident.relation} if resident.relation != columns["relation"] else {}
        resident.relation, resident.verified_on = columns["relation"], columns["verified_on"]
        changed.append((resident, old))
    save_alike(resident for resident, _old in changed)
    keep_histories(actor, changed, source=source, now=now)


def _restore_one(
    actor: Actor,
    resident: Resident,
    columns: Mapping[str, Any],
    changed: Collection[str],
    *,
    source: str,
    now: datetime,
) -> bool:
    home = columns["household_id"]
    if home and not Household.objects.filter(pk=home).exists():
        return False
    old = {name: getattr(resident, name) for name in changed if name in _HISTORY}
    for name, value in columns.items():
        setattr(resident, name, value)
    resident.version += 1
    try:
        save_once(resident, new=False)
    except RegisteredAlready:
        return False
    resident = Resident.objects.select_related("household__building").get(pk=resident.pk)
    rebuild_tokens(resident, Identity(**plain_fields(resident)))
    keep_history(actor, resident, old, source=source, now=now)
    if DOOR in changed:
        let_follow([resident.pk], resident.area_code)
    return True


_HISTORY = frozenset({"name", "sex", "birth_on", "relation", "id_number", "phone", DOOR})


def _remove_empty(homes: Collection[UUID]) -> None:
    """Delete households that an import made and nobody lives in, unless somebody else refers to them."""
    empty = Household.objects.filter(pk__in=homes, version=1, residents=None)
    ids = list(empty.values_list("pk", flat=True))
    Household.objects.filter(pk__in=set(ids) - referred_to(Household, ids)).delete()


def _raw(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
