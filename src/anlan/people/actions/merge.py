"""Make one entry of two that are one person; what the other held is remembered, so that it can come back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BinaryField
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import PRACTICE_PREFIX, Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.history import keep_history
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty
from anlan.people.actions.correct import CORRECTABLE, ENCRYPTED, plain_fields
from anlan.people.actions.move import let_follow
from anlan.people.actions.references import hang_on, written
from anlan.people.actions.register import (
    DISTRICT_DIGITS,
    PEOPLE,
    SUBJECT,
    Identity,
    checked_identity,
    rebuild_tokens,
    save_once,
)
from anlan.people.events import ResidentsMerged
from anlan.people.models import Merge, PossibleTwin, Resident, SearchToken
from anlan.people.queries import access_resident
from anlan.people.rules import TwinState

HOME = "household_id"
FIELDS = (*CORRECTABLE, HOME)  # what one of two entries may hold better than the other
SOURCE = "merge"  # in field history


class MergeInvalid(Invalid):
    """Two entries that cannot be one person, or a field that cannot be chosen."""

    code = "merge_invalid"
    sentence = _("这两条记录不能合并。")


class DifferentNumbers(Conflict):
    """Two different identity numbers are two people."""

    code = "different_numbers"
    sentence = _("两条记录的身份证号不同，是两个人。若其中一个号码录错了，请先更正。")


class EntryChanged(Conflict):
    """Somebody changed one of the two first."""

    code = "entry_changed"
    sentence = _("其中一条记录刚被别人改过。请对照最新内容后再合并。")


@dataclass(frozen=True, slots=True)
class Pair:
    """Which entry is kept, which goes, and the versions both were looked at in."""

    kept_id: UUID
    gone_id: UUID
    kept_version: int
    gone_version: int


def merge_residents(*, actor: Actor, pair: Pair, choose: Collection[str] = (), now: datetime) -> Merge:
    """Join two entries of one person and return the record of it; `choose` names fields of the one that goes.

    What the kept entry does not know it takes from the other. All that hangs on the other is hung on the kept
    one; the other leaves the table, and its id leads to the kept one. Raises NotFound, MergeInvalid,
    DifferentNumbers, EntryChanged, ResidentInvalid, RegisteredAlready.
    """
    with transaction.atomic():
        kept, gone = _locked(actor, pair)
        taken = taken_fields(kept, gone, choose)
        old = {name: getattr(kept, name) for name in taken}
        from_area = kept.area_code
        identity = _take(kept, gone, taken, now)
        with duty("merge_people", ranges=districts(kept.area_code, gone.area_code), cause=str(kept.pk)):
            hung = hang_on(kept, gone)
            remembered = snapshot(gone)
            SearchToken.objects.filter(resident_id=gone.pk).delete()
            Resident.objects.filter(pk=gone.pk).delete()
            kept.version += 1
            save_once(kept, new=False)
            rebuild_tokens(kept, identity)
            if kept.area_code != from_area:
                let_follow([kept.pk], kept.area_code)
            merge = Merge.objects.create(
                area_code=kept.area_code,
                kept=kept,
                moved=hung,
                fields=taken,
                version=kept.version,
                merged_at=now,
                post_id=actor.post_id,
                post_title=actor.post_title,
                member_name=actor.member_name,
                **remembered,
            )
            _settle_pairs(actor, kept, gone, now)
        keep_history(actor, kept, old, source=SOURCE, now=now)
        audit.record("merge", SUBJECT, [kept.pk, gone.pk], area_code=kept.area_code, detail={"fields": taken})
        publish(ResidentsMerged(area_code=kept.area_code, occurred_at=now, kept_id=kept.pk, gone_id=gone.pk))
        for area in {from_area, kept.area_code, gone.area_code}:
            announce_change(PEOPLE, area)
    return merge


def taken_fields(kept: Resident, gone: Resident, choose: Collection[str]) -> list[str]:
    """Return the fields that the kept entry would take from the other: the chosen and those it lacks."""
    if not set(choose) <= set(FIELDS):
        raise MergeInvalid
    return [
        name
        for name in FIELDS
        if differs(kept, gone, name) and is_known(gone, name) and (name in choose or not is_known(kept, name))
    ]


def better_of(one: Resident, other: Resident) -> Resident:
    """Return which of two entries is kept: with an identity number, verified last, entered first."""

    def rank(row: Resident) -> tuple[bool, int, datetime, UUID]:
        return not row.id_number, -(row.verified_on or date.min).toordinal(), row.created_at, row.pk

    return min(one, other, key=rank)


def is_known(resident: Resident, name: str) -> bool:
    """Say whether an entry holds a value in a field."""
    value = getattr(resident, name)
    return bool(value) and value != Resident.Sex.UNKNOWN


def differs(one: Resident, other: Resident, name: str) -> bool:
    """Say whether two entries differ in a field; numbers are compared by their hashes."""
    column = f"{name}_hash" if name in ENCRYPTED else name
    mine, theirs = getattr(one, column), getattr(other, column)
    if name in ENCRYPTED:
        return bytes(mine or b"") != bytes(theirs or b"")
    return bool(mine != theirs)


def _locked(actor: Actor, pair: Pair) -> tuple[Resident, Resident]:
    """Return both entries, locked in the order of their ids; refuse what cannot be one person."""
    if pair.kept_id == pair.gone_id:
        raise MergeInvalid(str(_("不能把一条记录与它自己合并。")))
    for person in (pair.kept_id, pair.gone_id):
        access_resident(actor, person)
    rows = Resident.objects.select_for_update(of=("self",)).select_related("household__building")
    found = {row.pk: row for row in rows.filter(pk__in=(pair.kept_id, pair.gone_id)).order_by("pk")}
    if len(found) < 2:
        raise EntryChanged
    kept, gone = found[pair.kept_id], found[pair.gone_id]
    if kept.area_code.startswith(PRACTICE_PREFIX) != gone.area_code.startswith(PRACTICE_PREFIX):
        raise MergeInvalid(str(_("演练区的记录不能与真实记录合并。")))
    if (kept.version, gone.version) != (pair.kept_version, pair.gone_version):
        raise EntryChanged
    if is_known(kept, "id_number") and is_known(gone, "id_number") and differs(kept, gone, "id_number"):
        raise DifferentNumbers
    return kept, gone


def _take(kept: Resident, gone: Resident, taken: Collection[str], now: datetime) -> Identity:
    """Let the kept entry take fields of the other; return its identity, checked as a whole."""
    for name in taken:
        if name == HOME:
            kept.household, kept.area_code = gone.household, gone.area_code
            continue
        setattr(kept, name, getattr(gone, name))
        if name in ENCRYPTED:
            setattr(kept, f"{name}_hash", getattr(gone, f"{name}_hash"))
    return checked_identity(plain_fields(kept), today=day_of(now))


def snapshot(resident: Resident) -> dict[str, Any]:
    """Return what a merge remembers of an entry: numbers as they were encrypted, all else as text."""
    sealed = [field.attname for field in Resident._meta.concrete_fields if isinstance(field, BinaryField)]
    plain = {name: text for name, text in written(resident).items() if name not in sealed}
    return {"gone_id": resident.pk, "gone": plain, **{name: getattr(resident, name) for name in sealed}}


def districts(*area_codes: str) -> AreaRanges:
    """Return the districts these areas lie in: what hangs on a person may lie anywhere there."""
    return AreaRanges.of(code[:DISTRICT_DIGITS] for code in area_codes)


def _settle_pairs(actor: Actor, kept: Resident, gone: Resident, now: datetime) -> None:
    """Note at the parked pair that it was merged; other open pairs of the entry that went are sought anew."""
    one, other = sorted((kept.pk, gone.pk))
    PossibleTwin.objects.filter(one_id=one, other_id=other).update(
        state=TwinState.MERGED, decided_at=now, decided_title=actor.post_title, decided_name=actor.member_name
    )
    named = PossibleTwin.objects.filter(state=TwinState.OPEN)
    for field in ("one_id", "other_id"):
        named.filter(**{field: gone.pk}).delete()
