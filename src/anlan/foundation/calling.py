"""The channels on which the worker is called: who stores work says so there, heard at commit."""

from django.db import connection

ENVELOPES, FACTS = CHANNELS = "anlan_envelopes", "anlan_facts"


def call_worker(channel: str) -> None:
    """Call who waits for work on a channel, once this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])
