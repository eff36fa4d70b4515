"""One try at one row: whatever goes wrong stays within it."""

import errno
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection, transaction
from django.db.models import Q

from anlan.foundation.errors import Refused

MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=2)  # doubled with every try: five tries take half a minute
LONGEST_PAUSE = FIRST_PAUSE * 2**MOST_TRIES
# What the machine lacks: PostgreSQL's disk_full, too_many_connections and io_error; no room for files
LACKING_STATES = {"53100", "53300", "58030"}
LACKING_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE}


class Tried(Protocol):
    """A row that is tried again: an envelope or a fact."""

    tries: int
    due_at: datetime | None
    problem: str


def is_due(now: datetime) -> Q:
    """Return the condition that a row may be tried now.

    One that is put off for longer than a row ever is was put off while the clock was ahead.
    """
    return Q(due_at=None) | Q(due_at__lte=now) | Q(due_at__gt=now + LONGEST_PAUSE)


def attempt(act: Callable[[], object], *, is_alone: bool = True) -> Exception | None:
    """Do it in a savepoint; return what went wrong.

    A refusal leaves its trace where the row `is_alone`: of several, each is tried again by itself.
    A lost connection and what the machine lacks are no row's fault and rise: nothing counts as a try.
    """
    try:
        with transaction.atomic():
            act()
    except Exception as error:
        if connection.closed_in_transaction or connection.needs_rollback or is_for_lack(error):
            raise
        if is_alone and isinstance(error, Refused):
            error.leave_trace()
        return error
    return None


def is_for_lack(error: Exception) -> bool:
    """Say whether the machine lacked something, such as room on its disk, whatever was tried."""
    if isinstance(error, OSError):
        return error.errno in LACKING_ERRNOS
    return (
        getattr(error.__cause__, "sqlstate", None) in LACKING_STATES
    )  # Django's error has psycopg's behind it


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
