"""Show masked fields of one row: a separate act, with a reason, limited and on record (SAFETY.md rule 9)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.limits import count_use, reveals_per_day
from anlan.foundation.masks import can_reveal, visible_fields
from anlan.foundation.register import read_register
from anlan.foundation.scope import within
from anlan.foundation.scoped_models import UNSCOPED

REVEAL = "reveal"  # the verb in the audit and the name of the daily count


class RevealReason(models.TextChoices):
    """Why somebody needs the plain value; there is no 'other' (SAFETY.md row 14)."""

    VISIT = "visit", _("上门走访")
    CALL = "call", _("电话联系")
    IDENTITY = "identity", _("核对身份")
    ORDER = "order", _("办理工单")
    CASE = "case", _("病例核实与处置")
    REQUEST = "request", _("本人或家属要求")


class NoReason(Invalid):
    """Ask for one of the listed reasons."""

    code = "no_reason"
    sentence = _("请先选择查看原因。")


def reveal_fields(
    *, actor: Actor, model: str | type[Model], row_id: UUID, fields: Collection[str], why: str, now: datetime
) -> dict[str, Any]:
    """Return the plain values of masked fields of one row in the actor's ranges, and put it on record.

    Raises NotFound for a row that is absent or elsewhere, NotAllowed for a field that the post may not see,
    NoReason, or DailyLimitReached. Each field counts once against the day's limit.
    """
    cls = _model(model)
    label = cls._meta.label
    if why not in RevealReason.values:
        raise NoReason
    wanted = sorted(set(fields))
    unknown = [name for name in wanted if name not in read_register().fields[label]]
    if not wanted or unknown:
        raise Invalid(code="no_such_field")
    if not all(can_reveal(actor, label, name) for name in wanted):
        raise NotAllowed
    row = _access(actor, cls, row_id)
    count_use(actor, REVEAL, len(wanted), limit=reveals_per_day(), now=now)
    area_code = getattr(row, "area_code", "")
    audit.record(REVEAL, label, [row_id], area_code=area_code, why=why, detail={"fields": wanted})
    return visible_fields(actor, row, *wanted, revealed=True)


def _access(actor: Actor, cls: type[Model], row_id: UUID) -> Model:
    rows = cls._default_manager.all()
    if cls._meta.label not in UNSCOPED:
        rows = rows.filter(within(actor.ranges))
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row


def _model(model: str | type[Model]) -> type[Model]:
    """Return a model of the register; an unknown name answers as an absent row does."""
    if not isinstance(model, str):
        return model
    if model not in read_register().fields:
        raise NotFound
    found = apps.get_model(model)
    if not isinstance(found._meta.pk, models.UUIDField):
        raise NotFound
    return found
