"""Keep the roll-up of daily counts: each report and sheet once, replaced when amended.

The rows of `Counted` say what each source adds; `DailyCount` is their sum by indicator, grid and day, each
where it lies in today's borders.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from anlan.foundation.advisory_locks import AdvisoryLock, hold
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.health.models import CaseReport, CountSheet
from anlan.health.rules import CaseState
from anlan.surveillance.indicators import indicators_of_condition, indicators_of_form
from anlan.surveillance.models import Counted, DailyCount


@dataclass(frozen=True, slots=True)
class Addition:
    """What a source adds to one indicator: in which grid, on which day, of which unit and class."""

    indicator: str
    area_code: str
    on: date
    facility_id: UUID | None
    group_id: UUID | None
    count: int
    denominator: int = 0
    building_id: UUID | None = None


def additions_of_report(report: CaseReport) -> list[Addition]:
    """Return what a case report adds: one to each indicator of its condition, on the day it became known.

    Detectors compare with days whose reports are all in; by day of onset the last days would always be short.
    """
    if report.state == CaseState.EXCLUDED:
        return []
    on = day_of(report.reported_at)
    return [
        Addition(one.key, report.area_code, on, report.facility_id, report.group_id, 1, 0, report.building_id)
        for one in indicators_of_condition(report.condition)
    ]


class Line(Protocol):
    """One number of a sheet, as it stands or as it was once said."""

    @property
    def group_id(self) -> UUID | None: ...
    @property
    def item(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def denominator(self) -> int | None: ...


def additions_of_sheet(sheet: CountSheet, lines: Iterable[Line] | None = None) -> list[Addition]:
    """Return what a sheet adds: per indicator and class the sum of its items; without any, a reported zero.

    The items of a class have one denominator (its people), which is not added up over them. `lines` are those
    of another version of the sheet than the one that stands.
    """
    said: list[Line] = list(sheet.lines.all() if lines is None else lines)
    found: list[Addition] = []
    for one in indicators_of_form(sheet.form):
        groups: dict[UUID | None, tuple[int, int]] = {}
        for line in said:
            if not one.items or line.item in one.items:
                count, people = groups.get(line.group_id, (0, 0))
                groups[line.group_id] = count + line.count, max(people, line.denominator or 0)
        for group_id, numbers in (groups or {None: (0, 0)}).items():
            found.append(Addition(one.key, sheet.area_code, sheet.on, sheet.facility_id, group_id, *numbers))
    return found


def count_report(*, report: CaseReport, now: datetime) -> bool:
    """Count a report as it now stands, an excluded one as none; return whether that changed anything."""
    return keep(source_id=report.pk, wanted=additions_of_report(report), now=now)


def count_sheet(*, sheet: CountSheet, now: datetime) -> bool:
    """Count a sheet as it now stands in place of what it said before; return whether anything changed."""
    return keep(source_id=sheet.pk, wanted=additions_of_sheet(sheet), now=now)


def uncount_report(*, report_id: UUID, now: datetime) -> bool:
    """Take a report out of the counts; return False where it was not in them."""
    return keep(source_id=report_id, wanted=[], now=now)


def keep(*, source_id: UUID, wanted: Sequence[Addition], now: datetime) -> bool:
    """Make a source add what is wanted and nothing else. Safe to run twice and at the same time."""
    with transaction.atomic():
        hold(AdvisoryLock.COUNTS, str(source_id))
        known = {addition_of(row): row for row in Counted.objects.filter(source_id=source_id)}
        gone = [row for addition, row in known.items() if addition not in wanted]
        fresh = [addition for addition in wanted if addition not in known]
        new = [_row(source_id, one, place) for one, place in zip(fresh, places_of(fresh), strict=True)]
        Counted.objects.filter(pk__in=[row.pk for row in gone]).delete()
        Counted.objects.bulk_create(new)
        changes = [(row, 1) for row in new] + [(row, -1) for row in gone]
        for cell in sorted({_cell(row) for row, _sign in changes}):
            _shift(cell, [change for change in changes if _cell(change[0]) == cell], now)
    return bool(gone or new)


def _cell(row: Counted) -> tuple[str, str, date]:
    """Return the cell of the roll-up a row belongs to."""
    return row.indicator, row.place_code, row.on


def _shift(cell: tuple[str, str, date], changes: Iterable[tuple[Counted, int]], now: datetime) -> None:
    """Move one cell of the roll-up by what came and went; a cell nobody reports to is no row."""
    moves = list(changes)
    count = sum(sign * row.count for row, sign in moves)
    people = sum(sign * row.denominator for row, sign in moves)
    sources = sum(sign for _row, sign in moves)
    indicator, area_code, on = cell
    rows = DailyCount.objects.filter(indicator=indicator, area_code=area_code, on=on)
    moved = rows.update(
        count=F("count") + count,
        denominator=F("denominator") + people,
        source_count=F("source_count") + sources,
        changed_at=now,
    )
    if not moved:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [new_id(), indicator, area_code, on, count, people, sources, now])
    elif sources < 0:
        rows.filter(source_count=0).delete()


ADD = """
    INSERT INTO surveillance_dailycount AS d
           (id, indicator, area_code, "on", count, denominator, source_count, changed_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (indicator, area_code, "on") DO UPDATE
    SET count = d.count + excluded.count, denominator = d.denominator + excluded.denominator,
        source_count = d.source_count + excluded.source_count, changed_at = excluded.changed_at
"""


# Where what was reported in an area lies today: with its building or unit, if that was in the area and went
# elsewhere by a redraw; else where the area's code leads. `c` has area_code, building_id and facility_id.
PLACE = """
    coalesce(
        (SELECT b.area_code FROM organisation_building AS b WHERE b.id = c.building_id AND EXISTS (
            SELECT FROM organisation_redrawmove AS m WHERE m.label = 'organisation.Building'
            AND m.row_id = b.id AND m.from_code = c.area_code)),
        (SELECT u.area_code FROM organisation_facility AS u WHERE u.id = c.facility_id AND EXISTS (
            SELECT FROM organisation_redrawmove AS m WHERE m.label = 'organisation.Facility'
            AND m.row_id = u.id AND m.from_code = c.area_code)),
        (SELECT f.now_code FROM organisation_forwardedcode AS f WHERE f.code = c.area_code),
        c.area_code)
"""


def places_of(additions: Sequence[Addition]) -> list[str]:
    """Return the area in which each lies in today's borders."""
    if not additions:
        return []
    columns = [
        [getattr(one, name) for one in additions] for name in ("area_code", "building_id", "facility_id")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {PLACE} FROM unnest(%s::text[], %s::uuid[], %s::uuid[])"
            " WITH ORDINALITY AS c(area_code, building_id, facility_id, n) ORDER BY n",
            columns,
        )
        return [place for (place,) in cursor.fetchall()]


def addition_of(row: Counted) -> Addition:
    return Addition(
        row.indicator, row.area_code, row.on, row.facility_id, row.group_id, row.count, row.denominator,
        row.building_id,
    )  # fmt: skip


def _row(source_id: UUID, addition: Addition, place_code: str) -> Counted:
    return Counted(
        source_id=source_id,
        indicator=addition.indicator,
        area_code=addition.area_code,
        place_code=place_code,
        on=addition.on,
        facility_id=addition.facility_id,
        group_id=addition.group_id,
        building_id=addition.building_id,
        count=addition.count,
        denominator=addition.denominator,
    )


RECOUNT = """
    WITH recount AS (
        SELECT indicator, place_code AS area_code, "on", sum(count)::int AS n,
               sum(denominator)::int AS people, count(*)::int AS sources
        FROM surveillance_counted WHERE place_code >= %(low)s AND place_code < %(high)s GROUP BY 1, 2, 3
    )
    SELECT coalesce(r.indicator, d.indicator), coalesce(r.area_code, d.area_code), coalesce(r."on", d."on"),
           d.count, r.n
    FROM recount r FULL JOIN (
        SELECT * FROM surveillance_dailycount WHERE area_code >= %(low)s AND area_code < %(high)s
    ) d ON (d.indicator, d.area_code, d."on") = (r.indicator, r.area_code, r."on")
    WHERE (d.count, d.denominator, d.source_count) IS DISTINCT FROM (r.n, r.people, r.sources)
    ORDER BY 1, 2, 3
"""
Disagreement = tuple[str, str, date, int | None, int | None]


def disagreements(area_code: str) -> list[Disagreement]:
    """Return (indicator, area, day, kept, recounted) wherever roll-up and sum differ (None: no row)."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"low": area_code, "high": area_code + "~"})
        return list(cursor.fetchall())
