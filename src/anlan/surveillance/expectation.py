"""What a statistical rule's detector expected of a signal's place, day by day, beside what was seen.

Computed when asked for, with the very code that raised the signal, over the whole district: a place leans on
the areas above it. A rule that adds sources up is shown day by day with all of them together, though it looks
at spans of days too; its bound is the rule's own chance. A rule that judges areas alone shows its detector's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty
from anlan.surveillance.count_arrays import Floats
from anlan.surveillance.indicators import indicator_named
from anlan.surveillance.models import Signal
from anlan.surveillance.pack import Rule
from anlan.surveillance.panels import read_counts
from anlan.surveillance.placing import AREA_DIGITS
from anlan.surveillance.queries import statistical_rules
from anlan.surveillance.scoring import Scoring
from anlan.surveillance.words import own_words
from early_warning.count_tails import upper_quantile

DAYS = 28  # shown
AFTER = timedelta(days=7)  # shown after the last day of a signal that has ended
LEAST_EXPECTED = 1e-9
AREA_KINDS = ("grid", "community", "subdistrict", "district")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A rule, the sources it looked at, and by day what was seen, expected, and the upper bound."""

    rule: Rule
    sources: list[str]
    days: list[str]
    observed: list[float | None]
    expected: list[float | None]
    upper: list[float | None]

    @property
    def chance_words(self) -> str:
        """Return how seldom chance alone passes the bound, as one in so many."""
        return f"1/{round(1 / (self.rule.chance_below or 0.5)):,}"

    def as_chart(self) -> dict[str, Any]:
        """Return it as the band chart takes it."""
        return {
            "days": self.days,
            "observed": self.observed,
            "expected": self.expected,
            "lower": [None if one is None else 0.0 for one in self.upper],
            "upper": self.upper,
        }


def spoken_rule(signal: Signal) -> tuple[Rule, str, str] | None:
    """Return the statistical rule that spoke first for a signal, with the kind and code of where."""
    known = {rule.key: rule for rule in statistical_rules()}
    for reason in signal.reasons.order_by("at", "pk"):
        kind, _colon, code = reason.place.partition(":")
        if reason.rule in known and kind in AREA_KINDS:
            return known[reason.rule], kind, code
    return None


def expectation_of(signal: Signal, now: datetime) -> Expectation | None:
    """Return what was expected; None where no statistical rule spoke, or too little was counted to say."""
    spoken = spoken_rule(signal)
    if spoken is None:
        return None
    rule, kind, code = spoken
    today = day_of(now)
    until = today if signal.closed_at is None else min(today, signal.last_on + AFTER)
    wanted = [one for key in rule.indicators if (one := indicator_named(key)) is not None]
    district = code[: AREA_DIGITS["district"]]
    with duty("detect", ranges=AreaRanges.of([district]), cause="expectation"):
        counts = read_counts(district, wanted, until=until, now=now)
    if not counts.areas:
        return None
    adds_up = rule.kind == "fused" or rule.detector == "shrunken_exact"
    scoring = Scoring(counts, [], last=DAYS)
    found = _added_up(scoring, rule, code) if adds_up else _alone(scoring, rule, kind, code)
    if found is None:
        return None
    keys, *tables = found
    days = [(until - timedelta(days=back)).isoformat() for back in range(DAYS - 1, -1, -1)]
    names = {one.key: own_words(one.source_name) for one in wanted}
    observed, expected, upper = (_plain(table) for table in tables)
    return Expectation(rule, list(dict.fromkeys(names[key] for key in keys)), days, observed, expected, upper)


Found = tuple[list[str], Floats, Floats, Floats]  # sources; by day what was seen, expected, the upper bound


def _added_up(scoring: Scoring, rule: Rule, code: str) -> Found | None:
    """Add up the rule's sources over the grids of a place."""
    tables = scoring.of_place(rule, code)
    if not tables:
        return None
    seen, due, variance = (_summed(np.array([table[part] for table in tables.values()])) for part in range(3))
    bound = upper_quantile(rule.chance_below or 0.5, due, variance / np.fmax(due, LEAST_EXPECTED))
    return list(tables), seen, due, np.where(np.isnan(due), np.nan, bound)


def _alone(scoring: Scoring, rule: Rule, kind: str, code: str) -> Found | None:
    """Take the source that stands highest above its bound on its last day."""
    tables = scoring.of_place_alone(rule, kind, code)
    if not tables:
        return None
    key = max(tables, key=lambda key: np.nan_to_num(tables[key][0][-1] - tables[key][2][-1], nan=-np.inf))
    return [key], *tables[key]


def _summed(table: Floats) -> Floats:
    """Return the sum of sources a day; NaN where none of them is known."""
    known = ~np.isnan(table)
    sums: Floats = np.where(known.any(axis=0), np.where(known, table, 0.0).sum(axis=0), np.nan)
    return sums


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 2) for value in values]
