"""Announce a fact in the transaction that makes it true; consequences follow after the commit."""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import UUID

from anlan.foundation.calling import FACTS, call_worker
from anlan.foundation.models import Fact
from anlan.foundation.scope import current_scope

E = TypeVar("E", bound="Event")
EVENTS: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every fact: where it lies and when it happened (practice time in practice districts).

    Subclass as `@dataclass(frozen=True, slots=True, kw_only=True)` in an app's events.py; fields are ids,
    codes, numbers and dates, never identities.
    """

    name: ClassVar[str] = ""
    area_code: str
    occurred_at: datetime


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(cls: type[E]) -> type[E]:
    """Register a frozen event under app.ClassName, so that it can be read back from the outbox."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.name = f"{cls.__module__.split('.')[-2]}.{cls.__name__}"
    EVENTS[made.name] = made
    return made


def publish(happened: Event) -> None:
    """Queue a fact; it is lost with the transaction, or kept with it."""
    scope = current_scope()
    payload = {
        field.name: _plain(getattr(happened, field.name))
        for field in dataclasses.fields(happened)
        if field.name not in {"area_code", "occurred_at"}
    }
    actor = scope.actor if scope else None
    Fact.objects.create(
        name=happened.name,
        payload=payload,
        area_code=happened.area_code,
        occurred_at=happened.occurred_at,
        actor={"post_id": str(actor.post_id), "member_id": str(actor.member_id)} if actor else {},
    )
    call_worker(FACTS)


def read_event(fact: Fact) -> Event:
    """Return the event a stored fact stands for; raise KeyError for an unknown name."""
    cls = EVENTS[fact.name]
    values: dict[str, Any] = dict(fact.payload)
    for field in dataclasses.fields(cls):
        if field.name in values:
            values[field.name] = _typed(field.type, values[field.name])
    return cls(area_code=fact.area_code, occurred_at=fact.occurred_at, **values)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | date | datetime):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(annotation: Any, value: Any) -> Any:
    """Turn a JSON value back into the annotated type: UUID, date, datetime, tuples of ids."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    if value is None:
        return None
    if "tuple" in str(annotation):
        return tuple(UUID(item) if "UUID" in str(annotation) else item for item in value)
    if text.startswith("UUID"):
        return UUID(value)
    if text.startswith("datetime"):
        return datetime.fromisoformat(value)
    if text.startswith("date"):
        return date.fromisoformat(value)
    return value
