"""Turns values as calamine gives them into text and one character for the kind."""

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from anlan.foundation.sheets.bounds import MAX_CELL
from anlan.foundation.sheets.faults import Fault

EXACT_BELOW = 10**15  # a spreadsheet keeps 15 digits
HALF_A_SECOND = timedelta(microseconds=500_000)
LAST_YEAR = 9999
NUL, VISIBLE_NUL = "\x00", "\u2400"  # no database takes the first


def texts_and_kinds(values: Sequence[Any], row: int) -> tuple[list[str], list[str]]:
    """Return what a row's cells show and of which kind each is."""
    texts: list[str] = []
    kinds: list[str] = []
    for value in values:
        if value == "":
            texts.append("")
            kinds.append(" ")
            continue
        kind = type(value)
        if kind is str:
            if len(value) > MAX_CELL:
                raise Fault("cell_too_long", row=row)
            texts.append(value if NUL not in value else value.replace(NUL, VISIBLE_NUL))
            kinds.append("t")
        elif kind is float or kind is int:
            text, mark = _number(value)
            texts.append(text)
            kinds.append(mark)
        elif kind is bool:
            texts.append("TRUE" if value else "FALSE")
            kinds.append("b")
        else:
            texts.append(_moment(value))
            kinds.append("d")
    return texts, kinds


def _number(value: float) -> tuple[str, str]:
    """Write a number with the 15 digits a spreadsheet keeps, never with an exponent."""
    if math.isfinite(value):
        whole = int(value)
        if abs(whole) >= EXACT_BELOW:
            return format(Decimal(f"{value:.15g}"), "f"), "x"
        if whole == value:
            return str(whole), "n"
        return format(Decimal(f"{value:.15g}"), "f"), "n"
    return "#NUM!", "e"


def _moment(value: datetime | date | time | timedelta) -> str:
    """Write a date, a moment or a time as ISO text; a duration as hours:minutes:seconds."""
    if isinstance(value, datetime):
        return _to_the_second(value).isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        hours, rest = divmod(abs(seconds), 3600)
        return f"{'-' if seconds < 0 else ''}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return value.isoformat()


def _to_the_second(moment: datetime) -> datetime:
    """Round a moment: a spreadsheet keeps days as fractions, which never meet a second exactly."""
    late = HALF_A_SECOND if moment.microsecond >= 500_000 and moment.year < LAST_YEAR else timedelta()
    return (moment + late).replace(microsecond=0)
