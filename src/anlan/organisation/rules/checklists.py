"""When a checklist is complete: every item yes, its evidence there, nothing older than the list allows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

ANSWERED_FOR = frozenset({"grid", "community", "facility"})  # others are answered within an order
LONGEST_EVIDENCE = 200


class ItemState(models.TextChoices):
    """How one item of a checklist stands."""

    MET = "met", _("符合")
    UNANSWERED = "unanswered", _("未填")
    NOT_MET = "not_met", _("不符合")
    NO_EVIDENCE = "no_evidence", _("缺依据")
    STALE = "stale", _("已过期")


@dataclass(frozen=True, slots=True)
class ItemWanted:
    """An item, and what kind of evidence it asks for."""

    key: str
    evidence: str = "none"


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The latest answer to an item; its evidence was read as `evidence_kind` when it was given."""

    is_met: bool
    evidence: str
    evidence_kind: str
    answered_at: datetime


def item_state(
    item: ItemWanted, answer: ItemAnswer | None, *, renew_days: int | None, now: datetime
) -> ItemState:
    """Return how an item stands; the worst is said first."""
    if answer is None:
        return ItemState.UNANSWERED
    if not answer.is_met:
        return ItemState.NOT_MET
    has_evidence = answer.evidence != "" and answer.evidence_kind == item.evidence
    if item.evidence != "none" and not has_evidence:
        return ItemState.NO_EVIDENCE
    if renew_days is not None and answer.answered_at + timedelta(days=renew_days) <= now:
        return ItemState.STALE
    return ItemState.MET


def item_states(
    items: Iterable[ItemWanted],
    answers: Mapping[str, ItemAnswer],
    *,
    renew_days: int | None,
    now: datetime,
) -> dict[str, ItemState]:
    """Return how each item stands, in the order of the list."""
    return {
        item.key: item_state(item, answers.get(item.key), renew_days=renew_days, now=now) for item in items
    }


def is_complete(states: Mapping[str, ItemState]) -> bool:
    """Say whether every item is met."""
    return all(state is ItemState.MET for state in states.values())


def is_evidence(kind: str, said: str) -> bool:
    """Say whether words are evidence of this kind: a number, a day, a note, or which document it is."""
    words = said.strip()
    if kind == "none":
        return True
    if not words or len(words) > LONGEST_EVIDENCE:
        return False
    if kind == "number":
        return words.isascii() and words.isdigit()
    return _is_day(words) if kind == "date" else True


def _is_day(words: str) -> bool:
    try:
        return date.fromisoformat(words).isoformat() == words
    except ValueError:
        return False
