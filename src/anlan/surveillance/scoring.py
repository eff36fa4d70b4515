"""Score counts by the pack's statistical rules: arrays in, findings out; no database, no clock.

A source expects of a grid its share of the district's rhythm (season, weekday, holidays), leaning on what the
community and subdistrict show; `early_warning.fusion` adds the sources up. See docs/detectors/rules.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from anlan.surveillance.count_arrays import (
    LEARNT_DAYS,
    LEAST_RHYTHM,
    SPANS,
    by_weekday,
    overdispersion,
    summed,
    whole_district,
)
from anlan.surveillance.findings import Finding, Part
from anlan.surveillance.pack import Rule
from early_warning.budget import choose_warnings
from early_warning.detectors import daily_regression, ears, moving_percentile, shrunken_exact
from early_warning.detectors.ears import EarsOptions
from early_warning.detectors.shrunken_exact import ShrinkageOptions
from early_warning.fusion import FusedWarning, Fusion, fuse
from early_warning.panel import Calendar, Panel, Step
from early_warning.pooling import Evidence, Scope, bordering_pairs, level, single

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

BASELINE_DAYS = 182
LOOK_BACK = 6  # days before the scored one that its longest span reaches
MARGIN_DAYS = 8
FARTHEST = 4.0  # a season may raise or lower the mean of half a year by so much


def days_needed(last: int = 1) -> int:
    """Return how many days of grid counts scoring the `last` days needs."""
    return BASELINE_DAYS + MARGIN_DAYS + LEARNT_DAYS + LOOK_BACK + last


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of a district; NaN where nobody reported.

    `grids` is (indicators, areas, days), ending on `until`; `wide` and `wide_reporters` are (indicators,
    subdistricts, more days) with the same end: sums and how many grids reported. `holidays` and
    `make_up_workdays` are boolean, one a day of `wide`.
    """

    until: date
    indicators: tuple[str, ...]
    areas: tuple[str, ...]  # grid codes
    grids: Floats
    subdistricts: tuple[str, ...]
    wide: Floats
    wide_reporters: Floats
    holidays: NDArray[np.bool_]
    make_up_workdays: NDArray[np.bool_]
    neighbours: tuple[tuple[int, ...], ...] = ()

    @property
    def days(self) -> int:
        """Return the days of the grid counts."""
        return int(self.grids.shape[2])

    def calendar(self, days: int) -> Calendar:
        """Return the calendar of the last `days` days."""
        return Calendar(Step.DAY, self.until - timedelta(days=days - 1))

    def groups(self, digits: int) -> tuple[tuple[str, ...], Ints]:
        """Return the areas of so many digits above the grids, and the number of each grid's."""
        codes = [code[:digits] for code in self.areas]
        named = tuple(sorted(set(codes)))
        number = {code: place for place, code in enumerate(named)}
        return named, np.array([number[code] for code in codes], dtype=np.intp)


