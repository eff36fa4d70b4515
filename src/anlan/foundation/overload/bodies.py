"""Reads a request's body before anything is taken for it: small ones into memory, others onto disk."""

import io
import tempfile
from typing import IO, Any

from anlan.foundation.async_sessions import header
from anlan.foundation.overload.answers import TOO_LARGE

IN_MEMORY = 32 * 1024  # of one body; beyond it goes into an unlinked file, which ends with the request


class BodyRefused(Exception):
    """The body is not taken; `code` names the refusal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SenderGone(Exception):
    """Nobody waits for the answer any more."""


def declared_length(scope: dict[str, Any]) -> int:
    """Return the length a request declares: 0 without a body, -1 where it does not say."""
    length = header(scope, b"content-length")
    if length.isdigit():
        return int(length)
    return -1 if header(scope, b"transfer-encoding") else 0


async def read_body(scope: dict[str, Any], receive: Any, limit: int) -> tuple[IO[bytes], int]:
    """Return the whole body and its length. Raises BodyRefused beyond the limit, SenderGone.

    How slowly it may come is the connection's concern (connections.py).
    """
    declared = declared_length(scope)
    if declared == 0:
        return io.BytesIO(), 0
    if declared > limit:
        raise BodyRefused(TOO_LARGE)
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller closes it
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            kept.close()
            raise SenderGone
        length += len(message.get("body", b""))
        if length > limit:
            kept.close()
            raise BodyRefused(TOO_LARGE)
        kept.write(message.get("body", b""))
        more = message.get("more_body", False)
    kept.seek(0)
    return kept, length


async def gone(receive: Any) -> None:
    """Wait until the sender has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
