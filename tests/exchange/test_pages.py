"""The pages of imports: the way by clicks, wrong input, the neighbour, the stranger."""

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anlan.exchange.actions import forget_person
from anlan.exchange.chunks import rows_of, unpacked_said
from anlan.foundation.files import open_file
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.foundation.sheets.reading import open_table
from anlan.people.models import LookUp, Resident
from tests.exchange.tables import CHEN, HEADINGS, NEWCOMER, batch_of, csv_of, outcomes, run, send, write
from tests.world import World

pytestmark = pytest.mark.django_db


def upload(client: Client, content: bytes, name: str = "居民.csv", batch_id: UUID | None = None) -> str:
    """Hand a file over by the page; return where it leads, or the page's text."""
    sent = {
        "batch_id": str(batch_id or new_id()),
        "register": "residents",
        "file": SimpleUploadedFile(name, content),
    }
    answer = client.post("/imports/", sent)
    return str(answer["Location"]) if answer.status_code == 302 else answer.content.decode()


def test_a_file_is_tried_shown_and_written_by_clicks(world: World, client: Client) -> None:
    wang = world.actor("wang")
    client = world.sign_in(client, "wang")
    page = upload(client, csv_of([NEWCOMER, (*CHEN[:4], "陈小明", *CHEN[5:])]))
    batch_id = run(wang, UUID(page.rstrip("/").rsplit("/", 1)[1]))

    shown = client.get(page).content.decode()
    assert (
        "写入 1 行" in shown
        and "何**" in shown
        and "何晓燕" not in shown
        and "330199199001010142" not in shown
    )
    assert "身份证号已登记，但姓名不同" in shown and "陈**" in shown
    version = batch_of(wang, batch_id).version
    client.post(f"{page}write/", {"version": version})
    run(wang, batch_id)

    assert "撤销导入" in client.get(page).content.decode()
    with scope(wang):
        assert Resident.objects.filter(name="何晓燕").exists()


def test_a_second_click_with_the_same_form_is_the_same_import(world: World, client: Client) -> None:
    client, form = world.sign_in(client, "wang"), new_id()

    first, second = (upload(client, csv_of([NEWCOMER]), batch_id=form) for _ in range(2))

    assert first == second == f"/imports/{form}/"


def test_an_old_page_cannot_write_what_moved_on(world: World, client: Client) -> None:
    batch_id = send(world, "wang", csv_of([NEWCOMER]))

    answer = world.sign_in(client, "wang").post(f"/imports/{batch_id}/write/", {"version": 1})

    assert answer.status_code == 409


def test_a_parked_row_is_decided_and_written(world: World, client: Client) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([(*CHEN[:4], "陈小明", *CHEN[5:])]))
    client = world.sign_in(client, "wang")
    chen = world.resident("陈大明")

    client.post(f"/imports/{batch_id}/decide/", {"row": "2", "decision": str(chen.pk), "outcome": "conflict"})

    assert outcomes(wang, batch_id) == {2: "changed"}
    assert write(world, "wang", batch_id) == {2: "changed"}
    with scope(wang):
        assert Resident.objects.get(pk=chen.pk).name == "陈小明"


def test_a_row_cannot_be_decided_onto_somebody_it_was_not_offered(world: World, client: Client) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([(*CHEN[:4], "陈小明", *CHEN[5:])]))
    foreign = world.resident("王伟")

    world.sign_in(client, "wang").post(
        f"/imports/{batch_id}/decide/", {"row": "2", "decision": str(foreign.pk)}
    )

    assert outcomes(wang, batch_id) == {2: "conflict"}


def test_questions_are_answered_on_the_page(world: World, client: Client) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([(*NEWCOMER, "群众")], (*HEADINGS, "政治面貌")))
    client = world.sign_in(client, "wang")
    page = client.get(f"/imports/{batch_id}/").content.decode()
    assert "政治面貌" in page and "例：群众" in page
    places = dict(enumerate(batch_of(wang, batch_id).layout["columns"].values()))

    answer = client.post(
        f"/imports/{batch_id}/answers/",
        {
            "version": batch_of(wang, batch_id).version,
            **{f"column_{place}": key for place, key in places.items()},
            "column_10": "-",
        },
    )

    assert answer.status_code == 302
    run(wang, batch_id)
    assert outcomes(wang, batch_id) == {2: "new"}


