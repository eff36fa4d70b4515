"""The numbers of the database's advisory locks that are ours, in one place so that no two are the same."""

from enum import IntEnum, unique

from django.db import connection


@unique
class AdvisoryLock(IntEnum):
    """One number a lock; a lock taken twice under one number would wait for itself for ever."""

    SCHEDULER = 0x616E6C616E  # held by the one scheduler of a database as long as it runs
    SEALS = 0x7365616C73  # one sealer at a time
    SIGNALS = 0x7369676E  # of many keys: one at a time raises signals of a matter in a district
    COUNTS = 0x636F756E  # of many keys: one at a time counts a report or sheet
    PREMISES = 0x7072656D  # of many keys: one at a time enters buildings, or facilities
    REDRAW = 0x72656472  # of many keys: one at a time changes the tree of a district


def hold(lock: AdvisoryLock, key: str) -> None:
    """Wait for one key of a lock of many keys and hold it until the transaction ends.

    Locks of two numbers (this one and the key's hash) never meet those of one. Two keys with one hash wait
    for each other, which costs time and nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [int(lock), key])
