"""What stands open at a CDC desk: the legal clocks, the silent reporters, the sheet of a shift."""

from datetime import datetime
from typing import TypedDict

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.packs import Text
from anlan.health.queries import awaiting_card, count_forms, silent_reporters
from anlan.surveillance.models import Signal
from anlan.surveillance.queries import open_signals, products_unanswered, products_unsigned

ON_SHEET = 200


class SignalOnSheet(TypedDict):
    """A signal as it stood when the shift was given; moments in ISO 8601."""

    id: str
    condition: str
    place: str
    state: str
    grade: str
    due_at: str | None


class Sheet(TypedDict):
    """What a shift hands over."""

    signals: list[SignalOnSheet]
    cards_waiting: int  # cases with a legal clock and neither card nor reason
    cards_late: int
    to_sign: int
    unanswered: int
    silent: list[str]  # a line for each daily form: how many have not sent it, and who


def silent(actor: Actor, now: datetime) -> list[tuple[Text, list[str]]]:
    """Return, for each form that is due by now, who has not sent it; forms all have sent are left out."""
    today = day_of(now)
    found = [(form.title, silent_reporters(actor, form.key, today, now)) for form in count_forms()]
    return [(title, [unit.name for unit in units]) for title, units in found if units]


def sheet_of(actor: Actor, now: datetime) -> Sheet:
    """Return what stands open for this desk now."""
    cards = awaiting_card(actor)
    return {
        "signals": [_line(signal) for signal in open_signals(actor)[:ON_SHEET]],
        "cards_waiting": cards.count(),
        "cards_late": cards.filter(card_due_at__lt=now).count(),
        "to_sign": products_unsigned(actor).count(),
        "unanswered": products_unanswered(actor).count(),
        "silent": [f"{title.zh} {len(names)}：{'、'.join(names)}" for title, names in silent(actor, now)],
    }


def _line(signal: Signal) -> SignalOnSheet:
    return {
        "id": str(signal.pk),
        "condition": signal.condition,
        "place": signal.place_name,
        "state": signal.state,
        "grade": signal.grade,
        "due_at": signal.due_at.isoformat() if signal.due_at else None,
    }
