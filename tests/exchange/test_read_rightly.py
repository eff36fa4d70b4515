"""What offices really send is read rightly, or asked about; nothing is guessed and nothing lost."""

from uuid import UUID

import pytest

from anlan.exchange.actions import answer_questions
from anlan.exchange.presenting import totals_of
from anlan.exchange.rules import BatchState
from anlan.foundation.scope import scope
from anlan.people.queries import search
from tests.exchange.tables import (
    CHEN,
    HEADINGS,
    NEWCOMER,
    batch_of,
    csv_of,
    outcomes,
    reasons,
    run,
    send,
    write,
)
from tests.foundation.raw_workbook import RawSheet, RawWorkbook, simple, text_cell
from tests.world import World

pytestmark = pytest.mark.django_db


NAMES = ("龚𬘬", "㛃妮", "阿依古丽·买买提", "王\u3000五", "何" * 30)
OTHER_WAYS = (
    ("身份证号", "３３０１９９１９９４０３１２００１０"),
    ("身份证号", " 330199 19940312 0010 "),
    ("电话", "＋８６ 154-0000-0001"),
    ("性别", "男性"),
    ("出生日期", "1994年3月12日"),
    ("出生日期", "19940312"),
    ("出生日期", "1994.3.12"),
    ("楼栋", "１号楼"),
    ("单元", "1单元"),
    ("房号", "101室"),
)
NOT_CERTAIN = (
    ("身份证号", "330199199403120011", "id_number_invalid"),
    ("身份证号", "3.30199E+17", "id_number_invalid"),
    ("电话", "8.61E+12", "phone_invalid"),
    ("电话", "88888888", "phone_invalid"),
    ("性别", "1", "sex_unclear"),
    ("出生日期", "34405", "date_unclear"),
    ("出生日期", "03/12/94", "date_unclear"),
    ("出生日期", "1994-02-29", "date_impossible"),
    ("出生日期", "2094-03-12", "date_impossible"),
    ("出生日期", "1994-03-13", "birth_contradicts"),
    ("性别", "女", "sex_contradicts"),
    ("单元", "东", "unit_unclear"),
    ("姓名", "何" * 61, "too_long"),
    ("姓名", "何\x07燕", "name_invalid"),
)
CHEN_IN_FULL = ("春泉第一网格", "1", "1", "101", *CHEN[4:6], "15400000001", "男", "1994-03-12", "户主")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_names_survive_every_encoding_and_are_found_again(world: World, encoding: str) -> None:
    wang = world.actor("wang")
    table = csv_of(
        [(*NEWCOMER[:3], f"{n}09", name, *[""] * 5) for n, name in enumerate(NAMES, 1)], encoding=encoding
    )

    rows = write(world, "wang", send(world, "wang", table))

    assert set(rows.values()) == {"new"}
    with scope(wang):
        for name in NAMES:
            [found] = search(wang, name.replace("·", "").replace("\u3000", "")).residents
            assert found.name == " ".join(name.split())


def test_other_ways_to_write_the_same_are_the_same(world: World) -> None:
    places = [(HEADINGS.index(column), written) for column, written in OTHER_WAYS]
    table = csv_of(
        [CHEN_IN_FULL, *((*CHEN_IN_FULL[:at], text, *CHEN_IN_FULL[at + 1 :]) for at, text in places)]
    )

    rows = outcomes(world.actor("wang"), send(world, "wang", table))

    assert rows == {2: "same", **dict.fromkeys(range(3, len(places) + 3), "repeated")}


def test_what_is_not_certain_is_rejected_at_its_cell(world: World) -> None:
    places = [(HEADINGS.index(column), written) for column, written, _reason in NOT_CERTAIN]
    table = csv_of([(*CHEN_IN_FULL[:at], text, *CHEN_IN_FULL[at + 1 :]) for at, text in places])

    found = reasons(world.actor("wang"), send(world, "wang", table))

    expected = [reason for _column, _written, reason in NOT_CERTAIN]
    assert len(found) == len(expected)
    for problems, reason in zip(found.values(), expected, strict=True):
        assert reason in [why for _key, why in problems]


def test_the_fifteen_digits_of_the_first_generation_are_the_same_person(world: World) -> None:
    wang = world.actor("wang")
    zhao = world.resident("赵秀兰")  # 330199194801300065

    old = ("", "1", "2", "501", zhao.name, "330199480130006", "", "", "", "")

    batch_id = send(world, "wang", csv_of([old]))

    assert outcomes(wang, batch_id) == {2: "same"}


def heading() -> str:
    titles = ("楼栋", "单元", "房号", "姓名", "电话")
    cells = "".join(text_cell(f"{letter}1", title) for letter, title in zip("ABCDE", titles, strict=True))
    return f'<row r="1">{cells}</row>'


