"""What is said of premises is read by the pack's attributes: typed, refused in words, or missing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.foundation.packs import LIBRARY, Pack, read_pack
from anlan.organisation.attributes import asked_of, check_attributes, missing_of, renew_days_of
from anlan.organisation.pack import FacilityKind
from anlan.organisation.pack_registers import Attribute, VehicleKind


@dataclass(frozen=True)
class Answer:
    key: str


@dataclass(frozen=True)
class Asked:
    key: str
    type: str
    kinds: tuple[str, ...] = ()
    choices: tuple[Answer, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    required: bool = False
    renew_days: int | None = None


LANES = Asked("lanes", "integer", at_least=1, at_most=20, required=True)
HOURS = Asked("hours", "text", at_most=10)
AREA = Asked("area", "number", at_least=0)
OPEN = Asked("open", "yes_no", required=True)
SINCE = Asked("since", "date")
LEVEL = Asked("level", "choice", choices=(Answer("high"), Answer("low")))
TOOLS = Asked("tools", "several", choices=(Answer("oxygen"), Answer("kit"), Answer("lamp")))
ALL = (LANES, HOURS, AREA, OPEN, SINCE, LEVEL, TOOLS)
ODD = "0１9.-+eE,是否有 nayes\u3000\x00\ufffe²½∞"
VALUES = {
    "lanes": st.integers(1, 20),
    "hours": st.text("早八点至晚9:0", min_size=1, max_size=10),
    "area": st.integers(0, 10**6) | st.floats(0, 10**6, allow_nan=False),
    "open": st.booleans(),
    "since": st.dates().map(date.isoformat),
    "level": st.sampled_from(("high", "low")),
    "tools": st.lists(st.sampled_from(("oxygen", "kit", "lamp")), min_size=1),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_stored_is_read_again_as_it_stands(said: dict[str, Any]) -> None:
    first = check_attributes(said, ALL)
    second = check_attributes(first.values, ALL)

    assert (dict(first.errors), set(first.values)) == ({}, set(said))
    assert second.values == first.values
    assert set(first.missing) == {"lanes", "open"} - set(said)


@given(
    st.dictionaries(
        st.sampled_from([one.key for one in ALL]), st.none() | st.text(ODD, max_size=12) | st.integers()
    )
)
def test_every_value_is_stored_refused_or_missing_and_never_raises(said: dict[str, Any]) -> None:
    found = check_attributes(said, ALL)

    assert not set(found.values) & set(found.errors)
    assert set(found.missing).isdisjoint(set(found.values) | set(found.errors))
    assert all(str(words) for words in found.errors.values())


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ({"lanes": " １２ "}, {"lanes": 12}),
        ({"area": "1,200.50"}, {"area": 1200.5}),
        ({"area": "80.0"}, {"area": 80}),
        ({"open": "是"}, {"open": True}),
        ({"open": "no"}, {"open": False}),
        ({"since": "2026-09-01"}, {"since": "2026-09-01"}),
        ({"tools": ["lamp", "oxygen", "lamp"]}, {"tools": ["oxygen", "lamp"]}),
        ({"tools": "kit"}, {"tools": ["kit"]}),
        ({"hours": "  ", "tools": [], "level": None}, {}),
    ],
)
def test_texts_of_forms_and_cells_become_typed_values(said: dict[str, Any], stored: dict[str, Any]) -> None:
    found = check_attributes(said, ALL)

    assert (found.values, found.errors) == (stored, {})


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"lanes": "0"}, "不能小于 1"),
        ({"lanes": 21}, "不能大于 20"),
        ({"lanes": "3.5"}, "整数"),
        ({"lanes": True}, "整数"),
        ({"area": "-1"}, "不能小于 0"),
        ({"area": float("nan")}, "数字"),
        ({"area": 10**13}, "不能大于"),
        ({"hours": "一二三四五六七八九十又"}, "最多 10 个字"),
        ({"hours": "a\x00b"}, "控制字符"),
        ({"hours": 5}, "文字"),
        ({"open": "也许"}, "是或否"),
        ({"since": "2026年2月30日"}, "日期"),
        ({"level": "middle"}, "选项"),
        ({"tools": ["kit", "gun"]}, "选项"),
        ({"elsewhere": 1}, "没有这一项"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_at_its_field(said: dict[str, Any], words: str) -> None:
    found = check_attributes(said, ALL)

    [key] = said
    assert list(found.errors) == [key]
    assert words in str(found.errors[key])
    assert found.values == {}


def test_only_attributes_of_the_kind_are_asked_and_the_soonest_renewal_counts() -> None:
    of_all = Asked("name", "text")
    of_one = Asked("beds", "integer", kinds=("hospital",), required=True, renew_days=30)

    assert asked_of([of_all, of_one], "pharmacy") == [of_all]
    assert asked_of([of_all, of_one], "hospital") == [of_all, of_one]
    assert missing_of({}, [of_all, of_one]) == ("beds",)
    assert renew_days_of([of_all, of_one], 365) == 30
    assert renew_days_of([of_all], 365) == 365


@pytest.fixture(scope="module")
def standard() -> Pack:
    return read_pack(LIBRARY / "standard")


def test_each_attribute_of_the_standard_pack_names_kinds_of_its_own_register(standard: Pack) -> None:
    kinds = {
        "facility": {kind.key for kind in standard.bodies(FacilityKind)},
        "vehicle": {kind.key for kind in standard.bodies(VehicleKind)},
        "member": set(),
    }

    assert [one.key for one in standard.bodies(Attribute) if not set(one.kinds) <= kinds[one.of]] == []


def test_the_standard_pack_asks_a_health_station_for_rooms_people_and_equipment(standard: Pack) -> None:
    asked = asked_of([one for one in standard.bodies(Attribute) if one.of == "facility"], "health_station")

    assert set(missing_of({}, asked)) >= {
        "treatment_area", "procedure_area", "sterile_area", "isolation_room", "physician_kind",
        "nurse_count", "equipment",
    }  # fmt: skip
