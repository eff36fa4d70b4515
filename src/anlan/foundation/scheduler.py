"""The clock: queues each duty of wiring/schedule.py when its time comes, never twice at once."""

import threading
import time

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections, transaction
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from anlan.foundation.advisory_locks import AdvisoryLock
from anlan.foundation.jobs import name_of, run_duty
from anlan.foundation.ports import ScheduledDuty, ports

log = structlog.get_logger()
TICK_SECONDS = 0.5


class Scheduler:
    """Runs until `ending` is set; a second one waits for the first to go."""

    def __init__(self, ending: threading.Event) -> None:
        self.ending = ending
        self._slots: dict[str, int] = {}

    def run(self) -> None:
        """Queue what is due, again and again."""
        while not self.ending.wait(TICK_SECONDS):
            try:
                if self._is_the_one():
                    self.queue_due(time.time())
            except (DatabaseError, InterfaceError, ConnectorException, psycopg.Error) as error:
                log.warning("scheduler_lost_the_database", error=type(error).__name__)
                connections[DEFAULT_DB_ALIAS].close()
        connections[DEFAULT_DB_ALIAS].close()

    def queue_due(self, seconds: float) -> list[str]:
        """Queue every duty whose turn has come since it was last queued; return their names."""
        due = []
        for every, scheduled in ports().schedule:
            name, slot = name_of(scheduled), int(seconds // every)
            if self._slots.get(name) != slot:
                if queue_duty(scheduled):
                    due.append(name)
                self._slots[name] = slot
        return due

    def _is_the_one(self) -> bool:
        """Hold the lock as long as the connection lives; taking it again is free."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
                " OR pg_try_advisory_lock(%s)",
                [AdvisoryLock.SCHEDULER],
            )
            row = cursor.fetchone()
        return bool(row and row[0])


def queue_duty(scheduled: ScheduledDuty) -> bool:
    """Queue one run of a duty; say whether it was needed: one that still waits is enough."""
    name = name_of(scheduled)
    try:
        with transaction.atomic():
            run_duty.configure(queueing_lock=name).defer(name=name)
    except AlreadyEnqueued:
        return False
    return True
