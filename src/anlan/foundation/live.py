"""Tell open pages that something changed: a topic and a place, never content.

The page then asks for its fragment through the ordinary door, under its own rights.
"""

import json

from django.db import connection


def announce_change(topic: str, area_code: str) -> None:
    """Notify, at commit, all open streams whose ranges cover the area and that listen to the topic."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify('anlan_live', %s)", [json.dumps({"topic": topic, "area": area_code})]
        )
