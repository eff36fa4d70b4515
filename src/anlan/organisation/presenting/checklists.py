"""How checklists are put before people as lines: those of an area, the roll-up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.organisation.models import Area
from anlan.organisation.pack import Checklist
from anlan.organisation.queries.checklists import ListState, may_answer
from anlan.organisation.queries.coverage import ChecklistCoverage, areas_counted, checklist_coverage
from anlan.organisation.words import in_words


@dataclass(frozen=True, slots=True)
class ListLine:
    """A checklist of an area or facility as a line: how far it is."""

    key: str
    title: str
    stands: ListState
    may_answer: bool

    @property
    def item_count(self) -> int:
        """Return how many items it has."""
        return len(self.stands.states)


def list_lines(actor: Actor, rows: Iterable[ListState]) -> list[ListLine]:
    """Return checklists as lines."""
    return [
        ListLine(row.listed.key, in_words(row.listed.title), row, may_answer(actor, row.listed, row.subject))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ChecklistCoverageLine:
    """An area below with how a checklist stands there."""

    area: Area
    stands: ChecklistCoverage
    missing: tuple[str, ...]


def checklist_coverage_areas(area: Area, listed: Checklist, *, now: datetime) -> QuerySet[Area]:
    """Return the areas a roll-up of this checklist lists."""
    return areas_counted(area, "grid" if listed.used_for == "facility" else listed.used_for, now=now)


def checklist_coverage_lines(
    area: Area, listed: Checklist, areas: Iterable[Area], *, now: datetime
) -> list[ChecklistCoverageLine]:
    """Return areas below with how a checklist stands in each."""
    counted = checklist_coverage(area, listed, now=now)
    texts = {item.key: in_words(item.text).partition("：")[0].partition(":")[0] for item in listed.items}
    return [
        ChecklistCoverageLine(
            one,
            stands := counted.get(one.code, ChecklistCoverage()),
            tuple(f"{texts.get(key, key)} {n}" for key, n in stands.lacks.items()),
        )
        for one in areas
    ]
