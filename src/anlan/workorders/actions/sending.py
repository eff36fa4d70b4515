"""Send a department's task to communities: through the gate, one order a community, all of them or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions import HeldAtGate
from anlan.affairs.models import Admission
from anlan.affairs.queries import own_admissions
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.organisation.queries import access_area
from anlan.workorders.actions.opening import TASK_LIMIT, WordsNeeded, closest_post, open_order
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import TASK, may_send_task, order_kind


class PlaceNeeded(Invalid):
    """A task goes to communities in the sender's ranges."""

    code = "place_needed"
    sentence = _("请选择要派给的社区。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What is asked; without areas it goes to all that its admitted item addresses."""

    words: str
    area_codes: tuple[str, ...]
    admission_id: UUID | None
    batch_id: UUID  # made with the form: sent again it is the same orders


def send_task(*, actor: Actor, task: NewTask, now: datetime) -> list[WorkOrder]:
    """Send a task to communities, or to none of them where the gate holds one.

    Raises NotAllowed, NotFound, WordsNeeded, PlaceNeeded, NobodyToAnswer, and HeldAtGate, whose trace logs
    every community that was tried.
    """
    if not may_send_task(actor):
        raise NotAllowed
    if not 0 < len(task.words.strip()) <= TASK_LIMIT:
        raise WordsNeeded(fields={"words": WordsNeeded.sentence})
    codes = sorted(set(task.area_codes) or _addressed(actor, task.admission_id))
    if task.admission_id is not None:
        _own(actor, task.admission_id)
    if not codes or not all(actor.ranges.covers(code) for code in codes):
        raise PlaceNeeded(fields={"areas": PlaceNeeded.sentence})
    sent: list[WorkOrder] = []
    held: list[HeldAtGate] = []
    with transaction.atomic():
        for code in codes:
            try:
                sent.append(_send(actor, code, task, now))
            except HeldAtGate as refusal:
                held.append(refusal)
        if held:
            raise HeldAtGate(trace=partial(_leave_traces, held))
    return sent


def _addressed(actor: Actor, admission_id: UUID | None) -> set[str]:
    """Return every area that an item of the sender's own addresses; none without an item."""
    if admission_id is None:
        return set()
    return {area.area_code for area in _own(actor, admission_id).addressed.all()}


def _own(actor: Actor, admission_id: UUID) -> Admission:
    """Return an item that the sender's post asked for; another department's is not found."""
    admission: Admission | None = own_admissions(actor).filter(pk=admission_id).first()
    if admission is None:
        raise NotFound
    return admission


def _send(actor: Actor, code: str, task: NewTask, now: datetime) -> WorkOrder:
    order_id, kind = uuid5(task.batch_id, code), order_kind(TASK)
    known = WorkOrder.objects.filter(pk=order_id, asked_by_id=actor.post_id).first()
    return known or open_order(
        kind=TASK,
        area_code=code,
        accountable=closest_post(kind.accountable, kind.checked_by, code, now),
        task=task.words.strip(),
        place_name=access_area(code, now=now).name,
        asked_by_id=actor.post_id,
        order_id=order_id,
        admission_id=task.admission_id,
        now=now,
    )


def _leave_traces(held: Iterable[HeldAtGate]) -> None:
    for refusal in held:
        refusal.leave_trace()
