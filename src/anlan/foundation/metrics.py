"""`/metrics` for a collector on this machine or one that knows the token."""

import os
from hmac import compare_digest

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty

LOOPBACK = {"127.0.0.1", "::1"}
DEPTH = Gauge("anlan_queue_depth", "Rows that wait for the worker or a person.", ["table", "state"])
COUNTED = """
    SELECT 'envelope', state, count(*) FROM foundation_envelope WHERE state = 'waiting' GROUP BY 2
    UNION ALL SELECT 'envelope', state, count(*) FROM foundation_envelope
        WHERE state IN ('review', 'poisoned') GROUP BY 2
    UNION ALL SELECT 'fact', state, count(*) FROM foundation_fact WHERE state = 'waiting' GROUP BY 2
    UNION ALL SELECT 'fact', state, count(*) FROM foundation_fact WHERE state = 'poisoned' GROUP BY 2
    UNION ALL SELECT 'job', status::text, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY 2
"""
STATES = (
    ("envelope", "waiting"),
    ("envelope", "review"),
    ("envelope", "poisoned"),
    ("fact", "waiting"),
    ("fact", "poisoned"),
    ("job", "todo"),
)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer this process's counters and the depth of the queues; to others as if nothing were here."""
    if not _may_read(request):
        return HttpResponseNotFound()
    with duty("keep_clocks", ranges=AreaRanges.everywhere(), cause="metrics"), connection.cursor() as cursor:
        cursor.execute(COUNTED)
        counted = {(table, state): count for table, state, count in cursor.fetchall()}
    for labels in STATES:
        DEPTH.labels(*labels).set(counted.get(labels, 0))
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token = os.environ.get("ANLAN_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and compare_digest(given.encode(), token.encode()):
        return True
    is_passed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not is_passed_on and request.META.get("REMOTE_ADDR") in LOOPBACK
