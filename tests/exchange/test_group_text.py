"""The text of a group is read as people write it; no line is lost, no text makes it fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.exchange.groups.masking import masked_line
from anlan.exchange.groups.said_doors import SaidDoor
from anlan.exchange.groups.text import LineKind, TextLine, read_text, title_in
from tests.exchange.group_texts import HEADCOUNT, HOSTILE, MEDICINE, NO_NUMBERS, TESTING

LETTERS = (
    "0123456789一二两三十①⒈（）().、,，:：\n\t 　#例-—号楼栋单元室人口盒王伟李娜陈妈"
    "🎉\u0336\ufe0f\u20e3\u202e=+@<>'\"\\%"
)
PIECES = st.sampled_from([*LETTERS, "接龙", "取消", "13800138000"])


def read(line: str) -> TextLine:
    [found] = read_text(line)
    return found


def names(line: TextLine) -> list[str]:
    return [name.text for name in line.names]


@pytest.mark.parametrize(
    "written",
    [
        "3-2-501",
        "3号楼2单元501室",
        "3栋2单元501",
        "三号楼二单元501",
        "３－２－５０１",
        "3幢2-501",
        "3 - 2 - 501",
        "03-02-501",
    ],
)
def test_a_door_is_read_in_every_way_it_is_written(written: str) -> None:
    found = read(f"12. 王伟 {written} 两人")

    assert found.door is not None
    assert (found.door.building.lstrip("0"), found.door.unit, found.door.room) == ("3", "2", "501")
    assert (names(found), found.people, found.number) == (["王伟"], 2, "12")


@pytest.mark.parametrize(
    ("written", "door"),
    [
        ("3栋501 王伟", SaidDoor("3", "", "501")),
        ("王伟 2-501", SaidDoor("2", "", "501")),
        ("501王", SaidDoor("", "", "501")),
        ("3号楼王阿姨", SaidDoor("3", "", "")),
        ("A座1201 王伟", SaidDoor("a", "", "1201")),
        ("2单元501 王伟", SaidDoor("", "2", "501")),
        ("王伟 200元", None),
        ("王伟 11-27 来", None),
    ],
)
def test_a_door_is_taken_as_far_as_it_is_named(written: str, door: SaidDoor | None) -> None:
    assert read(written).door == door


@pytest.mark.parametrize(
    "line",
    [
        "1. 王伟",
        "1、王伟",
        "①王伟",
        "１．王伟",
        "1 王伟",
        "（1） 王伟",
        "1)、王伟",
        "1️⃣王伟",
        "⒈王伟",
        "一、王伟",
        "1.王伟",
    ],
)
def test_numbers_of_every_kind_are_read(line: str) -> None:
    found = read(line)

    assert (found.number, names(found)) == ("1", ["王伟"])


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("王伟 2人", 2),
        ("王伟 两人", 2),
        ("王伟 一家三口", 3),
        ("王伟 一家5口人", 5),
        ("王伟 2大1小", 3),
        ("王伟 十二人", 12),
        ("王伟（4人）", 4),
        ("王伟 2个大人1个小孩", 3),
        ("王伟 3盒", None),
        ("王伟", None),
    ],
)
def test_people_are_counted_as_they_are_written(line: str, count: int | None) -> None:
    assert read(line).people == count


def test_titles_kin_and_nicknames_are_told_from_names() -> None:
    aunt, mother, nickname, old = (
        read(line).names[0] for line in ("3号楼王阿姨", "陈晓雯妈妈 1-1-101", "开心果 1-1-101", "老王 501")
    )

    assert (aunt.surname, aunt.sex) == ("王", "female")
    assert (mother.text, mother.is_kin) == ("陈晓雯", True)
    assert nickname.is_nickname
    assert old.surname == "王"


def test_what_is_no_name_is_a_remark() -> None:
    found = read("22. 李建国 5-1-202 高血压 需要降压药3盒 谢谢")

    assert names(found) == ["李建国"]
    assert found.quantity == "3盒"
    assert "高血压" in found.remark


def test_withdrawn_lines_are_seen_in_words_and_in_struck_letters() -> None:
    assert [read(line).is_withdrawn for line in ("王伟 取消", "王伟 不去了", "王̶伟̶ 3-501", "王伟 3-501")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_two_people_of_one_line_are_two_names() -> None:
    assert names(read("5. 王伟、李娜 3-501")) == ["王伟", "李娜"]
    assert names(read("5. 王伟和李娜 3-501")) == ["王伟", "李娜"]
    assert names(read("5. 李和平 3-501")) == ["李和平"]


def test_titles_examples_and_empty_numbers_are_no_answers() -> None:
    lines = read_text(TESTING)

    kinds = [line.kind for line in lines]
    assert kinds[:3] == [LineKind.TITLE, LineKind.TITLE, LineKind.EXAMPLE]
    assert [line.number for line in lines if line.kind == LineKind.EMPTY] == ["7", "8"]
    assert kinds.count(LineKind.ANSWER) == 9
    assert title_in(lines) == "今晚做核酸的报名"


def test_a_medicine_list_keeps_what_is_wanted() -> None:
    lines = read_text(MEDICINE)

    assert [line.kind for line in lines] == [LineKind.TITLE, *[LineKind.ANSWER] * 4, LineKind.TITLE]
    assert [line.quantity for line in lines[1:5]] == ["2盒", "1盒", "", "5份"]
    assert lines[4].phone == "13800138000"
    assert [names(line) for line in lines[1:4]] == [["陈大明"], ["赵奶奶"], ["单玉珍"]]


def test_a_number_before_a_door_is_no_part_of_it() -> None:
    lines = read_text(HEADCOUNT)

    assert [str(line.door) for line in lines[1:]] == ["1-101", "1-501", "2-201", "2-602", "3-301"]
    assert [line.people for line in lines[1:]] == [3, 1, 3, 4, 5]


def test_a_text_without_numbers_is_all_answers() -> None:
    assert {line.kind for line in read_text(NO_NUMBERS)} == {LineKind.ANSWER}


def test_the_page_shows_no_given_name_and_no_number_of_a_line() -> None:
    line = read("1. 王伟 13800138000 帮 李建国 拿 330199199403120010")

    shown = masked_line(line.text, names(line))

    for secret in ("王伟", "李建国", "13800138000", "330199199403120010"):
        assert secret not in shown
    assert "王**" in shown


def assert_nothing_lost(text: str) -> None:
    lines = read_text(text)
    assert [line.text for line in lines] == [line for line in text.splitlines() if line.strip()]
    assert [line.position for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        shown = masked_line(line.text, names(line))
        told = [name.text.rstrip("*") for name in line.names if not name.surname]  # asterisks hide themselves
        assert not any(len(name) > 1 and name in shown for name in told)


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_nothing_lost(text: str) -> None:
    assert_nothing_lost(text)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=500, deadline=None)
def test_any_mixture_of_the_pieces_is_read_and_nothing_lost(text: str) -> None:
    assert_nothing_lost(text)


def test_hostile_lines_are_answers_like_others() -> None:
    assert_nothing_lost(HOSTILE)
    assert len(read_text(HOSTILE)) == 8