def row(number: int, *texts: str, hidden: bool = False, formula: str = "") -> str:
    letters = zip("ABCD", texts, strict=False)
    cells = "".join(text_cell(f"{letter}{number}", text) for letter, text in letters if text)
    if formula:
        cells += f'<c r="E{number}" t="str"><f>{formula}</f><v>13800138000</v></c>'
    state = ' hidden="1"' if hidden else ""
    return f'<row r="{number}"{state}>{cells}</row>'


def answered(world: World, batch_id: UUID, answers: dict[str, str]) -> dict[int, str]:
    wang = world.actor("wang")
    batch = batch_of(wang, batch_id)
    with scope(wang):
        answer_questions(
            actor=wang,
            batch_id=batch.pk,
            expected_version=batch.version,
            answers=answers,
            columns={},
            now=world.now,
        )
    run(wang, batch.pk)
    return outcomes(wang, batch.pk)


@pytest.mark.parametrize(("answer", "outcome"), [("yes", "new"), ("no", "left_out")])
def test_hidden_rows_are_asked_about(world: World, answer: str, outcome: str) -> None:
    rows = heading() + row(2, "1", "2", "201", "何晓燕") + row(3, "1", "2", "202", "何晓红", hidden=True)

    batch_id = send(world, "wang", simple(rows), "表.xlsx")

    assert batch_of(world.actor("wang"), batch_id).state == BatchState.ASKED
    assert answered(world, batch_id, {"hidden": answer}) == {2: "new", 3: outcome}


@pytest.mark.parametrize(("answer", "outcome"), [("yes", "new"), ("no", "rejected")])
def test_formulas_are_asked_about(world: World, answer: str, outcome: str) -> None:
    rows = heading() + row(2, "1", "2", "201", "何晓燕", formula="A9&amp;B9")

    batch_id = send(world, "wang", simple(rows), "表.xlsx")

    assert answered(world, batch_id, {"formulas": answer}) == {2: outcome}


@pytest.mark.parametrize(("answer", "outcome"), [("yes", "new"), ("no", "rejected")])
def test_merged_cells_are_asked_about(world: World, answer: str, outcome: str) -> None:
    rows = heading() + row(2, "1", "2", "201", "何晓燕") + row(3, "", "2", "202", "何晓红")
    merged = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'

    batch_id = send(world, "wang", simple(rows, after=merged), "表.xlsx")

    assert answered(world, batch_id, {"merged": answer}) == {2: "new", 3: outcome}


def test_the_sheet_is_asked_for_where_several_could_be_meant(world: World) -> None:
    wang = world.actor("wang")
    first = heading() + row(2, "1", "2", "201", "何晓燕")
    second = heading() + row(2, "1", "2", "202", "何晓红")

    table = RawWorkbook([RawSheet(first), RawSheet(second, name="二")]).pack()
    batch_id = send(world, "wang", table, "表.xlsx")

    assert list(batch_of(wang, batch_id).questions) == ["sheet"]
    answered(world, batch_id, {"sheet": "1"})
    assert set(write(world, "wang", batch_id).values()) == {"new"}
    with scope(wang):
        assert [one.name for one in search(wang, "何晓").residents] == ["何晓红"]


def test_a_hidden_sheet_is_not_imported_unasked(world: World) -> None:
    first = heading() + row(2, "1", "2", "201", "何晓燕")
    second = heading() + row(2, "1", "2", "202", "何晓红")
    sheets = [RawSheet(first), RawSheet(second, name="二", state="hidden")]

    batch_id = send(world, "wang", RawWorkbook(sheets).pack(), "表.xlsx")

    assert outcomes(world.actor("wang"), batch_id) == {2: "new"}


def test_two_heading_rows_and_a_title_above_are_seen_through(world: World) -> None:
    table = csv_of(
        [("基本情况", "", "", "", "人员", "", "", "", "", ""), HEADINGS, NEWCOMER],
        ("春泉社区居民台账", *[""] * 9),
    )

    batch_id = send(world, "wang", table)

    assert outcomes(world.actor("wang"), batch_id) == {4: "new"}


@pytest.mark.parametrize("evil", ["=1+1", "+8613800138000x", "@SUM(A1)", "-1+1", "＝1", "\t=1"])
def test_what_looks_like_a_formula_is_stored_as_text(world: World, evil: str) -> None:
    wang = world.actor("wang")

    rows = write(world, "wang", send(world, "wang", csv_of([(*NEWCOMER[:9], evil)])))

    assert rows == {2: "new"}
    with scope(wang):
        [found] = search(wang, "何晓燕").residents
        assert found.relation == " ".join(evil.split())


def test_rows_in_are_rows_out(world: World) -> None:
    wang = world.actor("wang")
    bad = (*NEWCOMER[:8], "x", "")

    table = csv_of([NEWCOMER, NEWCOMER, CHEN, bad, (*CHEN[:4], "李", *CHEN[5:])])
    batch = batch_of(wang, send(world, "wang", table))

    totals = totals_of(batch)
    assert totals == {"stored": 1, "duplicate": 2, "rejected": 1, "parked": 1}
    assert sum(totals.values()) == batch.rows_in == 5
