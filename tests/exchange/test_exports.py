"""A list becomes a file: asked for, allowed by somebody else, made in steps, ended."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from anlan.exchange.actions.exporting import making
from anlan.exchange.actions.exporting.asking import ExportAsked, ExportFormSpent, ExportInvalid, ask_export
from anlan.exchange.actions.exporting.deciding import (
    ExportMovedOn,
    OwnExport,
    ReasonMissing,
    decline_export,
    recall_export,
)
from anlan.exchange.actions.exporting.ending import expire_exports
from anlan.exchange.actions.exporting.making import Maker, make_export
from anlan.exchange.export_models import Export
from anlan.exchange.export_rules import ExportState
from anlan.exchange.jobs import run_export
from anlan.exchange.lists import LISTS
from anlan.foundation.actor import AreaRanges
from anlan.foundation.crypto import encrypt
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.models import AuditEntry, StoredFile
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Appointment, Member
from anlan.people.models import Household, LookUp, Resident
from tests.exchange.lists import approve, ask, content_of, export_as, made, rows_of
from tests.exchange.tables import after_tries
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
EVERYWHERE = AreaRanges.of([DISTRICT])


def file_of(world: World, export: Export) -> Path:
    assert export.file_id is not None
    with scope(world.actor("wang")):
        digest = bytes(StoredFile.objects.get(pk=export.file_id).content_hash).hex()
    return Path(settings.FILES_DIR) / digest[2:4] / digest


def test_a_list_becomes_a_workbook_with_its_watermark(world: World) -> None:
    export = made(world, "wang", "residents")

    assert (export.state, export.problem) == (ExportState.READY, "")
    rows = rows_of(content_of(world, "wang", export))
    assert all(word in rows[0].cells[0] for word in (export.number, "王芳", "网格员"))
    assert rows[1].cells[:5] == ("网格", "楼栋", "单元", "房号", "姓名")
    with scope(world.actor("wang")):
        assert len(rows) - 2 == export.row_count == Resident.objects.filter(area_code=GRID_A).count()
    assert ("陈**", "33**************10", "154******01") in {row.cells[4:7] for row in rows}
    assert list((Path(settings.DATA_DIR) / making.FOLDER).glob("making-*")) == []


def test_only_the_ticked_columns_are_in_the_file(world: World) -> None:
    export = made(world, "wang", "residents", columns=("area", "sex"), file_format="csv")

    rows = rows_of(content_of(world, "wang", export), "table.csv")
    assert export.number in rows[0].cells[0]
    assert rows[1].cells == ("网格", "性别")
    assert {row.cells for row in rows[2:]} == {("春泉第一网格", "男"), ("春泉第一网格", "女")}


def test_text_that_looks_like_a_formula_stays_text(world: World) -> None:
    with scope(world.actor("wang")):
        Resident.objects.filter(area_code=GRID_A, name="陈大明").update(relation="=HYPERLINK(1)")
        Household.objects.filter(area_code=GRID_A, room="101").update(room="@SUM")

    workbook = content_of(world, "wang", made(world, "wang", "residents"))
    csv = content_of(world, "wang", made(world, "wang", "residents", file_format="csv"))

    assert {"=HYPERLINK(1)", "@SUM"} <= {cell for row in rows_of(workbook) for cell in row.cells}
    assert not any(kind.isupper() for row in rows_of(workbook) for kind in row.kinds)
    assert "'=HYPERLINK(1)" in csv.decode("utf-8-sig")
    assert "'@SUM" in csv.decode("utf-8-sig")


def test_a_filter_beyond_the_ranges_answers_as_a_list_that_is_not_there(world: World) -> None:
    for filters, key in (({"area": GRID_B}, "residents"), ({}, "no_such_list"), ({}, "look_up_alarms")):
        with pytest.raises(NotFound):
            ask(world, "wang", key, filters, columns=("area",))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"why": "other"}, "why"),
        ({"columns": ()}, "columns"),
        ({"columns": ("area", "id_number_hash")}, "columns"),
        ({"note": "请导出 330199199403120010 一家"}, "note"),
        ({"note": "x" * 201}, "note"),
        ({"format": "exe"}, "format"),
    ],
)
def test_what_is_missing_is_named(world: World, change: dict[str, object], field: str) -> None:
    facts: dict[str, object] = {"list": "residents", "filters": {}, "columns": ("area",), "why": "visits"}
    asked = ExportAsked(**{**facts, **change})  # type: ignore[arg-type]

    with scope(world.actor("wang")), pytest.raises(ExportInvalid) as refused:
        ask_export(actor=world.actor("wang"), asked=asked, now=world.now)

    assert set(refused.value.fields) == {field}


def test_the_id_of_somebody_elses_export_tells_nothing(world: World) -> None:
    taken = ask(world, "bai", "residents")
    kong = world.actor("kong")
    asked = ExportAsked("residents", {}, ["name"], "register", export_id=taken.pk)

    with scope(kong), pytest.raises(ExportFormSpent):
        ask_export(actor=kong, asked=asked, now=world.now)


def test_nothing_personal_is_made_before_somebody_else_allows_it(world: World) -> None:
    export = ask(world, "kong", "residents")

    make_export(export.pk, export.appointment_id)

    assert export_as(world.actor("kong"), export.pk).state == ExportState.ASKED
    for handle, refusal in (
        ("kong", OwnExport),  # leads the area himself
        ("wang", NotFound),  # works below it
        ("li", NotFound),  # leads another community
    ):
        with pytest.raises(refusal):
            approve(world, export, handle)
    assert approve(world, export, "qian").state == ExportState.APPROVED  # leads the subdistrict


def test_another_post_or_account_of_the_same_person_does_not_count_as_somebody_else(world: World) -> None:
    export = ask(world, "kong", "residents")
    leader = world.actor("qian")
    with duty("react", ranges=EVERYWHERE, cause="test"):
        phone = partial(encrypt, "15400000099", context="organisation.Member.phone")
        Member.objects.filter(pk=export.member_id).update(phone=phone())
        Member.objects.filter(pk=leader.member_id).update(name=export.member_name, phone=phone())

    with pytest.raises(OwnExport):
        approve(world, export, "qian")


def test_the_database_refuses_what_nobody_else_allowed(world: World) -> None:
    export = ask(world, "wang", "residents")

    with scope(world.actor("wang")):
        for member_id in (None, export.member_id):
            with pytest.raises(IntegrityError), transaction.atomic():
                Export.objects.filter(pk=export.pk).update(state="approved", decided_member_id=member_id)


def test_one_decision_only(world: World) -> None:
    export = ask(world, "wang", "residents")
    approve(world, export)
    you = world.actor("you")

    with scope(you):
        with pytest.raises(ReasonMissing):
            decline_export(actor=you, export_id=export.pk, reason=" ", expected_version=2, now=world.now)
        with pytest.raises(ExportMovedOn):
            decline_export(actor=you, export_id=export.pk, reason="不需要", expected_version=1, now=world.now)


def test_the_audit_lists_who_was_exported_and_no_look_up_is_counted(world: World) -> None:
    with duty("answer_audit", ranges=EVERYWHERE, cause="test"):
        counted = LookUp.objects.count()

    export = made(world, "wang", "residents")

    with scope(world.actor("wang")):
        residents = set(Resident.objects.values_list("pk", flat=True))
    with duty("answer_audit", ranges=EVERYWHERE, cause="test"):
        entry = AuditEntry.objects.get(verb="export")
        assert set(entry.subject_ids) == residents
        assert (entry.why, entry.detail["number"], entry.detail["rows"]) == (
            "register",
            export.number,
            len(residents),
        )
        assert LookUp.objects.count() == counted


def test_a_killed_run_begins_anew_and_an_old_one_stops(world: World) -> None:
    export = ask(world, "wang", "residents")
    approve(world, export)
    old = Maker(export.pk, export.appointment_id)
    old.begin()
    columns = LISTS["residents"].columns
    next(old._rows(columns))  # and the process dies

    make_export(export.pk, export.appointment_id)

    assert export_as(world.actor("wang"), export.pk).state == ExportState.READY
    with pytest.raises(making.Stopped):
        next(old._rows(columns))


def test_an_export_whose_making_fails_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_maker: Maker, _path: Path) -> None:
        raise RuntimeError

    export = ask(world, "wang", "residents")
    approve(world, export)
    monkeypatch.setattr(Maker, "write", fail)

    with pytest.raises(RuntimeError):
        run_export(after_tries(0), str(export.pk), str(export.appointment_id))

    failed = export_as(world.actor("wang"), export.pk)
    assert (failed.state, failed.problem) == (ExportState.FAILED, "broken")


def test_rights_that_ended_meanwhile_end_the_export(world: World) -> None:
    export = ask(world, "wang", "residents")
    approve(world, export)
    with duty("react", ranges=EVERYWHERE, cause="test"):
        Appointment.objects.filter(pk=export.appointment_id).update(ends_at=world.now - timedelta(hours=1))

    make_export(export.pk, export.appointment_id)

    with scope(world.actor("you")):
        ended = Export.objects.get(pk=export.pk)
        assert (ended.state, ended.problem, ended.file_id) == (ExportState.FAILED, "rights_ended", None)


def test_a_recall_removes_the_file_at_once_and_keeps_the_row(
    world: World, django_capture_on_commit_callbacks: object
) -> None:
    export = made(world, "wang", "residents")
    path = file_of(world, export)
    assert path.exists()

    you = world.actor("you")
    with scope(you), django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        recall_export(actor=you, export_id=export.pk, now=world.now)

    assert not path.exists()
    kept = export_as(world.actor("you"), export.pk)
    assert (kept.state, kept.file_id, kept.row_count) == (ExportState.RECALLED, None, export.row_count)
    with scope(world.actor("you")), pytest.raises(ExportMovedOn):
        recall_export(actor=world.actor("you"), export_id=export.pk, now=world.now)


def test_a_leader_elsewhere_cannot_recall_or_see_it(world: World) -> None:
    export = made(world, "wang", "residents")

    for handle in ("li", "liu", "shi"):
        with scope(world.actor(handle)), pytest.raises((NotFound, NotAllowed)):
            recall_export(actor=world.actor(handle), export_id=export.pk, now=world.now)


def test_a_recall_while_it_is_made_stops_it(world: World) -> None:
    export = ask(world, "wang", "residents")
    approve(world, export)
    running = Maker(export.pk, export.appointment_id)
    running.begin()
    with scope(world.actor("wang")):
        recall_export(actor=world.actor("wang"), export_id=export.pk, now=world.now)

    with pytest.raises(making.Stopped):
        next(running._rows(LISTS["residents"].columns))


def test_a_file_ends_with_its_time(world: World, django_capture_on_commit_callbacks: object) -> None:
    export = made(world, "wang", "residents")
    path = file_of(world, export)
    assert export.expires_at is not None

    with duty("keep_clocks", ranges=EVERYWHERE, cause="test"):
        assert expire_exports(now=export.expires_at - timedelta(minutes=1)) == 0
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            assert expire_exports(now=export.expires_at) == 1

    assert not path.exists()
    assert export_as(world.actor("you"), export.pk).state == ExportState.EXPIRED
