"""How one checklist is put before people: its answers, their evidence, and the fields to answer in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.foundation.actor import Actor
from anlan.organisation.body_forms import ChecklistForm
from anlan.organisation.models import ChecklistAnswer
from anlan.organisation.pack import Checklist
from anlan.organisation.presenting.bodies import area_way
from anlan.organisation.queries.checklists import (
    Subject,
    answers_before,
    latest_answers,
    may_answer,
    states_of,
)
from anlan.organisation.rules.checklists import ItemState
from anlan.organisation.words import in_words

KIND_OF_STATE = {ItemState.MET: "done", ItemState.NOT_MET: "overdue", ItemState.STALE: "overdue"}


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
