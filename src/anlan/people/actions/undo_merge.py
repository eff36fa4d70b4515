"""Take a merge apart again: exactly where nobody acted since, else what stays is said beforehand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.crypto import decrypt, lookup_hash
from anlan.foundation.errors import Conflict, NotFound
from anlan.foundation.history import keep_history
from anlan.foundation.live import announce_change
from anlan.foundation.models import FieldChange
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty
from anlan.people.actions.correct import ENCRYPTED, plain_fields
from anlan.people.actions.merge import HOME, SOURCE, districts
from anlan.people.actions.move import let_follow
from anlan.people.actions.references import read, since, take_back
from anlan.people.actions.register import PEOPLE, SUBJECT, Identity, rebuild_tokens, save_once
from anlan.people.events import MergeUndone
from anlan.people.models import Household, Merge, PossibleTwin, Resident
from anlan.people.queries import access_household, access_merge, access_resident
from anlan.people.rules import TwinState

UNDO_SOURCE = "merge_undone"  # in field history
HASHED = {"id_number": "id", "phone": "phone"}


class UndoneAlready(Conflict):
    """Somebody undid it first."""

    code = "undone_already"
    sentence = _("这次合并已经撤销过了。")


class LaterMergeFirst(Conflict):
    """The same person was merged with a third entry since."""

    code = "later_merge_first"
    sentence = _("这个人后来又合并过别的记录。请先撤销后来的那一次。")


class UndoChanged(Conflict):
    """Somebody acted between the preview and the undoing."""

    code = "undo_changed"
    sentence = _("您查看之后又有改动。请再看一遍会恢复什么、保留什么。")


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing a merge would bring back, and what stays because somebody acted since."""

    merge: Merge
    kept: Resident
    back: list[str]  # fields of the kept entry that get their old value again
    stay: list[str]  # fields that were changed since, and stay as they are
    new_rows: int  # what was hung on the kept entry since, and stays there
    lost_rows: int  # what was taken from the other entry and is no longer there

    @property
    def is_exact(self) -> bool:
        """Say whether everything will be as it was before the merge."""
        return not (self.stay or self.new_rows or self.lost_rows)


def preview_undo(*, actor: Actor, merge_id: UUID) -> UndoPreview:
    """Return what undoing would do. Raises NotFound, UndoneAlready, LaterMergeFirst."""
    merge = access_merge(actor, merge_id)
    kept = access_resident(actor, merge.kept_id)
    if merge.undone_at is not None:
        raise UndoneAlready
    if kept.merges.filter(undone_at=None, merged_at__gt=merge.merged_at).exists():
        raise LaterMergeFirst
    _home_again(actor, merge)
    changed = FieldChange.objects.filter(row_id=kept.pk, version__gt=merge.version)
    stay = sorted(set(changed.values_list("field", flat=True)))
    with duty("merge_people", ranges=districts(kept.area_code, merge.gone["area_code"]), cause=str(kept.pk)):
        new, lost = since(merge.moved, kept)
    back = [name for name in merge.fields if name not in stay]
    return UndoPreview(merge, kept, back, stay, new, lost)


def undo_merge(*, actor: Actor, merge_id: UUID, expected_version: int, now: datetime) -> Resident:
    """Put the entry that went back beside the one that was kept, and return it.

    What was changed since stays with the kept one (`preview_undo`); `expected_version` is the kept one's, as
    previewed. Raises NotFound, UndoneAlready, LaterMergeFirst, UndoChanged, RegisteredAlready.
    """
    with transaction.atomic():
        access_merge(actor, merge_id)
        merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge_id)
        access_resident(actor, merge.kept_id)
        locked = Resident.objects.select_for_update(of=("self",)).select_related("household__building")
        kept = locked.get(pk=merge.kept_id)
        if kept.version != expected_version:
            raise UndoChanged
        seen = preview_undo(actor=actor, merge_id=merge_id)
        gone = _remembered(actor, merge)
        from_area = kept.area_code
        with duty("merge_people", ranges=districts(kept.area_code, gone.area_code), cause=str(kept.pk)):
            old = _restore_fields(kept, seen)
            kept.version += 1
            save_once(kept, new=False)
            save_once(gone, new=True)
            entered_at = read(Resident, merge.gone)["created_at"]  # which saving sets anew
            Resident.objects.filter(pk=gone.pk).update(created_at=entered_at)
            take_back(merge.moved, kept, gone)
            if kept.area_code != from_area:
                let_follow([kept.pk], kept.area_code)
            for resident in (kept, gone):
                rebuild_tokens(resident, Identity(**plain_fields(resident)))
            Merge.objects.filter(pk=merge.pk).update(
                undone_at=now, undone_title=actor.post_title, undone_name=actor.member_name
            )
            _park_again(kept, gone)
        keep_history(actor, kept, old, source=UNDO_SOURCE, now=now)
        audit.record("undo_merge", SUBJECT, [kept.pk, gone.pk], area_code=kept.area_code)
        publish(MergeUndone(area_code=kept.area_code, occurred_at=now, kept_id=kept.pk, gone_id=gone.pk))
        for area in {from_area, kept.area_code, gone.area_code}:
            announce_change(PEOPLE, area)
    return gone


def _home_again(actor: Actor, merge: Merge) -> Household | None:
    """Return the household the entry goes back to; raise NotFound where it is beyond the actor's ranges."""
    home = merge.gone[HOME]
    if home is not None:
        return access_household(actor, UUID(home))
    if not actor.ranges.covers(merge.gone["area_code"]):
        raise NotFound
    return None


def _remembered(actor: Actor, merge: Merge) -> Resident:
    """Return the entry that went as it was, where its household lies now; others like it are sought anew."""
    columns = [field.attname for field in Resident._meta.concrete_fields]
    numbers = {name: getattr(merge, name) for name in columns if name not in merge.gone}
    gone = Resident(**read(Resident, merge.gone), **numbers)
    gone.sought_version = 0
    home = _home_again(actor, merge)
    if home is not None:
        gone.household, gone.area_code = home, home.area_code
    return gone


def _restore_fields(kept: Resident, seen: UndoPreview) -> dict[str, Any]:
    """Give the kept entry the values of before the merge; return what it held until now."""
    lines = FieldChange.objects.filter(
        row_id=kept.pk, version=seen.merge.version, source=SOURCE, field__in=seen.back
    )
    old = {}
    for line in lines:
        old[line.field] = getattr(kept, line.field)
        if line.field == HOME:
            kept.household = Household.objects.get(pk=line.old) if line.old else None
            kept.area_code = kept.household.area_code if kept.household else kept.area_code
        elif line.field in ENCRYPTED:
            number = bytes.fromhex(line.old) if line.old else None
            setattr(kept, line.field, number)
            setattr(kept, f"{line.field}_hash", _hash_of(line.field, number))
        else:
            empty = None if line.field == "birth_on" else ""
            value = read(Resident, {line.field: line.old})[line.field] if line.old else empty
            setattr(kept, line.field, value)
    return old


def _hash_of(field: str, number: bytes | None) -> bytes | None:
    if number is None:
        return None
    return lookup_hash(HASHED[field], decrypt(number, context=f"people.Resident.{field}"))


def _park_again(kept: Resident, gone: Resident) -> None:
    one, other = sorted((kept.pk, gone.pk))
    PossibleTwin.objects.filter(one_id=one, other_id=other, state=TwinState.MERGED).update(
        state=TwinState.OPEN, decided_at=None, decided_title="", decided_name=""
    )
