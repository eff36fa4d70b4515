"""Files of counts: every row ends stored, rejected, duplicate or parked, whatever stands in it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty, scope
from anlan.health.actions import retry_parked, take_count_file
from anlan.health.count_rows import NotACountFile, decoded, read_rows
from anlan.health.models import CountFile, CountFileRow, CountLine, CountSheet
from anlan.organisation.models import Facility
from tests.world import DISTRICT, GRID_C, SCHOOL_GRID, World

WHOLE = AreaRanges.of([DISTRICT])
HEAD = "day,unit,area,form,item,class,count,of"


def take(world: World, text: str, handle: str = "zhou") -> CountFile:
    actor = world.actor(handle)
    with scope(actor):
        return take_count_file(actor=actor, name="a.csv", content=text.encode(), source="test", now=world.now)


def outcome(file: CountFile) -> tuple[int, int, int, int, int]:
    return file.rows_in, file.stored, file.rejected, file.duplicate, file.parked


def kept(file: CountFile) -> dict[int, str]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return dict(CountFileRow.objects.filter(file=file).values_list("number", "reason"))


def stored() -> set[tuple[str, str, str, int]]:
    with duty("detect", ranges=WHOLE, cause="test"):
        rows = CountLine.objects.select_related("sheet", "group")
        return {(row.sheet.form, row.group.name if row.group else "", row.item, row.count) for row in rows}


def csv_of(world: World, *rows: str) -> str:
    return "\n".join([HEAD, *rows]).replace("TODAY", day_of(world.now).isoformat())


def test_each_row_has_its_place_by_name_id_or_area(world: World) -> None:
    file = take(
        world,
        csv_of(
            world,
            "TODAY,春泉小学,,school_absence,呕吐,一（1）班,6,40",
            f"TODAY,{world.school.pk},,school_absence,fever,,2,80",
            f"TODAY,,{GRID_C},pharmacy_sales,antidiarrhoeal,,14,",
            f"TODAY,,{GRID_C},hotline_topics,topic_gastro,,3,",
            "TODAY,新桥大药房,,,pharmacy_sales:antipyretic,,9,",
        ),
    )

    assert outcome(file) == (5, 5, 0, 0, 0)
    assert stored() == {
        ("school_absence", "一（1）班", "vomiting", 6),
        ("school_absence", "", "fever", 2),
        ("pharmacy_sales", "", "antidiarrhoeal", 14),
        ("pharmacy_sales", "", "antipyretic", 9),
        ("hotline_topics", "", "topic_gastro", 3),
    }


def test_each_bad_row_is_kept_with_its_number_and_reason(world: World) -> None:
    tomorrow = (day_of(world.now) + timedelta(days=1)).isoformat()
    file = take(
        world,
        csv_of(
            world,
            "yesterday,春泉小学,,school_absence,fever,,1,",
            "TODAY,春泉小学,,school_absence,fever,,-1,",
            "TODAY,春泉小学,,school_absence,fever,,9,8",
            "TODAY,,,school_absence,fever,,1,",
            "TODAY,春泉小学,,nothing,fever,,1,",
            "TODAY,春泉小学,,school_absence,antipyretic,,1,",
            f"{tomorrow},春泉小学,,school_absence,fever,,1,",
            "TODAY,远方小学,,school_absence,fever,,1,",
            "TODAY,春泉小学,,school_absence,fever,九（9）班,1,",
            "TODAY,春泉小学,,school_absence,fever,,1,,,",
            "TODAY,春泉小学,,school_absence,fever,,3,",
            "TODAY,春泉小学,,school_absence,fever,,3,",
            "TODAY,春泉小学,,school_absence,fever,,4,",
        ),
    )

    assert kept(file) == {
        2: "bad_day",
        3: "bad_count",
        4: "bad_total",
        5: "no_place",
        6: "form_unknown",
        7: "item_unknown",
        8: "not_countable",
        9: "unit_unknown",
        10: "class_unknown",
        11: "wrong_shape",
        14: "contradicts",
    }
    assert outcome(file) == (13, 1, 9, 1, 2)
    assert stored() == {("school_absence", "", "fever", 3)}


def test_the_same_file_again_is_all_duplicates_even_after_an_amendment(world: World) -> None:
    text = csv_of(world, "TODAY,春泉小学,,school_absence,fever,,3,")
    take(world, text)
    take(world, csv_of(world, "TODAY,春泉小学,,school_absence,fever,,5,"))

    again = take(world, text)

    assert outcome(again) == (1, 0, 0, 1, 0)
    assert stored() == {("school_absence", "", "fever", 5)}


def test_a_file_amends_its_own_lines_and_leaves_the_others(world: World) -> None:
    take(world, csv_of(world, "TODAY,春泉小学,,school_absence,fever,,3,"))
    file = take(
        world,
        csv_of(
            world,
            "TODAY,春泉小学,,school_absence,fever,,3,",
            "TODAY,春泉小学,,school_absence,cough,,2,",
        ),
    )

    assert outcome(file) == (2, 1, 0, 1, 0)
    assert stored() == {("school_absence", "", "fever", 3), ("school_absence", "", "cough", 2)}
    with duty("detect", ranges=WHOLE, cause="test"):
        assert CountSheet.objects.get().version == 2


def test_a_parked_row_is_stored_once_its_unit_is_known(world: World) -> None:
    file = take(world, csv_of(world, "TODAY,新开大药房,,pharmacy_sales,antipyretic,,7,"))
    assert outcome(file) == (1, 0, 0, 0, 1)
    with duty("build_district", ranges=WHOLE, cause="test"):
        Facility.objects.create(
            area_code=GRID_C, kind="pharmacy", name="新开大药房", starts_at=world.now - timedelta(days=1)
        )

    actor = world.actor("zhou")
    with scope(actor):
        file = retry_parked(actor=actor, file_id=file.pk, now=world.now)

    assert outcome(file) == (1, 1, 0, 0, 0)
    assert kept(file) == {}
    assert stored() == {("pharmacy_sales", "", "antipyretic", 7)}


def test_a_clerk_hands_over_his_own_units_rows_alone(world: World) -> None:
    with duty("build_district", ranges=WHOLE, cause="test"):
        Facility.objects.filter(pk=world.school.pk).update(area_code=GRID_C)
    file = take(
        world,
        csv_of(
            world,
            "TODAY,新桥大药房,,,antipyretic,,7,",
            "TODAY,春泉小学,,school_absence,fever,,3,",
            f"TODAY,,{SCHOOL_GRID},hotline_topics,topic_fever,,3,",
        ),
        "wei",
    )

    assert outcome(file) == (3, 1, 1, 0, 1)
    assert kept(file) == {3: "not_yours", 4: "area_unknown"}


CELLS = st.one_of(
    st.sampled_from(
        ["", "0", "3", "41", "-1", "TODAY", "2026-02-30", "春泉小学", "一（1）班", "school_absence", "fever",
         "呕吐", "pharmacy_sales:antipyretic", GRID_C, "新桥大药房", '"', "\n", "九"]
    ),
    st.text(max_size=6),
)  # fmt: skip
ROWS = st.one_of(
    st.lists(CELLS, min_size=1, max_size=9),
    st.tuples(
        st.sampled_from(["TODAY", "2020-01-01", "soon"]),
        st.sampled_from(["春泉小学", "新桥大药房", "远方小学", ""]),
        st.sampled_from(["", GRID_C]),
        st.sampled_from(["school_absence", "pharmacy_sales", ""]),
        st.sampled_from(["fever", "vomiting", "antipyretic", "x"]),
        st.sampled_from(["", "一（1）班", "九"]),
        st.sampled_from(["0", "3", "5", "-1", "1e3"]),
        st.sampled_from(["", "4", "40"]),
    ).map(list),
)


@given(rows=st.lists(ROWS, max_size=12), raw=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_are_stored_rejected_duplicate_or_parked(
    world: World, rows: list[list[str]], raw: bool
) -> None:
    """Whatever the cells hold, nothing is lost: the database's own constraint, and each kept row once."""
    mark = '"' if not raw else ""
    lines = [
        ",".join(mark + cell.replace('"', '""') + mark if mark else cell for cell in row) for row in rows
    ]
    text = csv_of(world, *lines)
    undo = transaction.savepoint()

    content = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    file = take(world, content)

    _heading, read = read_rows(decoded(content.encode()))
    assert file.rows_in == len(read) == file.stored + file.rejected + file.duplicate + file.parked
    assert len(kept(file)) == file.rejected + file.parked
    if not raw:  # every row quoted: none runs into the next, and only a blank one is no row
        assert len(read) == sum(any(cell.replace("TODAY", "x").strip() for cell in row) for row in rows)
    transaction.savepoint_rollback(undo)


