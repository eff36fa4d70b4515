"""Reads a CSV of daily counts into rows; what cannot be read is a row too, with its reason."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import Invalid

# column: the headings it may stand under
COLUMNS: dict[str, tuple[str, ...]] = {
    "day": ("day", "date", "on", "日期"),
    "unit": ("unit", "unit_code", "facility", "单位", "单位代码"),
    "area": ("area", "area_code", "区域", "区域代码", "网格"),
    "form": ("form", "报数表"),
    "item": ("item", "indicator", "项目", "指标"),
    "group": ("class", "group", "班级", "楼层"),
    "count": ("count", "数量", "人数", "计数"),
    "of": ("of", "denominator", "总数", "应到"),
}
NEEDED = ("day", "item", "count")
MOST_ROWS = 50_000
MOST_DIGITS = 7

REASONS: dict[str, str | Promise] = {
    "wrong_shape": _("列数与表头不一致，或这一行无法读出"),
    "bad_day": _("日期无法读出，须为 2026-11-23 的写法"),
    "bad_count": _("数量须为 0 或正整数"),
    "bad_total": _("总数须为 0 或正整数，且不小于数量"),
    "no_place": _("没有写明单位或区域"),
    "form_unknown": _("没有这种报数表，或项目不能确定属于哪张表"),
    "item_unknown": _("报数表里没有这个项目"),
    "not_countable": _("日期在将来或过早"),
    "contradicts": _("与本文件前面的一行数字不同"),
    "not_yours": _("您的岗位不能代该单位或区域报这张表"),
    "refused": _("未能入账"),
    "unit_unknown": _("找不到这个单位，或不在您的职责范围内"),
    "several_units": _("有几个单位符合，不能确定是哪一个"),
    "area_unknown": _("找不到这个区域，或不在您的职责范围内"),
    "class_unknown": _("该单位没有这个班级"),
}


class NotACountFile(Invalid):
    """The file has no heading row with the columns needed, or is too long."""

    code = "not_a_count_file"
    sentence = _("文件须为 CSV，首行为列名，至少有 day、item、count 三列，不超过五万行。")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row as written; `fault` is a key of REASONS where it cannot be read."""

    number: int  # as a spreadsheet counts: the heading row is 1
    raw: tuple[str, ...]
    fault: str = ""
    day: date | None = None
    unit: str = ""
    area: str = ""
    form: str = ""
    item: str = ""
    group: str = ""
    count: int = 0
    of: int | None = None


def decoded(content: bytes) -> str:
    """Return the text of a file saved as UTF-8 or, as spreadsheets here do, GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotACountFile


def read_rows(text: str) -> tuple[tuple[str, ...], list[CsvRow]]:
    """Return the headings and every row below them that is not blank; raise NotACountFile."""
    records = _records(text)
    heading = next(records, None)
    if heading is None:
        raise NotACountFile
    columns = _columns(heading)
    rows = []
    for number, record in enumerate(records, start=2):
        if record is not None and not any(cell.strip() for cell in record):
            continue
        rows.append(read_row(number, record, columns, len(heading)))
        if len(rows) > MOST_ROWS:
            raise NotACountFile
    return tuple(heading), rows


def row_again(number: int, heading: tuple[str, ...], raw: tuple[str, ...]) -> CsvRow:
    """Return a row that was kept, read anew."""
    return read_row(number, list(raw), _columns(list(heading)), len(heading))


def _records(text: str) -> Iterator[list[str] | None]:
    """Yield each record, None for one that csv cannot read."""
    reader = csv.reader(io.StringIO(text.replace("\x00", "\ufffd"), newline=""))
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _columns(heading: list[str] | None) -> dict[str, int]:
    said = [cell.strip().lower() for cell in heading or []]
    columns = {
        column: said.index(name) for column, names in COLUMNS.items() for name in names[::-1] if name in said
    }
    if not all(column in columns for column in NEEDED):
        raise NotACountFile
    return columns


def read_row(number: int, record: list[str] | None, columns: dict[str, int], width: int) -> CsvRow:
    """Return one record as a row, with the first fault found in it."""
    raw = tuple(record or ())
    if len(raw) != width:
        return CsvRow(number, raw, "wrong_shape")
    said = {column: raw[place].strip() for column, place in columns.items()}
    day, count = _day(said["day"]), _whole(said["count"])
    if day is None:
        return CsvRow(number, raw, "bad_day")
    if count is None:
        return CsvRow(number, raw, "bad_count")
    of = _whole(said["of"]) if said.get("of") else None
    if said.get("of") and (of is None or of < count):
        return CsvRow(number, raw, "bad_total")
    if not said.get("unit") and not said.get("area"):
        return CsvRow(number, raw, "no_place")
    words = {name: said.get(name, "") for name in ("unit", "area", "form", "item", "group")}
    return CsvRow(number, raw, day=day, count=count, of=of, **words)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-")) if text.isascii() else None
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS - 1 else None
