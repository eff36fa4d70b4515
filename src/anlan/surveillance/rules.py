"""The life of a signal and of a warning product, and when a rule of the pack is met. No database here."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.surveillance.pack import Rule

WORDS_LIMIT = 60  # of a search


class SignalState(models.TextChoices):
    """Where a signal stands."""

    RAISED = "raised", _("待响应")
    VERIFYING = "verifying", _("核实中")
    VERIFIED = "verified", _("已核实")
    EXCLUDED = "excluded", _("已排除")
    ASSESSED = "assessed", _("已评估")
    WARNED = "warned", _("已预警")
    CLOSED = "closed", _("已关闭")
    JOINED = "joined", _("已并入")  # turned out to be one with another signal, which goes on


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
    EVENT = "event"  # the happening was reported as a public health emergency event
    CLOSE = "close"


FROM_STATES: dict[SignalAct, frozenset[str]] = {
    SignalAct.ACKNOWLEDGE: frozenset({SignalState.RAISED}),
    SignalAct.VERIFY: frozenset({SignalState.VERIFYING}),
    SignalAct.EXCLUDE: frozenset({SignalState.VERIFYING}),
    SignalAct.FIELD: frozenset({SignalState.VERIFYING, *LEADERS_SEE}),
    SignalAct.ASSESS: LEADERS_SEE,  # again, whenever the picture has changed
    SignalAct.EVENT: frozenset({SignalState.VERIFYING, *LEADERS_SEE}),
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


# From the narrowest to the widest: a signal lies in the narrowest place that holds all behind it.
PLACE_KINDS = (
    "household",
    "class",
    "dormitory",
    "building",
    "unit",
    "grid",
    "community",
    "subdistrict",
    "district",
)
HAPPENING_DIGITS = 12  # of a community's code: the widest area in which things are one happening
URGENCIES = ("routine", "same_day", "two_hour")  # from the lightest to the gravest


def place(kind: str, key: str) -> str:
    """Return how a signal remembers a place: kind and key in one text."""
    return f"{kind}:{key}"


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Say whether an area of the one lies in an area of the other, or is it.

    Of areas wider than a community nothing is said: what is found there is about its level, not about a
    happening in one place.
    """
    mine, theirs = ([code for code in codes if len(code) >= HAPPENING_DIGITS] for codes in (some, others))
    return any(one.startswith(other) or other.startswith(one) for one in mine for other in theirs)


def narrowest(candidates: Iterable[str], holding: Iterable[Set[str]]) -> str:
    """Return the narrowest of the candidate places that every piece of evidence lies in.

    `holding` has for each piece the places it lies in. Where no candidate holds all, it is the widest that
    holds the most. A function of sets alone: the order in which things became known does not matter.
    """
    pieces = list(holding)

    def width(candidate: str) -> int:
        return PLACE_KINDS.index(candidate.partition(":")[0])

    everything = sorted(candidates, key=lambda one: (width(one), one))
    whole = [one for one in everything if all(one in piece for piece in pieces)]
    if whole:
        return whole[0]
    return max(reversed(everything), key=lambda one: (width(one), sum(one in piece for piece in pieces)))


def gravest(*urgencies: str) -> str:
    """Return the most urgent of these."""
    return max(urgencies, key=URGENCIES.index)


def prevailing(conditions: Iterable[str]) -> str:
    """Return the condition named most often; of equals the first by key."""
    counted = Counter(conditions)
    return min(counted, key=lambda one: (-counted[one], one))


def matters(rules: Iterable[Rule], condition_of: Mapping[str, str]) -> dict[str, str]:
    """Return the matter of every condition that some rule counts together with others.

    A matter is a set of conditions linked by rules, named by its first key; `condition_of` is the condition
    of each indicator. A condition that is not in the answer is a matter of its own. A rule for single cases
    or for each indicator alone links nothing.
    """
    named: dict[str, str] = {}
    for rule in rules:
        if rule.kind in {"single_case", "excess"}:
            continue
        linked = {*rule.conditions, *(condition_of[key] for key in rule.indicators)}
        known = {named.get(one, one) for one in linked}
        first = min(linked | known)
        for one in linked:
            named[one] = first
        named.update({one: first for one, name in named.items() if name in known})
    return named


