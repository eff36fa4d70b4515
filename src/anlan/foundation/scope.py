"""The read gate: which areas and purposes the current transaction may touch.

The database enforces it (row security on every scoped table); this module only tells the
database who is asking. With no scope every read of a scoped table fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from psycopg.pq import TransactionStatus

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.duties import DUTIES, Duty


@dataclass(frozen=True, slots=True)
class Scope:
    """What the current transaction may touch, who asks, and under which duty."""

    ranges: AreaRanges
    purposes: frozenset[str]
    actor: Actor | None = None
    duty: Duty | None = None
    cause: str = ""


class NoScope(RuntimeError):
    """Raised when code asks who acts where nobody does: a programming error, never a user's."""


_current: ContextVar[Scope | None] = ContextVar("anlan_scope", default=None)


def current_scope() -> Scope | None:
    """Return the scope in force, if any."""
    return _current.get()


def require_scope() -> Scope:
    """Return the scope in force; raise NoScope where there is none."""
    scope_in_force = _current.get()
    if scope_in_force is None:
        raise NoScope("no scope is set: enter `with scope(actor):` first")
    return scope_in_force


def scope_settings(scope_in_force: Scope | None) -> tuple[str, str]:
    """Return the values of anlan.scope and anlan.purposes for the database."""
    if scope_in_force is None:
        return "", ""
    return scope_in_force.ranges.as_multirange(), ",".join(sorted(scope_in_force.purposes))


def apply_scope(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Tell the open transaction of this connection what it may touch.

    A transaction that has failed takes no statement; its rollback brings the setting of before back.
    """
    connection = connections[alias]
    if connection.in_atomic_block and not connection.needs_rollback and not _has_failed(connection):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('anlan.scope', %s, true), set_config('anlan.purposes', %s, true)",
                scope_settings(_current.get()),
            )


def _has_failed(connection: BaseDatabaseWrapper) -> bool:
    made = connection.connection
    return made is not None and made.info.transaction_status == TransactionStatus.INERROR


@contextmanager
def _entered(entered: Scope) -> Iterator[Scope]:
    token = _current.set(entered)
    try:
        apply_scope()
        yield entered
    finally:
        _current.reset(token)
        apply_scope()


@contextmanager
def scope(actor: Actor) -> Iterator[Scope]:
    """Act as this person in this post until the block ends."""
    with _entered(Scope(ranges=actor.ranges, purposes=actor.purposes, actor=actor)) as entered:
        yield entered


@contextmanager
def duty(name: str, *, ranges: AreaRanges, cause: str) -> Iterator[Scope]:
    """Go beyond the actor's own ranges for one declared duty; the audit names duty and cause.

    The actor stays on record. `cause` is an id or a short key, never an identity.
    """
    declared = DUTIES[name]
    outer = _current.get()
    purposes = declared.purposes | (outer.purposes if outer and declared.keeps_own_purposes else frozenset())
    actor = outer.actor if outer else None
    with _entered(Scope(ranges, frozenset(purposes), actor, declared, cause)) as entered:
        yield entered


def within(ranges: AreaRanges, column: str = "area_code") -> Q:
    """Return the ranges as plain index conditions; row security alone would scan (DESIGN.md section 3)."""
    condition = Q(pk__in=[])
    for index, (low, high) in enumerate(ranges.bounds()):
        part = Q(**{f"{column}__gte": low, f"{column}__lt": high})
        condition = part if index == 0 else condition | part
    return condition


def acting_post() -> UUID | None:
    """Return the post through which the current scope acts, if a person acts."""
    scope_in_force = _current.get()
    return scope_in_force.actor.post_id if scope_in_force and scope_in_force.actor else None
