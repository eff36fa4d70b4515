"""Set a limit or switch of a district; what it was stays on record."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.ports import ports
from anlan.organisation.models import Setting
from anlan.organisation.queries import access_area_of, may_manage

SUBJECT = "organisation.Setting"


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
        _check(key, value)
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


def end_setting(*, actor: Actor, key: str, area_code: str, expected_id: UUID, now: datetime) -> Setting:
    """Take a place's own value back: what a level above says, or the default, holds from now on.

    Raises NotFound, NotAllowed, Conflict.
    """
    with transaction.atomic():
        access_area_of(actor, area_code, now=now)
        if not may_manage(actor, area_code):
            raise NotAllowed
        rows = Setting.objects.select_for_update().filter(key=key, area_code=area_code, ends_at=None)
        row = rows.filter(pk=expected_id).first()
        if row is None:
            raise Conflict
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        detail = {"key": key, "before": row.value, "after": None}
        audit.record("end_setting", SUBJECT, [row.pk], area_code=area_code, detail=detail)
        announce_change("settings", area_code)
    return row


def _check(key: str, value: object) -> None:
    """Refuse a name nobody declared, and a value outside its bounds."""
    known = next((row for row in ports().known_settings if row.key == key), None)
    if known is None:
        raise SettingInvalid
    if not known.allows(value):
        words = _("请填写 %(lowest)s 到 %(highest)s 之间的整数。")
        bounds = {"lowest": known.lowest, "highest": known.highest}
        raise SettingInvalid(fields={"value": words % bounds})


def _create(key: str, area_code: str, value: object, now: datetime, post_id: UUID) -> Setting:
    try:
        with transaction.atomic():
            return Setting.objects.create(
                key=key, area_code=area_code, value=value, starts_at=now, set_by_post_id=post_id
            )
    except IntegrityError as error:
        raise Conflict from error
