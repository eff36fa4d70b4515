"""Residents are found by every kind of token, inside one's ranges and nowhere else."""

import pytest

from anlan.foundation.scope import scope
from anlan.people.queries import SearchTooShort, search
from anlan.people.rules import plain_name, readings_of, surname_of
from anlan.people.tokens import read_words
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db


def found(world: World, handle: str, text: str) -> list[str]:
    with scope(world.actor(handle)):
        return [resident.name for resident in search(world.actor(handle), text).residents]


@pytest.mark.parametrize(
    "text",
    [
        "陈大明", "陈大", "chendaming", "chenda", "cdm", "CDM", "Chen Daming", "330199199403120013",
        "３３０１９９１９９４０３１２００１３", "15400000001", "+86 154 0000 0001", "154-0000-0001",
        "0001", "０００１", "1-1-101", "1栋1单元101", "1号楼1单元101室", "1-101", "陈大明 1-1-101", "0001 陈",
    ],
)  # fmt: skip
def test_one_person_is_found_by_every_kind_of_word(world: World, text: str) -> None:
    text = text.replace("330199199403120013", number_of(world, "陈大明"))
    text = text.replace("３３０１９９１９９４０３１２００１３", number_of(world, "陈大明", wide=True))

    assert "陈大明" in found(world, "wang", text)


def number_of(world: World, name: str, *, wide: bool = False) -> str:
    from anlan.foundation.crypto import decrypt

    number = decrypt(
        bytes(world.resident(name, GRID_A).id_number or b""), context="people.Resident.id_number"
    )
    return number.translate({48 + digit: 0xFF10 + digit for digit in range(10)}) if wide else number


@pytest.mark.parametrize(
    ("text", "name"),
    [("龚𬀪", "龚𬀪"), ("龚", "龚𬀪"), ("欧阳", "欧阳建国"),
     ("ouyangjianguo", "欧阳建国"), ("oyjg", "欧阳建国"),
     ("shanyuzhen", "单玉珍"), ("陈 晓雯", "")],
)  # fmt: skip
def test_rare_characters_double_surnames_and_surname_readings_are_found(
    world: World, text: str, name: str
) -> None:
    assert found(world, "wang", text) == ([name] if name else [])


def test_a_door_without_room_finds_all_who_live_there(world: World) -> None:
    assert set(found(world, "wang", "1栋")) == {"陈大明", "林小雨", "陈晓雯", "赵秀兰"}
    assert found(world, "wang", "1栋2单元") == ["赵秀兰"]
    assert found(world, "wang", "2栋 欧阳") == ["欧阳建国"]


def test_words_are_intersected(world: World) -> None:
    assert set(found(world, "zhou", "陈大明")) == {"陈大明"}
    assert len(found(world, "zhou", "陈大明")) == 2
    assert len(found(world, "zhou", "陈大明 0001")) == 1
    assert found(world, "zhou", "陈大明 9999") == []


def test_the_neighbour_finds_nobody_of_this_grid(world: World) -> None:
    for text in ("林小雨", "linxiaoyu", "15400000002", "0002"):
        assert found(world, "liu", text) == []


def test_a_post_that_serves_no_residents_finds_nobody(world: World) -> None:
    assert found(world, "han", "陈大明") == []


def test_one_letter_is_too_little(world: World) -> None:
    with scope(world.actor("wang")), pytest.raises(SearchTooShort):
        search(world.actor("wang"), "c")


def test_nothing_typed_finds_nobody(world: World) -> None:
    assert found(world, "wang", "   ") == []


def test_words_that_name_nothing_find_nobody(world: World) -> None:
    for text in ("999999999999999999", "12345", "没有这个人", "1-1-999", "%", "_", "'; drop"):
        assert found(world, "zhou", text) == []


@pytest.mark.parametrize(
    ("name", "surname", "pinyin", "initials"),
    [("单玉珍", "单", "shanyuzhen", "syz"), ("欧阳建国", "欧阳", "ouyangjianguo", "oyjg"),
     ("吕宁", "吕", "lvning", "ln"), ("曾宁", "曾", "zengning", "zn"),
     ("尉迟宁", "尉迟", "yuchining", "ycn")],
)  # fmt: skip
def test_names_are_read_as_people_read_them(name: str, surname: str, pinyin: str, initials: str) -> None:
    assert surname_of(name) == surname
    assert (pinyin, initials) in readings_of(name)


def test_a_surname_of_two_readings_has_both() -> None:
    assert {pinyin for pinyin, _initials in readings_of("覃宁")} == {"qinning", "tanning"}


def test_names_are_compared_without_dots_and_spaces() -> None:
    assert plain_name("买买提·艾力 ") == plain_name("买买提　艾力") == "买买提艾力"
    assert [way.token for way in read_words("买买提·艾力")[0]] == ["买买提艾力"]
