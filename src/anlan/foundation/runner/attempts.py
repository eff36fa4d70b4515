"""One try at one row: whatever goes wrong stays within it."""

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection, transaction
from django.db.models import Q

from anlan.foundation.errors import Refused

MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=2)  # doubled with every try: five tries take half a minute


class Tried(Protocol):
    """A row that is tried again: an envelope or a fact."""

    tries: int
    due_at: datetime | None
    problem: str


def is_due(now: datetime) -> Q:
    """Return the condition that a row may be tried now."""
    return Q(due_at=None) | Q(due_at__lte=now)


def attempt(act: Callable[[], object]) -> Exception | None:
    """Do it in a savepoint; return what went wrong. A lost connection is nobody's fault and rises."""
    try:
        with transaction.atomic():
            act()
    except Exception as error:
        if connection.closed_in_transaction or connection.needs_rollback:
            raise
        if isinstance(error, Refused):
            error.leave_trace()
        return error
    return None


def problem_of(error: Exception) -> str:
    """Say what went wrong and where, without the message: it may hold what a person wrote."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "anlan" in frame.filename or "tests" in frame.filename
    ]
    place = f" at {frames[-1].filename.rpartition('src/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def note_failure(row: Tried, error: Exception, now: datetime) -> bool:
    """Count a failed try and put the next off; say whether it was the last."""
    row.tries += 1
    row.problem = problem_of(error)
    row.due_at = now + FIRST_PAUSE * 2 ** (row.tries - 1)
    return row.tries >= MOST_TRIES
