"""What offices do to rows of residents: each kind of dirt with what an import has to say of it.

`wrong` is the reason by which such a row is not stored, or "good" where it is only written unusually.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Literal

from stdnum.cn import ric

CellKind = Literal["t", "n", "d", "f", "e"]  # text, number, date, result of a formula, error
GOOD = "good"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
GIVEN = (
    "秀英桂兰玉珍淑华丽敏静芳艳娟霞建国志明文军晓东海燕春梅俊杰"
    "浩宇梓涵雨欣思佳子轩嘉怡一诺沐辰奕泽承景佩瑶书航"
)
RARE = "𬘬㛃𬀪㛃𬸚䶮龑翀犇喆堃昉赟旻彧祎"
FORMULAS = ('=HYPERLINK("http://a","王芳")', "+cmd|' /C calc'!A0", "@SUM(1+1)", "-1+1", "\t=1+1", "＝1+1")
RELATIONS = ("户主", "配偶", "子", "女", "父亲", "母亲", "孙女", "租户")
MOBILE_BEGINNINGS = ("138", "139", "150", "159", "177", "186", "189")
FULL_WIDTH = {ord(character): ord(character) + 0xFEE0 for character in "0123456789Xx"}
FIRST_BIRTH, LAST_BIRTH = date(1935, 1, 1), date(2020, 12, 31)
OLD_NUMBERS_BEFORE = date(1999, 10, 1)  # 15 digits were given until then


@dataclass(frozen=True)
class DirtyArea:
    """A grid that rows may name, with the buildings that stand in it."""

    name: str
    code: str
    buildings: tuple[str, ...] = ("1", "2")
    unit_count: int = 2


@dataclass(frozen=True)
class Cell:
    """What is written in one cell; dates as ISO text."""

    text: str
    kind: CellKind = "t"


@dataclass(frozen=True)
class Person:
    """Whom a row means: what is right, however it is written."""

    name: str
    id_number: str
    phone: str
    birth_on: date
    is_male: bool
    relation: str
    area: DirtyArea
    building: str
    unit: str
    room: str


@dataclass
class Line:
    """One row as it is going to be written."""

    person: Person
    cells: dict[str, Cell]
    dirt: str = ""  # nothing: clean
    wrong: str = GOOD
    column: str = ""  # which the dirt is in
    asks: str = ""  # the question on whose answer the row depends: hidden, merged, formulas
    of: "Line | None" = None  # the earlier row that this one repeats or contradicts
    merged_rows: int = 1  # rows over which its building is merged, counted from this one


@dataclass
class People:
    """Draws people, none of them twice."""

    random: Random
    areas: tuple[DirtyArea, ...]
    taken: set[str] = field(default_factory=set)

    def person(self, area: DirtyArea | None = None, building: str = "") -> Person:
        """Return somebody who lives in one of the areas."""
        random = self.random
        born = FIRST_BIRTH + timedelta(days=random.randrange((LAST_BIRTH - FIRST_BIRTH).days))
        is_male = random.random() < 0.5
        area = area or random.choice(self.areas)
        return Person(
            name=self._fresh(lambda: random.choice(SURNAMES) + "".join(random.sample(GIVEN, 2))),
            id_number=self._fresh(lambda: id_number(random, born, is_male=is_male)),
            phone=self.phone(),
            birth_on=born,
            is_male=is_male,
            relation=random.choice(RELATIONS),
            area=area,
            building=building or random.choice(area.buildings),
            unit=str(random.randint(1, area.unit_count)),
            room=f"{random.randint(1, 28)}0{random.randint(1, 6)}",
        )

    def phone(self) -> str:
        """Return a mobile number of nobody else."""
        return self._fresh(
            lambda: self.random.choice(MOBILE_BEGINNINGS) + f"{self.random.randrange(10**8):08d}"
        )

    def _fresh(self, draw: Callable[[], str]) -> str:
        for _ in range(50):
            drawn = draw()
            if drawn not in self.taken:
                break
        self.taken.add(drawn)
        return drawn


def id_number(random: Random, born: date, *, is_male: bool) -> str:
    """Return a valid number."""
    serial = random.randrange(0, 500) * 2 + is_male
    body = f"330199{born:%Y%m%d}{serial:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


Act = Callable[[Random, Person], str | Cell]


@dataclass(frozen=True)
class Dirt:
    """A kind of dirt: the column it is in, what an import has to say of it, and how it is written."""

    key: str
    column: str
    wrong: str
    act: Act
    asks: str = ""
    fits: Callable[[Person], bool] = lambda _person: True


def _wrong_check(random: Random, person: Person) -> str:
    last = random.choice([digit for digit in "0123456789X" if digit != person.id_number[-1]])
    return person.id_number[:-1] + last


def _one_short(random: Random, person: Person) -> str:
    at = random.randrange(18)
    return person.id_number[:at] + person.id_number[at + 1 :]


def _no_date(random: Random, _person: Person) -> str:
    return f"33019919{random.randint(13, 99)}9931{random.randint(1000, 9999)}"


def _spaced(_random: Random, person: Person) -> str:
    number = person.id_number
    return f" {number[:6]} {number[6:14]}\u3000{number[14:]}"


def _ends_with_x(person: Person) -> bool:
    return person.id_number.endswith("X")


def _day(person: Person, form: str) -> str:
    return form.format(person.birth_on.year, person.birth_on.month, person.birth_on.day)


def _number_without_end(_random: Random, person: Person) -> Cell:
    return Cell(person.id_number[:15] + "000", "n")


def _other_day(random: Random, person: Person) -> str:
    return (person.birth_on + timedelta(days=random.randint(1, 300))).isoformat()


def _serial(_random: Random, person: Person) -> Cell:
    return Cell(str((person.birth_on - date(1899, 12, 30)).days), "n")


def _dotted_name(random: Random, _person: Person) -> str:
    return "".join(random.sample(GIVEN, 4)) + "·" + "".join(random.sample(GIVEN, 3))


def _long_name(random: Random, _person: Person) -> str:
    return "".join(random.sample(GIVEN, 14)) + "·" + "".join(random.sample(GIVEN, 15))


def _rare_name(random: Random, person: Person) -> str:
    return person.name[0] + random.choice(RARE) + random.choice(RARE)


KINDS: tuple[Dirt, ...] = (
    Dirt("id_17_digits", "id_number", "id_number_invalid", _one_short),
    Dirt("id_wrong_check", "id_number", "id_number_invalid", _wrong_check),
    Dirt("id_no_date", "id_number", "id_number_invalid", _no_date),
    Dirt("id_as_number", "id_number", "digits_lost", _number_without_end),
    Dirt("id_scientific", "id_number", "id_number_invalid", lambda r, p: f"3.30199E+{r.randint(14, 17)}"),
    Dirt("id_lower_x", "id_number", GOOD, lambda r, p: p.id_number.lower(), fits=_ends_with_x),
    Dirt("id_full_width", "id_number", GOOD, lambda r, p: p.id_number.translate(FULL_WIDTH)),
    Dirt("id_spaces", "id_number", GOOD, _spaced),
    Dirt(
        "id_15_digits", "id_number", GOOD, lambda r, p: p.id_number[:6] + p.id_number[8:17],
        fits=lambda p: p.birth_on < OLD_NUMBERS_BEFORE,
    ),
    Dirt("phone_scientific_text", "phone", "phone_invalid", lambda r, p: "8.61E+12"),
    Dirt("phone_rounded_number", "phone", "phone_invalid", lambda r, p: Cell("8610000000000", "n")),
    Dirt("phone_short", "phone", "phone_invalid", lambda r, p: p.phone[:-1]),
    Dirt("phone_words", "phone", "phone_invalid", lambda r, p: r.choice(["无", f"{p.phone}（女儿）"])),
    Dirt("landline_without_area", "phone", "phone_invalid", lambda r, p: f"87{r.randrange(10**6):06d}"),
    Dirt("phone_as_number", "phone", GOOD, lambda r, p: Cell(p.phone, "n")),
    Dirt("phone_86_as_number", "phone", GOOD, lambda r, p: Cell(f"86{p.phone}", "n")),
    Dirt("phone_86", "phone", GOOD, lambda r, p: f"+86 {p.phone[:3]} {p.phone[3:7]} {p.phone[7:]}"),
    Dirt("phone_full_width", "phone", GOOD, lambda r, p: p.phone.translate(FULL_WIDTH)),
    Dirt("landline", "phone", GOOD, lambda r, p: f"0571-87{r.randrange(10**6):06d}"),
    Dirt("date_impossible", "birth_on", "date_impossible", lambda r, p: f"{p.birth_on.year}年2月30日"),
    Dirt("date_to_come", "birth_on", "date_impossible", lambda r, p: f"20{r.randint(60, 99)}-01-01"),
    Dirt("date_short_year", "birth_on", "date_unclear", lambda r, p: f"{p.birth_on:%y.%m.%d}"),
    Dirt("date_words", "birth_on", "date_unclear", lambda r, p: r.choice(["不详", "六十多岁", "属马"])),
    Dirt("date_serial", "birth_on", "date_unclear", _serial),
    Dirt("date_contradicts", "birth_on", "birth_contradicts", _other_day),
    Dirt("date_chinese", "birth_on", GOOD, lambda r, p: _day(p, "{}年{}月{}日")),
    Dirt("date_compact", "birth_on", GOOD, lambda r, p: Cell(f"{p.birth_on:%Y%m%d}", r.choice(["t", "n"]))),
    Dirt("date_dots", "birth_on", GOOD, lambda r, p: _day(p, "{}.{}.{}")),
    Dirt("date_real", "birth_on", GOOD, lambda r, p: Cell(p.birth_on.isoformat(), "d")),
    Dirt("sex_unclear", "sex", "sex_unclear", lambda r, p: r.choice(["未知", "1", "先生"])),
    Dirt("sex_contradicts", "sex", "sex_contradicts", lambda r, p: "女" if p.is_male else "男"),
    Dirt("name_missing", "name", "missing", lambda r, p: ""),
    Dirt("name_error", "name", "cell_error", lambda r, p: Cell("#N/A", "e")),
    Dirt("name_dotted", "name", GOOD, _dotted_name),
    Dirt("name_wide_space", "name", GOOD, lambda r, p: "\u3000".join(p.name)),
    Dirt("name_one_character", "name", GOOD, lambda r, p: p.name[0]),
    Dirt("name_30_characters", "name", GOOD, _long_name),
    Dirt("name_rare", "name", GOOD, _rare_name),
    Dirt("name_like_formula", "name", GOOD, lambda r, p: r.choice(FORMULAS)),
    Dirt("name_by_formula", "name", GOOD, lambda r, p: Cell(p.name, "f"), asks="formulas"),
    Dirt("area_unknown", "area", "area_unknown", lambda r, p: f"没有的第{r.randint(1, 9)}网格"),
    Dirt("building_unknown", "building", "building_unknown", lambda r, p: str(r.randint(900, 999))),
    Dirt("room_missing", "room", "room_missing", lambda r, p: ""),
    Dirt("unit_unclear", "unit", "unit_unclear", lambda r, p: r.choice(["东", "甲", "中间"])),
)  # fmt: skip
