"""非社区职责: give an order back citing a list, and have the subdistrict decide."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions.admissions import LONGEST_WORDS, ReasonNeeded
from anlan.affairs.events import ObjectionDecided
from anlan.affairs.models import Objection
from anlan.affairs.queries import CITABLE, access_objection, gate, list_item, may_settle
from anlan.affairs.rules import ObjectionState
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish

SUBJECT = "affairs.Objection"


class NotCitable(Invalid):
    """The item stands on no list a community may cite."""

    code = "not_citable"
    sentence = _("请选择清单上的一项作为依据。")


class AlreadyObjected(Conflict):
    """An objection to this order waits for its decision."""

    code = "already_objected"
    sentence = _("这张工单已提出异议，等街道裁定。")


def object_to(
    *, actor: Actor, order_id: UUID, title: str, area_code: str, cited: str, note: str, now: datetime
) -> Objection:
    """Give an order back as not the community's; the caller has proved that the order is the actor's.

    Raises NotCitable, AlreadyObjected.
    """
    item = list_item(cited)
    if item is None or item.list not in CITABLE:
        raise NotCitable(fields={"list_item": NotCitable.sentence})
    with transaction.atomic():
        if Objection.objects.filter(order_id=order_id, state=ObjectionState.RAISED).exists():
            raise AlreadyObjected
        objection = Objection.objects.create(
            area_code=area_code,
            order_id=order_id,
            title=title,
            list_item=cited,
            note=note.strip()[:LONGEST_WORDS],
            raised_by_id=actor.post_id,
            member_name=actor.member_name,
            raised_at=now,
            due_at=now + timedelta(minutes=gate().objection_minutes),
        )
        audit.record("object_to_order", SUBJECT, [objection.pk], area_code=area_code)
        announce_change("gate", area_code)
    return objection


def settle_objection(
    *, actor: Actor, objection_id: UUID, is_upheld: bool, reason: str, now: datetime, expected_version: int
) -> Objection:
    """Decide whether the order was the community's to do; announces ObjectionDecided.

    Raises NotFound, NotAllowed, Conflict, ReasonNeeded.
    """
    with transaction.atomic():
        access_objection(actor, objection_id)
        objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection_id)
        if objection.version != expected_version:
            raise Conflict
        if not may_settle(actor, objection):
            raise NotAllowed
        reason = reason.strip()
        if not 0 < len(reason) <= LONGEST_WORDS:
            raise ReasonNeeded(fields={"reason": ReasonNeeded.sentence})
        objection.state = ObjectionState.UPHELD if is_upheld else ObjectionState.REJECTED
        objection.decided_at, objection.decided_by_id, objection.decision = now, actor.post_id, reason
        objection.version += 1
        objection.save()
        audit.record("settle_objection", SUBJECT, [objection.pk], area_code=objection.area_code)
        announce_change("gate", objection.area_code)
        publish(
            ObjectionDecided(
                objection_id=objection.pk,
                order_id=objection.order_id,
                is_upheld=is_upheld,
                area_code=objection.area_code,
                occurred_at=now,
            )
        )
    return objection
