"""The column in which a register keeps what the pack's attributes say of a row."""

from typing import Any

from django.db import models
from django.db.models import Value


def said_attributes() -> "models.JSONField[Any, Any]":
    """Return a column for values by the keys of the pack's attributes; nothing said is an empty object."""
    return models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
