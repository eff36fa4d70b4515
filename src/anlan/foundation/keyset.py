"""Pages by key, not by offset: page 10,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from anlan.foundation import strict_json
from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import Invalid

M = TypeVar("M", bound=Model)
PAGE_ROWS = 50
LARGEST = 2**63 - 1  # of a key that is a number
COUNT_EXACT_TO = 1000  # beyond it a list says "more than 1,000" (DESIGN.md section 4)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of a list, with the marks of its neighbours."""

    rows: Sequence[M]
    after: str | None  # mark of the next page; None at the end
    before: str | None  # mark of the previous page; None at the start


def _mark(row: Model, order: Sequence[str]) -> str:
    values = [str(getattr(row, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


class BadMark(Invalid):
    """The mark was not made by this list."""

    code = "bad_page_mark"


def _unmark(mark: str, order: Sequence[str], model: type[Model]) -> list[Any]:
    """Return the values of a mark, each as its column has it."""
    try:
        values = strict_json.parse(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
    except ValueError as error:
        raise BadMark from error
    is_row = isinstance(values, list) and len(values) == len(order)
    if not is_row or not all(isinstance(value, str) for value in values):
        raise BadMark
    columns = [model._meta.get_field(name.lstrip("-")) for name in order]
    return [_as_column(column, value) for column, value in zip(columns, values, strict=True)]


def _as_column(column: Any, value: str) -> Any:
    try:
        read = column.to_python(value)
    except (ValidationError, ValueError, OverflowError) as error:
        raise BadMark from error
    is_placeless = isinstance(read, datetime) and read.tzinfo is None
    if is_placeless or (isinstance(read, int) and abs(read) > LARGEST):
        raise BadMark
    return read


def _beyond(values: Sequence[Any], order: Sequence[str], *, forward: bool) -> Q:
    """Return the condition 'sorts after these values' (lexicographic, each column with its own direction)."""
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        after = "lt" if name.startswith("-") == forward else "gt"
        condition |= equal & Q(**{f"{column}__{after}": value})
        equal &= Q(**{column: value})
    # Said again as one bound, where an index can begin.
    first = order[0].lstrip("-")
    bound = "lte" if order[0].startswith("-") == forward else "gte"
    return condition & Q(**{f"{first}__{bound}": values[0]})


def page_of(
    rows: QuerySet[M],
    *,
    order: Sequence[str],
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE_ROWS,
    ranges: AreaRanges | None = None,
) -> Page[M]:
    """Return one page of rows in the given order; the last column of `order` must be unique.

    With `ranges`, each range is read by itself up to one page, which keeps several ranges as fast as one.
    Raises Invalid for a mark that was not made by this function.
    """
    backward = before is not None and not after
    wanted = rows
    if after:
        wanted = rows.filter(_beyond(_unmark(after, order, rows.model), order, forward=True))
    elif before:
        wanted = rows.filter(_beyond(_unmark(before, order, rows.model), order, forward=False))
    direction = [_turned(name) for name in order] if backward else list(order)
    parts = [part.order_by(*direction)[: size + 1] for part in _by_range(wanted, ranges)]
    if len(parts) == 1:
        found = list(parts[0])
    else:
        found = list(parts[0].union(*parts[1:], all=True).order_by(*direction)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    has_next = more if not backward else True
    has_previous = bool(after) if not backward else more
    return Page(
        rows=found,
        after=_mark(found[-1], order) if found and has_next else None,
        before=_mark(found[0], order) if found and has_previous else None,
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _by_range(rows: QuerySet[M], ranges: AreaRanges | None) -> list[QuerySet[M]]:
    """Return the rows of each range, or all together where there are no several ranges."""
    if ranges is None or len(ranges.codes) < 2:
        return [rows]
    return [rows.filter(area_code__gte=low, area_code__lt=beyond) for low, beyond in ranges.bounds()]


def count_up_to(
    rows: QuerySet[M], limit: int = COUNT_EXACT_TO, ranges: AreaRanges | None = None
) -> tuple[int, bool]:
    """Return (count, exact): counted to the limit, then 'more than'; with `ranges`, range by range."""
    counted = 0
    for part in _by_range(rows, ranges):
        # In the order of the index: behind a policy the planner expects few rows and would read them all.
        ordered = part.order_by() if ranges is None else part.order_by("area_code")
        counted += ordered[: limit + 1 - counted].count()
        if counted > limit:
            break
    return min(counted, limit), counted <= limit
