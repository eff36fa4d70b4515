"""Set a limit or switch of a district; what it was stays on record."""

import re
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.organisation.models import Setting
from anlan.organisation.queries import access_area_of, may_manage

SUBJECT = "organisation.Setting"
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


class SettingInvalid(Invalid):
    """The key or the value cannot be."""

    code = "setting_invalid"
    sentence = _("设置的名称或取值有误。")


def set_setting(
    *,
    actor: Actor,
    key: str,
    area_code: str,
    value: object,
    now: datetime,
    expected_id: UUID | None = None,
) -> Setting:
    """Put a value in force at an area from now on; `expected_id` is the setting it takes the place of.

    The value in force already changes nothing. Raises NotFound, NotAllowed, SettingInvalid, Conflict.
    """
    with transaction.atomic():
        access_area_of(actor, area_code, now=now)
        if not may_manage(actor, area_code):
            raise NotAllowed
        if not KEY.fullmatch(key) or value is None:
            raise SettingInvalid
        rows = Setting.objects.select_for_update().filter(key=key, area_code=area_code, ends_at=None)
        before = rows.first()
        if before is not None and before.value == value:
            return before
        if (before.pk if before else None) != expected_id:
            raise Conflict
        if before is not None:
            before.ends_at = now
            before.save(update_fields=["ends_at"])
        made = _create(key, area_code, value, now, actor.post_id)
        detail = {"key": key, "before": before.value if before else None, "after": value}
        audit.record("set_setting", SUBJECT, [made.pk], area_code=area_code, detail=detail)
        announce_change("settings", area_code)
    return made


def _create(key: str, area_code: str, value: object, now: datetime, post_id: UUID) -> Setting:
    try:
        with transaction.atomic():
            return Setting.objects.create(
                key=key, area_code=area_code, value=value, starts_at=now, set_by_post_id=post_id
            )
    except IntegrityError as error:
        raise Conflict from error
