"""Run the statistical rules over a whole district by the clock, and raise what the alert budget allows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, start_of
from anlan.foundation.pack_store import section
from anlan.foundation.scope import require_scope, within
from anlan.organisation.models import Area
from anlan.organisation.queries import in_force
from anlan.organisation.rules import AreaLevel
from anlan.surveillance.alert_budget import Choice, Spent, choose, limit_of
from anlan.surveillance.findings import Finding, chance
from anlan.surveillance.indicators import indicator_named, indicators, matter_of
from anlan.surveillance.joining import corroborate, hold_matter, open_signals_of, raise_or_join, words_of
from anlan.surveillance.models import DailyCount, DetectionRun, HeldFinding, Signal
from anlan.surveillance.pack import AlertBudget, Rule
from anlan.surveillance.panels import read_counts
from anlan.surveillance.placing import AREA_DIGITS, place_of
from anlan.surveillance.queries import statistical_rules
from anlan.surveillance.rules import OPEN_STATES, Match
from anlan.surveillance.scoring import Scoring

COMMUNITY_DIGITS = 12
OVERLAP = timedelta(minutes=10)  # counts being written while the last run read are looked at again
CORROBORATES = 0.01  # how seldom chance may do as much where a signal stands already
RISES_WITHIN = timedelta(days=7)  # what was held back and rises within these days is the same finding


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to: findings that joined a signal, were raised, or were held."""

    joined: int
    raised: int
    held: int


def run_detectors(*, now: datetime) -> int:
    """Run the statistical rules in every district in scope where counts have changed; return how many ran."""
    ranges = require_scope().ranges
    districts = Area.objects.filter(in_force(now), within(ranges, "code"), level=AreaLevel.DISTRICT)
    ran = 0
    for code in districts.order_by("code").values_list("code", flat=True):
        if _is_due(code, now):
            run_district(code, now=now)
            ran += 1
    return ran


def _is_due(district: str, now: datetime) -> bool:
    """Say whether a day or any count is new since the last run."""
    own = within(AreaRanges.of([district]))
    last = DetectionRun.objects.filter(own).order_by("-at").first()
    if last is None or last.on != day_of(now):
        return DailyCount.objects.filter(own).exists()
    return DailyCount.objects.filter(own, changed_at__gt=last.at - OVERLAP).exists()


def run_district(district: str, *, now: datetime) -> Run:
    """Score all grids and indicators of a district up to today in one panel; raise, join or hold."""
    rules, wanted = statistical_rules(), indicators()
    counts = read_counts(district, wanted, until=day_of(now), now=now)
    found = Scoring(counts, rules).findings() if rules and counts.areas else []
    for matter in sorted({matter_of_finding(finding) for finding in found}):
        hold_matter(district, matter)
    joined = [finding for finding in found if open_signals_of([match_of(finding)], now=now)]
    for finding in joined:
        raise_or_join([match_of(finding)], now=now)
    new = [finding for finding in found if finding not in joined]
    lines = section(AlertBudget)
    choice = choose(new, lines, spent(district, lines, now), matter_of_finding)
    _carry_out(choice, now)
    run = Run(len(joined), len(choice.raised), len(choice.held))
    DetectionRun.objects.create(
        area_code=district,
        on=day_of(now),
        at=now,
        area_count=len(counts.areas),
        indicator_count=len(wanted),
        found_count=run.joined + run.raised + run.held,
        raised_count=run.raised,
        held_count=run.held,
    )
    return run


def look_at_all_sources(signal_id: UUID, *, now: datetime) -> bool:
    """Say of a signal that a fixed rule raised what each source of its matter saw and contributed, if it did.

    Nothing new is raised here: that is for the clock and the alert budget.
    """
    signal = Signal.objects.get(pk=signal_id)
    rules = [
        rule for rule in statistical_rules() if rule.kind == "fused" and signal.matter in matters_of(rule)
    ]
    if signal.is_statistical or signal.state not in OPEN_STATES or not rules:
        return False
    district = signal.area_code[: AREA_DIGITS["district"]]
    keys = {key for rule in rules for key in rule.indicators}
    counts = read_counts(
        district, [one for one in indicators() if one.key in keys], until=day_of(now), now=now
    )
    found = Scoring(counts, rules).around(signal.area_code, CORROBORATES) if counts.areas else None
    if found is None:
        return False
    return corroborate(signal, match_of(found), now=now)


