"""How one unit's sheet is put before people: the grid to fill in, and the sheet as it was sent."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from anlan.foundation.actor import Actor
from anlan.health.models import CountSheet
from anlan.health.pack import CountForm
from anlan.health.presenting.counts import sheet_lines, titled
from anlan.health.queries import (
    count_form,
    due_at,
    group_lines,
    is_reporting_day,
    item_titles,
    own_facility,
    own_sheets,
)
from anlan.health.rules import group_order
from anlan.organisation.models import FacilityGroup

LOOK_BACK_DAYS = 7  # for the numbers of the time before: over a weekend and a holiday
Number = tuple[UUID | None, str, int, int | None]  # group, item, count, of how many


def count_page(actor: Actor, form: CountForm, on: date, now: datetime) -> dict[str, Any]:
    """Return what the page of a unit's form shows; `grid` and `initial` are for the form itself."""
    unit = own_facility(actor)
    days = [on - timedelta(days=back) for back in range(LOOK_BACK_DAYS + 1)]
    sent = own_sheets(actor, form, days)
    sheet, standing = sent.get(on, (None, []))
    earlier = max((day for day in sent if day < on), default=None)
    titles = item_titles(form)
    return {
        "asked": form,
        "title": titled(form.title),
        "of": titled(form.of),
        "group_word": titled(form.group_word),
        "unit": unit,
        "on": on,
        "sheet": sheet,
        "due_at": due_at(form, on),
        "is_asked": is_reporting_day(form, on),
        "is_late": now > due_at(form, on),
        "before_on": earlier,
        "days": [(day, day in sent, is_reporting_day(form, day)) for day in days],
        "grid": {
            "titles": {key: titled(titles[key]) for key in form.items},
            "groups": group_lines(unit, now=now) if form.by_group else [],
            "before": sent[earlier][1] if earlier else [],
            "standing": standing,
        },
        "initial": {"on": on, "version": sheet.version if sheet else 0},
    }


def sheet_page(sheet: CountSheet, now: datetime) -> dict[str, Any]:
    """Return a sheet as it stands, with all that stood there before, the latest first."""
    form = count_form(sheet.form)
    lines = list(sheet.lines.select_related("group"))
    amendments = list(sheet.amendments.order_by("-version"))
    names = _group_names(sheet)
    standing = [(line.group_id, line.item, line.count, line.denominator) for line in lines]
    history: list[dict[str, Any]] = [
        {
            "version": sheet.version,
            "at": sheet.reported_at,
            "source": sheet.source,
            "post_id": sheet.reporter_post_id,
            "words": "",
        }
    ]
    for row in amendments:
        was = [(UUID(group) if group else None, item, count, of) for group, item, count, of in row.lines]
        history.append(
            {
                "version": row.version,
                "at": row.reported_at,
                "source": row.source,
                "post_id": row.reporter_post_id,
                "words": _said(form, was, names),
            }
        )
    items, rows = grid_of(form, standing, names)
    return {
        "sheet": sheet,
        "line": sheet_lines([sheet], now)[0],
        "of": titled(form.of),
        "items": items,
        "rows": rows,
        "history": history,
    }


def grid_of(
    form: CountForm, numbers: Iterable[Number], names: dict[UUID, str]
) -> tuple[list[str], list[tuple[str, list[int | None], int | None]]]:
    """Return (titles of the items counted, [(class, numbers in that order, of how many), …])."""
    by_group: dict[UUID | None, dict[str, int]] = {}
    of: dict[UUID | None, int | None] = {}
    for group, item, count, denominator in numbers:
        by_group.setdefault(group, {})[item] = count
        of[group] = denominator
    items = [item for item in form.items if any(item in found for found in by_group.values())]
    titles = item_titles(form)
    rows = [
        (_name(group, names), [found.get(item) for item in items], of[group])
        for group, found in by_group.items()
    ]
    return [titled(titles[item]) for item in items], sorted(rows, key=lambda row: group_order(row[0]))


def _said(form: CountForm, numbers: Sequence[Number], names: dict[UUID, str]) -> str:
    """Return numbers in one line: class, item, count."""
    titles = item_titles(form)
    told = [
        f"{_name(group, names)} {titled(titles.get(item)) or item} {count}"
        for group, item, count, _of in numbers
        if count
    ]
    return " · ".join(told) or gettext("零报告")


def _group_names(sheet: CountSheet) -> dict[UUID, str]:
    rows = FacilityGroup.objects.filter(facility=sheet.facility_id).values_list("pk", "name")
    return dict(rows) if sheet.facility_id else {}


def _name(group: UUID | None, names: dict[UUID, str]) -> str:
    return names.get(group, "—") if group else gettext("全部")
