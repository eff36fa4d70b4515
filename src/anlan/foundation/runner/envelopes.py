"""Applies accepted envelopes under the rights their senders had; what one cannot be applied costs no other.

What one sender sent in a row is applied in one savepoint; where that fails it is halved until the culprit
stands alone, so that each is applied, refused or put off by itself.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from uuid import UUID

import structlog
from django.db import transaction
from prometheus_client import Counter

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import decrypt
from anlan.foundation.errors import NotYet, Refused
from anlan.foundation.inbox.shape import BODY
from anlan.foundation.models import Envelope
from anlan.foundation.ports import ports
from anlan.foundation.practice import is_practice, now_in
from anlan.foundation.runner.attempts import attempt, is_due, note_failure
from anlan.foundation.scope import duty, scope

log = structlog.get_logger()
AT_ONCE = 200  # rows of one transaction
SETTLED = Counter("anlan_envelopes_settled", "Envelopes by what became of them.", ["state"])
AsOf = Callable[[UUID, datetime], Actor | None]


def drain_envelopes(*, at_once: int = AT_ONCE) -> int:
    """Apply the oldest waiting envelopes in one transaction; return how many were looked at."""
    now = utc_now()
    with transaction.atomic(), duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="inbox"):
        waiting = Envelope.objects.select_for_update(skip_locked=True).filter(is_due(now))
        rows = list(waiting.filter(state=Envelope.State.WAITING).order_by("id")[:at_once])
        as_of = _remembering(ports().actor_as_of)
        _forward(rows)
        applied: list[int] = []
        for sender, sent in groupby(rows, partial(_sender_of, as_of=as_of)):
            if isinstance(sender, str):
                for row in sent:
                    _set_aside(row, Envelope.State.REVIEW, sender)
            else:
                applied += _settle(list(sent), sender, now)
        Envelope.objects.filter(pk__in=applied).update(
            state=Envelope.State.APPLIED, applied_at=now, problem=""
        )
    SETTLED.labels("applied").inc(len(applied))
    return len(rows)


def _forward(rows: Sequence[Envelope]) -> None:
    """Let what waited while areas were redrawn lie where its area is now."""
    leads = ports().codes_now({row.area_code for row in rows})
    moved = [row for row in rows if row.area_code in leads]
    for row in moved:
        row.area_code = leads[row.area_code]
    Envelope.objects.bulk_update(moved, ["area_code"])


def _settle(rows: Sequence[Envelope], actor: Actor, now: datetime) -> list[int]:
    """Apply what one sender sent; return the ids of what was applied, the others are put off or set aside."""
    error = attempt(partial(_apply, rows, actor), is_alone=len(rows) == 1)
    if error is None:
        return [row.pk for row in rows]
    if len(rows) > 1:
        middle = len(rows) // 2
        return _settle(rows[:middle], actor, now) + _settle(rows[middle:], actor, now)
    _note_problem(rows[0], error, now)
    return []


def _note_problem(row: Envelope, error: Exception, now: datetime) -> None:
    if isinstance(error, Refused) and not (isinstance(error, NotYet) and not note_failure(row, error, now)):
        fields = ",".join(sorted(error.fields))
        _set_aside(row, Envelope.State.REVIEW, f"{error.error_code} {fields}".strip())
    elif not isinstance(error, NotYet) and note_failure(row, error, now):
        _set_aside(row, Envelope.State.POISONED, row.problem)
    else:
        row.save(update_fields=["tries", "due_at", "problem"])
        log.warning("envelope_failed", tries=row.tries, problem=row.problem, **_names(row))


def _sender_of(row: Envelope, as_of: AsOf) -> Actor | str:
    return actor_of(row, as_of) if row.source in ports().sources else "source_unknown"


def actor_of(row: Envelope, as_of: AsOf) -> Actor | str:
    """Return the sender in the post that counts, or why a person must look at it.

    That is the post as held at receipt; for a phone that was offline when it ended, as held at the device's
    time, if that is plausible (SAFETY.md 11).
    """
    actor = as_of(row.appointment_id, row.received_at)
    device_at = row.device_at
    if actor is None and device_at and not row.device_implausible and device_at <= row.received_at:
        actor = as_of(row.appointment_id, device_at)
    if actor is None:
        return "appointment_ended"
    return actor if actor.ranges.covers(row.area_code) else "outside_the_post"


def _apply(rows: Sequence[Envelope], actor: Actor) -> None:
    with scope(actor):
        for row in rows:
            if is_practice(row.area_code):
                now = row.practice_at or now_in(row.area_code)
            else:
                now = max(utc_now(), row.received_at)  # the database's: ours may be behind (SAFETY.md 3)
            body = json.loads(decrypt(bytes(row.body), context=BODY))
            with structlog.contextvars.bound_contextvars(**_names(row)):
                ports().sources[row.source](actor=actor, envelope=row, body=body, now=now)


def _set_aside(row: Envelope, state: Envelope.State, problem: str) -> None:
    row.state, row.problem = state, problem
    row.save(update_fields=["state", "problem", "tries", "due_at"])
    SETTLED.labels(str(state.value)).inc()
    log.warning("envelope_set_aside", state=state.value, problem=problem, **_names(row))


def _names(row: Envelope) -> dict[str, object]:
    return {"envelope": row.pk, "source": row.source}


def _remembering(as_of: AsOf) -> AsOf:
    """Ask once for each appointment and second: rights begin and end to the second."""
    known: dict[tuple[UUID, int], Actor | None] = {}

    def ask(appointment_id: UUID, at: datetime) -> Actor | None:
        asked = appointment_id, int(at.timestamp())
        if asked not in known:
            known[asked] = as_of(appointment_id, at)
        return known[asked]

    return ask