def matters_of(rule: Rule) -> set[str]:
    """Return the matters of what a rule counts."""
    return {matter_of(one.condition) for key in rule.indicators if (one := indicator_named(key))}


def spent(district: str, lines: list[AlertBudget], now: datetime) -> Spent:
    """Return what has been raised already: statutory signals count, though nothing holds them back."""
    own = Signal.objects.filter(within(AreaRanges.of([district])))
    desk, community = limit_of(lines, "cdc"), limit_of(lines, "community")
    today = own.filter(raised_at__gte=_since(desk, now)).count()
    recent = own.filter(raised_at__gte=_since(community, now), is_statistical=True)
    codes = [code[:COMMUNITY_DIGITS] for code in recent.values_list("area_code", flat=True)]
    return Spent(today, Counter(code for code in codes if len(code) == COMMUNITY_DIGITS))


def _since(line: AlertBudget | None, now: datetime) -> datetime:
    return start_of(day_of(now) - timedelta(days=(line.per_days if line else 1) - 1))


def _carry_out(choice: Choice, now: datetime) -> None:
    for finding in choice.raised:
        signal = raise_or_join([match_of(finding)], now=now)
        earlier = HeldFinding.objects.filter(
            rule=finding.rule.key,
            place_kind=finding.place_kind,
            place_key=finding.place_key,
            on__gt=finding.on - RISES_WITHIN,
            signal_id=None,
        )
        earlier.update(signal_id=signal.pk)
    for finding, line in choice.held:
        _hold(finding, line, now)


def _hold(finding: Finding, line: str, now: datetime) -> None:
    match = match_of(finding)
    where = place_of(finding.place_kind, finding.place_key, now=now)
    words_zh, words_en = words_of(match, where)
    HeldFinding.objects.update_or_create(
        rule=finding.rule.key,
        place_kind=finding.place_kind,
        place_key=finding.place_key,
        on=finding.on,
        defaults={
            "area_code": where.area_code,
            "matter": matter_of(match.condition),
            "condition": match.condition,
            "place_name": where.name,
            "z": finding.z,
            "words_zh": words_zh,
            "words_en": words_en,
            "held_by": line,
            "held_at": now,
        },
    )


def matter_of_finding(finding: Finding) -> str:
    """Return the matter a finding is about."""
    return matter_of(condition_of(finding))


def condition_of(finding: Finding) -> str:
    """Return the condition of the source that contributes most."""
    named = indicator_named(finding.parts[0].indicator)
    return named.condition if named else finding.parts[0].indicator


def match_of(finding: Finding) -> Match:
    """Return a finding in the form in which signals take it in, with its sentence's parts."""
    return Match(
        rule=finding.rule,
        condition=condition_of(finding),
        place_kind=finding.place_kind,
        place_key=finding.place_key,
        count=finding.observed,
        cases=cases_of(finding),
        first_on=finding.on - timedelta(days=finding.span - 1),
        last_on=finding.on,
        z=finding.z,
        words=_words(finding),
        areas=finding.areas if finding.place_kind == "grid" else (),
    )


def cases_of(finding: Finding) -> int:
    """Return how many people the source of a finding that knows most of them shows to be ill.

    Sources overlap, so they are not added up: the same child is absent at school and seen at a clinic.
    """
    known = [0.0]
    for part in finding.parts:
        indicator = indicator_named(part.indicator)
        if indicator is not None and indicator.persons:
            known.append(part.fullest_day if indicator.present else part.observed)
    return round(max(known))


def _words(finding: Finding) -> Mapping[str, tuple[str, str]]:
    """Name each source with what it saw, what was due and what it contributed."""
    zh, en = [], []
    for part in finding.parts:
        indicator = indicator_named(part.indicator)
        name = indicator.source_name if indicator else None
        seen, due, share = round(part.observed), f"{part.expected:.1f}", f"{part.share:.0%}"
        zh.append(f"{name.zh if name else part.indicator} {seen}（预期 {due}，贡献 {share}）")
        en.append(f"{name.en if name else part.indicator} {seen} (expected {due}, contributes {share})")
    seldom = chance(finding.z)
    once = round(1 / seldom) if seldom > 1e-6 else 1_000_000
    more_zh, more_en = ("不足 ", "less than ") if seldom <= 1e-6 else ("约 ", "about ")
    return {
        "parts": ("、".join(zh), ", ".join(en)),
        "chance": (f"{more_zh}{once} 分之一", f"{more_en}one in {once:,}"),
    }
