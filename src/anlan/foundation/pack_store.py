"""The pack in force: loading a folder into versioned tables, and asking for its sections and entries."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast, overload
from uuid import UUID

from django.db import transaction
from pydantic import BaseModel

from anlan.foundation.models import PackEntry, PackVersion
from anlan.foundation.pack_errors import PackInvalid
from anlan.foundation.packs import LIBRARY, Pack, read_pack, registered_sections, section_of
from anlan.foundation.scope import Scope, current_scope

M = TypeVar("M", bound=BaseModel)
CACHED_SECTIONS = 256  # sections × versions kept in a process
_asked: ContextVar[tuple[Scope, PackVersion] | None] = ContextVar("anlan_pack_asked", default=None)


class NoPackInForce(RuntimeError):
    """No pack has been loaded: run the load_pack command first."""


class NoSuchEntry(KeyError):
    """The pack has no entry under this key."""


def find_pack(name_or_folder: str) -> Path:
    """Return the folder of a pack that comes with the product, or the folder itself."""
    shipped = LIBRARY / name_or_folder
    return shipped if shipped.is_dir() else Path(name_or_folder)


@transaction.atomic
def load_pack(folder: Path, now: datetime) -> PackVersion:
    """Put the pack of this folder in force; a version already stored is not stored again.

    Raises PackInvalid with every fault, and then changes nothing.
    """
    pack = read_pack(folder)
    _asked.set(None)
    in_force = PackVersion.objects.select_for_update().filter(in_force=True).first()
    if in_force and (in_force.name, in_force.version) == (pack.name, pack.version):
        return in_force
    PackVersion.objects.filter(in_force=True).update(in_force=False)
    version, is_new = PackVersion.objects.get_or_create(
        name=pack.name, version=pack.version, defaults={"loaded_at": now, "in_force": True}
    )
    if is_new:
        PackEntry.objects.bulk_create(_rows(version, pack))
    else:
        version.in_force = True
        version.save(update_fields=["in_force"])
    return version


def pack_in_force() -> PackVersion:
    """Return the version new matters begin under; raise NoPackInForce where none is.

    It is asked for once in a scope: a page that names twenty things reads one pack.
    """
    scope, asked = current_scope(), _asked.get()
    if asked is not None and asked[0] is scope:
        return asked[1]
    version = PackVersion.objects.filter(in_force=True).first()
    if version is None:
        raise NoPackInForce("no pack is in force: run load_pack")
    if scope is not None:
        _asked.set((scope, version))
    return version


@overload
def section(name: type[M], version: PackVersion | None = None) -> list[M]: ...
@overload
def section(name: str, version: PackVersion | None = None) -> list[BaseModel]: ...
def section(name: str | type[BaseModel], version: PackVersion | None = None) -> list[Any]:
    """List a section's entries in their order, by the section's name or (typed) by its model.

    A running matter passes the version it began under; a section the pack leaves out is empty.
    """
    found = name if isinstance(name, str) else section_of(name).name
    return list(_entries((version or pack_in_force()).id, found).values())


@overload
def entry(name: type[M], key: str, version: PackVersion | None = None) -> M: ...
@overload
def entry(name: str, key: str, version: PackVersion | None = None) -> BaseModel: ...
def entry(name: str | type[BaseModel], key: str, version: PackVersion | None = None) -> BaseModel:
    """Return one entry; raise NoSuchEntry where the pack has none under this key."""
    found = name if isinstance(name, str) else section_of(name).name
    try:
        return _entries((version or pack_in_force()).id, found)[key]
    except KeyError:
        raise NoSuchEntry(f"{found}: {key}") from None


@lru_cache(maxsize=CACHED_SECTIONS)
def _entries(version_id: UUID, name: str) -> dict[str, BaseModel]:
    """Read one section of one version; rows of a version never change, so the answer is kept."""
    model = registered_sections()[name].model
    rows = PackEntry.objects.filter(pack_version_id=version_id, section=name).order_by("position")
    return {row.key: model.model_validate(cast(object, row.body)) for row in rows}


def _rows(version: PackVersion, pack: Pack) -> Iterable[PackEntry]:
    return [
        PackEntry(
            pack_version=version,
            section=name,
            key=item.key,
            body=item.body.model_dump(mode="json"),
            file=item.place.file,
            line=item.place.line,
            position=item.position,
        )
        for name, entries in pack.sections.items()
        for item in entries
    ]


__all__ = [
    "NoPackInForce",
    "NoSuchEntry",
    "PackInvalid",
    "entry",
    "find_pack",
    "load_pack",
    "pack_in_force",
    "section",
]
