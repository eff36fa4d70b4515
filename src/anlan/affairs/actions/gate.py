"""The check every order to a community or grid goes through: what it rests on, or why it is held."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.models import Admission, GateEntry
from anlan.affairs.queries import list_item
from anlan.affairs.rules import AdmissionState, Outcome, WhyHeld, is_of_community
from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Refused
from anlan.foundation.live import announce_change
from anlan.foundation.packs import Text
from anlan.foundation.scope import duty, require_scope
from anlan.organisation.models import Post
from anlan.organisation.queries import post_role
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

SAME_ATTEMPT = timedelta(hours=1)


class HeldAtGate(Refused):
    """An order to a community or grid rests on no item; the attempt is logged."""

    status = 422
    code = "held_at_gate"
    sentence = _("准入关口没有放行：社区和网格的任务须有准入事项或清单依据。已记录，请先申请准入。")


class KindAtGate(Protocol):
    """What the gate reads of a kind of order: its line in the pack."""

    @property
    def key(self) -> str:
        """Return its key."""

    @property
    def title(self) -> Text:
        """Return what it is called."""

    @property
    def needs_admission(self) -> bool:
        """Say whether no list item will do."""

    @property
    def list_item(self) -> str | None:
        """Return its own standing item in the pack."""

    @property
    def estimated_minutes(self) -> int:
        """Return what it costs who does it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked where of whom; `task` '' where the order needs a purpose to be seen."""

    area_code: str
    accountable: Post
    asked_by_id: UUID | None
    admission_id: UUID | None
    task: str = ""


@dataclass(frozen=True, slots=True)
class Warrant:
    """What an order that passed rests on; `ends_on` None for a standing item of the lists."""

    item: str = ""
    basis: str = ""
    minutes: int | None = None
    ends_on: date | None = None
    admission_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An order at the gate: who sent it, when."""

    kind: KindAtGate
    asked: Asked
    by: Actor | None
    at: datetime


def pass_gate(kind: KindAtGate, asked: Asked, *, now: datetime) -> Warrant:
    """Return what the order rests on; an order that asks nothing of a community needs nothing.

    Raises HeldAtGate. The log is written now, and again by the door that shows the refusal, as the
    refused act is undone with all it wrote.
    """
    if not _is_gated(kind, asked):
        return Warrant()
    attempt = _Attempt(kind, asked, require_scope().actor, now)
    district = AreaRanges.of([asked.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]]])
    with transaction.atomic(), duty("keep_gate", ranges=district, cause=kind.key):
        found = _warrant(kind, asked, now)
        if isinstance(found, Warrant):
            _log(attempt, warrant=found)
    if isinstance(found, WhyHeld):
        _log_held(attempt, found)
        raise HeldAtGate(trace=partial(_log_held, attempt, found))
    return found


def _is_gated(kind: KindAtGate, asked: Asked) -> bool:
    """Say whether the order asks something of a community or grid; units there are not the community."""
    if kind.needs_admission:
        return True
    role = post_role(asked.accountable.role)
    return is_of_community(asked.accountable.area_code) and not (role and role.outside_unit)


def _warrant(kind: KindAtGate, asked: Asked, now: datetime) -> Warrant | WhyHeld:
    if asked.admission_id is not None:
        return _admitted(asked, asked.admission_id, day_of(now))
    if kind.needs_admission:
        return WhyHeld.NO_ADMISSION
    item = list_item(kind.list_item or "")
    if item is None:
        return WhyHeld.NO_LIST_ITEM
    return Warrant(item=item.key, basis=item.basis.zh, minutes=kind.estimated_minutes)


def _admitted(asked: Asked, admission_id: UUID, today: date) -> Warrant | WhyHeld:
    admission = Admission.objects.filter(pk=admission_id).first()
    if admission is None:
        return WhyHeld.NO_ADMISSION
    if admission.state != AdmissionState.ADMITTED or admission.ends_on < today:
        return WhyHeld.NOT_IN_FORCE
    if not any(asked.area_code.startswith(area.area_code) for area in admission.addressed.all()):
        return WhyHeld.OUTSIDE_AREAS
    return Warrant(
        item=admission.title,
        basis=admission.basis,
        minutes=admission.minutes,
        ends_on=admission.ends_on,
        admission_id=admission.pk,
    )


def _log_held(attempt: _Attempt, why: WhyHeld) -> None:
    """Write the attempt, or count it where the same was tried within the hour."""
    asked = attempt.asked
    own = AreaRanges.of([asked.area_code])
    with transaction.atomic(), duty("keep_gate", ranges=own, cause=attempt.kind.key):
        before = GateEntry.objects.filter(
            area_code=asked.area_code,
            outcome=Outcome.HELD,
            kind=attempt.kind.key,
            task=asked.task,
            accountable=asked.accountable,
            post_id=attempt.by.post_id if attempt.by else None,
            at__gt=attempt.at - SAME_ATTEMPT,
        )
        last = before.order_by("-at").first()
        if last is None:
            _log(attempt, why=why)
        elif last.at != attempt.at:  # at this very moment it is the same attempt, written again
            last.attempts += 1
            last.save(update_fields=["attempts"])


def _log(attempt: _Attempt, *, warrant: Warrant | None = None, why: str = "") -> None:
    found, asked, by = warrant or Warrant(), attempt.asked, attempt.by
    entry = GateEntry.objects.create(
        area_code=asked.area_code,
        kind=attempt.kind.key,
        title=attempt.kind.title.zh,
        task=asked.task,
        accountable=asked.accountable,
        asked_by_id=asked.asked_by_id,
        post_id=by.post_id if by else None,
        post_title=by.post_title if by else "",
        member_name=by.member_name if by else "",
        at=attempt.at,
        outcome=Outcome.HELD if why else Outcome.PASSED,
        why=why,
        admission_id=found.admission_id,
        list_item="" if found.admission_id else found.item,
        minutes=found.minutes or 0,
    )
    if why:
        audit.record("hold_at_gate", "affairs.GateEntry", [entry.pk], area_code=asked.area_code, why=why)
        announce_change("gate", asked.area_code)
