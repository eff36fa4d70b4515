"""Erase a person from the register: nothing brings them back, and only an id without a person stays."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid, NotAllowed, Text
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.people.actions.correct import ResidentChanged
from anlan.people.actions.erase_again import merged_into, note_outside, remove_person
from anlan.people.actions.register import PEOPLE, SUBJECT
from anlan.people.events import ResidentErased
from anlan.people.models import Erasure, Resident
from anlan.people.queries import access_resident
from anlan.people.rules import ErasureBasis, plain_name

LONGEST_REASON = 300
MOST_DIGITS = 5  # in a row: more would be a phone, identity or door number
NUMBER = re.compile(rf"\d{{{MOST_DIGITS + 1},}}")


class ErasureInvalid(Invalid):
    """Say what is missing before a person may be erased."""

    code = "erasure_invalid"


@dataclass(frozen=True, slots=True)
class ErasureGround:
    """Why somebody is erased: an article-47 basis and a written reason without the person's identity."""

    basis: str
    reason: str


def erase_resident(
    *, actor: Actor, resident_id: UUID, ground: ErasureGround, expected_version: int, now: datetime
) -> Erasure:
    """Remove a person, their numbers, tokens, enrolments and field history; return the record of it.

    A note outside the database sees to it that no restored backup brings them back.
    For posts with the purpose `privacy`. The household stays with those who are left; the audit keeps the id.
    Raises NotFound, NotAllowed, ErasureInvalid, ResidentChanged.
    """
    if not actor.has_purpose("privacy"):
        raise NotAllowed
    with transaction.atomic():
        access_resident(actor, resident_id)
        resident = Resident.objects.select_for_update().get(pk=resident_id)
        if resident.version != expected_version:
            raise ResidentChanged
        reason = _checked_reason(ground, resident)
        ids = [resident_id, *merged_into(resident_id)]
        area_code, removed = resident.area_code, remove_person(resident)
        record = {
            "area_code": area_code,
            "basis": ground.basis,
            "reason": reason,
            "erased_at": now,
            "post_id": actor.post_id,
            "post_title": actor.post_title,
            "member_id": actor.member_id,
            "removed": removed,
        }
        # The person's own id, and each that led to it after a merge: a backup may hold them apart.
        rows = Erasure.objects.bulk_create(Erasure(resident_id=one, **record) for one in ids)
        for one in ids:
            audit.record("erase", SUBJECT, [one], area_code=area_code, why=ground.basis, detail=removed)
            publish(ResidentErased(area_code=area_code, occurred_at=now, resident_id=one))
        announce_change(PEOPLE, area_code)
        transaction.on_commit(partial(note_outside, rows))
    return rows[0]


def _checked_reason(ground: ErasureGround, resident: Resident) -> str:
    """Return the reason as it is kept; it may not name the person, for it outlives them here."""
    reason = " ".join(ground.reason.split())
    wrong: dict[str, Text] = {}
    if ground.basis not in ErasureBasis.values:
        wrong["basis"] = _("请选择删除的法定情形。")
    if not reason or len(reason) > LONGEST_REASON:
        wrong["reason"] = _("请写明原因，最多 300 个字。")
    elif NUMBER.search(reason) or plain_name(resident.name) in plain_name(reason):
        wrong["reason"] = _("原因会长期保留，请不要写姓名、电话或证件号。")
    if wrong:
        raise ErasureInvalid(fields=wrong)
    return reason
