"""How checklists are put before people: those of an area, one with its answers, the roll-up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.organisation.body_forms import ChecklistForm
from anlan.organisation.body_pages import area_way
from anlan.organisation.checklist_rules import ItemState
from anlan.organisation.models import Area, ChecklistAnswer
from anlan.organisation.pack import Checklist
from anlan.organisation.queries.checklists import (
    ListState,
    Subject,
    answers_before,
    latest_answers,
    may_answer,
    states_of,
)
from anlan.organisation.queries.coverage import ChecklistCoverage, areas_counted, checklist_coverage
from anlan.organisation.words import in_words

KIND_OF_STATE = {ItemState.MET: "done", ItemState.NOT_MET: "overdue", ItemState.STALE: "overdue"}


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
class ItemLine:
    """An item with the answer that counts, how it stands, and its fields where one may answer."""

    text: str
    state: str
    state_kind: str
    answer: ChecklistAnswer | None
    fields: tuple[Any, ...]


def checklist_context(
    actor: Actor, listed: Checklist, subject: Subject, form: ChecklistForm, *, now: datetime
) -> dict[str, Any]:
    """Return the parts of a checklist's page."""
    answers = latest_answers(listed, subject)
    states = states_of(listed, answers.values(), now=now)
    texts = {item.key: in_words(item.text) for item in listed.items}
    oldest = min((row.answered_at for row in answers.values()), default=None)
    return {
        "title": in_words(listed.title),
        "listed": listed,
        "subject": subject,
        "crumbs": area_way(subject.area.code, now=now),
        "form": form,
        "lines": [
            _item_line(key, texts[key], state, answers.get(key), form) for key, state in states.items()
        ],
        "met": sum(state is ItemState.MET for state in states.values()),
        "is_complete": all(state is ItemState.MET for state in states.values()),
        "renew_at": oldest + timedelta(days=listed.renew_days) if oldest and listed.renew_days else None,
        "before": [(texts.get(row.item, row.item), row) for row in answers_before(listed, subject)],
        "answers": may_answer(actor, listed, subject),
    }


def _item_line(
    key: str, text: str, state: ItemState, answer: ChecklistAnswer | None, form: ChecklistForm
) -> ItemLine:
    names = (f"answer_{key}", f"evidence_{key}", f"note_{key}")
    fields = tuple(form[name] for name in names if name in form.fields)
    return ItemLine(text, str(state.label), KIND_OF_STATE.get(state, "waiting"), answer, fields)


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