@dataclass(frozen=True, slots=True)
class PlacedReport:
    """One report as the rules see it: what, when, and in which places of each kind."""

    report_id: UUID
    condition: str
    on: date
    known_at: datetime
    places: dict[str, str]  # place kind of the pack -> key of the place

    @property
    def all_places(self) -> frozenset[str]:
        """Return every place it lies in."""
        return frozenset(place(kind, key) for kind, key in self.places.items())


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met in one place: what is to be said of it.

    `count` is what its words say, sales and calls too; `cases` how many people it shows to be ill.
    """

    rule: Rule
    condition: str
    place_kind: str
    place_key: str
    count: int
    cases: int
    first_on: date
    last_on: date
    report_ids: tuple[UUID, ...] = ()  # none: met by counts
    days: frozenset[date] = frozenset()  # met by counts: every day of a stretch that is full enough
    z: float = 0.0  # of a statistical rule
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # (zh, en) of further placeholders
    areas: tuple[str, ...] = ()  # besides its place: those of its reports, or of a detector's finding

    @property
    def place(self) -> str:
        """Return the place as a signal remembers it."""
        return place(self.place_kind, self.place_key)


def matches(rule: Rule, newest: PlacedReport, others: Iterable[PlacedReport]) -> list[Match]:
    """Return the places in which this rule is met by the newest report together with the others.

    A rule counts distinct reports of its conditions whose days lie within `within_days` of one another, the
    newest among them. All windows that are full enough give their reports, the fullest gives the words; so
    what is found in the end does not depend on the order of arrival.
    """
    found = []
    pool = list(others)
    for kind in rule.per:
        key = newest.places.get(kind)
        if key is None:
            continue
        near = [report for report in pool if report.places.get(kind) == key]
        full = [one for one in _windows(newest, near, rule.within_days) if len(one) >= rule.at_least]
        if full:
            best = max(full, key=lambda one: (len(one), -min(report.on for report in one).toordinal()))
            days = [report.on for report in best]
            everyone = {report.report_id: report for one in full for report in one}.values()
            ids = tuple(report.report_id for report in sorted(everyone, key=lambda r: (r.on, r.report_id)))
            condition = prevailing(report.condition for report in best)
            count = len(best)
            grids = tuple(sorted({report.places["grid"] for report in everyone if "grid" in report.places}))
            match = Match(rule, condition, kind, key, count, count, min(days), max(days), ids, areas=grids)
            found.append(match)
    return found


def _windows(newest: PlacedReport, near: Sequence[PlacedReport], days: int) -> list[list[PlacedReport]]:
    """Return the reports of every stretch of `days` consecutive days that holds the newest."""
    everyone = [*near, newest]
    firsts = [newest.on - timedelta(days=shift) for shift in range(days)]
    return [[r for r in everyone if first <= r.on < first + timedelta(days=days)] for first in firsts]


def full_windows(
    by_day: Mapping[date, int], around: date, days: int, at_least: int, *, present: bool
) -> tuple[int, date, date, frozenset[date]] | None:
    """Return (count, first day, last day) of the fullest stretch of `days` days that holds `around`, and the
    days of all stretches that are full enough; None where none is.

    Of people counted again each day (`present`) a stretch has as many as its fullest day; others add up.
    As with reports, what is found in the end does not depend on the order in which days become known.
    """
    found: list[tuple[int, date, date]] = []
    spoken: set[date] = set()
    for shift in range(days):
        first = around - timedelta(days=shift)
        inside = {on: n for on, n in by_day.items() if first <= on < first + timedelta(days=days) and n}
        count = max(inside.values(), default=0) if present else sum(inside.values())
        if count < at_least or not inside:
            continue
        full = {on: n for on, n in inside.items() if n >= at_least} if present else inside
        spoken |= full.keys()
        peak = min(on for on, n in full.items() if n == count) if present else None
        found.append((count, peak or min(full), peak or max(full)))
    if not found:
        return None
    return (*max(found, key=lambda one: (one[0], -one[1].toordinal())), frozenset(spoken))


@dataclass(frozen=True, slots=True)
class SignalsAsked:
    """What a list of signals is narrowed by, as far as the reader may narrow it."""

    view: str
    state: str
    condition: str
    rule: str
    area: str
    words: str

    @classmethod
    def of(cls, sent: Mapping[str, str], *, is_health: bool) -> "SignalsAsked":
        """Read an address; no filter tells more than the list itself shows."""
        return cls(
            view="all" if sent.get("view") == "all" else "open",
            state=sent.get("state", "") if sent.get("state") in SignalState.values else "",
            condition=sent.get("condition", ""),
            rule=sent.get("rule", "") if is_health else "",
            area=sent.get("area", ""),
            words=sent.get("q", "").strip()[:WORDS_LIMIT],
        )
