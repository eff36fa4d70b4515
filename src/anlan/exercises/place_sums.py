"""What the lines of a place add up to for one of its totals: pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Wanted(Protocol):
    """An attribute and the answers that count."""

    @property
    def key(self) -> str:
        """Return the attribute."""

    @property
    def among(self) -> Sequence[Any]:
        """Return the answers."""


class Total(Protocol):
    """A figure of the source (exercises.pack.Total)."""

    @property
    def counts(self) -> str:
        """Return what is counted."""

    @property
    def kinds(self) -> Sequence[str]:
        """Return the kinds of facility or vehicle; none means every kind."""

    @property
    def where(self) -> Sequence[Wanted]:
        """Return what is asked of the institution or vehicle."""

    @property
    def who(self) -> Sequence[Wanted]:
        """Return what is asked of the person."""


AREAS = ("subdistricts", "communities", "villages")


def declared(place: Mapping[str, Any], total: Total) -> int:
    """Return the sum of the lines of a place, given by the names of its fields."""
    if total.counts in AREAS:
        return int(place[total.counts])
    if total.counts == "people":
        return sum(line.count for line in place["people"] if fits(line.said(), total.who))
    if total.counts == "vehicles":
        return sum(line.count for line in place["vehicles"] if _is_of(line, total))
    lines = [line for line in place["institutions"] if _is_of(line, total)]
    if total.counts == "facilities":
        return sum(line.count for line in lines)
    if total.counts == "beds":
        return sum(line.beds for line in lines)
    return sum(row.count for line in lines for row in line.staff if fits(dict(row), total.who))


def fits(said: Mapping[str, Any], wanted: Sequence[Wanted]) -> bool:
    """Say whether what is said answers all that is asked."""
    return all(said.get(one.key) in one.among for one in wanted)


def _is_of(line: Any, total: Total) -> bool:
    return (not total.kinds or line.kind in total.kinds) and fits(line.said(), total.where)
