"""Make the file of an export: a page of rows a transaction, so that a kill or a recall leaves nothing behind.

The rows are written into a private folder as they come and stored when they are all there. A second run of
the job begins anew; the run before it, should it still live, stops at its next page.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from anlan.exchange.actions.exporting.asking import SUBJECT
from anlan.exchange.export_models import Export
from anlan.exchange.export_queries import access_list, days_kept, most_rows
from anlan.exchange.export_rules import AT_WORK, UNFINISHED_FILES_KEPT, ExportFormat, ExportState
from anlan.exchange.export_starting import tell_export
from anlan.exchange.export_words import file_name, watermark_of
from anlan.exchange.lists import ListColumn, ListSheet
from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotFound
from anlan.foundation.files import FileRefused, store_file
from anlan.foundation.scope import duty, scope
from anlan.foundation.sheets.long_writing import write_long_workbook
from anlan.foundation.sheets.refusals import TableRefused
from anlan.foundation.sheets.writing import Column, Sheet, Value, write_csv
from anlan.organisation.queries import actor_of_appointment, now_for

log = structlog.get_logger()
FOLDER = "exports"  # under DATA_DIR, nobody else's to read


class Stopped(Exception):
    """Another run, a recall or the end of the asker's rights ended this run."""


class CannotMake(Exception):
    """The file cannot be made; carries a key of export_rules.PROBLEMS."""


def make_export(export_id: UUID, appointment_id: UUID) -> None:
    """Make the file, with the rights of who asked as they are now."""
    maker = Maker(export_id, appointment_id)
    try:
        with _private_file() as path:
            maker.begin()
            maker.write(path)
            maker.finish(path)
    except Stopped:
        log.info("export_stopped", export=str(export_id))
    except CannotMake as problem:
        maker.give_up(str(problem))


def note_failed(export_id: UUID, appointment_id: UUID) -> None:
    """Put down that the file could not be made, so that a page says so and its asker can ask again."""
    Maker(export_id, appointment_id).give_up("broken")


