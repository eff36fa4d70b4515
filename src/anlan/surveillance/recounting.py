"""Count everything anew from the reports and sheets themselves, and say where what was kept disagreed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import within
from anlan.health.models import CaseReport, CountSheet
from anlan.surveillance.counting import (
    Addition,
    Disagreement,
    addition_of,
    additions_of_report,
    additions_of_sheet,
    disagreements,
    keep,
)
from anlan.surveillance.models import Counted

Cell = tuple[str, str, date]  # indicator, area, day
AT_ONCE = 1000  # sources compared in one go
CLEAR = """
    DELETE FROM surveillance_dailycount WHERE (indicator, area_code, "on") IN
    (SELECT * FROM unnest(%s::text[], %s::text[], %s::date[]))
"""
REFILL = """
    INSERT INTO surveillance_dailycount
           (id, indicator, area_code, "on", count, denominator, source_count, changed_at)
    SELECT gen_random_uuid(), indicator, place_code, "on", sum(count), sum(denominator), count(*), %s
    FROM surveillance_counted WHERE (indicator, place_code, "on") IN
    (SELECT * FROM unnest(%s::text[], %s::text[], %s::date[])) GROUP BY indicator, place_code, "on"
"""


@dataclass(slots=True)
class Recount:
    """What a recount found: sources compared, those counted otherwise than they say, cells that were off."""

    source_count: int = 0
    sources: list[tuple[UUID, int, int]] = field(default_factory=list)  # (source, kept, wanted) in all
    cells: list[Disagreement] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Say whether nothing differed."""
        return not (self.sources or self.cells)


def rebuild_counts(area_code: str, *, mend: bool, now: datetime) -> Recount:
    """Compare the counts of an area with its reports and sheets; with `mend` also put them right.

    One transaction: counting of new arrivals waits only while the roll-up itself is mended.
    """
    found = Recount()
    with transaction.atomic():
        for wanted in _in_parts(_sources(area_code)):
            found.source_count += len(wanted)
            for source, kept, right in _differing(wanted):
                found.sources.append((source, _total(kept), _total(right)))
                if mend:
                    keep(source_id=source, wanted=right, now=now)
        for source in _strays(area_code):
            found.sources.append((source, -1, 0))
            if mend:
                keep(source_id=source, wanted=[], now=now)
        found.cells = _mend_cells(area_code, now) if mend else disagreements(area_code)
    return found


def _sources(area_code: str) -> Iterator[tuple[UUID, list[Addition]]]:
    """Yield every report and sheet of the area with what it should add."""
    reports = CaseReport.objects.filter(within(AreaRanges.of([area_code]))).order_by("pk")
    for report in reports.iterator(chunk_size=AT_ONCE):
        yield report.pk, additions_of_report(report)
    sheets = CountSheet.objects.filter(within(AreaRanges.of([area_code]))).order_by("pk")
    for sheet in sheets.prefetch_related("lines").iterator(chunk_size=AT_ONCE):
        yield sheet.pk, additions_of_sheet(sheet)


def _strays(area_code: str) -> list[UUID]:
    """Return what is counted and is neither report nor sheet."""
    rows = Counted.objects.filter(within(AreaRanges.of([area_code])))
    reports = CaseReport.objects.filter(within(AreaRanges.of([area_code])))
    sheets = CountSheet.objects.filter(within(AreaRanges.of([area_code])))
    rows = rows.exclude(source_id__in=reports.values("pk")).exclude(source_id__in=sheets.values("pk"))
    return sorted(set(rows.values_list("source_id", flat=True)))


def _in_parts(
    sources: Iterable[tuple[UUID, list[Addition]]],
) -> Iterator[dict[UUID, list[Addition]]]:
    rest = iter(sources)
    while part := dict(islice(rest, AT_ONCE)):
        yield part


def _differing(
    wanted: dict[UUID, list[Addition]],
) -> list[tuple[UUID, list[Addition], list[Addition]]]:
    kept: dict[UUID, list[Addition]] = {source: [] for source in wanted}
    for row in Counted.objects.filter(source_id__in=list(wanted)):
        kept[row.source_id].append(addition_of(row))
    return [(one, rows, wanted[one]) for one, rows in kept.items() if set(rows) != set(wanted[one])]


def _total(additions: Sequence[Addition]) -> int:
    return sum(one.count for one in additions)


def _mend_cells(area_code: str, now: datetime) -> list[Disagreement]:
    """Make the roll-up the sum of Counted; who is counting at this moment waits and adds to it after."""
    hold_roll_up()
    wrong = disagreements(area_code)
    fill_again([row[:3] for row in wrong], now)
    return wrong


def hold_roll_up() -> None:
    """Let nobody else change the roll-up until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE surveillance_dailycount IN SHARE ROW EXCLUSIVE MODE")


def fill_again(cells: Collection[Cell], now: datetime) -> None:
    """Make these cells of the roll-up, held, the sums of what lies in them."""
    if cells:
        columns = [list(column) for column in zip(*cells, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(CLEAR, columns)
            cursor.execute(REFILL, [now, *columns])
