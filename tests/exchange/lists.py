"""Exports for tests: asked for, allowed and made without a worker."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from anlan.exchange.actions.exporting.asking import ExportAsked, ask_export
from anlan.exchange.actions.exporting.deciding import approve_export
from anlan.exchange.actions.exporting.making import make_export
from anlan.exchange.export_models import Export
from anlan.exchange.lists import LISTS
from anlan.foundation.actor import Actor
from anlan.foundation.files import open_file
from anlan.foundation.scope import scope
from anlan.foundation.sheets.reading import SheetRow, open_table
from tests.world import World

APPROVER = "you"  # data protection


def ask(
    world: World,
    handle: str,
    key: str,
    filters: Mapping[str, str] | None = None,
    *,
    columns: Sequence[str] = (),
    file_format: str = "xlsx",
) -> Export:
    """Ask for a list as somebody, by default with every column."""
    wanted = columns or [column.key for column in LISTS[key].columns]
    asked = ExportAsked(key, filters or {}, wanted, "register", format=file_format)
    actor = world.actor(handle)
    with scope(actor):
        return ask_export(actor=actor, asked=asked, now=world.now)


def approve(world: World, export: Export, handle: str = APPROVER) -> Export:
    """Allow an export as somebody."""
    actor = world.actor(handle)
    with scope(actor):
        return approve_export(
            actor=actor, export_id=export.pk, expected_version=export.version, now=world.now
        )


def made(
    world: World, handle: str, key: str, filters: Mapping[str, str] | None = None, **more: object
) -> Export:
    """Ask, have it allowed where it must be, and do what the worker would do."""
    export = ask(world, handle, key, filters, **more)  # type: ignore[arg-type]
    if export.is_personal:
        approve(world, export)
    make_export(export.pk, export.appointment_id)
    return export_as(world.actor(handle), export.pk)


def export_as(actor: Actor, export_id: UUID) -> Export:
    """Return an export as it stands."""
    with scope(actor):
        return Export.objects.get(pk=export_id)


def content_of(world: World, handle: str, export: Export) -> bytes:
    """Return the file as its door would give it."""
    actor = world.actor(handle)
    assert export.file_id is not None
    with scope(actor):
        return open_file(actor, export.file_id, now=world.now)[1]


def rows_of(content: bytes, name: str = "table.xlsx") -> list[SheetRow]:
    """Return all rows of a workbook or CSV."""
    with open_table(content, name) as table:
        return list(table.rows)
