"""A quiet year rings the CDC's desk within the budget; outbreaks in it are found soon, by several sources."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import ndtri

from anlan.foundation.packs import LIBRARY, read_pack
from anlan.surveillance.alert_budget import Spent, choose
from anlan.surveillance.findings import Finding
from anlan.surveillance.pack import AlertBudget, Rule
from anlan.surveillance.scoring import Scoring
from tests.proof import Proof
from tests.surveillance.synthetic_year import BLOCK, DAYS, FAMILIES, SOURCES, Year, struck, synthetic_year

OUTBREAK_DAYS = 14  # from its first day an outbreak counts as found within so many
OPEN_DAYS = 7  # a signal stays open so long; what is found there meanwhile joins it
FAMILY_OF = {key: name for name, rows in FAMILIES.items() for key in np.array(list(SOURCES))[list(rows)]}
LOOSE = 0.005  # findings so weak are kept, for other thresholds to be tried on them


@dataclass(frozen=True)
class Raised:
    """A signal the year raised."""

    day: int
    finding: Finding


def pack_rules() -> tuple[list[Rule], list[AlertBudget]]:
    """Return the pack's own statistical rules over these sources, and its alert budget."""
    sections = read_pack(LIBRARY / "standard").sections
    rules = [row.body for row in sections["rules"] if isinstance(row.body, Rule)]
    budget = [row.body for row in sections["alert_budget"] if isinstance(row.body, AlertBudget)]
    known = set(SOURCES)
    return [rule for rule in rules if not rule.is_fixed and known & set(rule.indicators)], budget


def alone(detector: str, per: str) -> list[Rule]:
    """Return rules that let one detector judge every source alone."""
    fused = next(rule for rule in pack_rules()[0] if rule.kind == "fused")
    change = {"kind": "excess", "detector": detector, "chance_below": 0.005, "per": [per], "at_least": 3}
    return [
        fused.model_copy(update={**change, "key": f"{detector}_{key}", "indicators": [key]})
        for key in SOURCES
    ]


def found_in(year: Year, rules: list[Rule]) -> list[list[Finding]]:
    """Score the year in blocks; return each day's findings."""
    days: list[list[Finding]] = []
    for begin in range(0, DAYS, BLOCK):
        last = min(BLOCK, DAYS - begin)
        scoring = Scoring(year.until(begin + last - 1), rules, last)
        days += [scoring.findings(back) for back in range(last - 1, -1, -1)]
    return days


def raised_in(days: list[list[Finding]], budget: list[AlertBudget], least_z: float = 0.0) -> list[Raised]:
    """Raise signals day by day as the runs do: joined to open ones, or chosen within the budget."""
    raised: list[Raised] = []
    for day, found in enumerate(days):
        recent = [one for one in raised if one.day > day - OPEN_DAYS]
        taken = {(family(one.finding), area) for one in recent for area in one.finding.areas}
        new = [
            finding
            for finding in found
            if finding.z >= least_z and not {(family(finding), area) for area in finding.areas} & taken
        ]
        spent = Spent(0, Counter(one.finding.community for one in recent if one.finding.community))
        raised += [Raised(day, finding) for finding in choose(new, budget, spent, family).raised]
    return raised


def as_told(days: list[list[Finding]], rules: list[Rule]) -> list[list[Finding]]:
    """Return what the rules find at the chance they state, of what they find with a looser one."""
    limits = {rule.key: float(-ndtri(rule.chance_below or 0.5)) for rule in rules}
    return [[one for one in found if one.z >= limits[one.rule.key]] for found in days]


def family(finding: Finding) -> str:
    """Return what a finding is about."""
    return str(FAMILY_OF[finding.parts[0].indicator])


def scored(year: Year, raised: list[Raised]) -> dict[str, float]:
    """Return sensitivity, mean delay in days, and the share of signals that were outbreaks."""
    delays, right = [], set[int]()
    for outbreak in year.outbreaks:
        code, found = year.areas[outbreak.grid], []
        for number, one in enumerate(raised):
            late = one.day - outbreak.starts
            here = code in one.finding.areas and family(one.finding) == outbreak.family
            if here and 0 <= late < OUTBREAK_DAYS:
                right.add(number)
                found.append(late)
        delays += [min(found)] if found else []
    return {
        "signals": len(raised),
        "sensitivity": round(len(delays) / max(len(year.outbreaks), 1), 3),
        "delay_days": round(float(np.mean(delays)), 2) if delays else -1.0,
        "predictive_value": round(len(right) / max(len(raised), 1), 3),
    }


def threshold(days: list[list[Finding]], budget: list[AlertBudget], wanted: int) -> float:
    """Return the z at which a quiet year raises at most so many signals: the same budget for every method."""
    levels = sorted({round(one.z, 2) for found in days for one in found})
    low, high = 0, len(levels)
    while low < high:
        middle = (low + high) // 2
        if len(raised_in(days, budget, levels[middle])) > wanted:
            low = middle + 1
        else:
            high = middle
    return levels[low] if low < len(levels) else 99.0


@pytest.mark.proof(test=20, prove=1000)
def test_a_quiet_year_keeps_the_budget_and_outbreaks_in_it_are_found(proof: Proof) -> None:
    rules, budget = pack_rules()
    outbreaks = max(4, proof.size * 60 // 1000)
    quiet = synthetic_year(proof.size, proof.seed)
    hit = struck(quiet, outbreaks, proof.seed + 1)
    loose = [rule.model_copy(update={"chance_below": LOOSE}) for rule in rules]
    quiet_days, loud = found_in(quiet, loose), found_in(hit, loose)
    signals = raised_in(as_told(quiet_days, rules), budget)

    a_day = Counter(one.day for one in signals)
    weeks: dict[str, list[int]] = defaultdict(list)
    for one in signals:
        if one.finding.community:
            weeks[one.finding.community].append(one.day)
    assert max(a_day.values(), default=0) <= 5
    assert all(later - earlier >= 7 for days in weeks.values() for earlier, later in pairwise(days))

    compared = {"pack's rules": scored(hit, raised_in(as_told(loud, rules), budget))}
    wanted = max(len(signals), proof.size // 50)
    compared["fused"] = scored(hit, raised_in(loud, budget, threshold(quiet_days, budget, wanted)))
    for name, detector, per in (("EARS C2", "ears_c2", "grid"), ("P80", "moving_percentile", "subdistrict")):
        other = alone(detector, per)
        limit = threshold(found_in(quiet, other), budget, wanted)
        compared[name] = scored(hit, raised_in(found_in(hit, other), budget, limit))
    proof.figures.update(
        grids=proof.size, outbreaks=outbreaks, quiet_signals=len(signals),
        most_a_day=max(a_day.values(), default=0), same_budget=wanted, methods=compared,
    )  # fmt: skip
    print(proof.figures)

    assert compared["fused"]["sensitivity"] >= compared["EARS C2"]["sensitivity"]
    assert compared["fused"]["sensitivity"] >= compared["P80"]["sensitivity"]
