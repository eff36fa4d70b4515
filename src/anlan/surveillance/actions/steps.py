"""What every act on a signal shares: its refusals, the lock, the move to the next state with its step."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.surveillance.announcing import tell_pages
from anlan.surveillance.models import Signal, SignalStep
from anlan.surveillance.queries import access_signal, due_at, is_closed_to_leaders, may
from anlan.surveillance.rules import FROM_STATES, LEADERS_SEE, SignalAct, SignalState

SUBJECT = "surveillance.Signal"
NOTE_LIMIT = 2000


class SignalMoved(Conflict):
    """Somebody took the signal a step further first."""

    code = "signal_moved"
    sentence = _("信号已进入下一步，请刷新后再看。")


class WordsNeeded(Invalid):
    """The act needs a reason or evidence in words."""

    code = "words_needed"
    sentence = _("请写明依据（1 到 2000 字）。")


def check_words(text: str) -> None:
    """Raise WordsNeeded unless there are words, and not too many."""
    if not 1 <= len(text.strip()) <= NOTE_LIMIT:
        raise WordsNeeded(fields={"note": WordsNeeded.sentence})


def locked(actor: Actor, signal_id: UUID, act: SignalAct, expected_version: int) -> Signal:
    """Return the signal, locked, where the actor may do this to it as it stands.

    Raises NotFound, SignalMoved, NotAllowed.
    """
    access_signal(actor, signal_id)
    signal = Signal.objects.select_for_update().get(pk=signal_id)
    if signal.state not in FROM_STATES[act] or signal.version != expected_version:
        raise SignalMoved
    if not may(actor, act, signal):
        raise NotAllowed
    return signal


def move(signal: Signal, act: str, state: str, actor: Actor, now: datetime, *, note: str = "") -> Signal:
    """Take a signal into a state, with a new clock where the state is new, and write the step down."""
    was_late = signal.due_at is not None and now > signal.due_at
    if state != signal.state:
        signal.state, signal.state_entered_at = SignalState(state), now
        signal.due_at = due_at(state, signal.urgency, now)
        signal.overdue_at, signal.escalated_to = None, ""
    else:
        was_late = False
    if state in LEADERS_SEE and not is_closed_to_leaders(signal.condition):
        signal.seen_by_leaders = True
    signal.version += 1
    signal.save()
    add_step(signal, act, now, actor=actor, note=note, was_late=was_late)
    audit.record(f"{act}_signal", SUBJECT, [signal.pk], area_code=signal.area_code)
    tell_pages(signal)
    return signal


def add_step(
    signal: Signal,
    act: str,
    now: datetime,
    *,
    actor: Actor | None = None,
    note: str = "",
    was_late: bool = False,
) -> SignalStep:
    """Write down what was done to a signal; without an actor the clock or a consequence did it."""
    return SignalStep.objects.create(
        signal=signal,
        area_code=signal.area_code,
        act=act,
        at=now,
        was_late=was_late,
        post_title=actor.post_title if actor else "",
        member_name=actor.member_name if actor else "",
        note=note.strip(),
    )
