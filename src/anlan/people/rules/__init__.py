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
    BORN = "born"  # how the name sounds, and the birth day: the same person entered twice meets here


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


class LikenessGrade(models.TextChoices):
    """What the evidence about two identities amounts to."""

    CERTAIN = "certain", _("就是同一人")
    LIKELY = "likely", _("很可能同一人")
    POSSIBLE = "possible", _("可能同一人")
    DIFFERENT = "different", _("不是同一人")


class Evidence(models.TextChoices):
    """How two identities agree or differ in one field, in a sentence."""

    ID_SAME = "id_same", _("身份证号相同")
    ID_SAME_OLD = "id_same_old", _("15 位旧号与 18 位号是同一个号码")
    ID_DIFFERENT = "id_different", _("身份证号不同")
    ID_DIFFERENT_OLD = "id_different_old", _("15 位旧号与 18 位号对不上")
    NAME_SAME = "name_same", _("姓名相同")
    NAME_SPACED = "name_spaced", _("姓名只差空格或间隔号")
    NAME_VARIANT = "name_variant", _("姓名只差繁体或异体字")
    NAME_HOMOPHONE = "name_homophone", _("姓名同音不同字")
    NAME_LATIN = "name_latin", _("一边姓名是拼音，读音相同")
    NAME_NEAR = "name_near", _("姓名读音相近（如 n/l、zh/z、an/ang）")
    NAME_INITIALS = "name_initials", _("一边姓名只有拼音首字母，能对上")
    NAME_DIFFERENT = "name_different", _("姓名不同")
    BIRTH_SAME = "birth_same", _("出生日期相同")
    BIRTH_SWAPPED = "birth_swapped", _("出生日期的月和日对调")
    BIRTH_YEAR = "birth_year", _("同年出生，日期不同")
    BIRTH_DIFFERENT = "birth_different", _("出生年份不同")
    SEX_SAME = "sex_same", _("性别相同")
    SEX_DIFFERENT = "sex_different", _("性别不同")
    PHONE_SAME = "phone_same", _("电话相同")
    PHONE_FAMILY = "phone_family", _("电话相同但姓名不同，常见于一家人")
    PHONE_DIFFERENT = "phone_different", _("电话不同")
    DOOR_SAME = "door_same", _("门牌相同")
    DOOR_SAME_SOUND = "door_same_sound", _("门牌相同，姓名音同或音近，也可能是兄弟姐妹")
    DOOR_FAMILY = "door_family", _("门牌相同但姓名不同，常见于一家人")
    BUILDING_SAME = "building_same", _("同一楼栋")
    GRID_SAME = "grid_same", _("同一网格")
    COMMUNITY_SAME = "community_same", _("同一社区")
    PLACE_DIFFERENT = "place_different", _("不在同一社区")
    RELATION_SAME = "relation_same", _("与户主关系相同")
    RELATION_DIFFERENT = "relation_different", _("与户主关系不同")


class TwinState(models.TextChoices):
    """What was decided about two entries that may be one person."""

    OPEN = "open", _("待核实")
    MERGED = "merged", _("已合并")
    DIFFERENT = "different", _("不是同一人")


class TwinsApart(models.TextChoices):
    """How somebody knows that two entries are two people."""

    ASKED = "asked", _("问过本人或家人")
    DOCUMENTS = "documents", _("看过两人的证件")
    KNOWN = "known", _("认识两人")


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


@lru_cache(maxsize=65_536)  # given names repeat among a million people far more than whole names
def _syllables(characters: str) -> tuple[str, ...]:
    """Return the syllable of each character; letters and characters without a reading stay as they are."""
    return tuple(part for part in lazy_pinyin(characters, style=Style.NORMAL, v_to_u=False) if part)


# What a listener mishears, in this order: zh and z, an and ang, l and n, lü and lu.
BLURS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("v", "u"))


def blurred(pinyin: str) -> str:
    """Return pinyin without the differences that are misheard."""
    for heard, written in BLURS:
        pinyin = pinyin.replace(heard, written)
    return pinyin


def born_token(pinyin: str, birth_on: date) -> str:
    """Return how a name sounds with the birth day, month and day in the order of their size."""
    low, high = sorted((birth_on.month, birth_on.day))
    return f"{blurred(pinyin)}/{birth_on.year}-{low:02}-{high:02}"


def born_sql(pinyin: str, birth_on: str) -> str:
    """Return the SQL expression of `born_token` over two columns, for rows made by the million."""
    for heard, written in BLURS:
        pinyin = f"replace({pinyin}, '{heard}', '{written}')"
    month, day = (f"extract({part} FROM {birth_on})::int" for part in ("month", "day"))
    parts = (f"to_char({value}, 'FM00')" for value in (f"least({month}, {day})", f"greatest({month}, {day})"))
    return f"{pinyin} || '/' || to_char({birth_on}, 'FMYYYY-') || " + " || '-' || ".join(parts)


AREA_DIGITS = (18, 15, 12, 9, 6)  # micro-grid, grid, community, subdistrict, district


def smallest_area_of(one: str, other: str) -> str:
    """Return the code of the smallest area that holds both; "" where not even the district is the same."""
    for digits in AREA_DIGITS:
        if len(one) >= digits and len(other) >= digits and one[:digits] == other[:digits]:
            return one[:digits]
    return ""
