"""Which statistical findings become signals: the strongest first, as many as a desk can look at."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from anlan.surveillance.findings import Finding
from anlan.surveillance.pack import AlertBudget


@dataclass(frozen=True, slots=True)
class Spent:
    """Signals raised already: by desk over its days; of communities, by code."""

    desk: int
    communities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is raised, and what is held back with the line of the budget that holds it."""

    raised: tuple[Finding, ...]
    held: tuple[tuple[Finding, str], ...]


def limit_of(lines: Iterable[AlertBudget], desk: str) -> AlertBudget | None:
    """Return the budget of a kind of desk, or None where the pack sets none."""
    return next((line for line in lines if line.desk == desk), None)


def choose(
    found: Sequence[Finding],
    lines: Sequence[AlertBudget],
    spent: Spent,
    matter_of: Callable[[Finding], str],
) -> Choice:
    """Choose from findings (strongest first) as many as the budget leaves over.

    Of two findings of one matter whose grids overlap only the stronger counts; the other is not held either.
    """
    desk, community = limit_of(lines, "cdc"), limit_of(lines, "community")
    used, by_community = spent.desk, Counter(spent.communities)
    raised: list[Finding] = []
    held: list[tuple[Finding, str]] = []
    taken: set[tuple[str, str]] = set()
    for finding in found:
        cells = {(matter_of(finding), area) for area in finding.areas}
        if cells & taken:
            continue
        taken |= cells
        if community and finding.community and by_community[finding.community] >= community.at_most:
            held.append((finding, community.key))
        elif desk and used >= desk.at_most:
            held.append((finding, desk.key))
        else:
            raised.append(finding)
            used += 1
            by_community[finding.community] += 1
    return Choice(tuple(raised), tuple(held))
