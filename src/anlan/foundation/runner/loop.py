"""The worker's life: do a portion, make room, wait for word of more, and come back after a lost database."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from psycopg.sql import SQL, Identifier

from anlan.foundation.async_line import parameters
from anlan.foundation.calling import CHANNELS

log = structlog.get_logger()
POLL_SECONDS = 1.0  # also the longest a told-to-end worker sleeps
PAUSE_SECONDS = 0.5
# What can wait makes room for what people wait for: a portion is followed by a rest so many times as long
# as it stood in line for a processor; between transactions, so that nothing is held meanwhile. Of few rows it
# is short: what comes alone has somebody who waits for what follows from it.
ROOM, LONGEST_REST_SECONDS, REST_SECONDS_A_ROW = 4.0, 1.0, 0.005
WAITED = Path("/proc/thread-self/schedstat")  # Linux: nanoseconds run and stood in line, times run


class Worker:
    """Does portions by `drain`, which returns how many rows it did, until `ending` is set; one a thread."""

    def __init__(
        self, ending: threading.Event, drain: Callable[[], int], *, called_by: Sequence[str] = CHANNELS
    ) -> None:
        self.ending, self.drain, self.called_by = ending, drain, called_by
        self._listening: psycopg.Connection[tuple[object, ...]] | None = None

    def run(self) -> None:
        """Drain and wait, again and again."""
        while not self.ending.is_set():
            try:
                self._listen()
                before = seconds_in_line()
                if rows := self.drain():
                    self.ending.wait(rest_after(rows, seconds_in_line() - before))
                elif not self.ending.is_set():
                    self._wait()
            except (DatabaseError, InterfaceError, psycopg.Error, OSError) as error:
                log.warning("worker_lost_the_database", error=type(error).__name__)
                self._forget()
                self.ending.wait(PAUSE_SECONDS)
        self._forget()

    def _listen(self) -> None:
        """Listen before draining, so that nothing that comes in between is slept over."""
        if self._listening is None:
            self._listening = psycopg.connect(
                **parameters(), autocommit=True, application_name="anlan worker", connect_timeout=5
            )
            for channel in self.called_by:
                self._listening.execute(SQL("LISTEN {}").format(Identifier(channel)))

    def _wait(self) -> None:
        assert self._listening is not None
        for _ in self._listening.notifies(timeout=POLL_SECONDS, stop_after=1):
            pass

    def _forget(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
        connections[DEFAULT_DB_ALIAS].close()


def rest_after(rows: int, in_line: float) -> float:
    """Return the seconds to rest after a portion of so many rows that stood in line so long."""
    return min(ROOM * in_line, REST_SECONDS_A_ROW * rows, LONGEST_REST_SECONDS)


def seconds_in_line() -> float:
    """Return how long this thread has stood ready while others ran; 0 where the system does not say."""
    try:
        return int(WAITED.read_text().split()[1]) / 1e9
    except OSError:
        return 0.0
