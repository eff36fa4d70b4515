"""Calls a WSGI application for one request on one thread: the environment it needs, the answer it gives."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

PIECE = 64 * 1024  # an answer goes out in pieces of this size, each when the one before is on its way
WHOLE = 1024 * 1024  # a streamed answer up to this size is gathered, so that its thread is free at once
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Answer:
    """What the application said; `rest` is still to be drawn from it, on its thread."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(map(len, self.chunks))

    def start(self) -> dict[str, Any]:
        """The message that begins the answer."""
        return {"type": "http.response.start", "status": self.status, "headers": self.headers}


def respond(
    application: Application,
    environ: dict[str, Any],
    begin: Callable[[Answer], Callable[[bytes], bool]],
) -> Answer | None:
    """Run the application and return its whole answer; or stream a long one through `begin`, returning None.

    `begin` sends the head and what there is, and returns a function that sends one piece more, waiting while
    the reader is behind, and says whether anybody still reads.
    """
    answer = Answer()

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        answer.status = int(status.split(" ", 1)[0])
        answer.headers = [
            (name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers
        ]
        return answer.chunks.append

    given = application(environ, start_response)
    try:
        if not getattr(given, "streaming", False):
            answer.chunks += given
            return answer
        pieces = in_pieces(given)
        for piece in pieces:
            answer.chunks.append(piece)
            if len(answer.chunks) * PIECE >= WHOLE:
                break
        else:
            return answer
        pass_on = begin(answer)
        for piece in pieces:
            if not pass_on(piece):
                return None
        pass_on(b"")
        return None
    finally:
        close = getattr(given, "close", None)
        if close is not None:
            close()


def in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of one size, but for the last."""
    gathered: list[bytes] = []
    size = 0
    for chunk in chunks:
        gathered.append(chunk)
        size += len(chunk)
        if size < PIECE:
            continue
        whole = memoryview(b"".join(gathered))
        cut = size - size % PIECE
        for start in range(0, cut, PIECE):
            yield bytes(whole[start : start + PIECE])
        gathered, size = [bytes(whole[cut:])], size - cut
    if size:
        yield b"".join(gathered)


def environ_of(scope: dict[str, Any], body: IO[bytes], length: int) -> dict[str, Any]:
    """Return the environment of a request whose body is there whole."""
    server = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(length),
    }
    client = scope.get("client")
    if client is not None:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for raw_name, raw_value in scope["headers"]:
        _add_header(environ, raw_name.decode("latin-1"), raw_value.decode("latin-1"))
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    """Add a header; one with an underscore could pass for a proxy's and is left out, as nginx does."""
    if "_" in name or name in {"content-length", "transfer-encoding"}:
        return
    key = "CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")
    known = environ.get(key)
    separator = "; " if name == "cookie" else ","
    environ[key] = value if known is None else f"{known}{separator}{value}"
