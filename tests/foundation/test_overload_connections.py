"""Connections that take too long are cut, those beside them are answered: on real sockets."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn

from anlan.foundation.overload.connections import Early, Patience, all_may_come_in, look_at_all, patient
from tests.faults.house import free_port

LIMIT_SECONDS = 30  # for what hangs, not a timing
SHORT = Patience(head_s=0.8, body_s=0.8, body_bytes_per_s=1_000_000, reader_s=0.8, most_head_bytes=8_192)
FEW = Patience(most_connections=20)
LONG = 50 * 1024 * 1024


class Served(uvicorn.Server):
    """A server in a thread that looks at its connections at every tick."""

    async def on_tick(self, counter: int) -> bool:
        """Look."""
        look_at_all(self.server_state.connections)
        return await super().on_tick(counter)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body, answer two letters, or fifty megabytes."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message["more_body"]
    length = LONG if scope["path"] == "/long/" else 2
    headers = [(b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while length:
        piece = min(length, 65_536)
        length -= piece
        await send({"type": "http.response.body", "body": b"x" * piece, "more_body": bool(length)})


@contextmanager
def serving(patience: Patience, early: Early = all_may_come_in) -> Iterator[tuple[Served, int]]:
    port = free_port()
    config = uvicorn.Config(
        application, port=port, http=patient(patience, early), ws="none", lifespan="off", log_config=None,
        timeout_keep_alive=LIMIT_SECONDS,
    )  # fmt: skip
    server = Served(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + LIMIT_SECONDS
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield server, port
    server.should_exit = True
    thread.join(LIMIT_SECONDS)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Served, int]]:
    with serving(SHORT) as found:
        yield found


@pytest.fixture
def crowded() -> Iterator[tuple[Served, int]]:
    with serving(FEW) as found:
        yield found


def reached(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=LIMIT_SECONDS)


def is_cut(link: socket.socket) -> bool:
    """Wait until the other side ends it."""
    try:
        while link.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    return True


def answered(port: int) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
    link.request("GET", "/")
    status = link.getresponse().status
    link.close()
    return status


def test_heads_that_do_not_come_are_cut_and_others_answered(served: tuple[Served, int]) -> None:
    port = served[1]
    with ExitStack() as links:
        slow = [links.enter_context(reached(port)) for _ in range(40)]
        for number, link in enumerate(slow):
            if number % 2:
                link.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")

        assert answered(port) == 200
        assert all(is_cut(link) for link in slow)


def test_a_second_head_on_a_kept_connection_has_no_more_time(served: tuple[Served, int]) -> None:
    with reached(served[1]) as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert link.recv(65_536).startswith(b"HTTP/1.1 200")
        time.sleep(2 * SHORT.head_s)  # between requests a connection may be idle
        link.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert link.recv(65_536).startswith(b"HTTP/1.1 200")
        link.sendall(b"GET / HTTP/1.1\r\nHo")

        assert is_cut(link)


def test_a_slow_body_is_cut(served: tuple[Served, int]) -> None:
    with reached(served[1]) as link:
        link.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\nbegun")

        assert is_cut(link)
        assert answered(served[1]) == 200


def test_a_reader_who_does_not_read_is_cut(served: tuple[Served, int]) -> None:
    server, port = served
    with reached(port) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.sendall(b"GET /long/ HTTP/1.1\r\nHost: a\r\n\r\n")
        assert link.recv(1) == b"H"
        deadline = time.monotonic() + LIMIT_SECONDS
        while server.server_state.connections:
            assert time.monotonic() < deadline
            time.sleep(0.02)

        assert answered(port) == 200


def test_a_reader_who_reads_gets_all(crowded: tuple[Served, int]) -> None:
    link = http.client.HTTPConnection("127.0.0.1", crowded[1], timeout=LIMIT_SECONDS)
    link.request("GET", "/long/")

    assert len(link.getresponse().read()) == LONG
    link.close()


@pytest.mark.parametrize("ends", [b"\r\n\r\n", b""], ids=["whole", "endless"])
def test_a_head_too_long_is_refused(served: tuple[Served, int], ends: bytes) -> None:
    with reached(served[1]) as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"y" * 9_000 + ends)

        assert link.recv(65_536).startswith(b"HTTP/1.1 431")
        assert is_cut(link)


def test_connections_that_send_nothing_make_room_for_those_that_ask(crowded: tuple[Served, int]) -> None:
    port = crowded[1]
    with ExitStack() as links:
        kept = [links.enter_context(reached(port)) for _ in range(FEW.most_connections)]
        for link in kept:  # each has been served once and is idle
            link.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert link.recv(65_536).startswith(b"HTTP/1.1 200")

        assert [answered(port) for _ in range(3)] == [200] * 3


def test_who_need_not_come_in_is_answered_on_the_connection_and_may_ask_again() -> None:
    asked: list[dict[str, Any]] = []

    def early(scope: dict[str, Any]) -> bytes | None:
        asked.append(scope)
        return b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n" if scope["path"] == "/full/" else None

    with serving(Patience(), early) as (_, port):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
        told = []
        for method, path in [("GET", "/full/?a=1"), ("GET", "/"), ("GET", "/full/"), ("POST", "/full/")]:
            link.request(method, path, body=b"ab" if method == "POST" else None)
            answer = link.getresponse()
            told.append((answer.status, len(answer.read())))
        link.close()

    assert told == [(503, 0), (200, 2), (503, 0), (200, 2)]  # a body is read before anything is said of it
    assert [(one["method"], one["path"], one["query_string"]) for one in asked] == [
        ("GET", "/full/", b"a=1"), ("GET", "/", b""), ("GET", "/full/", b"")
    ]  # fmt: skip


def test_who_does_not_take_the_answers_is_answered_early_no_more() -> None:
    given, whole = [], b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (LONG, b"x" * LONG)

    def early(scope: dict[str, Any]) -> bytes | None:
        given.append(scope["path"])
        return whole

    with serving(SHORT, early) as (_, port), ExitStack() as links:
        link = links.enter_context(reached(port))
        link.sendall(b"GET /page/ HTTP/1.1\r\nHost: a\r\n\r\n" * 20)

        assert is_cut(link)  # by the patience with readers, of an answer that came in
    assert len(given) == 1


def test_where_all_are_at_work_one_more_is_sent_away(crowded: tuple[Served, int]) -> None:
    port = crowded[1]
    with ExitStack() as links:
        at_work = [links.enter_context(reached(port)) for _ in range(FEW.most_connections)]
        for link in at_work:
            link.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        deadline = time.monotonic() + LIMIT_SECONDS
        while sum(c.body_since is not None for c in crowded[0].server_state.connections) < len(at_work):  # type: ignore[union-attr]
            assert time.monotonic() < deadline
            time.sleep(0.005)
        one_more = links.enter_context(reached(port))

        assert one_more.recv(65_536).startswith(b"HTTP/1.1 503")
