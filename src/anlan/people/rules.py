"""Decides how a name is read and compared, which ages make a group, and how much looking-up is ordinary."""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from django.db import models
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

from anlan.foundation.known_settings import KnownSetting
from anlan.foundation.masks import DOUBLE_SURNAMES

SURNAME_READINGS = {  # read otherwise in a surname than in a word; two where families differ
    "单": ("shan",), "仇": ("qiu",), "解": ("xie",), "曾": ("zeng",), "查": ("zha",), "区": ("ou",),
    "任": ("ren",), "盖": ("ge", "gai"), "朴": ("piao", "pu"), "翟": ("zhai", "di"), "乐": ("yue", "le"),
    "员": ("yun",), "缪": ("miao",), "覃": ("qin", "tan"), "冼": ("xian",), "种": ("chong",),
    "尉迟": ("yuchi",), "万俟": ("moqi",), "长孙": ("zhangsun",), "澹台": ("tantai",), "令狐": ("linghu",),
    "秘": ("bi",), "折": ("she",), "繁": ("po",), "车": ("che",), "黑": ("he",), "宓": ("mi", "fu"),
}  # fmt: skip


class TokenKind(models.TextChoices):
    """What a search token was made from."""

    NAME = "name"
    PINYIN = "pinyin"
    INITIALS = "initials"
    ID_NUMBER = "id"  # keyed hash of the whole number
    PHONE = "phone"  # keyed hash of the whole number
    PHONE_TAIL = "tail"  # keyed hash of the last four
    DOOR = "door"  # building/unit/room


class LookUpKind(models.TextChoices):
    """Ways in which a person is looked up, each with a limit of its own."""

    LISTED = "listed"  # a masked row of a list or of hits
    SEARCHED = "searched"  # one search
    OPENED = "opened"  # the page of one person or household
    ALARMED = "alarmed"  # the security officer was told


class ErasureBasis(models.TextChoices):
    """Why a record of the register must go (Personal Information Protection Law, article 47)."""

    PURPOSE_ENDED = "purpose_ended", _("处理目的已实现、无法实现或不再必要（如迁出）")
    PERIOD_OVER = "period_over", _("保存期限已届满")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("本人撤回同意")
    UNLAWFUL = "unlawful", _("违反法律法规或约定处理")
    OTHER_LAW = "other_law", _("法律、行政法规规定的其他情形")


# In a window and the one before it. A worker with 200 visits a day opens about 5 doors in ten minutes.
WINDOW = timedelta(minutes=10)
LOOK_UP_LIMITS = {LookUpKind.LISTED: 3000, LookUpKind.SEARCHED: 120, LookUpKind.OPENED: 150}
# The lowest still let a day of 200 visits through, the highest still stop 5,000 look-ups (SAFETY.md 12).
_TIGHTER = _("调低则更早暂停并提醒安全管理员；调高须有理由。")
LOOK_UP_SETTINGS = {
    LookUpKind.OPENED: KnownSetting(
        "look_ups.opened", _("二十分钟内可打开的人数"), _TIGHTER, LOOK_UP_LIMITS[LookUpKind.OPENED], 60, 300
    ),
    LookUpKind.SEARCHED: KnownSetting(
        "look_ups.searched",
        _("二十分钟内可检索的次数"),
        _TIGHTER,
        LOOK_UP_LIMITS[LookUpKind.SEARCHED],
        60,
        240,
    ),
    LookUpKind.LISTED: KnownSetting(
        "look_ups.listed",
        _("二十分钟内名单可列出的人数"),
        _TIGHTER,
        LOOK_UP_LIMITS[LookUpKind.LISTED],
        1000,
        4500,
    ),
}


class AgeBand(models.TextChoices):
    """Groups of residents that a round or a notice is for."""

    CHILD = "child", _("0–14 岁")
    GROWN = "grown", _("15–59 岁")
    OLD = "old", _("60–79 岁")
    VERY_OLD = "very_old", _("80 岁及以上")


BAND_YEARS = {
    AgeBand.CHILD: (0, 15),
    AgeBand.GROWN: (15, 60),
    AgeBand.OLD: (60, 80),
    AgeBand.VERY_OLD: (80, 130),
}


def born_within(band: str, today: date) -> tuple[date, date]:
    """Return (first, beyond) of the birth days that fall into an age band today."""
    youngest, beyond = BAND_YEARS[AgeBand(band)]
    return years_before(today, beyond) + timedelta(days=1), years_before(today, youngest) + timedelta(days=1)


def years_before(day: date, years: int) -> date:
    """Return the same day so many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def plain(text: str) -> str:
    """Return text in the one form that is stored and compared: half width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def plain_name(name: str) -> str:
    """Return a name without spaces and the dot between the parts of a long name."""
    return re.sub(r"[\s·・•.]", "", plain(name))


def surname_of(name: str) -> str:
    """Return the surname a Chinese name begins with."""
    return name[:2] if name[:2] in DOUBLE_SURNAMES else name[:1]


@lru_cache(maxsize=20_000)
def readings_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return (pinyin, initials) of a name, once per reading of its surname."""
    name = plain_name(name)
    surname = surname_of(name)
    given = _syllables(name[len(surname) :])
    readings = SURNAME_READINGS.get(surname) or ("".join(_syllables(surname)),)
    first = "".join(part[0] for part in _syllables(surname)) if len(surname) > 1 else ""
    return tuple(
        (reading + "".join(given), (first or reading[:1]) + "".join(part[:1] for part in given))
        for reading in readings
    )


def _syllables(characters: str) -> list[str]:
    """Return the syllable of each character; letters and characters without a reading stay as they are."""
    return [part for part in lazy_pinyin(characters, style=Style.NORMAL, v_to_u=False) if part]
