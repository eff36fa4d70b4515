"""The time in force at a place: the practice clock in practice districts, the real one elsewhere."""

from datetime import datetime

from anlan.foundation.actor import PRACTICE_PREFIX
from anlan.foundation.clock import utc_now
from anlan.foundation.models import PracticeClock

DISTRICT_LENGTH = 6


def is_practice(area_code: str) -> bool:
    """Say whether a place lies in a practice district."""
    return area_code.startswith(PRACTICE_PREFIX)


def now_in(area_code: str) -> datetime:
    """Return what time it is there; real time in a practice district whose clock was never set."""
    if is_practice(area_code):
        clock = PracticeClock.objects.filter(district_code=area_code[:DISTRICT_LENGTH]).first()
        if clock is not None:
            return clock.at
    return utc_now()


def move_practice_clock(district_code: str, at: datetime) -> None:
    """Set the clock of a practice district; refused by the database for a real one."""
    PracticeClock.objects.update_or_create(district_code=district_code, defaults={"at": at})


def practice_districts() -> dict[str, datetime]:
    """Return every practice district that has a clock, with its time."""
    return dict(PracticeClock.objects.values_list("district_code", "at"))
