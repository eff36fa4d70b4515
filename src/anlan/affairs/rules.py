"""States of the gate, why something is held there, and the minutes an item costs in a week."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.organisation.rules import CODE_LENGTH, AreaLevel

AT_THE_GATE = ("lead", "org", "department", "health")  # the purposes that read what stands there
DAYS_OF_WEEK = 7
WORKDAYS = 5


class AdmissionState(models.TextChoices):
    """Where a request stands."""

    REQUESTED = "requested", _("待审核")
    HELD = "held", _("暂缓")
    ADMITTED = "admitted", _("已准入")
    REFUSED = "refused", _("不予准入")
    ENDED = "ended", _("已结束")


WAITING = (AdmissionState.REQUESTED, AdmissionState.HELD)


class Frequency(models.TextChoices):
    """How often the item is asked for."""

    ONCE = "once", _("一次")
    WORKDAYS = "workdays", _("每个工作日")
    WEEKLY = "weekly", _("每周")
    MONTHLY = "monthly", _("每月")


class Decision(StrEnum):
    """What is decided about an admission."""

    ADMIT = "admit"
    HOLD = "hold"
    REFUSE = "refuse"
    CONFIRM = "confirm"  # an emergency passed at once: it may stay
    END = "end"


FROM_TO: dict[Decision, tuple[tuple[AdmissionState, ...], AdmissionState]] = {
    Decision.ADMIT: (WAITING, AdmissionState.ADMITTED),
    Decision.HOLD: ((AdmissionState.REQUESTED,), AdmissionState.HELD),
    Decision.REFUSE: (WAITING, AdmissionState.REFUSED),
    Decision.CONFIRM: ((AdmissionState.ADMITTED,), AdmissionState.ADMITTED),
    Decision.END: ((AdmissionState.ADMITTED,), AdmissionState.ENDED),
}
NEEDS_REASON = frozenset({Decision.HOLD, Decision.REFUSE, Decision.END})


class Outcome(models.TextChoices):
    """What became of an order at the gate."""

    PASSED = "passed", _("放行")
    HELD = "held", _("拦下")


class WhyHeld(models.TextChoices):
    """Why an order did not pass."""

    NO_ADMISSION = "no_admission", _("没有准入")
    NOT_IN_FORCE = "not_in_force", _("准入未生效或已到期")
    OUTSIDE_AREAS = "outside_areas", _("不在准入的区域内")
    NO_LIST_ITEM = "no_list_item", _("清单里没有这个事项")


class ObjectionState(models.TextChoices):
    """Where an objection stands."""

    RAISED = "raised", _("待裁定")
    UPHELD = "upheld", _("异议成立")
    REJECTED = "rejected", _("异议不成立")


def common_area(codes: Iterable[str]) -> str:
    """Return the code of the smallest area that holds all of these, '' where there is none."""
    all_codes = list(codes)
    for length in sorted(CODE_LENGTH.values(), reverse=True):
        heads = {code[:length] for code in all_codes}
        if len(heads) == 1 and all(len(code) >= length for code in all_codes):
            return heads.pop()
    return ""


def is_of_community(code: str) -> bool:
    """Say whether an area is a community or lies in one."""
    return len(code) >= CODE_LENGTH[AreaLevel.COMMUNITY]


def monday_of(day: date) -> date:
    """Return the Monday of the week a day lies in."""
    return day - timedelta(days=day.weekday())


def minutes_in_week(minutes: int, frequency: str, starts_on: date, ends_on: date, monday: date) -> int:
    """Return what an item costs one community in the week from this Monday; both its days included."""
    days = [monday + timedelta(days=n) for n in range(DAYS_OF_WEEK)]
    running = [day for day in days if starts_on <= day <= ends_on]
    if not running:
        return 0
    times = {
        Frequency.ONCE: int(starts_on in running),
        Frequency.WORKDAYS: sum(day.weekday() < WORKDAYS for day in running),
        Frequency.WEEKLY: 1,
        Frequency.MONTHLY: int(any(_is_its_day(day, starts_on) for day in running)),
    }
    return minutes * times[Frequency(frequency)]


def _is_its_day(day: date, starts_on: date) -> bool:
    """Say whether a monthly item falls due on this day; on the month's last where it has no such day."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return day.day == min(starts_on.day, last.day)
