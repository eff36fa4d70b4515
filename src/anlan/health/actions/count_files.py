"""Take a CSV of counts: every row ends stored, rejected, duplicate or parked; none is lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotAllowed, Refused
from anlan.foundation.scope import duty
from anlan.health.actions.counts import NewCount, NewCounts, SheetMoved, numbers_of, record_counts
from anlan.health.count_rows import CsvRow, decoded, read_rows, row_again
from anlan.health.models import CountFile, CountFileRow, CountSheet
from anlan.health.queries import CountPlace, CountPlaces, access_count_file, count_forms, may_send
from anlan.health.rules import is_countable_day

SUBJECT = "health.CountFile"
TRIES = 3  # of a sheet that somebody amends in the same moment
SheetKey = tuple[str, UUID | None, str, date]  # form, unit, area (empty for a unit's), day
LineKey = tuple[UUID | None, str]  # class, item


@dataclass(slots=True)
class Sorting:
    """What became of each row of a file, by row number; a row stands in exactly one place."""

    stored: set[int] = field(default_factory=set)
    duplicate: set[int] = field(default_factory=set)
    rejected: dict[int, str] = field(default_factory=dict)
    parked: dict[int, str] = field(default_factory=dict)
    sheets: dict[SheetKey, dict[LineKey, tuple[int, NewCount]]] = field(default_factory=dict)


def take_count_file(*, actor: Actor, name: str, content: bytes, source: str, now: datetime) -> CountFile:
    """Take a file of counts. The same file of the same post again is all duplicates. Raises NotACountFile.

    Columns: day, unit (its id or name) or area (code), form, item (a key, or its title), class, count, of.
    """
    heading, rows = read_rows(decoded(content))
    digest = sha256(content).hexdigest()
    with transaction.atomic():
        if _was_taken(actor, digest):
            sorting = Sorting(duplicate={row.number for row in rows})
        else:
            sorting = _sort(actor, rows, now)
            _store(actor, sorting, source, now)
        with duty("record_counts", ranges=AreaRanges.of([actor.area_code[:6]]), cause="file"):
            file = CountFile.objects.create(
                area_code=actor.area_code,
                source=source,
                name=name[:120],
                digest=digest,
                heading=list(heading),
                rows_in=len(rows),
                stored=len(sorting.stored),
                rejected=len(sorting.rejected),
                duplicate=len(sorting.duplicate),
                parked=len(sorting.parked),
                received_at=now,
                post_id=actor.post_id,
                member_id=actor.member_id,
            )
            _keep(file, rows, sorting)
        audit.record("take_count_file", SUBJECT, [file.pk], area_code=file.area_code)
    return file


def retry_parked(*, actor: Actor, file_id: UUID, now: datetime) -> CountFile:
    """Try the parked rows of a file again, now that a unit or class may be known.

    Raises NotFound, and NotAllowed for a post that neither sent the file nor relays counts.
    """
    with transaction.atomic():
        file = access_count_file(actor, file_id)
        if file.post_id != actor.post_id and not any(actor.role in form.relays for form in count_forms()):
            raise NotAllowed
        with duty("record_counts", ranges=AreaRanges.of([actor.area_code[:6]]), cause="file"):
            file = CountFile.objects.select_for_update().get(pk=file.pk)
            kept = list(file.rows.filter(outcome="parked").order_by("number"))
        rows = [row_again(row.number, tuple(file.heading), tuple(row.raw)) for row in kept]
        sorting = _sort(actor, rows, now)
        _store(actor, sorting, file.source, now)
        with duty("record_counts", ranges=AreaRanges.of([actor.area_code[:6]]), cause="file"):
            file.rows.filter(outcome="parked").delete()
            _keep(file, rows, sorting)
            file.stored += len(sorting.stored)
            file.duplicate += len(sorting.duplicate)
            file.rejected += len(sorting.rejected)
            file.parked = len(sorting.parked)
            file.version += 1
            file.save()
        audit.record("retry_parked", SUBJECT, [file.pk], area_code=file.area_code)
    return file


def _was_taken(actor: Actor, digest: str) -> bool:
    with duty("record_counts", ranges=AreaRanges.of([actor.area_code[:6]]), cause="file"):
        return CountFile.objects.filter(post_id=actor.post_id, digest=digest).exists()


def _sort(actor: Actor, rows: Iterable[CsvRow], now: datetime) -> Sorting:
    """Find each row's sheet and line; what has none is rejected or parked."""
    sorting, places = Sorting(), CountPlaces(actor, now)
    for row in rows:
        if row.fault:
            sorting.rejected[row.number] = row.fault
            continue
        form, item = places.form_and_item(row.form, row.item)
        if form is None or item is None:
            sorting.rejected[row.number] = "form_unknown" if form is None else "item_unknown"
        elif row.day is None or not is_countable_day(row.day, day_of(now)):
            sorting.rejected[row.number] = "not_countable"
        else:
            found = places.place(form, row.unit, row.area, row.group)
            if isinstance(found, str):
                sorting.parked[row.number] = found
            elif not may_send(actor, form, found.area_code, found.facility_id):
                sorting.rejected[row.number] = "not_yours"
            else:
                _put(sorting, row, (form.key, *found.unit_or_area, row.day), _number(row, item, found))
    return sorting


