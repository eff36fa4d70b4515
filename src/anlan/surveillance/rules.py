"""The life of a signal and of a warning product, and when a rule of the pack is met. No database here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.surveillance.pack import Rule


class SignalState(models.TextChoices):
    """Where a signal stands."""

    RAISED = "raised", _("待响应")
    VERIFYING = "verifying", _("核实中")
    VERIFIED = "verified", _("已核实")
    EXCLUDED = "excluded", _("已排除")
    ASSESSED = "assessed", _("已评估")
    WARNED = "warned", _("已预警")
    CLOSED = "closed", _("已关闭")


OPEN_STATES = (
    SignalState.RAISED,
    SignalState.VERIFYING,
    SignalState.VERIFIED,
    SignalState.ASSESSED,
    SignalState.WARNED,
)
LEADERS_SEE: frozenset[str] = frozenset({SignalState.VERIFIED, SignalState.ASSESSED, SignalState.WARNED})


class SignalAct(StrEnum):
    """What a person does to a signal."""

    ACKNOWLEDGE = "acknowledge"
    VERIFY = "verify"
    EXCLUDE = "exclude"
    FIELD = "field"
    ASSESS = "assess"
    FORM = "form"
    CLOSE = "close"


FROM_STATES: dict[SignalAct, frozenset[str]] = {
    SignalAct.ACKNOWLEDGE: frozenset({SignalState.RAISED}),
    SignalAct.VERIFY: frozenset({SignalState.VERIFYING}),
    SignalAct.EXCLUDE: frozenset({SignalState.VERIFYING}),
    SignalAct.FIELD: frozenset({SignalState.VERIFYING, *LEADERS_SEE}),
    SignalAct.ASSESS: LEADERS_SEE,  # again, whenever the picture has changed
    SignalAct.FORM: frozenset({SignalState.ASSESSED, SignalState.WARNED}),
    SignalAct.CLOSE: frozenset({SignalState.EXCLUDED, SignalState.ASSESSED, SignalState.WARNED}),
}
CLOCK_OF: dict[str, str] = {  # the clock that runs in a state is that of the act which ends it
    SignalState.RAISED: SignalAct.ACKNOWLEDGE,
    SignalState.VERIFYING: SignalAct.VERIFY,
    SignalState.VERIFIED: SignalAct.ASSESS,
}


class ProductState(models.TextChoices):
    """形成 → 传递 → 应答 → 反馈."""

    FORMED = "formed", _("已形成")
    PASSED_ON = "passed_on", _("已传递")
    ANSWERED = "answered", _("已应答")
    FED_BACK = "fed_back", _("已反馈")
    WITHDRAWN = "withdrawn", _("已撤回")


REMIND_AT = 0.8  # share of the time to answer after which a receiver is reminded
SETTLED = (ProductState.ANSWERED, ProductState.FED_BACK, ProductState.WITHDRAWN)


PLACE_WORDS = {  # the kind of place a notice names; never the place itself
    "class": "班级",
    "dormitory": "宿舍",
    "unit": "单位",
    "household": "住户",
    "building": "楼栋",
    "grid": "网格",
    "community": "社区",
}
OPEN_PLACE = re.compile(r"«([^»]*)»")


def open_places(text: str) -> list[str]:
    """Return the names of places still open."""
    return OPEN_PLACE.findall(text)


@dataclass(frozen=True, slots=True)
class PlacedReport:
    """One report as the rules see it: when, and in which places of each kind."""

    report_id: UUID
    on: date
    known_at: datetime
    places: dict[str, str]  # place kind of the pack -> key of the place


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met in one place: what is to be said of it."""

    rule: Rule
    place_kind: str
    place_key: str
    report_ids: tuple[UUID, ...]
    first_on: date
    last_on: date

    @property
    def count(self) -> int:
        """Return how many reports met the rule."""
        return len(self.report_ids)


def matches(rule: Rule, newest: PlacedReport, others: Iterable[PlacedReport]) -> list[Match]:
    """Return the places in which this rule is met by the newest report together with the others.

    A rule counts distinct reports of its conditions whose days lie within `within_days` of one another,
    the newest among them.
    """
    found = []
    pool = list(others)
    for kind in rule.per:
        place = newest.places.get(kind)
        if place is None:
            continue
        near = [report for report in pool if report.places.get(kind) == place]
        window = _best_window(newest, near, rule.within_days)
        if len(window) >= rule.at_least:
            days = [report.on for report in window]
            ids = tuple(report.report_id for report in sorted(window, key=lambda r: (r.on, r.report_id)))
            found.append(Match(rule, kind, place, ids, min(days), max(days)))
    return found


def _best_window(newest: PlacedReport, near: Sequence[PlacedReport], days: int) -> list[PlacedReport]:
    """Return the fullest set of reports within `days` consecutive days that holds the newest."""
    everyone = [*near, newest]
    best: list[PlacedReport] = []
    for shift in range(days):
        first = newest.on - timedelta(days=shift)
        inside = [r for r in everyone if first <= r.on < first + timedelta(days=days)]
        if len(inside) > len(best):
            best = inside
    return best
