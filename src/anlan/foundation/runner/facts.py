"""Carries out what follows from facts: each consequence once, in a savepoint of its own."""

from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q
from prometheus_client import Counter

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.models import ConsequenceDone, Fact
from anlan.foundation.outbox import EVENTS, read_event
from anlan.foundation.ports import Consequence, ports
from anlan.foundation.practice import DISTRICT_LENGTH, is_practice
from anlan.foundation.runner.attempts import attempt, is_due, note_failure
from anlan.foundation.scope import duty

log = structlog.get_logger()
AT_ONCE = 50  # rows of one transaction
SETTLED = Counter("anlan_facts_settled", "Facts by what became of them.", ["state"])


def drain_facts(*, at_once: int = AT_ONCE) -> int:
    """Carry out the consequences of the oldest waiting facts; return how many facts were looked at.

    Those that take long (`ports().unhurried`) are left to drain_unhurried.
    """
    return _drain(~Q(name__in=_unhurried()), at_once)


def drain_unhurried() -> int:
    """Carry out the oldest waiting fact whose consequences take long, alone; return how many there were."""
    return _drain(Q(name__in=_unhurried()), 1)


def _unhurried() -> list[str]:
    return [event.name for event in ports().unhurried]


def _drain(which: Q, at_once: int) -> int:
    now = utc_now()
    with transaction.atomic(), duty("react", ranges=AreaRanges.everywhere(), cause="outbox"):
        waiting = Fact.objects.select_for_update(skip_locked=True).filter(which, is_due(now))
        rows = list(waiting.filter(state=Fact.State.WAITING).order_by("id")[:at_once])
        for fact in rows:
            with structlog.contextvars.bound_contextvars(fact=fact.pk, name=fact.name):
                _settle(fact)
    return len(rows)


def _settle(fact: Fact) -> None:
    """Try every consequence that is still open; those done stay done, whatever happens to the others."""
    kind = EVENTS.get(fact.name)
    consequences = ports().reactions.get(kind, ()) if kind is not None else ()
    failed = [
        error
        for consequence in consequences
        if (error := attempt(partial(_carry_out, fact, consequence))) is not None
    ]
    if kind is None:
        failed = [LookupError(fact.name)]
    if not failed:
        fact.state, fact.problem = Fact.State.DONE, ""
    elif note_failure(fact, failed[0], utc_now()):
        fact.state = Fact.State.POISONED
    if failed:
        log.warning("fact_failed", tries=fact.tries, problem=fact.problem, state=str(fact.state))
    if fact.state != Fact.State.WAITING:
        SETTLED.labels(str(fact.state)).inc()
    fact.save(update_fields=["state", "tries", "due_at", "problem"])


def _carry_out(fact: Fact, consequence: Consequence) -> None:
    """Do one consequence unless it was done before; the fact's row is locked, so nobody else is at it."""
    name = f"{consequence.__module__}.{consequence.__qualname__}"
    district = AreaRanges.of([fact.area_code[:DISTRICT_LENGTH]])
    with duty("react", ranges=district, cause=f"fact {fact.pk}"):
        if ConsequenceDone.objects.filter(fact=fact, consequence=name).exists():
            return
        ConsequenceDone.objects.create(fact=fact, consequence=name, done_at=utc_now())
        now = fact.occurred_at if is_practice(fact.area_code) else utc_now()
        consequence(read_event(fact), now=now)