def _number(row: CsvRow, item: str, found: CountPlace) -> NewCount:
    return NewCount(item=item, count=row.count, group_id=found.group_id, denominator=row.of)


def _put(sorting: Sorting, row: CsvRow, key: SheetKey, count: NewCount) -> None:
    """Put a number into its sheet; said twice it is a duplicate, said otherwise before it is rejected."""
    lines = sorting.sheets.setdefault(key, {})
    known = lines.setdefault((count.group_id, count.item), (row.number, count))
    if known[0] == row.number:
        return
    if known[1] == count:
        sorting.duplicate.add(row.number)
    else:
        sorting.rejected[row.number] = "contradicts"


def _store(actor: Actor, sorting: Sorting, source: str, now: datetime) -> None:
    """Write each sheet, its other lines left as they stand; a row that changes nothing is a duplicate."""
    for key, lines in sorting.sheets.items():
        for tries in range(TRIES):
            try:
                with transaction.atomic():
                    changed = _write_sheet(actor, key, lines, source, now)
            except SheetMoved:
                if tries == TRIES - 1:
                    sorting.rejected |= {number: "refused" for number, _count in lines.values()}
            except Refused:
                sorting.rejected |= {number: "refused" for number, _count in lines.values()}
                break
            else:
                sorting.stored |= changed
                sorting.duplicate |= {number for number, _count in lines.values()} - changed
                break


def _write_sheet(
    actor: Actor,
    key: SheetKey,
    lines: dict[LineKey, tuple[int, NewCount]],
    source: str,
    now: datetime,
) -> set[int]:
    """Amend one sheet by these lines and return the numbers of the rows that changed it."""
    form, facility_id, area, on = key
    with duty("record_counts", ranges=AreaRanges.of([actor.area_code[:6]]), cause=form):
        sheets = CountSheet.objects.filter(form=form, facility=facility_id, on=on)
        standing = (sheets.filter(area_code=area) if area else sheets).first()
        known = numbers_of(standing) if standing else []
    whole: dict[LineKey, NewCount] = {(line.group_id, line.item): line for line in known}
    changed = {number for place, (number, count) in lines.items() if whole.get(place) != count}
    whole.update({place: count for place, (_number, count) in lines.items()})
    sheet = NewCounts(
        form=form, on=on, source=source, facility_id=facility_id, area_code=area, lines=tuple(whole.values())
    )
    record_counts(actor=actor, sheet=sheet, now=now, expected_version=standing.version if standing else 0)
    return changed


def _keep(file: CountFile, rows: Iterable[CsvRow], sorting: Sorting) -> None:
    """Keep the rows that were not stored, as they were written."""
    why = {number: ("rejected", reason) for number, reason in sorting.rejected.items()}
    why |= {number: ("parked", reason) for number, reason in sorting.parked.items()}
    CountFileRow.objects.bulk_create(
        CountFileRow(
            file=file,
            area_code=file.area_code,
            number=row.number,
            raw=list(row.raw),
            outcome=why[row.number][0],
            reason=why[row.number][1],
        )
        for row in rows
        if row.number in why
    )