@pytest.mark.parametrize("content", [b"", b"a,b,c\n1,2,3", b"day,item\n", b"\xff\xff\xff"])
def test_what_is_no_file_of_counts_is_refused_whole(world: World, content: bytes) -> None:
    actor = world.actor("zhou")
    with scope(actor), pytest.raises(NotACountFile):
        take_count_file(actor=actor, name="a.csv", content=content, source="test", now=world.now)


def test_a_file_saved_by_a_spreadsheet_here_is_read(world: World) -> None:
    text = csv_of(world, "TODAY,春泉小学,,school_absence,呕吐,,6,")

    assert decoded(text.encode("gb18030")) == text
    assert decoded(b"\xef\xbb\xbf" + text.encode()) == text


def test_the_command_prints_where_each_row_went(world: World, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        csv_of(world, "TODAY,春泉小学,,school_absence,fever,,3,", "TODAY,春泉小学,,school_absence,fever,,x,")
    )
    told = io.StringIO()

    call_command("feed", str(path), source="school_platform", by="zhou", stdout=told)

    assert "rows 2 = 入库 stored 1 + 退回 rejected 1 + 重复 duplicate 0 + 待定 parked 0" in told.getvalue()
    assert "row 3" in told.getvalue()
    with pytest.raises(CommandError):
        call_command("feed", str(path), source="x", by="wang")


def test_a_file_is_uploaded_and_its_rows_are_shown(client: Client, world: World) -> None:
    text = csv_of(
        world, "TODAY,春泉小学,,school_absence,fever,,3,", "TODAY,远方小学,,school_absence,fever,,1,"
    )
    world.sign_in(client, "zhou")
    sent = {"file": SimpleUploadedFile("学校.csv", text.encode()), "source": "学校健康平台"}

    answer = client.post("/counts/files/", sent)

    page = client.get(answer["Location"]).content.decode()
    assert "远方小学" in page
    assert "找不到这个单位" in page
    assert client.post(answer["Location"] + "retry/").status_code == 302
    assert "学校.csv" in client.get("/counts/files/").content.decode()
    wrong = {"file": SimpleUploadedFile("x.csv", b"nothing"), "source": "x"}
    assert client.post("/counts/files/", wrong).status_code == 422
    world.sign_in(client, "wei")
    assert client.get(answer["Location"]).status_code == 404
    world.sign_in(client, "wang")
    assert client.get("/counts/files/").status_code == 403
