"""The API's operations on the day's counts: hand in a sheet, read sheets."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from anlan.foundation import audit
from anlan.foundation.api_doors import (
    AnyArea,
    Day,
    Listed,
    Marks,
    Sent,
    Word,
    actor_of,
    answers,
    cut,
    through_post,
)
from anlan.health import queries
from anlan.health.actions import NewCount, NewCounts, record_counts
from anlan.health.models import CountSheet
from anlan.organisation.queries import now_for

router = Router(tags=["counts"])
SOURCE = "api"
BY_AREA = ("area_code", "id")
Number = Annotated[StrictInt, Field(ge=0, le=1_000_000)]


class CountSent(Sent):
    """One number; without `group_id` it is the whole unit's or area's. `of`: of how many."""

    item: Word
    count: Number
    group_id: UUID | None = None
    of: Number | None = None


class CountsSent(Sent):
    """The whole sheet of a day, for a unit or, where the form knows no unit, for an area."""

    form: Word = Field(description=_("报数表的键"))
    on: Day = Field(description=_("所报的日期（北京时间）"))
    facility_id: UUID | None = None
    area_code: AnyArea = ""
    lines: list[CountSent] = Field([], max_length=2000, description=_("未列的项为零；一行没有即零报告"))
    expected_version: Number | None = Field(None, description=_("更正时所见的版本；首报为 0；不写则不核对"))


class CountShown(Schema):
    """One number of a sheet."""

    item: str
    count: int
    group_id: UUID | None
    of: int | None


class SheetShown(Schema):
    """The counts of a unit or area for a day, as they stand."""

    id: UUID
    form: str
    on: date
    area_code: str
    facility_id: UUID | None
    reported_at: datetime
    version: int
    lines: list[CountShown]


class SheetPage(Listed):
    """A page of sheets."""

    rows: list[SheetShown]


class SheetTaken(Schema):
    """The sheet a sending became: the same again is answered the same."""

    id: UUID
    version: int


def _shown(sheet: CountSheet) -> SheetShown:
    plain = ("id", "form", "on", "area_code", "facility_id", "reported_at", "version")
    lines = [
        {"item": line.item, "count": line.count, "group_id": line.group_id, "of": line.denominator}
        for line in sheet.lines.all()
    ]
    return SheetShown.model_validate({**{name: getattr(sheet, name) for name in plain}, "lines": lines})


@router.post(
    "/counts",
    auth=through_post("reporting", "health"),
    response=answers(SheetTaken, acts=True),
    operation_id="hand_in_counts",
    summary=_("报送或更正一天的数字"),
)
def hand_in_counts(request: HttpRequest, sent: CountsSent) -> SheetTaken:
    """Record a day's counts or amend them; what stood before is kept."""
    actor = actor_of(request)
    lines = tuple(
        NewCount(item=line.item, count=line.count, group_id=line.group_id, denominator=line.of)
        for line in sent.lines
    )
    sheet = NewCounts(
        form=sent.form,
        on=sent.on,
        source=SOURCE,
        facility_id=sent.facility_id,
        area_code=sent.area_code,
        lines=lines,
    )
    row = record_counts(actor=actor, sheet=sheet, now=now_for(actor), expected_version=sent.expected_version)
    return SheetTaken(id=row.pk, version=row.version)


@router.get(
    "/counts",
    auth=through_post("health"),
    response=answers(SheetPage),
    operation_id="list_counts",
    summary=_("列出一天的报数"),
)
def list_counts(request: HttpRequest, marks: Query[Marks], on: Day, form: Word = "") -> SheetPage:
    """List the sheets of a day."""
    actor = actor_of(request)
    rows = queries.visible_sheets(actor).filter(on=on, **({"form": form} if form else {}))
    page = cut(rows.prefetch_related("lines"), marks, order=BY_AREA)
    audit.record("list_counts", "health.CountSheet", [row.pk for row in page.rows])
    return SheetPage(rows=[_shown(row) for row in page.rows], after=page.after, before=page.before)


@router.get(
    "/counts/{uuid:sheet_id}",
    auth=through_post("reporting", "health"),
    response=answers(SheetShown),
    operation_id="show_counts",
    summary=_("一张报数表"),
)
def show_counts(request: HttpRequest, sheet_id: UUID) -> SheetShown:
    """Show one sheet: a unit's post its own unit's."""
    actor = actor_of(request)
    with queries.reading_own_counts(actor):
        sheet = queries.access_sheet(actor, sheet_id)
        shown = _shown(sheet)
    audit.record("read_counts", "health.CountSheet", [sheet.pk], area_code=sheet.area_code)
    return shown
