"""Which days are worked, and when so much worktime has passed."""

from datetime import date, datetime, timedelta

import chinese_calendar

from anlan.foundation.clock import day_of
from anlan.foundation.pack_store import section
from anlan.organisation.models import Holiday
from anlan.organisation.pack import OfficeHours
from anlan.organisation.rules import LONGEST_WAIT_DAYS, end_of_worktime

SATURDAY = 5


def is_working_day(on: date) -> bool:
    """Say whether a day is worked: as the district's table says, else as published, else by weekday."""
    row = Holiday.objects.filter(pk=on).first()
    return _as_published(on) if row is None else row.is_workday


def worktime_after(start: datetime, minutes: int) -> datetime:
    """Return when so many minutes of the pack's office hours have passed since `start`."""
    first = day_of(start)
    last = first + timedelta(days=LONGEST_WAIT_DAYS)
    known = dict(Holiday.objects.filter(on__gte=first, on__lte=last).values_list("on", "is_workday"))
    hours = tuple(sorted((part.opens, part.closes) for part in section(OfficeHours)))

    def is_working(on: date) -> bool:
        return known[on] if on in known else _as_published(on)

    return end_of_worktime(start, minutes, hours=hours, is_working=is_working)


def _as_published(on: date) -> bool:
    """Say whether the State Council's calendar works on a day; years it does not hold go by weekday."""
    try:
        return bool(chinese_calendar.is_workday(on))
    except NotImplementedError:
        return on.weekday() < SATURDAY
