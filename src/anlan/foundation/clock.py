"""Time as the product keeps it: moments in UTC, days in Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 2200  # no record lies before or after


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """Return the calendar day in Asia/Shanghai that a moment belongs to."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """Return the first moment of a day in Asia/Shanghai, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the first moment after a day in Asia/Shanghai, in UTC."""
    return start_of(day + timedelta(days=1))


def day_named(text: str) -> date:
    """Return the day an address names; raise ValueError for none, and for one no record can lie on.

    At the ends of the calendar there is no day before or after to count with.
    """
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(text)
    return day
