"""Set one column of all rows a list is narrowed to: an import that the house makes itself.

What it would do is tried, shown, written on a word, stopped and undone as that of any file (decision 0053).
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.exchange.actions.receiving import SUBJECT, receive_file
from anlan.exchange.bulk_queries import MOST_ROWS, access_bulk, bulk_columns, bulk_rows, count_bulk
from anlan.exchange.cells import TEXT, Cell
from anlan.exchange.layout import SheetColumn
from anlan.exchange.models import ImportBatch
from anlan.exchange.queries import visible_batches
from anlan.exchange.registers import KEY, VERSION, Register
from anlan.exchange.words import words_of_problems
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.ids import new_id
from anlan.foundation.sheets.writing import Column, Sheet, write_workbook


class BulkInvalid(Invalid):
    """Say what is missing or wrong in what is asked for."""

    code = "bulk_invalid"
    sentence = _("请按提示补全批量修改。")


@dataclass(frozen=True, slots=True)
class BulkAsked:
    """Which rows, which column of theirs, and what is to stand in it."""

    list: str
    filters: Mapping[str, str]
    column: str
    value: str
    batch_id: UUID | None = None


def ask_bulk_edit(*, actor: Actor, asked: BulkAsked, now: datetime) -> ImportBatch:
    """Hand the rows in over as a table of the register, each with its key, its version and the one value.

    Nothing is written before the batch was tried and somebody asked for it. A second call with the same
    `batch_id` is the same act. Raises NotFound for a list or filter beyond the post, BulkInvalid, FormSpent.
    """
    sheet, register = access_bulk(actor, asked.list)
    with transaction.atomic():
        earlier = visible_batches(actor).filter(pk=asked.batch_id).first() if asked.batch_id else None
        if earlier is not None:
            return earlier
        column = _checked(register, actor, asked, now)
        filters = sheet.chosen(asked.filters)
        _check_count(*count_bulk(actor, sheet, filters, now))
        rows = bulk_rows(actor, sheet, filters, now)
        batch = receive_file(
            actor=actor,
            register=register.key,
            name=_now("批量修改：%(column)s") % {"column": column.title} + ".xlsx",
            content=_workbook(register, column, asked.value.strip(), rows),
            now=now,
            batch_id=asked.batch_id,
        )
        detail = {"list": sheet.key, "column": column.key, "rows": len(rows)}
        audit.record("ask_bulk_edit", SUBJECT, [batch.pk], area_code=batch.area_code, detail=detail)
    return batch


def _checked(register: type[Register], actor: Actor, asked: BulkAsked, now: datetime) -> SheetColumn:
    """Return the column asked for; the value is read as a cell of a table would be."""
    column = next((one for one in bulk_columns(register) if one.key == asked.column), None)
    if column is None:
        raise BulkInvalid(fields={"column": _("请选择改哪一列。")})
    if not asked.value.strip():
        raise BulkInvalid(fields={"value": _("请填写改成什么。")})
    cells = {KEY: Cell(str(new_id()), TEXT), column.key: Cell(asked.value.strip(), TEXT)}
    if problems := register(actor, now).read(1, cells).problems:
        raise BulkInvalid(fields={"value": words_of_problems(problems)})
    return column


def _check_count(count: int, is_exact: bool) -> None:
    if not is_exact:
        sentence = _("超过一次批量修改的上限 %(most)s 行。请先在列表页缩小范围。") % {
            "most": f"{MOST_ROWS:,}"
        }
        raise BulkInvalid(sentence, code="too_many_rows")
    if not count:
        raise BulkInvalid(_("这个范围里没有一条记录。请回到列表页放宽条件。"), code="no_rows")


def _workbook(register: type[Register], column: SheetColumn, value: str, rows: Sequence[Any]) -> bytes:
    """Return the table; columns that the register must find stand there empty, which says nothing."""
    needed = [one.title for one in register.columns if one.is_needed and one.key != column.key]
    record = [one.title for one in register.columns if one.key in (KEY, VERSION)]
    headings = [Column(title) for title in (*needed, *record, column.title)]
    blank = [""] * len(needed)
    table = ((*blank, str(row.id), str(row.version), value) for row in rows)
    target = io.BytesIO()
    origin = {"list": register.key, "register": register.key, "bulk": column.key}
    write_workbook(target, [Sheet(str(register.title), headings, table)], origin=origin)
    return target.getvalue()
