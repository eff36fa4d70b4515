"""The queue's jobs of the foundation: one scheduled duty, run for every district by its own clock."""

from datetime import datetime

import structlog
from django.db import connection, transaction
from procrastinate.contrib.django import app

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.ports import ScheduledDuty, ports
from anlan.foundation.practice import practice_districts
from anlan.foundation.scope import duty

log = structlog.get_logger()
# Every code there can be, except those of practice districts, which begin with 99.
REAL_DISTRICTS = AreaRanges.of([*"012345678", *(f"9{digit}" for digit in range(9))])


def name_of(scheduled: ScheduledDuty) -> str:
    """Return the name under which a duty is queued."""
    return f"{scheduled.__module__}.{scheduled.__qualname__}"


@app.task(name="anlan.foundation.run_duty")
def run_duty(name: str) -> None:
    """Run a duty of the schedule: once for the real districts, once for each practice district."""
    scheduled = {name_of(one): one for _, one in ports().schedule}.get(name)
    if scheduled is None:
        log.warning("duty_no_longer_scheduled", name=name)
        return
    run_everywhere(scheduled, now=utc_now())


def run_everywhere(scheduled: ScheduledDuty, *, now: datetime) -> None:
    """Run a duty for the real districts at `now` and for each practice district at its own time.

    What keeps the installation itself (the foundation's duties) reaches everywhere and runs by real time
    alone: a practice clock that is ahead would end real files and envelopes.
    """
    _run(scheduled, REAL_DISTRICTS, now)
    if _keeps_the_installation(scheduled):
        return
    for district, practice_now in practice_districts().items():
        _run(scheduled, AreaRanges.of([district]), practice_now)


def run_district_duties(district: str, *, now: datetime) -> None:
    """Run what the clock does about the work of one practice district, at its own time.

    Not what keeps the installation itself (the foundation's duties), which runs by real time.
    """
    for _, scheduled in ports().schedule:
        if not _keeps_the_installation(scheduled):
            _run(scheduled, AreaRanges.of([district]), now)


def _keeps_the_installation(scheduled: ScheduledDuty) -> bool:
    return scheduled.__module__.startswith("anlan.foundation.")


def _run(scheduled: ScheduledDuty, ranges: AreaRanges, now: datetime) -> None:
    name = name_of(scheduled)
    with transaction.atomic(), duty("keep_clocks", ranges=ranges, cause=name):
        if _is_alone(f"{name} {ranges.codes}"):
            scheduled(now=now)


def _is_alone(name: str) -> bool:
    """Take the duty's lock, which ends with the transaction, also when the process is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        row = cursor.fetchone()
    return bool(row and row[0])
