"""Every question about bulk edits: which lists, which columns, how many rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from anlan.exchange.export_queries import access_list
from anlan.exchange.layout import SheetColumn
from anlan.exchange.lists import Filters, ListSheet
from anlan.exchange.queries import may_import
from anlan.exchange.registers import REGISTERS, Register
from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.keyset import count_up_to, page_of

MOST_ROWS = 20_000


def access_bulk(actor: Actor, key: str) -> tuple[ListSheet, type[Register]]:
    """Return a list and the register behind it, of the same key; NotFound unless both are the post's."""
    sheet = access_list(actor, key)
    if not may_import(actor, key) or not REGISTERS[key].bulk:
        raise NotFound
    return sheet, REGISTERS[key]


def bulk_columns(register: type[Register]) -> list[SheetColumn]:
    """Return the columns that may be set for many rows, in the order the register names them."""
    known = {column.key: column for column in register.columns}
    return [known[key] for key in register.bulk]


def count_bulk(actor: Actor, sheet: ListSheet, filters: Filters, now: datetime) -> tuple[int, bool]:
    """Return how many rows the list is narrowed to, and whether that is all of them."""
    rows = _plain(sheet.found(actor, filters, now))
    return count_up_to(rows, limit=MOST_ROWS, ranges=actor.ranges if sheet.by_ranges else None)


def bulk_rows(actor: Actor, sheet: ListSheet, filters: Filters, now: datetime) -> Sequence[Any]:
    """Return id and version of the rows the list is narrowed to, in its order."""
    rows = _plain(sheet.found(actor, filters, now)).values_list("area_code", "id", "version", named=True)
    ranges = actor.ranges if sheet.by_ranges else None
    return page_of(rows, order=sheet.order, size=MOST_ROWS, ranges=ranges).rows


def _plain(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related(None).prefetch_related(None)
