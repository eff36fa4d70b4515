"""Erasures outlive every backup: they are noted outside the database, and done again after a restore."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.ledger import ERASED, Line, add_to_ledger, read_ledger
from anlan.foundation.models import FieldChange
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty
from anlan.people.actions.register import SUBJECT
from anlan.people.events import ResidentErased
from anlan.people.models import (
    Arrival,
    Enrolment,
    Erasure,
    KeyPerson,
    LookUp,
    Merge,
    PossibleTwin,
    Resident,
    SearchToken,
    Visit,
)

KEY = "resident_id"
MERGE_SOURCES = ("merge", "merge_undone")


def remove_person(resident: Resident) -> dict[str, int]:
    """Delete everything that is the person's; return how many rows of what."""
    person = resident.pk
    everybody = [person, *merged_into(person)]
    removed = {
        "search_tokens": SearchToken.objects.filter(resident_id=person).delete()[0],
        "key_entries": KeyPerson.objects.filter(resident_id=person).delete()[0],
        "visits": Visit.objects.filter(resident_id=person).delete()[0],
        "arrivals": Arrival.objects.filter(resident_id=person).delete()[0],
        "enrolments": Enrolment.objects.filter(resident_id=person).delete()[0],
        "field_history": FieldChange.objects.filter(row_id__in=everybody).delete()[0] + _copied(person),
        "look_ups": LookUp.objects.filter(subject_id__in=everybody).delete()[0],
        "merges": Merge.objects.filter(Q(kept=person) | Q(gone_id=person)).delete()[0],
        "possible_twins": PossibleTwin.objects.filter(
            Q(one_id__in=everybody) | Q(other_id__in=everybody)
        ).delete()[0],
    }
    resident.delete()
    return removed


def merged_into(person: UUID) -> list[UUID]:
    """Return the ids of entries that were merged into a person's: they stand for the same person."""
    return list(Merge.objects.filter(kept=person, undone_at=None).values_list("gone_id", flat=True))


def _copied(person: UUID) -> int:
    """Delete what a merge that was undone since copied of a person into another's history."""
    undone = Merge.objects.filter(gone_id=person).exclude(undone_at=None)
    return sum(
        FieldChange.objects.filter(row_id=merge.kept_id, source__in=MERGE_SOURCES, version__gte=merge.version)
        .filter(changed_at__lte=merge.undone_at)
        .delete()[0]
        for merge in undone
    )


def note_outside(rows: Iterable[Erasure]) -> int:
    """Write erasures into the ledger beside the data, unless they stand there; return how many were new."""
    return add_to_ledger(_ledger(), [_line(row) for row in rows], key=KEY)


def erase_again(*, now: datetime) -> int:
    """Erase everybody the ledger names whom the database still or again holds; return how many.

    Called at each start before anybody can read: after a restore the database is as old as its backup. The
    ledger in turn takes up erasures it lacks, as after a crash between commit and note.
    """
    count = 0
    with transaction.atomic(), duty("erase_again", ranges=AreaRanges.everywhere(), cause=ERASED):
        known = {str(row) for row in Erasure.objects.values_list(KEY, flat=True)}
        for line in read_ledger(_ledger()):
            if line[KEY] not in known:
                count += _erase(line, now)
        note_outside(Erasure.objects.order_by("erased_at", "pk"))
    return count


def _erase(line: Line, now: datetime) -> int:
    """Write the erasure of a line down again; return 1 where the person was there."""
    resident = Resident.objects.select_for_update().filter(pk=UUID(line[KEY])).first()
    removed = remove_person(resident) if resident else line["removed"]
    row = Erasure.objects.create(
        area_code=line["area_code"],
        resident_id=UUID(line[KEY]),
        basis=line["basis"],
        reason=line["reason"],
        erased_at=datetime.fromisoformat(line["erased_at"]),
        post_id=UUID(line["post_id"]),
        post_title=line["post_title"],
        member_id=UUID(line["member_id"]),
        removed=removed,
    )
    detail = {**removed, "restored": bool(resident)}
    audit.record("erase", SUBJECT, [row.resident_id], area_code=row.area_code, why=row.basis, detail=detail)
    publish(ResidentErased(area_code=row.area_code, occurred_at=now, resident_id=row.resident_id))
    return int(resident is not None)


def _line(row: Erasure) -> Line:
    return {
        KEY: str(row.resident_id),
        "area_code": row.area_code,
        "basis": row.basis,
        "reason": row.reason,
        "erased_at": row.erased_at.isoformat(),
        "post_id": str(row.post_id),
        "post_title": row.post_title,
        "member_id": str(row.member_id),
        "removed": row.removed,
    }


def _ledger() -> Path:
    return Path(settings.DATA_DIR) / ERASED
