"""How settings are put before people: the value in force at a place, where it comes from, what it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.known_settings import KnownSetting
from anlan.foundation.ports import ports
from anlan.organisation.models import Setting
from anlan.organisation.queries import (
    area_names,
    areas_above,
    may_manage,
    settings_at,
    settings_ever_at,
)
from anlan.organisation.rules import AreaLevel, level_of

HISTORY_SHOWN = 50


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as it is in force at a place."""

    known: KnownSetting
    value: int
    source: str  # the level and name of the area it comes from


@dataclass(frozen=True, slots=True)
class LevelLine:
    """What one level above, or the place itself, has set."""

    place: str
    level: str
    row: Setting | None
    decides: bool


def access_known(key: str) -> KnownSetting:
    """Return what is declared under this name, or raise NotFound."""
    known = next((row for row in ports().known_settings if row.key == key), None)
    if known is None:
        raise NotFound
    return known


def setting_lines(area_code: str, *, now: datetime) -> list[SettingLine]:
    """Return every setting with the value in force at a place and where it comes from."""
    known = ports().known_settings
    set_here = settings_at([row.key for row in known], area_code, now=now)
    closest = {row.key: row for row in sorted(set_here, key=lambda row: len(row.area_code))}
    names = area_names({row.area_code for row in set_here}, now=now)
    return [
        SettingLine(row, closest[row.key].value, _place(closest[row.key].area_code, names))
        if row.key in closest
        else SettingLine(row, row.default, _("系统默认"))
        for row in known
    ]


def setting_context(actor: Actor, known: KnownSetting, area_code: str, *, now: datetime) -> dict[str, Any]:
    """Return the parts of one setting's page at a place."""
    rows = {row.area_code: row for row in settings_at([known.key], area_code, now=now)}
    names = area_names([area_code, *rows], now=now)
    above = [area.code for area in areas_above(area_code, now=now)]
    names |= {area.code: area.name for area in areas_above(area_code, now=now)}
    codes = [*above, area_code]
    decides = max((code for code in codes if code in rows), key=len, default="")
    own = rows.get(area_code)
    return {
        "known": known,
        "area_code": area_code,
        "place": names.get(area_code, area_code),
        "value": rows[decides].value if decides else known.default,
        "by_default": not decides,
        "levels": [_level(code, names, rows, decides) for code in codes],
        "history": _history(settings_ever_at(known.key, codes)[:HISTORY_SHOWN], names),
        "own": own,
        "manages": may_manage(actor, area_code),
    }


def _level(code: str, names: dict[str, str], rows: dict[str, Setting], decides: str) -> LevelLine:
    level = str(AreaLevel(level_of(code)).label)
    return LevelLine(names.get(code, code), level, rows.get(code), code == decides)


def _history(rows: Iterable[Setting], names: dict[str, str]) -> list[tuple[Setting, str]]:
    return [(row, _place(row.area_code, names)) for row in rows]


def _place(code: str, names: dict[str, str]) -> str:
    return f"{AreaLevel(level_of(code)).label} · {names.get(code, code)}" if code else _("系统")
