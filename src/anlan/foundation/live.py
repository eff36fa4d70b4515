"""Tell open pages that something changed: a topic and a place, never content.

The page then asks for its fragment through the ordinary door, under its own rights.
"""

import json
from collections.abc import Iterable

from django.db import connection


def announce_change(topic: str, area_code: str, *, readers: Iterable[str] = ()) -> None:
    """Notify, at commit, all open streams whose ranges cover the area and that listen to the topic.

    With `readers` only those of posts that serve one of these purposes: that a thing is there is not told to
    whoever may not read it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('anlan_live', %s)", [_notice(topic, area_code, readers)])


def announce_changes(topic: str, area_codes: Iterable[str], *, readers: Iterable[str] = ()) -> None:
    """Do the same for several areas at once."""
    notices = [_notice(topic, code, readers) for code in sorted(set(area_codes))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('anlan_live', notice) FROM unnest(%s::text[]) AS notice", [notices])


def _notice(topic: str, area_code: str, readers: Iterable[str]) -> str:
    return json.dumps({"topic": topic, "area": area_code, "readers": sorted(readers)})
