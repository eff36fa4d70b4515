"""How the day's counts are put before people: what is due, what was sent, who is silent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language, gettext

from anlan.foundation.actor import Actor
from anlan.foundation.packs import Text
from anlan.health.models import CountLine, CountSheet
from anlan.health.pack import CountForm
from anlan.health.queries import (
    count_form,
    count_forms,
    due_at,
    forms_of,
    has_reporters,
    is_reporting_day,
    item_titles,
    own_sheets,
    silent_reporters,
    visible_sheets,
)
from anlan.organisation.models import Facility
from anlan.organisation.queries import area_names

SOON_MINUTES = 20  # before the deadline a form that is not in counts as soon due


@dataclass(frozen=True, slots=True)
class DueForm:
    """One form of a unit's day: whether it is asked for, sent, late."""

    form: CountForm
    title: str
    due_at: datetime
    is_asked: bool
    sheet: CountSheet | None
    words: str  # what was sent
    kind: str  # of state text: working, soon, overdue, done
    was_late: bool


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One sheet as a row of a list."""

    sheet: CountSheet
    form: str
    place: str
    words: str
    is_zero: bool
    was_late: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """The units silent to one form."""

    form: CountForm
    title: str
    due_at: datetime
    is_asked: bool
    is_due: bool
    sent: int
    units: list[tuple[Facility, str]]  # each with the name of its community


def titled(text: Text | None) -> str:
    """Return a text of the pack in the reader's language."""
    if text is None:
        return ""
    return text.en if get_language() == "en" else text.zh


def form_titles() -> list[tuple[str, str]]:
    """Return (key, title) of every form."""
    return [(form.key, titled(form.title)) for form in count_forms()]


def due_forms(actor: Actor, on: date, now: datetime) -> list[DueForm]:
    """Return the forms this post has to fill in on a day, those still due first."""
    lines = []
    for form in forms_of(actor):
        sheet, rows = own_sheets(actor, form, [on]).get(on, (None, []))
        due, asked = due_at(form, on), is_reporting_day(form, on)
        lines.append(
            DueForm(
                form=form,
                title=titled(form.title),
                due_at=due,
                is_asked=asked,
                sheet=sheet,
                words=words_of(form, rows) if sheet else "",
                kind=_kind(sheet is not None, asked, due, now),
                was_late=sheet is not None and asked and sheet.first_reported_at > due,
            )
        )
    return sorted(lines, key=lambda line: (line.sheet is not None, not line.is_asked, line.due_at))


def _kind(is_sent: bool, is_asked: bool, due: datetime, now: datetime) -> str:
    if is_sent:
        return "done"
    if not is_asked:
        return "waiting"
    if now >= due:
        return "overdue"
    return "soon" if (due - now).total_seconds() <= SOON_MINUTES * 60 else "working"


def words_of(form: CountForm, lines: Iterable[CountLine]) -> str:
    """Return a sheet in words: each item's sum over the classes, largest first; a zero is said to be one."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.item] = sums.get(line.item, 0) + line.count
    titles = item_titles(form)
    told = [
        f"{titled(titles.get(item)) or item} {count}"
        for item, count in sorted(sums.items(), key=lambda pair: -pair[1])
        if count
    ]
    return " · ".join(told) or gettext("零报告")


def sheet_lines(sheets: Sequence[CountSheet], now: datetime) -> list[SheetLine]:
    """Return the rows of a list of sheets, whose lines are prefetched."""
    names = area_names({sheet.area_code for sheet in sheets}, now=now)
    rows = []
    for sheet in sheets:
        form, lines = count_form(sheet.form), list(sheet.lines.all())
        late = is_reporting_day(form, sheet.on) and sheet.first_reported_at > due_at(form, sheet.on)
        rows.append(
            SheetLine(
                sheet=sheet,
                form=titled(form.title),
                place=sheet.facility.name if sheet.facility else names.get(sheet.area_code, sheet.area_code),
                words=words_of(form, lines),
                is_zero=not any(line.count for line in lines),
                was_late=late,
            )
        )
    return rows


def silence(actor: Actor, on: date, now: datetime, *, only: str = "") -> list[Silence]:
    """Return, for each form that units fill in, who has not by its deadline."""
    found = []
    for form in count_forms():
        if (only and form.key != only) or not has_reporters(actor, form):
            continue
        units = silent_reporters(actor, form.key, on, now)
        names = area_names({unit.area_code[:12] for unit in units}, now=now)
        due = due_at(form, on)
        found.append(
            Silence(
                form=form,
                title=titled(form.title),
                due_at=due,
                is_asked=is_reporting_day(form, on),
                is_due=now >= due,
                sent=visible_sheets(actor).filter(form=form.key, on=on).count(),
                units=[(unit, names.get(unit.area_code[:12], "")) for unit in units],
            )
        )
    return found
