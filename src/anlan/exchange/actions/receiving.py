"""Take a file: it is stored as it came, and read by a job."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.exchange.models import ImportBatch
from anlan.exchange.queries import filing_purpose, may_import
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import KEPT
from anlan.exchange.starting import start
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.files import store_file
from anlan.foundation.ids import new_id
from anlan.foundation.sheets.archive import check_table

SUBJECT = "exchange.ImportBatch"


class RegisterUnknown(Invalid):
    """Ask which register the file is for."""

    code = "register_unknown"
    sentence = _("请选择导入哪一种登记。")


class FormSpent(Conflict):
    """The form's id is somebody else's, or no id: said alike."""

    code = "form_spent"
    sentence = _("这份表单已失效，请重新打开导入页面再上传。")


def receive_file(
    *, actor: Actor, register: str, name: str, content: bytes, now: datetime, batch_id: UUID | None = None
) -> ImportBatch:
    """Store a file for a register and let a job read and try it; nothing is written before that is asked for.

    A second call with the same `batch_id` is the same act. Raises RegisterUnknown, NotAllowed, FileRefused,
    TableRefused.
    """
    if register not in REGISTERS:
        raise RegisterUnknown(fields={"register": RegisterUnknown.sentence})
    if not may_import(actor, register):
        raise NotAllowed
    with transaction.atomic():
        earlier = ImportBatch.objects.filter(pk=batch_id, post_id=actor.post_id).first() if batch_id else None
        if earlier is not None:
            return earlier
        check_table(content, name)
        file = store_file(
            actor=actor,
            area_code=actor.area_code,
            name=name,
            content=content,
            purpose=filing_purpose(actor, register),
            expires_at=now + KEPT,
            now=now,
        )
        batch = _make(
            id=batch_id or new_id(),
            area_code=actor.area_code,
            register=register,
            name=file.name,
            file_id=file.pk,
            post_id=actor.post_id,
            post_title=actor.post_title,
            member_id=actor.member_id,
            member_name=actor.member_name,
            appointment_id=actor.appointment_id,
            received_at=now,
            expires_at=now + KEPT,
        )
        audit.record("receive_import", SUBJECT, [batch.pk], area_code=batch.area_code)
        start(batch)
    return batch


def _make(**columns: Any) -> ImportBatch:
    try:
        with transaction.atomic():
            return ImportBatch.objects.create(**columns)
    except IntegrityError as error:
        if "exchange_importbatch_pkey" in str(error):
            raise FormSpent from error
        raise
