"""Count what one person does in a day where too much of it means that something is wrong."""

from datetime import datetime

from django.conf import settings
from django.db import connection

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of, end_of
from anlan.foundation.errors import TooMany
from anlan.foundation.models import DailyUse

INSERT = """
    INSERT INTO foundation_dailyuse AS used (member_id, use, "on", count) VALUES (%s, %s, %s, %s)
    ON CONFLICT (member_id, use, "on") DO UPDATE SET count = used.count + excluded.count RETURNING count
"""


class DailyLimitReached(TooMany):
    """Say that the day's limit of an act is reached; the security officer sees it in the audit."""

    code = "daily_limit"


def count_use(actor: Actor, use: str, amount: int, *, limit: int, now: datetime) -> int:
    """Count uses of a limited act and return the day's total; raise DailyLimitReached beyond the limit.

    The count lives in the caller's transaction: what is refused or undone was not used.
    """
    today = day_of(now)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [actor.member_id, use, today, amount])
        total = int(cursor.fetchone()[0])
    if total > limit:
        raise DailyLimitReached(int((end_of(today) - now).total_seconds()))
    return total


def used_today(actor: Actor, use: str, *, now: datetime) -> int:
    """Return how often the member did a limited act today."""
    row = DailyUse.objects.filter(member_id=actor.member_id, use=use, on=day_of(now)).first()
    return row.count if row else 0


def reveals_per_day() -> int:
    """Return how many fields one person may reveal in a day."""
    return int(settings.ANLAN_REVEALS_PER_DAY)
