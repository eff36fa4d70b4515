"""Processes that hold a lock for long must not stop each other's duties."""

import threading

import pytest
from django.db import connection

from anlan.foundation.advisory_locks import AdvisoryLock
from anlan.foundation.scheduler import Scheduler
from anlan.foundation.seals import seal_audit

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_the_audit_is_sealed_while_the_scheduler_holds_its_lock(standard_pack: None) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        assert Scheduler(threading.Event())._is_the_one()
        held.set()
        done.wait(30)
        connection.close()

    scheduler = threading.Thread(target=hold)
    scheduler.start()
    assert held.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    try:
        assert seal_audit() is not None
    finally:
        done.set()
        scheduler.join()
        connection.close()


def test_no_two_locks_share_a_number() -> None:
    assert len({lock.value for lock in AdvisoryLock}) == len(AdvisoryLock.__members__)
