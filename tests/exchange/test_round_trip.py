"""An exported workbook comes back: what was not touched is the same, what was edited is told apart."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest

from anlan.exchange.actions import write_batch
from anlan.exchange.models import ImportBatch
from anlan.exchange.rules import BatchState
from anlan.foundation.scope import scope
from anlan.foundation.sheets.writing import Column, Sheet, write_workbook
from anlan.people.models import Resident
from tests.exchange.lists import content_of, made, rows_of
from tests.exchange.tables import batch_of, outcomes, reasons, run, send
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db
Edit = Callable[[dict[str, str]], None]
FIRST = 3  # row of the first person: watermark, headings


def exported(world: World, handle: str = "wang") -> bytes:
    return content_of(world, handle, made(world, handle, "residents"))


def edited(content: bytes, edit: Edit) -> bytes:
    """Change cells as somebody would in a spreadsheet: each row by its headings."""
    rows = rows_of(content)
    headings = rows[1].cells
    changed = []
    for row in rows[2:]:
        cells = dict(zip(headings, row.cells, strict=True))
        edit(cells)
        changed.append([cells[heading] for heading in headings])
    target = io.BytesIO()
    above = [list(rows[0].cells), list(headings)]
    sheet = Sheet("居民", [Column(one) for one in headings], changed, heading_rows=above)
    write_workbook(target, [sheet])
    return target.getvalue()


def sent_back(world: World, content: bytes, handle: str = "wang") -> tuple[ImportBatch, dict[int, str], UUID]:
    batch_id = send(world, handle, content, "居民.xlsx")
    actor = world.actor(handle)
    return batch_of(actor, batch_id), outcomes(actor, batch_id), batch_id


def only(name: str, change: Edit) -> Edit:
    """Edit the rows of one person, known by the masked number."""

    def edit(cells: dict[str, str]) -> None:
        if cells["身份证号"].endswith(name):
            change(cells)

    return edit


def test_what_was_not_touched_is_the_same(world: World) -> None:
    batch, rows, _id = sent_back(world, exported(world))

    assert batch.state == BatchState.TRIED
    assert batch.questions == {}
    assert batch.facts["origin"]["list"] == "residents"
    with scope(world.actor("wang")):
        assert len(rows) == Resident.objects.filter(area_code=GRID_A).count()
    assert set(rows.values()) == {"same"}


def test_an_edited_cell_is_a_change_and_is_written(world: World) -> None:
    content = edited(
        exported(world), only("10", lambda cells: cells.update({"电话": "13912345678", "与户主关系": "本人"}))
    )

    _batch, rows, batch_id = sent_back(world, content)

    assert sorted(rows.values()).count("changed") == 1
    assert set(rows.values()) == {"same", "changed"}
    wang = world.actor("wang")
    with scope(wang):
        version = batch_of(wang, batch_id).version
        write_batch(actor=wang, batch_id=batch_id, expected_version=version, now=world.now)
    run(wang, batch_id)
    with scope(wang):
        chen = Resident.objects.get(area_code=GRID_A, name="陈大明")
        assert chen.relation == "本人"


def test_a_door_that_was_edited_moves_and_a_new_name_corrects(world: World) -> None:
    content = edited(
        exported(world), only("65", lambda cells: cells.update({"房号": "502", "姓名": "赵秀蓝"}))
    )

    _batch, rows, _id = sent_back(world, content)

    assert sorted(set(rows.values())) == ["changed", "same"]


def test_masked_text_that_was_altered_is_refused(world: World) -> None:
    content = edited(exported(world), only("10", lambda cells: cells.update({"电话": "155******01"})))

    _batch, rows, batch_id = sent_back(world, content)

    assert list(rows.values()).count("rejected") == 1
    assert list(reasons(world.actor("wang"), batch_id).values()) == [[("phone", "masked_changed")]]


def test_a_record_changed_meanwhile_is_a_conflict(world: World) -> None:
    content = edited(exported(world), only("10", lambda cells: cells.update({"与户主关系": "本人"})))
    with scope(world.actor("wang")):
        row = Resident.objects.get(area_code=GRID_A, name="陈大明")
        Resident.objects.filter(pk=row.pk).update(relation="户主。", version=row.version + 1)

    _batch, rows, batch_id = sent_back(world, content)

    assert list(rows.values()).count("conflict") == 1
    assert list(reasons(world.actor("wang"), batch_id).values()) == [[("", "version_behind")]]


def test_another_grids_workbook_finds_nobody(world: World) -> None:
    content = exported(world, "liu")

    _batch, rows, batch_id = sent_back(world, content)

    assert set(rows.values()) == {"rejected"}
    found = reasons(world.actor("wang"), batch_id)
    assert all(
        ("area", "area_unknown") in one or ("record_key", "key_unknown") in one for one in found.values()
    )