def test_the_marked_copy_says_beside_each_row_what_became_of_it(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([NEWCOMER, (*NEWCOMER[:5], "=1+1", *NEWCOMER[6:])]))
    file_id = batch_of(wang, batch_id).marked_file_id
    assert file_id is not None

    with scope(wang):
        file, content = open_file(wang, file_id, now=world.now)
    with open_table(content, file.name) as table:
        rows = {row.number: row for row in table.rows}

    assert rows[1].cells[-2:] == ("处理结果", "原因")
    assert rows[3].cells[5] == "=1+1" and rows[3].kinds[5] == "t"
    assert rows[3].cells[-2] == "退回" and "身份证号" in rows[3].cells[-1]


def test_a_template_has_the_columns_and_comes_back(world: World, client: Client) -> None:
    answer = world.sign_in(client, "wang").get("/imports/template/residents/")

    with open_table(answer.content, "模板.xlsx") as table:
        first = next(table.rows)
    assert first.cells[:6] == ("网格", "楼栋", "单元", "房号", "住址", "姓名")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("居民.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为"),
        ("居民.xlsx", b"PK\x03\x04 not a workbook", "已损坏"),
        ("居民.csv", b"", "空的"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(
    world: World, client: Client, name: str, content: bytes, words: str
) -> None:
    assert words in upload(world.sign_in(client, "wang"), content, name)


def test_a_table_without_known_headings_is_asked_about_column_by_column(world: World, client: Client) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([("何晓燕", "1号楼2单元201室")], ("甲", "乙")))
    client = world.sign_in(client, "wang")
    assert "各列的含义" in client.get(f"/imports/{batch_id}/").content.decode()
    sent = {"version": batch_of(wang, batch_id).version, "column_0": "-", "column_1": "door"}

    nameless = client.post(f"/imports/{batch_id}/answers/", sent)
    assert nameless.status_code == 422 and "还没有指定这一列：姓名" in nameless.content.decode()
    client.post(f"/imports/{batch_id}/answers/", {**sent, "column_0": "name"})

    run(wang, batch_id)
    assert outcomes(wang, batch_id) == {2: "new"}


def test_an_import_is_the_posts_own(world: World, client: Client) -> None:
    batch_id = send(world, "wang", csv_of([NEWCOMER]))

    for handle in ("liu", "tao", "zhao"):
        assert world.sign_in(client, handle).get(f"/imports/{batch_id}/").status_code in {403, 404}
    assert Client().get(f"/imports/{batch_id}/").status_code == 302


def test_somebody_elses_grid_is_rejected_not_written(world: World) -> None:
    wang = world.actor("wang")

    batch_id = send(world, "wang", csv_of([("青田第一网格", *NEWCOMER[1:])]))

    assert outcomes(wang, batch_id) == {2: "rejected"}


def test_markup_in_names_of_files_and_cells_is_shown_as_text(world: World, client: Client) -> None:
    evil = "<script>alert(1)</script>"
    batch_id = send(world, "wang", csv_of([(*NEWCOMER[:9], evil[:20])], HEADINGS), f"{evil[:8]}.csv")

    page = world.sign_in(client, "wang").get(f"/imports/{batch_id}/").content

    assert b"<script>alert" not in page


def test_the_rows_of_an_erased_person_are_blanked(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([NEWCOMER]))
    write(world, "wang", batch_id)
    with scope(wang):
        person = Resident.objects.get(name="何晓燕")
    for _twice in range(2):
        forget_person(person.pk, area_code=person.area_code)

    with scope(wang):
        batch = batch_of(wang, batch_id)
        chunk = batch.chunks.get()
        row = batch.rows.get()
        assert "何晓燕" not in str(rows_of(chunk)) and unpacked_said(chunk.said) == {}
        assert (row.before, row.target_id, row.outcome) == (None, None, "left_out")
        assert (batch.new, batch.left_out, batch.written_count) == (0, 1, 0)


def test_the_id_of_somebody_elses_import_is_answered_like_a_malformed_one(
    world: World, client: Client
) -> None:
    taken = send(world, "du", csv_of([CHEN]))
    client = world.sign_in(client, "wang")

    page = upload(client, csv_of([NEWCOMER]), batch_id=taken)

    assert "请重新打开" in page
    assert batch_of(world.actor("du"), taken).post_id == world.posts["du"].pk


def test_whom_an_import_shows_is_counted_as_looked_up(world: World, client: Client) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([(*CHEN[:4], "陈小明", *CHEN[5:])]))

    world.sign_in(client, "wang").get(f"/imports/{batch_id}/")

    chen = world.resident("陈大明")
    assert LookUp.objects.filter(member_id=wang.member_id, subject_id=chen.pk, kind="listed").exists()