@dataclass(eq=False)
class Scoring:
    """The scores of the `last` days of a district by every rule, made once and asked day by day."""

    counts: Counts
    rules: Sequence[Rule]
    last: int = 1
    evidence: dict[tuple[str, str], Evidence] = field(default_factory=dict)
    fusions: dict[str, tuple[Fusion, tuple[str, ...]]] = field(default_factory=dict)
    singles: dict[str, list[tuple[str, str, tuple[str, ...], Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            if rule.kind == "fused":
                self._fuse(rule)
            else:
                self.singles[rule.key] = [one for kind in rule.per for one in self._alone(rule, kind)]

    def findings(self, back: int = 0) -> list[Finding]:
        """Return what the rules find on the day `back` days before the last, the strongest first."""
        found = [one for rule in self.rules for one in self._of_rule(rule, back)]
        return sorted(found, key=lambda one: (-one.z, one.rule.key, one.place_key))

    def of_place(self, rule: Rule, code: str) -> dict[str, tuple[Floats, Floats, Floats]]:
        """Return by source what was seen in an area on each of the `last` days, expected, and its variance.

        The sources are those of the rule that reported; for rules that add up what grids show.
        """
        return {key: self._of_source(rule, key, code) for key in rule.indicators if self._reports(key)}

    def of_place_alone(self, rule: Rule, kind: str, code: str) -> dict[str, tuple[Floats, Floats, Floats]]:
        """Return by source what was seen in an area, expected, and the upper bound of the rule's detector.

        For rules that judge an area by its own past alone.
        """
        return {
            key: (
                judged.details["window_count"][codes.index(code)],
                judged.expected[codes.index(code)],
                judged.upper[codes.index(code)],
            )
            for key, _kind, codes, judged in self._alone(rule, kind)
            if code in codes
        }

    def _of_source(self, rule: Rule, key: str, code: str) -> tuple[Floats, Floats, Floats]:
        evidence = self._expected(rule, key)
        inside = [number for number, area in enumerate(self.counts.areas) if area.startswith(code)]
        seen, due = (table[inside, -self.last :] for table in (evidence.observed, evidence.expected))
        spread = due * evidence.dispersion[inside, -self.last :]
        return _total(seen), _total(due), _total(spread)

    def around(self, area_code: str, chance_below: float) -> Finding | None:
        """Return what the fused rules see today where this area lies: the place in which most sources speak.

        For a signal that stands already: it is no alarm, so it need not be as seldom as one.
        """
        found = []
        for rule in self.rules:
            if rule.key in self.fusions:
                fusion, keys = self.fusions[rule.key]
                period = fusion.p.shape[1] - 1
                loud = np.flatnonzero(fusion.p[:, period] <= chance_below)
                found += [self._fused(rule, fusion.warning(int(one), period), keys, 0) for one in loud]
        holding = [one for one in found if any(area.startswith(area_code) for area in one.areas)]
        return max(holding, key=lambda one: (sum(part.share > 0 for part in one.parts), one.z), default=None)

    def _of_rule(self, rule: Rule, back: int) -> list[Finding]:
        if rule.kind == "fused":
            return self._fused_findings(rule, back)
        return self._single_findings(rule, back)

    def _fuse(self, rule: Rule) -> None:
        known = [key for key in rule.indicators if self._reports(key)]
        if not known:
            return
        evidence = [self._expected(rule, key) for key in known]
        spans = [span for span in SPANS if span <= rule.within_days] or [1]
        self.fusions[rule.key] = fuse(evidence, scopes=self._scopes(rule), spans=spans), tuple(known)

    def _scopes(self, rule: Rule) -> list[Scope]:
        scopes = []
        if "grid" in rule.per:
            scopes.append(single(len(self.counts.areas), "grid"))
            if any(self.counts.neighbours):
                scopes.append(bordering_pairs(self.counts.neighbours, "pair"))
        for kind, digits in (("community", 12), ("subdistrict", 9), ("district", 6)):
            if kind in rule.per:
                scopes.append(level(self.counts.groups(digits)[1], kind))
        return scopes

    def _fused_findings(self, rule: Rule, back: int) -> list[Finding]:
        if rule.key not in self.fusions:
            return []
        fusion, keys = self.fusions[rule.key]
        period = fusion.p.shape[1] - 1 - back
        chosen = choose_warnings(fusion, period, largest_p=rule.chance_below or 0.0)
        found = [self._fused(rule, warning, keys, back) for warning in chosen]
        return [one for one in found if one.observed >= rule.at_least]

    def _fused(self, rule: Rule, warning: FusedWarning, keys: tuple[str, ...], back: int) -> Finding:
        areas = tuple(self.counts.areas[member] for member in warning.members)
        kind = "grid" if warning.scope in {"grid", "pair"} else warning.scope
        own = self.counts.areas[warning.series]
        key = own if kind == "grid" else own[: {"community": 12, "subdistrict": 9, "district": 6}[kind]]
        parts = tuple(
            Part(
                one.source,
                one.observed,
                one.expected,
                one.share,
                self._fullest_day(one.source, warning.members, warning.span, back),
            )
            for one in warning.contributions
        )
        on = self.counts.until - timedelta(days=back)
        return Finding(rule, on, kind, key, areas, warning.span, warning.z, parts)

    def _fullest_day(self, key: str, grids: Sequence[int], span: int, back: int) -> float:
        """Return the most a source saw in these grids together on one of the `span` days."""
        end = self.counts.days - back
        table = self.counts.grids[self.counts.indicators.index(key), :, max(0, end - span) : end]
        return float(np.nansum(table[list(grids)], axis=0).max())

    def _reports(self, key: str) -> bool:
        """Say whether a source reported within the longest span of the days in question, and ever any."""
        if key not in self.counts.indicators:
            return False
        table = self.counts.grids[self.counts.indicators.index(key)]
        return bool(np.isfinite(table[:, -self.last - LOOK_BACK :]).any() and np.nanmax(table) > 0)

    def _expected(self, rule: Rule, key: str) -> Evidence:
        """Return what a source saw and was expected to see in every grid on the days that count."""
        name = rule.detector or "shrunken_exact"
        if (name, key) not in self.evidence:
            self.evidence[name, key] = self._judge(name, key)
        return self.evidence[name, key]

    def _judge(self, detector: str, key: str) -> Evidence:
        number = self.counts.indicators.index(key)
        days = min(self.counts.days, days_needed(self.last))
        counts = self.counts.grids[number, :, -days:]
        last = min(LEARNT_DAYS + LOOK_BACK + self.last, days)
        calendar = self.counts.calendar(days)
        if detector == "shrunken_exact":
            rhythm = np.broadcast_to(self._rhythm(number, days), counts.shape)
            parents = [self.counts.groups(12)[1], self.counts.groups(9)[1]]
            panel = Panel.of(counts, calendar, rhythm)
            found = shrunken_exact.detect(panel, parents, ShrinkageOptions(baseline=BASELINE_DAYS), last)
            dispersion = 1.0 + found.expected / found.details["shape"]
        else:
            panel = Panel.of(counts, calendar)
            found = single_detector(detector, panel, last, self._flags(days))
            dispersion = np.ones_like(found.expected)
        observed = panel.counts[:, -last:]
        wider = overdispersion(observed, found.expected, dispersion)
        return Evidence.build(key, observed, found.expected, dispersion * wider)

    def _flags(self, days: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return self.counts.holidays[-days:], self.counts.make_up_workdays[-days:]

    def _rhythm(self, number: int, days: int) -> Floats:
        """Return how much the whole district was due each day: by season, weekday and holiday, or more if so.

        A day on which all of the district sees more than due is measured by itself: that is not this grid's
        doing, and a rule for the district says it.
        """
        totals = whole_district(self.counts.wide[number], self.counts.wide_reporters[number])
        began = int(np.argmax(~np.isnan(totals)))  # before it a regression would learn from nothing
        known = totals[min(began, totals.size - days) :]
        panel = Panel.of(known, self.counts.calendar(known.size))
        holidays, workdays = self._flags(known.size)
        due = daily_regression.detect(panel, holidays, workdays, last=days).expected[0]
        plain, seen = by_weekday(totals[-days:]), totals[-days:]
        due = np.where(np.isnan(due), plain, np.clip(due, plain / FARTHEST, plain * FARTHEST))
        rhythm: Floats = np.maximum(np.fmax(due, seen), LEAST_RHYTHM)
        return rhythm

    def _alone(self, rule: Rule, kind: str) -> list[tuple[str, str, tuple[str, ...], Any]]:
        """Judge each indicator alone in the areas of one level: (indicator, kind, codes, detection)."""
        judged = []
        for key in rule.indicators:
            if not self._reports(key):
                continue
            number = self.counts.indicators.index(key)
            codes, table = self._table(rule, kind, number)
            panel = Panel.of(table, self.counts.calendar(table.shape[1]))
            last = min(self.last, panel.period_count)
            if rule.detector == "shrunken_exact":
                evidence = self._expected(rule, key)
                judged.append((key, kind, codes, evidence))
                continue
            flags = self._flags(panel.period_count)
            judged.append((key, kind, codes, single_detector(rule.detector or "", panel, last, flags)))
        return judged

    def _table(self, rule: Rule, kind: str, number: int) -> tuple[tuple[str, ...], Floats]:
        if kind == "grid":
            return self.counts.areas, self.counts.grids[number]
        if kind == "community":
            codes, groups = self.counts.groups(12)
            return codes, summed(self.counts.grids[number], groups, len(codes))
        if kind == "subdistrict":
            return self.counts.subdistricts, self.counts.wide[number]
        district = (self.counts.areas[0][:6],)
        return district, whole_district(self.counts.wide[number], self.counts.wide_reporters[number])[None]

    def _single_findings(self, rule: Rule, back: int) -> list[Finding]:
        found = []
        limit = float(-ndtri(rule.chance_below or 0.5))
        for key, kind, codes, judged in self.singles.get(rule.key, []):
            z, observed, expected, alarm, span = _column(judged, back)
            loud = alarm & (z >= limit) & (observed >= rule.at_least)
            for place in np.flatnonzero(loud):
                code = codes[place]
                grids = [number for number, area in enumerate(self.counts.areas) if area.startswith(code)]
                areas = tuple(self.counts.areas[number] for number in grids)
                fullest_day = self._fullest_day(key, grids, span, back)
                part = Part(key, float(observed[place]), float(expected[place]), 1.0, fullest_day)
                on = self.counts.until - timedelta(days=back)
                found.append(Finding(rule, on, kind, code, areas, span, float(z[place]), (part,)))
        return found


def _total(table: Floats) -> Floats:
    """Return the sum over areas a day; NaN where none of them is known."""
    known = ~np.isnan(table)
    sums: Floats = np.where(known.any(axis=0), np.where(known, table, 0.0).sum(axis=0), np.nan)
    return sums


def _column(judged: Any, back: int) -> tuple[Floats, Floats, Floats, NDArray[np.bool_], int]:
    """Return z, observed, expected, alarm of one day, and over how many days it looks."""
    column = -1 - back
    if isinstance(judged, Evidence):
        alone = fuse([judged], spans=(1,))
        z = np.nan_to_num(alone.z[:, column], nan=-99.0)
        return z, judged.observed[:, column], judged.expected[:, column], z > 0, 1
    z = np.nan_to_num(judged.z[:, column], nan=-99.0)
    span = 7 if judged.method == "moving_percentile" else 1
    observed = judged.details["window_count"][:, column]
    return (
        z,
        np.nan_to_num(observed),
        np.nan_to_num(judged.expected[:, column]),
        judged.alarm[:, column],
        span,
    )


def single_detector(
    name: str, panel: Panel, last: int, flags: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> Any:
    """Run a detector that a rule names over a panel; its details always have what was observed."""
    options = EarsOptions(min_sigma=1.0)
    runs: Mapping[str, Any] = {
        "ears_c1": lambda: ears.c1(panel, options, last),
        "ears_c2": lambda: ears.c2(panel, options, last),
        "ears_c3": lambda: ears.c3(panel, options, last),
        "moving_percentile": lambda: moving_percentile.detect(panel, None, last),
        "daily_regression": lambda: daily_regression.detect(panel, *flags, last=last),
    }
    found = runs[name]()
    observed = found.details.get("window_count", panel.counts[:, -found.z.shape[1] :])
    return type(found)(
        *(found.method, found.expected, found.upper, found.z, found.alarm, found.first_period),
        {**found.details, "window_count": observed},
    )
