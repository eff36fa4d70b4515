"""Identifiers: UUID version 7, made here or by the client before it is online."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a fresh time-ordered identifier."""
    return uuid7()
