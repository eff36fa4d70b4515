"""Keep that somebody met the limit on looking people up, until it was looked into."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.scope import duty
from anlan.organisation.queries import names_of
from anlan.people.events import LookUpLimitReached
from anlan.people.models import LookUpAlarm
from anlan.people.queries import access_look_up_alarm

SUBJECT, TOPIC = "people.LookUpAlarm", "look_ups"
NOTE_LIMIT = 1000


class LookedAtAlready(Conflict):
    """Somebody looked into it first."""

    code = "looked_at_already"
    sentence = _("这条记录已经有人看过，请刷新后再看。")


class NoteTooLong(Invalid):
    """The note has a limit."""

    code = "note_too_long"
    sentence = _("说明请不超过 1000 字。")


def keep_look_up_alarm(event: LookUpLimitReached) -> LookUpAlarm:
    """Keep who met which limit, through which post; the same event again is the same row."""
    with (
        transaction.atomic(),
        duty("tell_security", ranges=AreaRanges.of([event.area_code]), cause=str(event.member_id)),
    ):
        names = names_of([event.member_id, event.post_id])
        alarm, is_new = LookUpAlarm.objects.get_or_create(
            member_id=event.member_id,
            at=event.occurred_at,
            defaults={
                "area_code": event.area_code,
                "member_name": names.get(event.member_id, ""),
                "post_id": event.post_id,
                "post_title": names.get(event.post_id, ""),
                "kind": event.kind,
                "count": event.count,
            },
        )
        if is_new:
            announce_change(TOPIC, alarm.area_code)
    return alarm


def look_into_alarm(*, actor: Actor, alarm_id: UUID, note: str, now: datetime) -> LookUpAlarm:
    """Note that an alarm was looked into, and what was found.

    Raises NotFound, NotAllowed for one's own, LookedAtAlready, NoteTooLong.
    """
    note = note.strip()
    with transaction.atomic():
        access_look_up_alarm(actor, alarm_id)
        alarm = LookUpAlarm.objects.select_for_update().get(pk=alarm_id)
        if alarm.member_id == actor.member_id:
            raise NotAllowed
        if alarm.looked_at is not None:
            raise LookedAtAlready
        if len(note) > NOTE_LIMIT:
            raise NoteTooLong(fields={"note": NoteTooLong.sentence})
        alarm.looked_at, alarm.note = now, note
        alarm.looked_title, alarm.looked_name = actor.post_title, actor.member_name
        alarm.save()
        audit.record("look_into_alarm", SUBJECT, [alarm.pk], area_code=alarm.area_code)
        announce_change(TOPIC, alarm.area_code)
    return alarm
