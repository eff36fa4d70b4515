"""The numbers of the database's advisory locks that are ours, in one place so that no two are the same."""

from enum import IntEnum, unique


@unique
class AdvisoryLock(IntEnum):
    """One number a lock; a lock taken twice under one number would wait for itself for ever."""

    SCHEDULER = 0x616E6C616E  # held by the one scheduler of a database as long as it runs
    SEALS = 0x7365616C73  # one sealer at a time
