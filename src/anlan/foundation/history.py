"""Write down what a field held before and what it holds now, with who changed it and through which post."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from anlan.foundation.actor import Actor
from anlan.foundation.ids import new_id
from anlan.foundation.models import FieldChange


def keep_history(actor: Actor, row: Any, old: Mapping[str, Any], *, source: str, now: datetime) -> None:
    """Write one line of field history for each field of a row that had another value before."""
    changes = {name: (value, getattr(row, name)) for name, value in old.items()}
    keep_changes(actor, row, changes, source=source, now=now)


def keep_changes(
    actor: Actor, row: Any, changes: Mapping[str, tuple[Any, Any]], *, source: str, now: datetime
) -> None:
    """Write one line of history for each (before, after) of a scoped row that has a version."""
    FieldChange.objects.bulk_create(_lines(actor, row, changes, source, now))


def keep_histories(
    actor: Actor, rows: Iterable[tuple[Any, Mapping[str, Any]]], *, source: str, now: datetime
) -> None:
    """Do for many rows at once, each beside what its fields held before, what `keep_history` does for one."""
    FieldChange.objects.bulk_create(
        line
        for row, old in rows
        for line in _lines(
            actor, row, {name: (value, getattr(row, name)) for name, value in old.items()}, source, now
        )
    )


def _lines(
    actor: Actor, row: Any, changes: Mapping[str, tuple[Any, Any]], source: str, now: datetime
) -> list[FieldChange]:
    return [
        FieldChange(
            id=new_id(),
            area_code=row.area_code,
            model=row._meta.label,
            row_id=row.pk,
            field=name,
            old=_as_text(before),
            new=_as_text(after),
            source=source,
            post_id=actor.post_id,
            member_name=actor.member_name,
            version=row.version,
            changed_at=now,
        )
        for name, (before, after) in changes.items()
    ]


def _as_text(value: Any) -> str:
    """Return a value as history keeps it; encrypted ones stay encrypted, in hexadecimal."""
    if value is None:
        return ""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, date) else str(value)
