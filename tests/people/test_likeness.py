"""How alike two identities are: by hand, and as properties of any two."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.people.likeness import LIKELY, POSSIBLE, WEIGHTS, Traits, likeness
from anlan.people.rules import Evidence, LikenessGrade

GRID, NEXT_GRID, FAR = "330199001001001", "330199001001002", "330199002001001"
CHEN = Traits(
    name="陈大明", id_key="a1", phone_key="p1", birth_on=date(1994, 3, 12), sex="male", area_code=GRID,
    door="1/1/101", relation="户主",
)  # fmt: skip


def grade(one: Traits, other: Traits) -> str:
    return likeness(one, other).grade.value


def seen(one: Traits, other: Traits) -> set[Evidence]:
    return {reason.evidence for reason in likeness(one, other).reasons}


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("陈大明", "陈大明", Evidence.NAME_SAME),
        ("阿卜杜拉·买买提", "阿卜杜拉买买提", Evidence.NAME_SPACED),
        ("何 小满", "何小满", Evidence.NAME_SPACED),
        ("陳大明", "陈大明", Evidence.NAME_VARIANT),
        ("王峯", "王峰", Evidence.NAME_VARIANT),
        ("李昇", "李升", Evidence.NAME_VARIANT),
        ("张喆", "张哲", Evidence.NAME_VARIANT),
        ("呂甯", "吕宁", Evidence.NAME_VARIANT),
        ("张囍", "张喜", Evidence.NAME_HOMOPHONE),  # no form of 喜 in any table: it only sounds the same
        ("刘乾", "刘干", Evidence.NAME_DIFFERENT),  # 乾 is simplified to 干 elsewhere; here it is qián
        ("王伟", "王玮", Evidence.NAME_HOMOPHONE),
        ("单玉珍", "善玉珍", Evidence.NAME_HOMOPHONE),  # the surname 单 is shàn
        ("翟明", "狄明", Evidence.NAME_HOMOPHONE),  # 翟 is zhái or dí
        ("王伟", "WANG WEI", Evidence.NAME_LATIN),
        ("刘兰", "牛兰", Evidence.NAME_NEAR),
        ("张三", "臧山", Evidence.NAME_NEAR),
        ("林静", "林进", Evidence.NAME_NEAR),
        ("王小明", "wxm", Evidence.NAME_INITIALS),
        ("王小明", "李大红", Evidence.NAME_DIFFERENT),
    ],
)
def test_how_two_names_agree(one: str, other: str, how: Evidence) -> None:
    assert seen(Traits(one), Traits(other)) == {how}


def test_only_equal_numbers_are_certain() -> None:
    everything_else = replace(CHEN, id_key="")

    assert grade(CHEN, replace(CHEN, name="陳大明")) == LikenessGrade.CERTAIN
    assert grade(CHEN, everything_else) == LikenessGrade.LIKELY
    assert grade(CHEN, Traits("陈大明", id_key="a1")) == LikenessGrade.CERTAIN


def test_an_equal_number_under_another_name_is_for_a_person_to_decide() -> None:
    child = Traits("陈晓雯", id_key="a1")  # entered with a parent's number

    assert grade(CHEN, child) == LikenessGrade.LIKELY


def test_two_different_numbers_are_two_people() -> None:
    assert grade(CHEN, replace(CHEN, id_key="b2")) == LikenessGrade.DIFFERENT


def test_a_number_of_the_first_generation_does_not_decide_alone() -> None:
    old = replace(CHEN, id_key="b2", is_old_id=True)

    assert grade(CHEN, old) == LikenessGrade.LIKELY
    assert Evidence.ID_DIFFERENT_OLD in seen(CHEN, old)
    assert Evidence.ID_SAME_OLD in seen(CHEN, replace(old, id_key="a1"))


def test_a_family_shares_phone_and_door_and_is_not_one_person() -> None:
    wife = replace(CHEN, name="林小雨", id_key="", sex="female", birth_on=date(1996, 7, 5), relation="配偶")
    twin = replace(CHEN, name="陈大亮", id_key="")

    assert grade(CHEN, wife) == LikenessGrade.DIFFERENT
    assert grade(CHEN, twin) == LikenessGrade.DIFFERENT
    assert {Evidence.PHONE_FAMILY, Evidence.DOOR_FAMILY} <= seen(CHEN, wife)


def test_sisters_whose_names_sound_alike_are_two_people() -> None:
    one = replace(CHEN, name="陈丽", id_key="", sex="female", birth_on=date(2010, 5, 1))
    other = replace(one, name="陈莉", birth_on=date(2013, 8, 9))

    assert grade(one, other) == LikenessGrade.DIFFERENT


def test_a_common_name_alone_is_nobody() -> None:
    assert grade(Traits("王伟", area_code=GRID), Traits("王伟", area_code=FAR)) == LikenessGrade.DIFFERENT


def test_name_and_birth_day_are_likely_near_by_and_possible_far_away() -> None:
    one = Traits("王伟", birth_on=date(1985, 6, 1), sex="male", area_code=GRID)

    assert grade(one, replace(one, area_code=NEXT_GRID)) == LikenessGrade.LIKELY
    assert grade(one, replace(one, area_code=FAR)) == LikenessGrade.POSSIBLE


def test_name_and_own_phone_are_likely() -> None:
    one = Traits("王伟", phone_key="p", area_code=GRID)

    assert grade(one, replace(one, area_code=NEXT_GRID)) == LikenessGrade.LIKELY
    assert grade(one, replace(one, name="王玮", area_code=NEXT_GRID)) == LikenessGrade.POSSIBLE


def test_another_birth_year_or_sex_is_never_likely() -> None:
    one = replace(CHEN, id_key="")

    assert grade(one, replace(one, birth_on=date(1995, 3, 12))) == LikenessGrade.POSSIBLE
    assert grade(one, replace(one, sex="female")) == LikenessGrade.POSSIBLE
    assert grade(one, replace(one, birth_on=date(1994, 12, 3))) == LikenessGrade.LIKELY


def test_every_reason_has_a_sentence_and_the_weights_make_the_score() -> None:
    like = likeness(CHEN, Traits("陈大明", birth_on=CHEN.birth_on, sex="male"))
    at_home = likeness(CHEN, replace(CHEN, id_key=""))

    assert [str(reason.sentence) for reason in like.reasons] == ["出生日期相同", "姓名相同", "性别相同"]
    for one in (like, at_home):  # at home, phone and door: the lesser counts half
        assert one.score == pytest.approx(sum(reason.weight for reason in one.reasons), abs=0.4)
    assert set(WEIGHTS) == set(Evidence)
    assert POSSIBLE < LIKELY


NAMES = st.sampled_from(
    [
        "陈大明",
        "陳大明",
        "陈达明",
        "陈大民",
        "chendaming",
        "cdm",
        "林小雨",
        "欧阳建国",
        "王伟",
        "王玮",
        "汪伟",
        "",
    ]
)
KEYS = st.sampled_from(["", "1", "2"])
TRAITS = st.builds(
    Traits,
    name=NAMES,
    id_key=KEYS,
    is_old_id=st.booleans(),
    phone_key=KEYS,
    birth_on=st.sampled_from(
        [None, date(1994, 3, 12), date(1994, 12, 3), date(1994, 5, 5), date(2001, 1, 1)]
    ),
    sex=st.sampled_from(["", "male", "female", "unknown"]),
    area_code=st.sampled_from(["", GRID, NEXT_GRID, FAR, "330199"]),
    door=st.sampled_from(["", "1/1/101", "1/2/502", "2/1/101"]),
    relation=st.sampled_from(["", "户主", "配偶"]),
)


@settings(deadline=None)
@given(TRAITS, TRAITS)
def test_the_order_of_the_two_makes_no_difference(one: Traits, other: Traits) -> None:
    assert likeness(one, other) == likeness(other, one)


AGREEABLE = {"id_key": "9", "phone_key": "9", "birth_on": date(1960, 1, 2), "sex": "male"}


@settings(deadline=None)
@given(TRAITS, TRAITS, st.sampled_from(sorted(AGREEABLE)))
def test_agreeing_evidence_never_lowers_the_score(one: Traits, other: Traits, field: str) -> None:
    empty: dict[str, Any] = {field: None if field == "birth_on" else ""}
    agreed: dict[str, Any] = {field: AGREEABLE[field]}

    without = likeness(replace(one, **empty), replace(other, **empty))
    with_it = likeness(replace(one, **agreed), replace(other, **agreed))

    assert with_it.score >= without.score


@settings(deadline=None)
@given(TRAITS, TRAITS)
def test_living_behind_one_door_never_lowers_the_score(one: Traits, other: Traits) -> None:
    one, other = (
        replace(one, relation="", area_code="", door=""),
        replace(other, relation="", area_code="", door=""),
    )
    here: dict[str, Any] = {"area_code": GRID, "door": "9/9/909"}

    without = likeness(one, other)

    assert likeness(replace(one, **here), replace(other, **here)).score >= without.score
    assert likeness(replace(one, area_code=GRID), replace(other, area_code=GRID)).score >= without.score


@settings(deadline=None)
@given(TRAITS, TRAITS)
def test_one_name_is_at_least_as_much_as_any_other_pair_of_names(one: Traits, other: Traits) -> None:
    same = likeness(replace(one, name="周文"), replace(other, name="周文"))

    assert same.score >= likeness(one, other).score
