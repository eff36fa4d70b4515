"""Small tables for tests, and the way a file goes through an import without a worker."""

import csv
import io
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import cast
from uuid import UUID

from procrastinate import JobContext

from anlan.exchange.actions import carry_on, receive_file, undo_batch, write_batch
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.foundation.actor import Actor
from anlan.foundation.scope import scope
from anlan.foundation.sheets.writing import Column, Sheet, write_workbook
from anlan.people.models import Household, Resident, SearchToken
from tests.world import World

NEWCOMER = (
    "春泉第一网格", "1", "2", "201",
    "何晓燕", "330199199001010142", "13800138000", "女", "1990-01-01", "户主",
)  # fmt: skip
CHEN = ("", "1", "1", "101", "陈大明", "330199199403120010", "", "", "", "")
HEADINGS = ("网格", "楼栋", "单元", "房号", "姓名", "身份证号", "电话", "性别", "出生日期", "与户主关系")


def csv_of(
    rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8-sig"
) -> bytes:
    """Return a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def workbook_of(rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    """Return a workbook of text cells."""
    target = io.BytesIO()
    write_workbook(target, [Sheet("居民", [Column(title) for title in headings], rows)])
    return target.getvalue()


def send(
    world: World, handle: str, content: bytes, name: str = "居民.csv", *, register: str = "residents"
) -> UUID:
    """Hand a file over as somebody and let it be read and tried; return the batch's id."""
    actor = world.actor(handle)
    with scope(actor):
        batch = receive_file(actor=actor, register=register, name=name, content=content, now=world.now)
    return run(actor, batch.pk)


def run(actor: Actor, batch_id: UUID) -> UUID:
    """Do what the worker would do for a batch."""
    carry_on(batch_id, actor.appointment_id)
    return batch_id


def batch_of(actor: Actor, batch_id: UUID) -> ImportBatch:
    """Return the batch as it stands."""
    with scope(actor):
        return ImportBatch.objects.get(pk=batch_id)


def outcomes(actor: Actor, batch_id: UUID) -> dict[int, str]:
    """Return what became of each row, by row number."""
    with scope(actor):
        return dict(
            ImportRow.objects.filter(batch_id=batch_id).order_by("number").values_list("number", "outcome")
        )


def reasons(actor: Actor, batch_id: UUID) -> dict[int, list[tuple[str, str]]]:
    """Return (column, reason) of each row that has any."""
    with scope(actor):
        rows = ImportRow.objects.filter(batch_id=batch_id).exclude(problems=[])
        return {row.number: [(key, why) for key, why, _detail in row.problems] for row in rows}


def write(world: World, handle: str, batch_id: UUID) -> dict[int, str]:
    """Let a tried batch be written; return what became of each row."""
    actor = world.actor(handle)
    with scope(actor):
        version = ImportBatch.objects.get(pk=batch_id).version
        write_batch(actor=actor, batch_id=batch_id, expected_version=version, now=world.now)
    run(actor, batch_id)
    return outcomes(actor, batch_id)


def undo(world: World, handle: str, batch_id: UUID) -> ImportBatch:
    """Take back what a batch wrote, and return the batch."""
    actor = world.actor(handle)
    version = batch_of(actor, batch_id).version
    with scope(actor):
        undo_batch(actor=actor, batch_id=batch_id, expected_version=version, now=world.now)
    run(actor, batch_id)
    return batch_of(actor, batch_id)


def after_tries(count: int) -> JobContext:
    """Return what the queue tells a job that it took up so many times before."""
    return cast(JobContext, SimpleNamespace(job=SimpleNamespace(attempts=count)))


def register_as_it_stands() -> list[dict[str, object]]:
    """Return every resident and household but for their versions, under the scope in force."""
    people = Resident.objects.order_by("pk").values()
    homes = Household.objects.order_by("pk").values()
    tokens = SearchToken.objects.order_by("pk").values()
    return [{k: v for k, v in row.items() if k != "version"} for row in (*people, *homes, *tokens)]
