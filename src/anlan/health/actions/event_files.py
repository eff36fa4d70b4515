"""Open the files that case reports belong to, and guard what has ended."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from anlan.foundation.clock import SHANGHAI
from anlan.foundation.crypto import new_data_key
from anlan.foundation.errors import Conflict
from anlan.health.models import EventFile
from anlan.health.rules import EventKind


def standing_file(district: str, now: datetime) -> EventFile:
    """Return the district's file for routine reports of the year, opened at its first report."""
    year = now.astimezone(SHANGHAI).year
    event_file, _made = EventFile.objects.get_or_create(
        key=f"{district}-routine-{year}",
        defaults={
            "area_code": district,
            "kind": EventKind.ROUTINE,
            "reason": f"日常监测 {year}",
            "data_key": new_data_key(),
            "starts_at": now,
        },
    )
    return event_file


def key_of(event_file: EventFile) -> bytes:
    """Return the key that seals what is written in a file; raise Conflict where the file has ended."""
    if event_file.ends_at is not None or event_file.data_key is None:
        raise Conflict(_("该事件档案已结束，不能再写入。"), code="event_file_ended")
    return bytes(event_file.data_key)
