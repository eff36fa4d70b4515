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
    notice = {"topic": topic, "area": area_code, "readers": sorted(readers)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('anlan_live', %s)", [json.dumps(notice)])
