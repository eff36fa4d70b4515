"""uvicorn's connections with patience that ends: for request heads, bodies, readers of answers, and numbers.

uvicorn itself waits for ever for a head, a body and a reader. All connections are looked at once a second.
"""

import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter, Gauge
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CUT = Counter("anlan_connections_cut", "Connections ended by the house, by reason.", ["why"])
OPEN = Gauge("anlan_connections", "Open connections of the web process.")
ROOM_SECONDS = 1.0  # one that sent no head in this time makes room for another when all places are taken
OWN_FILES = 200  # open files the process needs beside its connections
BODIES = {b"content-length", b"transfer-encoding", b"expect", b"upgrade"}
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n"
    b"cache-control: private, no-store\r\ncontent-length: 0\r\n\r\n"
)
HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"cache-control: private, no-store\r\ncontent-length: 0\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection is borne with, and how many there may be."""

    head_s: float = 10.0  # for a request's head to arrive, from its first byte or the connection's beginning
    body_s: float = 10.0  # before a body must come at the least rate
    body_bytes_per_s: int = 2_000
    reader_s: float = 30.0  # in which a reader who is behind must take what is buffered: about 64 kB
    most_head_bytes: int = 32 * 1024
    most_connections: int = 4_000


Early = Callable[[dict[str, Any]], bytes | None]


def all_may_come_in(scope: dict[str, Any]) -> bytes | None:
    """Answer nobody early."""
    return None


class PatientConnection(HttpToolsProtocol):
    """One connection; `look` ends it when patience does, `early` answers what need not come in."""

    patience = Patience()
    early: Early = staticmethod(all_may_come_in)
    head_since: float | None = None  # a head is awaited since
    body_since: float | None = None  # a body is awaited since
    behind_since: float | None = None  # the reader is behind since
    head_bytes = 0
    body_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Take the connection, or send it away where there are too many."""
        super().connection_made(transport)
        self.head_since = time.monotonic()
        if len(self.connections) > self.patience.most_connections and not self._make_room():
            self._end("full", FULL)

    def data_received(self, data: bytes) -> None:
        """Read on, and refuse a head that grows too long."""
        if self.transport.is_closing():
            return
        if self.head_since is None and self._is_between_requests():
            self.head_since = time.monotonic()
        was_in_head = self.head_since is not None
        super().data_received(data)
        if was_in_head and self.head_since is not None:
            self.head_bytes += len(data)
            if self.head_bytes > self.patience.most_head_bytes:
                self._end("head_too_large", HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begin with a request whose head is there."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self.head_bytes, self.head_since = 0, None
        if size > self.patience.most_head_bytes:
            self._end("head_too_large", HEAD_TOO_LARGE)
            return
        if self._is_between_requests() and self._answer_early():
            return
        self.body_bytes, self.body_since = 0, time.monotonic()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what came."""
        if self.cycle is None or self.transport.is_closing():
            return
        self.body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there whole."""
        self.body_since = None
        if self.cycle is not None:
            super().on_message_complete()

    def resume_writing(self) -> None:
        """The reader has taken what was buffered."""
        self.behind_since = None
        super().resume_writing()

    def look(self, now: float) -> None:
        """End the connection if its head, its body or its reader has taken too long."""
        if self.head_since is not None and now - self.head_since > self.patience.head_s:
            self._end("slow_head")
        elif self._body_is_slow(now):
            self._end("slow_body")
        elif not self.transport.get_write_buffer_size():
            self.behind_since = None
        elif self.behind_since is None:
            self.behind_since = now
        elif now - self.behind_since > self.patience.reader_s:
            self._end("slow_reader")

    def _body_is_slow(self, now: float) -> bool:
        if self.body_since is None or self.flow.read_paused:  # paused: we are the slow ones
            return False
        taken = now - self.body_since - self.patience.body_s
        return taken > 0 and self.body_bytes < taken * self.patience.body_bytes_per_s

    def _answer_early(self) -> bool:
        """Answer a request without a body that need not come in, as cheaply as can be; say whether.

        One who has not yet taken the last answer comes in, where a slow reader is waited for.
        """
        if any(name in BODIES for name, _ in self.headers) or self.transport.get_write_buffer_size():
            return False
        path, _, query = self.url.partition(b"?")
        words = self.early(
            {
                "type": "http",
                "method": self.parser.get_method().decode("ascii"),
                "path": path.decode("latin-1"),
                "query_string": query,
                "headers": self.headers,
            }
        )
        if words is None:
            return False
        self.transport.write(words)
        if self.parser.should_keep_alive():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            self.transport.close()
        return True

    def _is_between_requests(self) -> bool:
        return self.body_since is None and (self.cycle is None or self.cycle.response_complete)

    def _make_room(self) -> bool:
        """End a connection that keeps us waiting for a request; say whether there was one."""
        before = time.monotonic() - ROOM_SECONDS
        for one in self.connections:
            if not (isinstance(one, PatientConnection) and one._is_between_requests()):
                continue
            if one.head_since is None or one.head_since < before:
                one._end("room")
                return True
        return False

    def _end(self, why: str, words: bytes = b"") -> None:
        CUT.labels(why).inc()
        if words and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(words)
            self.transport.close()
        else:
            self.transport.abort()


def patient(patience: Patience, early: Early = all_may_come_in) -> type[PatientConnection]:
    """Return the protocol class with this patience, and with what answers a request that need not come in."""
    return type(
        "PatientConnection", (PatientConnection,), {"patience": patience, "early": staticmethod(early)}
    )


def look_at_all(connections: Iterable[Any]) -> None:
    """Look at every connection once, for the server's clock."""
    now = time.monotonic()
    known = list(connections)
    OPEN.set(len(known))
    for connection in known:
        if isinstance(connection, PatientConnection):
            connection.look(now)


def make_room_for_connections(wanted: int) -> int:
    """Raise the process's limit of open files as far as it may be; return how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OWN_FILES
    most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - OWN_FILES))
