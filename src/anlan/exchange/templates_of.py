"""The empty workbook of a register: its columns, drop-downs, hints, and a sheet that explains."""

import io

from django.utils.translation import gettext as _

from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers import Register
from anlan.foundation.sheets.writing import Column, Sheet, write_workbook

BLANK_ROWS = 500  # prepared as text, so that identity numbers keep their digits


def template_of(register: type[Register]) -> bytes:
    """Return the template of a register as a workbook."""
    shown = [column for column in register.columns if not column.is_hidden]
    columns = [
        Column(column.title, width=column.width, kind="text", choices=column.choices, hint=str(column.hint))
        for column in shown
        if not column.is_further
    ]
    explained = [
        (column.title, _("必填") if column.is_needed else "", _explained(column), "、".join(column.headings))
        for column in shown
    ]
    notes = [
        Column(_("列"), 14),
        Column(_("是否必填"), 10),
        Column(_("说明"), 50),
        Column(_("也认得的列名"), 60),
    ]
    target = io.BytesIO()
    sheets = [
        Sheet(str(register.title), columns, [], blank_rows=BLANK_ROWS),
        Sheet(_("填写说明"), notes, explained),
    ]
    write_workbook(target, sheets, origin={"register": register.key})
    return target.getvalue()


def _explained(column: SheetColumn) -> str:
    """Return what a column's hint says and what may stand in it."""
    parts = [str(column.hint), _("填其中之一：%(choices)s") % {"choices": "、".join(column.choices)}]
    return "；".join(part for part in parts[: 2 if column.choices else 1] if part)
