"""Reads lists of codes as statistics offices give them, and says line by line what each would change."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.plain_text import CONTROL, has_control
from anlan.organisation.models import Area, AreaShape
from anlan.organisation.queries import in_force
from anlan.organisation.redrawing.making import NAME_LIMIT, RedrawInvalid
from anlan.organisation.redrawing.plans import NewArea, Plan
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, level_of, parent_of

MOST_LINES, SHOWN = 5_000, 120  # lines; characters of each that are kept
VILLAGES = ("210", "220")  # 城乡分类代码: centre of a township, village
CLASS = re.compile(r"^[12]\d\d$")
LINE_END = re.compile(r"\r\n|\r|\n")
PARTS = re.compile(r"[,，\t;；|]+|\s{1,}")
BAD_CODE = _("代码应为 6、9、12 或 15 位数字")
NO_NAME = _("没有名称")
LONG_NAME = _("名称太长")
CONTROL_IN_NAME = _("名称里有看不见的控制字符")
TOO_MANY = _("清单有 %(count)s 行，一次最多 %(most)s 行。请按街道分几次导入。")
OTHER_DISTRICT = _("不属于本岗位所在的区")
NO_PARENT = _("上级区域不存在，也不在清单里")
TWICE = _("同一代码在清单里出现两次")
ENDED = _("这个代码的区域已撤销，代码不重复使用")


@dataclass(frozen=True, slots=True)
class ListedLine:
    """One line and what becomes of it: new, renamed, same, or rejected with the reason."""

    number: int
    text: str
    outcome: str
    reason: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list read: the plan it makes, and every line with its end."""

    plan: Plan
    lines: tuple[ListedLine, ...]

    def count(self, outcome: str) -> int:
        """Return how many lines ended so."""
        return sum(line.outcome == outcome for line in self.lines)


def shown(text: str) -> str:
    """Return the beginning of a line as it can be kept and shown."""
    return CONTROL.sub("\ufffd", text.strip()[:SHOWN])


def short_code(code: str) -> str:
    """Return a national code of twelve digits without the zeros that fill it up to its level."""
    if len(code) == CODE_LENGTH[AreaLevel.COMMUNITY]:
        if code.endswith("000000"):
            return code[: CODE_LENGTH[AreaLevel.DISTRICT]]
        if code.endswith("000"):
            return code[: CODE_LENGTH[AreaLevel.SUBDISTRICT]]
    return code


def read_list(text: str, *, district: str, now: datetime) -> Listed:
    """Return what a list of codes changes: areas that are new, and those with another name.

    A line holds code, optionally the class of town and country (three digits), and name. Areas that the list
    does not name stay as they are. Raises RedrawInvalid for a list that is too long.
    """
    written = [(number, raw) for number, raw in enumerate(LINE_END.split(text), start=1) if raw.strip()]
    if len(written) > MOST_LINES:
        raise RedrawInvalid(fields={"text": str(TOO_MANY) % {"count": len(written), "most": MOST_LINES}})
    reader = _Reader(district, now)
    lines = [reader.take(number, raw) for number, raw in written]
    renamed = _renamed([reader.known[code] for code in reader.renamed], reader.renamed)
    plan = Plan(begins=(*reader.begins.values(), *renamed), ends=tuple(reader.renamed))
    return Listed(plan, tuple(lines))


class _Reader:
    """Reads line after line against the areas of a district as they stand."""

    def __init__(self, district: str, now: datetime) -> None:
        below = Area.objects.filter(code__startswith=district)
        self.district = district
        self.known = {row.code: row for row in below.filter(in_force(now))}
        self.ended = set(below.values_list("code", flat=True)) - self.known.keys()
        self.begins: dict[str, NewArea] = {}
        self.renamed: dict[str, str] = {}

    def take(self, number: int, raw: str) -> ListedLine:
        """Read one line and note what it changes."""
        code, kind, name = _parts(raw)
        outcome, reason = self._judged(code, name)
        if outcome == "new":
            self.begins[code] = NewArea(code, name, kind or _kind_of(code))
        elif outcome == "renamed":
            self.renamed[code] = name
        return ListedLine(number, shown(raw), outcome, reason)

    def _judged(self, code: str, name: str) -> tuple[str, str | Promise]:
        reason = self._fault(code, name)
        if reason:
            return "rejected", reason
        if code in self.known:
            return ("same" if self.known[code].name == name else "renamed"), ""
        return "new", ""

    def _fault(self, code: str, name: str) -> str | Promise:
        if not code.isascii() or not code.isdigit() or len(code) not in CODE_LENGTH.values():
            return BAD_CODE
        above = parent_of(code)
        faults = (
            (not name, NO_NAME),
            (len(name) > NAME_LIMIT, LONG_NAME),
            (has_control(name), CONTROL_IN_NAME),
            (not code.startswith(self.district), OTHER_DISTRICT),
            (code in self.begins or code in self.renamed, TWICE),
            (code in self.ended, ENDED),
            (code not in self.known and above not in self.known and above not in self.begins, NO_PARENT),
        )
        return next((reason for is_so, reason in faults if is_so), "")


def _parts(raw: str) -> tuple[str, str, str]:
    words = [word for word in PARTS.split(unicodedata.normalize("NFKC", raw).strip()) if word]
    code = short_code(words[0]) if words else ""
    is_classed = len(words) > 2 and bool(CLASS.fullmatch(words[1]))
    kind = ("village" if words[1] in VILLAGES else "residential") if is_classed else ""
    level = level_of(code) if len(code) in CODE_LENGTH.values() else ""
    name = " ".join(words[2:] if is_classed else words[1:])
    return code, kind if level in {AreaLevel.COMMUNITY, AreaLevel.GRID} else "", name


def _kind_of(code: str) -> str:
    return "residential" if len(code) >= CODE_LENGTH[AreaLevel.COMMUNITY] else "administrative"


def _renamed(areas: Iterable[Area], names: dict[str, str]) -> list[NewArea]:
    listed = list(areas)
    shapes = AreaShape.objects.filter(area__in=[row.pk for row in listed]).select_related("area")
    rings = {shape.area.code: shape.rings for shape in shapes}
    return [
        NewArea(row.code, names[row.code], row.kind, dict(row.outside_codes), rings.get(row.code))
        for row in listed
    ]
