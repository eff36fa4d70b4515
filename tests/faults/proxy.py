"""A TCP proxy between senders and the house that cuts answers, cuts requests, or is slow, when told to."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from random import Random

PIECE_BYTES = (8, 64)
PIECE_SECONDS = (0.005, 0.06)
STALL_SECONDS = 12.0  # longer than the house waits for a body


class Mode(Enum):
    """What the proxy does with a request."""

    PLAIN = "passed on"
    ANSWER_CUT = "answer cut"  # after its first bytes came: what it says was committed
    REQUEST_CUT = "request cut"  # after half of its bytes
    SLOW = "slow"
    STALLED = "stalled"  # a slow one that rests in the middle of its body


@dataclass
class Proxy:
    """Passes on one request a connection; `mode` says how a share of them is treated from now on."""

    house_port: int
    random: Random
    mode: Mode = Mode.PLAIN
    share: float = 1.0
    treated: Counter[str] = field(default_factory=Counter)
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode = self.mode if self.random.random() < self.share else Mode.PLAIN
        if mode is Mode.SLOW and self.random.random() < 0.02:
            mode = Mode.STALLED
        with contextlib.suppress(OSError, EOFError):
            async with _closing(writer):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                request = head + await reader.readexactly(length)
                beyond, house = await asyncio.open_connection("127.0.0.1", self.house_port)
                async with _closing(house):
                    await self._pass_on(request, beyond, house, writer, mode)

    async def _pass_on(
        self,
        request: bytes,
        beyond: asyncio.StreamReader,
        house: asyncio.StreamWriter,
        sender: asyncio.StreamWriter,
        mode: Mode,
    ) -> None:
        half = (request.index(b"\r\n\r\n") + 4 + len(request)) // 2  # of the body
        if mode is Mode.REQUEST_CUT:
            cut = self.random.choice([half, self.random.randrange(1, len(request))])
            house.write(request[:cut])
            await house.drain()
            self.treated[mode.value] += 1
            return
        is_slow = mode in {Mode.SLOW, Mode.STALLED}
        if is_slow:
            await self._dribble(request[:half], house)
            await asyncio.sleep(STALL_SECONDS if mode is Mode.STALLED else 0)
            await self._dribble(request[half:], house)
        else:
            house.write(request)
            await house.drain()
        answer = await beyond.readexactly(13)
        self.treated[mode.value] += 1
        if mode is Mode.ANSWER_CUT:
            return
        answer += await beyond.read()
        if is_slow:
            await self._dribble(answer, sender)
        else:
            sender.write(answer)
            await sender.drain()

    async def _dribble(self, text: bytes, to: asyncio.StreamWriter) -> None:
        while text:
            size = self.random.randint(*PIECE_BYTES)
            to.write(text[:size])
            await to.drain()
            text = text[size:]
            await asyncio.sleep(self.random.uniform(*PIECE_SECONDS))


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close at the end, whatever happened; nothing more is said about it."""
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
