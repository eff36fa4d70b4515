"""States of a case, how a report is dated, which syndrome its symptoms make, on which days units report."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.health.pack import SchoolTerm, Syndrome

OLDEST_COUNT_DAYS = 400  # a feed may bring the year of counts that detectors compare with
OLDEST_ONSET_DAYS = 120  # a report of an older onset is a slip of the pen: ask, do not guess


class CaseState(models.TextChoices):
    """The chain of M110: each step with who and when."""

    SUSPECTED = "suspected", _("疑似")
    VERIFIED = "verified", _("已核实")
    CONFIRMED = "confirmed", _("确诊")
    EXCLUDED = "excluded", _("已排除")


NEXT_STATES: dict[str, frozenset[str]] = {
    CaseState.SUSPECTED: frozenset({CaseState.VERIFIED, CaseState.EXCLUDED}),
    CaseState.VERIFIED: frozenset({CaseState.CONFIRMED, CaseState.EXCLUDED}),
    CaseState.CONFIRMED: frozenset(),
    CaseState.EXCLUDED: frozenset(),
}


class EventKind(models.TextChoices):
    """A standing file for routine reports of a year, or a file of its own for one event."""

    ROUTINE = "routine", _("日常监测")
    CLUSTER = "cluster", _("聚集性疫情")


def syndromes_of(symptoms: Iterable[str], syndromes: Sequence[Syndrome]) -> list[str]:
    """Return the syndromes whose every group of symptoms is met by at least one of these."""
    present = set(symptoms)
    return [
        syndrome.key
        for syndrome in syndromes
        if syndrome.groups and all(present & set(group) for group in syndrome.groups)
    ]


def is_plausible_onset(onset_on: date, today: date) -> bool:
    """Say whether an onset date can be taken as it is: not in the future, not long past."""
    return today - timedelta(days=OLDEST_ONSET_DAYS) <= onset_on <= today


def is_in_term(on: date, terms: Sequence[SchoolTerm]) -> bool:
    """Say whether schools are in session; outside the years the terms speak of, they are taken to be."""
    known = terms and min(term.starts_on for term in terms) <= on <= max(term.ends_on for term in terms)
    return not known or any(term.starts_on <= on <= term.ends_on for term in terms)


def is_countable_day(on: date, today: date) -> bool:
    """Say whether counts for a day can be taken: not in the future, not older than a year and a month."""
    return today - timedelta(days=OLDEST_COUNT_DAYS) <= on <= today


GRADES = str.maketrans("一二三四五六七八九小中大", "123456789123")  # of a school, and of a kindergarten


def group_order(name: str) -> str:
    """Return what the names of classes are sorted by, so that 二（1）班 stands before 三（1）班."""
    return name.translate(GRADES)
