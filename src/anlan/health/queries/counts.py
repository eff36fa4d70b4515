"""Every question about the day's counts: which forms, what was sent, who is silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.clock import SHANGHAI, end_of
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import NoSuchEntry, entry, section
from anlan.foundation.packs import Text
from anlan.foundation.scope import duty, within
from anlan.health.models import CountAmendment, CountLine, CountSheet
from anlan.health.pack import CountForm, SchoolTerm, Symptom
from anlan.health.rules import group_order, is_in_term
from anlan.organisation.models import Facility, FacilityGroup
from anlan.organisation.queries import in_force
from anlan.organisation.queries.work_calendar import is_working_day


@dataclass(frozen=True, slots=True)
class CountedLine:
    """One number of a sheet as surveillance counts it; `group_id` None for the whole unit."""

    area_code: str
    facility_id: UUID | None
    group_id: UUID | None
    form: str
    item: str
    count: int
    denominator: int | None
    on: date


def count_forms() -> list[CountForm]:
    """Return the pack's forms of daily counts."""
    return section(CountForm)


def count_form(key: str) -> CountForm:
    """Return one form of the pack, or raise NotFound."""
    try:
        return entry(CountForm, key)
    except NoSuchEntry as error:
        raise NotFound from error


def item_titles(form: CountForm) -> dict[str, Text]:
    """Return what each item of a form is called, in the form's order."""
    symptoms = {symptom.key: symptom.title for symptom in section(Symptom)}
    return {
        **{item.key: item.title for item in form.own_items},
        **{key: symptoms[key] for key in form.symptoms},
    }


def own_facility(actor: Actor) -> Facility | None:
    """Return the unit this post works at, if it works at one."""
    return Facility.objects.filter(pk=actor.facility_id).first() if actor.facility_id else None


def forms_of(actor: Actor) -> list[CountForm]:
    """Return the forms this post fills in for its own unit, or for its area where the form knows no unit."""
    named = [form for form in count_forms() if actor.role in form.senders]
    if not named:
        return []
    unit = own_facility(actor)
    return [
        form
        for form in named
        if (not form.facility_kinds if unit is None else unit.kind in form.facility_kinds)
    ]


def may_send(actor: Actor, form: CountForm, area_code: str, facility_id: UUID | None) -> bool:
    """Say whether this post sends the form for this unit or area, as its own or handing over others'."""
    if not actor.ranges.covers(area_code):
        return False
    own = actor.role in form.senders and facility_id == actor.facility_id
    return own or actor.role in form.relays


def group_lines(facility: Facility | None, *, now: datetime) -> list[FacilityGroup]:
    """Return the classes or floors of a unit, as its form lists them."""
    if facility is None:
        return []
    groups = FacilityGroup.objects.filter(in_force(now), facility=facility).order_by("pk")
    return sorted(groups, key=lambda group: group_order(group.name))


def visible_sheets(actor: Actor) -> QuerySet[CountSheet]:
    """Return the sheets in the actor's ranges; a unit's post sees its own unit's alone.

    Row security also asks for the purpose `health`: a unit's post reads its own by `own_sheets`.
    """
    sheets = CountSheet.objects.filter(within(actor.ranges)).select_related("facility")
    if not actor.has_purpose("reporting"):
        return sheets
    if actor.facility_id:
        return sheets.filter(facility=actor.facility_id)
    return sheets.filter(facility=None, form__in=[form.key for form in forms_of(actor)])


def access_sheet(actor: Actor, sheet_id: UUID) -> CountSheet:
    """Return one sheet, or raise NotFound."""
    sheet = visible_sheets(actor).filter(pk=sheet_id).first()
    if sheet is None:
        raise NotFound
    return sheet


@contextmanager
def reading_own_counts(actor: Actor) -> Iterator[None]:
    """Read sheets as the post may: with the purpose `health` as it is, a unit's post its own by duty.

    Row security lets all of the unit's grid through here: ask by `visible_sheets` or `own_sheets` alone.
    """
    if actor.has_purpose("health"):
        yield
        return
    with duty("read_own_counts", ranges=actor.ranges, cause="own"):
        yield


def own_sheets(
    actor: Actor, form: CountForm, days: list[date]
) -> dict[date, tuple[CountSheet, list[CountLine]]]:
    """Return what this post's unit, or area, sent for these days through one form, by day."""
    with duty("read_own_counts", ranges=actor.ranges, cause=form.key):
        sent = CountSheet.objects.filter(within(actor.ranges), form=form.key, on__in=days)
        if form.facility_kinds:
            sent = sent.filter(facility=actor.facility_id)
        else:
            sent = sent.filter(facility=None, area_code=actor.area_code)
        rows = sent.prefetch_related("lines")
        return {row.on: (row, list(row.lines.all())) for row in rows}


def lines_of_sheet(sheet_id: UUID, version: int = 0) -> list[CountedLine]:
    """Return the numbers of a sheet, under the scope in force; none for a reported zero.

    As they stand, or as one version said them that has been replaced since.
    """
    sheet = CountSheet.objects.get(pk=sheet_id)
    replaced = CountAmendment.objects.filter(sheet=sheet, version=version).first()
    if replaced is not None:
        said = [(UUID(group) if group else None, *rest) for group, *rest in replaced.lines]
    else:
        rows = CountLine.objects.filter(sheet=sheet).order_by("pk")
        said = list(rows.values_list("group_id", "item", "count", "denominator"))
    return [
        CountedLine(
            area_code=sheet.area_code,
            facility_id=sheet.facility_id,
            group_id=group_id,
            form=sheet.form,
            item=item,
            count=count,
            denominator=denominator,
            on=sheet.on,
        )
        for group_id, item, count, denominator in said
    ]


def is_reporting_day(form: CountForm, on: date) -> bool:
    """Say whether a form is asked for on this day: on every day, on working days, or in term only."""
    if form.days == "every":
        return True
    if not is_working_day(on):
        return False
    return form.days == "working" or is_in_term(on, section(SchoolTerm))


def due_at(form: CountForm, on: date) -> datetime:
    """Return the moment by which a form is to be in for this day."""
    return datetime.combine(on, form.deadline, SHANGHAI)


def has_reporters(actor: Actor, form: CountForm) -> bool:
    """Say whether any unit in the actor's ranges fills this form in."""
    return Facility.objects.filter(within(actor.ranges), kind__in=form.facility_kinds, ends_at=None).exists()


def silent_reporters(actor: Actor, form: str, on: date, now: datetime) -> list[Facility]:
    """Return the units in the actor's ranges that had to report by the deadline and have not.

    Nobody is silent before the deadline, on a day on which the form is not asked for, or where a
    form counts areas instead of units. A unit that reported zero is not silent.
    """
    asked = count_form(form)
    if not asked.facility_kinds or now < due_at(asked, on) or not is_reporting_day(asked, on):
        return []
    sent = CountSheet.objects.filter(within(actor.ranges), form=form, on=on).values("facility")
    units = Facility.objects.filter(
        within(actor.ranges), in_force(end_of(on) - timedelta(seconds=1)), kind__in=asked.facility_kinds
    )
    return list(units.exclude(pk__in=sent).order_by("area_code", "name", "pk"))
