"""Levels of the tree by code length, links between areas, and when something is in force."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.foundation.clock import SHANGHAI

BUILDING_END = re.compile(r"(?:号楼|号|栋|幢|座|楼|#)$")
LONGEST_WAIT_DAYS = 400  # a work calendar without a working day in so long is wrong


class AreaLevel(models.TextChoices):
    """The four levels, and the finest below a grid."""

    DISTRICT = "district", _("区")
    SUBDISTRICT = "subdistrict", _("街道")
    COMMUNITY = "community", _("社区")
    GRID = "grid", _("网格")
    MICRO_GRID = "micro_grid", _("微网格")


class MechanismState(models.TextChoices):
    """How a mechanism of the pack's source stands here."""

    LIVE = "live", _("已有")
    EMPTY = "empty", _("尚无记录")
    NOT_BUILT = "not_built", _("未建")


CODE_LENGTH = {
    AreaLevel.DISTRICT: 6,
    AreaLevel.SUBDISTRICT: 9,
    AreaLevel.COMMUNITY: 12,
    AreaLevel.GRID: 15,
    AreaLevel.MICRO_GRID: 18,
}
LEVEL_OF_LENGTH = {length: level for level, length in CODE_LENGTH.items()}


class LinkKind(models.TextChoices):
    """Why two areas concern each other."""

    BORDER = "border", _("接壤")
    DECLARED = "declared", _("登记关联")


class RedrawKind(models.TextChoices):
    """What is done to the tree of areas."""

    FOUND = "found", _("新设")
    SPLIT = "split", _("拆分")
    MERGE = "merge", _("合并")
    REDRAW = "redraw", _("调整边界")
    RENAME = "rename", _("更名")
    RECODE = "recode", _("换代码")
    MOVE = "move", _("改隶")
    IMPORT = "import", _("导入")
    UNDO = "undo", _("撤销调整")


class RedrawState(models.TextChoices):
    """A redraw is drafted from a file or planned, then done, withdrawn, or found impossible at its time."""

    DRAFT = "draft", _("待确认")
    PLANNED = "planned", _("待生效")
    DONE = "done", _("已生效")
    WITHDRAWN = "withdrawn", _("已取消")
    FAILED = "failed", _("未能生效")


def kinds_for(level: str) -> list[RedrawKind]:
    """Return what may be done to an area of a level."""
    if level == AreaLevel.DISTRICT:
        return [RedrawKind.RENAME, RedrawKind.FOUND]
    kinds = [RedrawKind.SPLIT, RedrawKind.MERGE, RedrawKind.REDRAW, RedrawKind.RENAME, RedrawKind.RECODE]
    if level != AreaLevel.SUBDISTRICT:
        kinds.append(RedrawKind.MOVE)
    if level != AreaLevel.MICRO_GRID:
        kinds.append(RedrawKind.FOUND)
    return kinds


class VehicleState(models.TextChoices):
    """Whether a vehicle can be sent."""

    FREE = "free", _("空闲")
    ON_DUTY = "on_duty", _("出车")
    MAINTENANCE = "maintenance", _("维修保养")
    OUT = "out", _("停用")


def level_of(code: str) -> AreaLevel:
    """Return the level of an area from the length of its code."""
    return LEVEL_OF_LENGTH[len(code)]


def digits_below(area_code: str) -> int:
    """Return the length of the codes directly below an area; of the lowest, its own."""
    return next((size for size in CODE_LENGTH.values() if size > len(area_code)), len(area_code))


def parent_of(code: str) -> str:
    """Return the code of the area above; a district has none above it here."""
    return "" if len(code) <= CODE_LENGTH[AreaLevel.DISTRICT] else code[:-3]


def ancestors_of(code: str) -> list[str]:
    """Return the codes from the district down to the area itself."""
    return [code[:length] for length in sorted(LEVEL_OF_LENGTH) if length <= len(code)]


def is_in_force(starts_at: datetime, ends_at: datetime | None, now: datetime) -> bool:
    """Say whether something that runs from–to, end excluded, is in force."""
    return starts_at <= now and (ends_at is None or now < ends_at)


def place_word(said: str) -> str:
    """Return the name of a place as it is compared: half width, lower case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", said).casefold().split())


def building_word(said: str) -> str:
    """Return a building's number or name as it is compared."""
    return BUILDING_END.sub("", place_word(said))


APART = frozenset({"audit", "security"})  # 三员分立: whoever audits or keeps security does nothing else


def fits_level(level: str, role_level: str, *, is_optional: bool) -> bool:
    """Say whether a role of one level may stand at an area of another.

    A role of an optional level (a building's head where no micro-grids are kept) stands at the grid above.
    """
    order = list(AreaLevel)
    if level == role_level:
        return True
    return is_optional and order.index(AreaLevel(level)) == order.index(AreaLevel(role_level)) - 1


def widens(*, own_codes: Iterable[str], own_purposes: Iterable[str], codes: Iterable[str],
           purposes: Iterable[str]) -> bool:  # fmt: skip
    """Say whether a post would see more areas, or serve more purposes, than one already does."""
    own = tuple(own_codes)
    return not set(purposes) <= set(own_purposes) or not all(code.startswith(own) for code in codes)


Hours = tuple[tuple[time, time], ...]  # parts of a working day, in their order


def end_of_worktime(
    start: datetime, minutes: int, *, hours: Hours, is_working: Callable[[date], bool]
) -> datetime:
    """Return the moment at which so many minutes of office hours have passed since `start`.

    Days are those of Asia/Shanghai. Raises ValueError where no office hours are given, or where none come
    within a year.
    """
    left = timedelta(minutes=minutes)
    first = start.astimezone(SHANGHAI).date()
    for ahead in range(LONGEST_WAIT_DAYS if hours else 0):
        day = first + timedelta(days=ahead)
        for begins, ends in hours if is_working(day) else ():
            opened = max(start, datetime.combine(day, begins, SHANGHAI))
            span = datetime.combine(day, ends, SHANGHAI) - opened
            if span <= timedelta(0):
                continue
            if left <= span:
                return (opened + left).astimezone(UTC)
            left -= span
    raise ValueError("no office hours to count")
