"""The kinds of requests and what each may take: places, threads, database connections, memory.

A thread keeps one database connection, so a kind's threads are its connections; the sum of all fits into the
server's. Nothing a flood of one kind does takes another's place.
"""

from anlan.foundation.inbox.door import PATH as INBOX_PATH
from anlan.foundation.live_door import LIVE_PATH
from anlan.foundation.overload.kinds import Kind
from anlan.foundation.overload.line import Bounds

KB, MB = 1024, 1024 * 1024

INTAKE = Kind("intake", Bounds(at_once=2_500), is_json=True)  # keeps bounds of its own (foundation/inbox)
LIVE = Kind("live", Bounds(at_once=2_500), most_body=0, is_json=True)  # and so do open pages
# A password check takes 100 MB and a core for 50 ms: few at once, and many may wait.
SIGN_IN = Kind(
    "sign-in", Bounds(3, most_waiting=300, patience_s=5.0, standing_patience_s=2.5), most_body=64 * KB
)
PAGES = Kind(
    "pages", Bounds(at_once=16, most_waiting=400, patience_s=1.5, standing_patience_s=0.5), threads=8
)
UPLOADS = Kind("uploads", Bounds(at_once=2, most_waiting=20, patience_s=20.0), most_body=24 * MB)
FILES = Kind("files", Bounds(at_once=3, most_waiting=60, patience_s=10.0))  # a whole file in memory each
STATIC = Kind("static", Bounds(at_once=2, most_waiting=400), most_body=0)
INTERFACE = Kind("interface", Bounds(at_once=3, most_waiting=100), is_json=True)
WATCH = Kind("watch", Bounds(at_once=1, most_waiting=20), most_body=0, is_json=True)
KINDS = (INTAKE, LIVE, SIGN_IN, PAGES, UPLOADS, FILES, STATIC, INTERFACE, WATCH)

# the first part of a path: its kind; all else are pages
FIRST_PARTS = {
    INBOX_PATH.strip("/"): INTAKE,
    LIVE_PATH.strip("/"): LIVE,
    "accounts": SIGN_IN,
    "static": STATIC,
    "files": FILES,
    "api": INTERFACE,
    "healthz": WATCH,
    "readyz": WATCH,
    "metrics": WATCH,
}

# Connections beside those of the threads; all together fit into the server's (tests/wiring/test_kinds.py).
OTHER_CONNECTIONS = {
    "inbox: lane and senders": 2,
    "live: listener and questions": 2,
    "worker: two drains, their listeners, the queue and its jobs": 16,
    "scheduler": 2,
    "commands beside: backup, import, a person looking inside": 10,
}


def kind_at(path: str) -> Kind:
    """Return the kind of a path."""
    return FIRST_PARTS.get(path[1:].partition("/")[0], PAGES)
