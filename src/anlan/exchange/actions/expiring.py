"""End what imports keep: batches past their end, and whatever a file said of somebody who was erased."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.exchange.actions.receiving import SUBJECT
from anlan.exchange.actions.trying import count_rows
from anlan.exchange.chunks import packed, packed_said, rows_of, unpacked_said
from anlan.exchange.models import ImportBatch, ImportChunk, ImportRow
from anlan.exchange.rules import AT_WORK, Outcome
from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.files import remove_file
from anlan.foundation.scope import duty, require_scope
from anlan.foundation.sheets.reading import SheetRow

AT_ONCE = 20  # batches removed in one run


def expire_imports(*, now: datetime) -> int:
    """Remove batches past their end with all their rows; return how many. What they wrote stays written.

    Runs where the scope in force reaches: a practice district has a clock of its own.
    """
    with transaction.atomic(), duty("expire_imports", ranges=require_scope().ranges, cause="schedule"):
        past = ImportBatch.objects.filter(expires_at__lte=now).exclude(state__in=AT_WORK)
        ids = list(past.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])
        ImportRow.objects.filter(batch__in=ids).delete()
        ImportBatch.objects.filter(pk__in=ids).delete()
        if ids:
            audit.record("expire_imports", SUBJECT, ids)
    return len(ids)


def forget_person(resident_id: UUID, *, area_code: str) -> int:
    """Blank the rows that speak of somebody who was erased, and remove the files; return how many rows.

    A consequence: it may be run twice. Such a row is left out: neither written nor undone any more.
    """
    district = AreaRanges.of([area_code[:6]])
    with transaction.atomic(), duty("expire_imports", ranges=district, cause="erased"):
        speaking = ImportRow.objects.filter(target_id=resident_id)
        held = ImportBatch.objects.select_for_update().filter(pk__in=speaking.values("batch_id"))
        batches = {batch.pk: batch for batch in held.order_by("pk")}  # a step under way ends before
        rows = list(speaking.filter(batch__in=batches))
        for row in rows:
            _blank(ImportChunk.objects.get(batch=row.batch_id, position=row.chunk), row)
            batch = batches[row.batch_id]
            count_rows(batch, came=[Outcome.LEFT_OUT], went=[Outcome(row.outcome)])
            batch.written_count -= row.written_at is not None
            row.outcome, row.problems, row.candidates = Outcome.LEFT_OUT, [["", "erased", ""]], []
            row.target_id = row.written_at = row.before = row.new_household_id = None
            row.save()
        for batch in batches.values():
            for file_id in (batch.file_id, batch.marked_file_id):
                if file_id:
                    remove_file(file_id, cause="erased")
            batch.marked_file_id = None
            batch.version += 1
            batch.save()
    return len(rows)


def _blank(chunk: ImportChunk, row: ImportRow) -> None:
    written = rows_of(chunk)
    old = written[row.place]
    written[row.place] = SheetRow(old.sheet, old.number, ("",) * len(old.cells), " " * len(old.cells))
    chunk.content = packed(written)
    if chunk.said:
        chunk.said = packed_said(
            {key: said for key, said in unpacked_said(chunk.said).items() if key != row.number}
        )
    chunk.save(update_fields=["content", "said"])
