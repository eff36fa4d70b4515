"""Record the counts of a unit or area for a day, and amend them; what stood before is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotYet
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.pack_store import NoSuchEntry, entry
from anlan.foundation.scope import duty
from anlan.health.events import CountsReported
from anlan.health.models import CountAmendment, CountLine, CountSheet
from anlan.health.pack import CountForm
from anlan.health.queries import may_send
from anlan.health.rules import is_countable_day
from anlan.organisation.models import Facility, FacilityGroup
from anlan.organisation.queries import access_area, in_force

SUBJECT = "health.CountSheet"
MOST = 1_000_000  # of one item on one day; beyond it a number is a slip of the pen


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCount:
    """One number of a sheet; without a group it is the whole unit's or area's."""

    item: str
    count: int
    group_id: UUID | None = None
    denominator: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCounts:
    """The whole sheet of a day as a door hands it over: by unit, or by area where the form knows no unit.

    Items left out count as none; no lines at all is a reported zero. `said_at` is when the house was given
    it, where that is not the moment it is recorded.
    """

    form: str
    on: date
    source: str
    facility_id: UUID | None = None
    area_code: str = ""
    lines: tuple[NewCount, ...] = ()
    said_at: datetime | None = None


class UnknownForm(Invalid):
    """The pack has no such form, or it does not fit the unit."""

    code = "unknown_form"
    sentence = _("没有这种报数表，或它不适用于该单位。")


class UnknownUnit(Invalid):
    """The unit, class or area is not there, or not the sender's."""

    code = "unknown_unit"
    sentence = _("单位、班级或区域不存在，或不在您的职责范围内。")


class NotCountable(Invalid):
    """The counts lie in the future or too far back."""

    code = "not_countable"
    sentence = _("报数日期在将来或过早，请核对。")


class WrongCount(Invalid):
    """A number is negative, absurd, larger than what it is a part of, or an item stands twice."""

    code = "wrong_count"
    sentence = _("数字须为 0 或正整数，不超过总数，每项只填一次，且项目须在表内。")


class SheetMoved(Conflict):
    """Somebody sent or amended this day's counts first."""

    code = "sheet_moved"
    sentence = _("这一天的数字刚被别人报过或改过，请看过后再改。")


class SheetAwaited(NotYet):
    """The sheet this one amends has not come in yet."""

    code = "sheet_awaited"
    sentence = _("这是对另一份报数的更正，而那一份还没有到。")


def record_counts(
    *, actor: Actor, sheet: NewCounts, now: datetime, expected_version: int | None = None
) -> CountSheet:
    """Record a day's counts, or amend those already there; the same numbers again change nothing.

    `expected_version` is that of the sheet the sender looked at, 0 where there was none; None asks for
    no such check (feeds): then what was said last stands; what was said earlier and comes later is history.
    Raises UnknownForm, UnknownUnit, NotCountable, WrongCount, NotAllowed, SheetMoved, SheetAwaited.
    """
    said_at = sheet.said_at or now
    form = _form(sheet)
    area_code = _place_of(actor, form, sheet, now)
    if not may_send(actor, form, area_code, sheet.facility_id):
        raise NotAllowed
    if not is_countable_day(sheet.on, day_of(now)):
        raise NotCountable(fields={"on": NotCountable.sentence})
    _check_lines(form, sheet, now)
    with transaction.atomic(), duty("record_counts", ranges=AreaRanges.of([area_code[:6]]), cause=form.key):
        row, is_new = _locked(actor, sheet, area_code, said_at)
        standing = 0 if is_new else row.version
        is_same = not is_new and _numbers(numbers_of(row)) == _numbers(sheet.lines)
        if is_same:
            return row  # the same sending again
        if expected_version is not None and expected_version > standing:
            raise SheetAwaited
        if expected_version is not None and expected_version != standing:
            raise SheetMoved
        if is_new:
            _write(row, sheet.lines)
        elif expected_version is None and said_at < row.reported_at:
            _put_behind(row, actor, sheet, said_at, now)
        else:
            _amend(row, actor, sheet, said_at, now)
        _tell(row, said_at, is_new=is_new, now=now)
    return row


def _form(sheet: NewCounts) -> CountForm:
    try:
        form = entry(CountForm, sheet.form)
    except NoSuchEntry as error:
        raise UnknownForm(fields={"form": UnknownForm.sentence}) from error
    if bool(form.facility_kinds) != (sheet.facility_id is not None):
        raise UnknownForm(fields={"form": UnknownForm.sentence})
    return form


def _place_of(actor: Actor, form: CountForm, sheet: NewCounts, now: datetime) -> str:
    """Return where the counts lie: the unit's grid, or the area named."""
    if sheet.facility_id is None:
        if not actor.ranges.covers(sheet.area_code):
            raise UnknownUnit(fields={"unit": UnknownUnit.sentence})
        return str(access_area(sheet.area_code, now=now).code)
    unit = Facility.objects.filter(in_force(now), pk=sheet.facility_id).first()
    if unit is None or not actor.ranges.covers(unit.area_code):
        raise UnknownUnit(fields={"unit": UnknownUnit.sentence})
    if unit.kind not in form.facility_kinds:
        raise UnknownForm(fields={"form": UnknownForm.sentence})
    return str(unit.area_code)