class Maker:
    """One run of the job for one export."""

    def __init__(self, export_id: UUID, appointment_id: UUID) -> None:
        self.export_id, self.appointment_id = export_id, appointment_id
        self.run = 0
        self.export: Export
        self.sheet: ListSheet

    def begin(self) -> None:
        """Take the export up; an earlier run ends by that."""
        with self._step() as (actor, export):
            export.run += 1
            export.state, export.row_count = ExportState.MAKING, 0
            self.run = export.run
            self.sheet = _sheet(actor, export)
            self.export = export

    def write(self, path: Path) -> None:
        """Write all rows into a file."""
        export, sheet = self.export, self.sheet
        with translation.override(export.language):
            known = sheet.columns_of(export.filters)
            columns = [column for column in known if column.key in export.columns]
            mark = watermark_of(export, utc_now())
            title = str(sheet.title)
            try:
                if export.format == ExportFormat.CSV:
                    # The watermark stands above the headings, where a workbook has it.
                    titles = [str(column.title) for column in columns]
                    write_csv(path, [Column(mark)], chain([titles], self._rows(columns)))
                    return
                columns += sheet.hidden
                shown = [_shown(column, sheet) for column in columns]
                table = Sheet(title, shown, self._rows(columns), head=mark)
                origin = {"list": sheet.key, "number": export.number, "register": sheet.register}
                write_long_workbook(path, table, watermark=mark, origin=origin)
            except TableRefused as refusal:
                raise CannotMake(refusal.error_code) from refusal

    def _rows(self, columns: Sequence[ListColumn]) -> Iterator[list[Value]]:
        after: str | None = None
        while True:
            lines, after = self._page(columns, after)
            yield from ([column.value(line) for column in columns] for line in lines)
            if after is None:
                return

    def _page(self, columns: Sequence[ListColumn], after: str | None) -> tuple[Sequence[Any], str | None]:
        """Read one page and put it on record, in a transaction of its own."""
        with self._step() as (actor, export):
            now = now_for(actor)
            _read_in_order()
            rows, lines, after = _sheet(actor, export).page(actor, export.filters, now, after=after)
            if export.row_count + len(rows) > most_rows(actor, now):
                raise CannotMake("too_many_rows")
            detail = {"export": str(export.pk), "number": export.number, "from_row": export.row_count + 1}
            detail |= {"rows": len(rows), "columns": [column.key for column in columns]}
            ids = [row.pk for row in rows if isinstance(row.pk, UUID)]
            audit.record("export", self.sheet.subject, ids, why=export.why, detail=detail)
            export.row_count += len(rows)
        return lines, after

    def finish(self, path: Path) -> None:
        """Store the file with its end."""
        with self._step() as (actor, export):
            now = utc_now()
            export.expires_at = now + timedelta(days=days_kept(export.area_code, now))
            export.file_id = _store(actor, export, self.sheet, path, now)
            export.state, export.ready_at = ExportState.READY, now
            detail = {"list": export.list_key, "number": export.number, "rows": export.row_count}
            audit.record("finish_export", SUBJECT, [export.pk], why=export.why, detail=detail)

    def give_up(self, problem: str) -> None:
        """Put down why there will be no file; also where the asker's post is no longer held."""
        everywhere = AreaRanges.everywhere()
        with transaction.atomic(), duty("end_export", ranges=everywhere, cause=str(self.export_id)):
            export = Export.objects.select_for_update().filter(pk=self.export_id, state__in=AT_WORK).first()
            if export is not None:
                export.state, export.problem, export.ended_at = ExportState.FAILED, problem, utc_now()
                export.version += 1
                export.save()
                audit.record("fail_export", SUBJECT, [export.pk], area_code=export.area_code)
                tell_export(export)

    @contextmanager
    def _step(self) -> Iterator[tuple[Actor, Export]]:
        """Do one step in a transaction of its own, if the export is still this run's; save and tell."""
        actor = actor_of_appointment(self.appointment_id, now=utc_now())
        if actor is None:
            raise CannotMake("rights_ended")
        with scope(actor), transaction.atomic(), translation.override(self._language()):
            export = Export.objects.select_for_update().filter(pk=self.export_id).first()
            if export is None or export.state not in AT_WORK or (self.run and export.run != self.run):
                raise Stopped
            yield actor, export
            export.version += 1
            export.save()
            tell_export(export)

    def _language(self) -> str:
        return self.export.language if self.run else settings.LANGUAGE_CODE


def _sheet(actor: Actor, export: Export) -> ListSheet:
    try:
        return access_list(actor, export.list_key)
    except NotFound as absent:
        raise CannotMake("rights_ended") from absent


def _read_in_order() -> None:
    """Let pages come by an index: behind a policy the planner expects few rows, and would sort them all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")


def _shown(column: ListColumn, sheet: ListSheet) -> Column:
    return Column(str(column.title), width=column.width, kind=column.kind, is_hidden=column in sheet.hidden)


def _store(actor: Actor, export: Export, sheet: ListSheet, path: Path, now: datetime) -> UUID:
    purpose = next(iter(sorted(sheet.purposes & actor.purposes)), "") or next(iter(sorted(actor.purposes)))
    assert export.expires_at is not None
    try:
        file = store_file(
            actor=actor,
            area_code=export.area_code,
            name=file_name(export, sheet),
            content=path.read_bytes(),
            purpose=purpose,
            expires_at=export.expires_at,
            now=now,
        )
    except FileRefused as refusal:
        raise CannotMake("too_large") from refusal
    return file.pk


@contextmanager
def _private_file() -> Iterator[Path]:
    """Give a path in a folder that only this product's account can read; nothing is left there after."""
    folder = _folder()
    with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as own:
        yield Path(own) / "table"


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sweep_unfinished() -> None:
    """Remove what killed jobs left that were never run again."""
    oldest = time.time() - UNFINISHED_FILES_KEPT.total_seconds()
    for left in _folder().glob("making-*/*"):
        if left.stat().st_mtime < oldest:
            left.unlink(missing_ok=True)
