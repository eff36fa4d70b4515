"""The worker's life: drain, wait for word of more, and come back after a lost database."""

import threading
from collections.abc import Callable

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from anlan.foundation.async_line import parameters

log = structlog.get_logger()
POLL_SECONDS = 1.0  # also the longest a told-to-end worker sleeps
PAUSE_SECONDS = 0.5


class Worker:
    """Drains by `drain` until `ending` is set; one for each thread."""

    def __init__(self, ending: threading.Event, drain: Callable[[], int]) -> None:
        self.ending, self.drain = ending, drain
        self._listening: psycopg.Connection[tuple[object, ...]] | None = None

    def run(self) -> None:
        """Drain and wait, again and again."""
        while not self.ending.is_set():
            try:
                self._listen()
                drain_count = self.drain()
                if not drain_count and not self.ending.is_set():
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
            self._listening.execute("LISTEN anlan_work")

    def _wait(self) -> None:
        assert self._listening is not None
        for _ in self._listening.notifies(timeout=POLL_SECONDS, stop_after=1):
            pass

    def _forget(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
        connections[DEFAULT_DB_ALIAS].close()
