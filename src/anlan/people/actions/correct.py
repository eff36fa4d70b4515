"""Correct a resident's fields, keeping what stood there before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.crypto import decrypt
from anlan.foundation.errors import Conflict
from anlan.foundation.history import keep_history
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.people.actions.register import (
    PEOPLE,
    SUBJECT,
    checked_identity,
    rebuild_tokens,
    save_once,
    stored_fields,
)
from anlan.people.events import ResidentCorrected
from anlan.people.models import Resident
from anlan.people.queries import access_resident

CORRECTABLE = ("name", "sex", "birth_on", "relation", "id_number", "phone")
ENCRYPTED = ("id_number", "phone")


class ResidentChanged(Conflict):
    """Somebody changed the resident first."""

    code = "resident_changed"
    sentence = _("这条记录刚被别人改过。您填写的内容还在下面，请对照最新内容后再保存。")


def correct_resident(
    *,
    actor: Actor,
    resident_id: UUID,
    expected_version: int,
    changes: Mapping[str, Any],
    now: datetime,
    source: str = "page",
) -> Resident:
    """Change fields of a resident and return the row; fields not in `changes` stay as they are.

    The old values go into the field history, numbers encrypted. Raises NotFound, ResidentChanged,
    ResidentInvalid, RegisteredAlready.
    """
    with transaction.atomic():
        access_resident(actor, resident_id)
        resident = (
            Resident.objects.select_for_update(of=("self",))
            .select_related("household__building")
            .get(pk=resident_id)
        )
        if resident.version != expected_version:
            raise ResidentChanged
        before, before_stored = (
            plain_fields(resident),
            {name: getattr(resident, name) for name in CORRECTABLE},
        )
        identity = checked_identity(
            {**before, **{name: changes[name] for name in CORRECTABLE if name in changes}}, today=day_of(now)
        )
        changed = [name for name in CORRECTABLE if getattr(identity, name) != before[name]]
        if not changed:
            return resident
        for name, value in stored_fields(identity).items():
            if name.removesuffix("_hash") in changed:
                setattr(resident, name, value)
        resident.version += 1
        resident.verified_on = day_of(now)
        save_once(resident, new=False)
        rebuild_tokens(resident, identity)
        keep_history(actor, resident, {name: before_stored[name] for name in changed}, source=source, now=now)
        audit.record(
            "correct", SUBJECT, [resident.pk], area_code=resident.area_code, detail={"fields": changed}
        )
        publish(
            ResidentCorrected(
                area_code=resident.area_code,
                occurred_at=now,
                resident_id=resident.pk,
                version=resident.version,
            )
        )
        announce_change(PEOPLE, resident.area_code)
    return resident


def plain_fields(resident: Resident) -> dict[str, Any]:
    """Return the correctable fields as they were entered."""
    fields: dict[str, Any] = {name: getattr(resident, name) for name in CORRECTABLE}
    for name in ENCRYPTED:
        value = fields[name]
        fields[name] = decrypt(bytes(value), context=f"people.Resident.{name}") if value else ""
    return fields