def _check_lines(form: CountForm, sheet: NewCounts, now: datetime) -> None:
    items, groups = set(form.items), {line.group_id for line in sheet.lines if line.group_id}
    own = FacilityGroup.objects.filter(in_force(now), facility=sheet.facility_id, pk__in=groups)
    if groups and (not form.by_group or own.count() != len(groups)):
        raise UnknownUnit(fields={"group": UnknownUnit.sentence})
    if len({(line.group_id, line.item) for line in sheet.lines}) != len(sheet.lines):
        raise WrongCount(fields={"item": WrongCount.sentence})
    for line in sheet.lines:
        most = MOST if line.denominator is None else line.denominator
        if line.item not in items or not 0 <= line.count <= most <= MOST:
            raise WrongCount(fields={line.item: WrongCount.sentence})


def _locked(actor: Actor, sheet: NewCounts, area_code: str, said_at: datetime) -> tuple[CountSheet, bool]:
    """Return the sheet of this unit or area and day, locked; made where there is none."""
    one = {"form": sheet.form, "on": sheet.on, "facility_id": sheet.facility_id}
    if sheet.facility_id is None:
        one["area_code"] = area_code
    fresh = {
        "area_code": area_code,
        "reported_at": said_at,
        "first_reported_at": said_at,
        "source": sheet.source,
        "reporter_post_id": actor.post_id,
        "reporter_member_id": actor.member_id,
    }
    return CountSheet.objects.select_for_update().get_or_create(**one, defaults=fresh)


def numbers_of(row: CountSheet) -> list[NewCount]:
    """Return the numbers of a sheet as they stand."""
    return [
        NewCount(item=line.item, count=line.count, group_id=line.group_id, denominator=line.denominator)
        for line in row.lines.all()
    ]


def _numbers(lines: Iterable[NewCount]) -> set[tuple[UUID | None, str, int, int | None]]:
    return {(line.group_id, line.item, line.count, line.denominator) for line in lines}


def _write(row: CountSheet, lines: Iterable[NewCount]) -> None:
    CountLine.objects.bulk_create(
        CountLine(
            sheet=row,
            area_code=row.area_code,
            group_id=line.group_id,
            item=line.item,
            count=line.count,
            denominator=line.denominator,
        )
        for line in lines
    )


def _amend(row: CountSheet, actor: Actor, sheet: NewCounts, said_at: datetime, now: datetime) -> None:
    """Put new numbers in place of those that stand, and keep these as history."""
    _keep_standing(row, now)
    row.lines.all().delete()
    row.reported_at, row.source, row.version = said_at, sheet.source, row.version + 1
    row.reporter_post_id, row.reporter_member_id = actor.post_id, actor.member_id
    row.save()
    _write(row, sheet.lines)


def _put_behind(row: CountSheet, actor: Actor, sheet: NewCounts, said_at: datetime, now: datetime) -> None:
    """Keep numbers that were said before those that stand and come in after them, as history."""
    _keep_standing(row, now)
    CountAmendment.objects.create(
        sheet=row,
        area_code=row.area_code,
        version=row.version + 1,
        lines=_plain(sheet.lines),
        source=sheet.source,
        reported_at=said_at,
        replaced_at=now,
        reporter_post_id=actor.post_id,
        reporter_member_id=actor.member_id,
    )
    row.version += 2
    row.first_reported_at = min(row.first_reported_at, said_at)
    row.save(update_fields=["version", "first_reported_at"])


def _keep_standing(row: CountSheet, now: datetime) -> None:
    CountAmendment.objects.create(
        sheet=row,
        area_code=row.area_code,
        version=row.version,
        lines=_plain(numbers_of(row)),
        source=row.source,
        reported_at=row.reported_at,
        replaced_at=now,
        reporter_post_id=row.reporter_post_id,
        reporter_member_id=row.reporter_member_id,
    )


def _plain(lines: Iterable[NewCount]) -> list[list[str | int | None]]:
    return [
        [str(line.group_id) if line.group_id else None, line.item, line.count, line.denominator]
        for line in lines
    ]


def _tell(row: CountSheet, said_at: datetime, *, is_new: bool, now: datetime) -> None:
    """Announce the version that was just said; it stands, unless a later one does."""
    version = row.version if said_at >= row.reported_at else row.version - 1
    verb = "record_counts" if is_new else "amend_counts"
    audit.record(verb, SUBJECT, [row.pk], area_code=row.area_code, detail={"version": version})
    publish(
        CountsReported(
            sheet_id=row.pk,
            form=row.form,
            on=row.on,
            area_code=row.area_code,
            version=version,
            occurred_at=now,
        )
    )
    announce_change("counts", row.area_code)
