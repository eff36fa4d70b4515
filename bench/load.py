"""A small load generator of raw sockets: each client sends, waits for its answer, sends again.

Run as a process of its own: `python -m bench.load PLAN.json`; it prints one JSON line of figures.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from anlan.foundation.ids import new_id


@dataclass
class Plan:
    """What to send to whom: one token a client; `batch` envelopes a request, 0 for a request of nothing."""

    port: int
    path: str
    seconds: float
    tokens: list[str]
    area_code: str = ""
    batch: int = 1
    body: dict[str, Any] = field(default_factory=dict)


class Client(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, plan: Plan, token: str, began: float) -> None:
        self.plan, self.ends_at = plan, began + plan.seconds
        self.head = (
            f"POST {plan.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.tail = f'","area_code":"{plan.area_code}","body":{json.dumps(plan.body)}}}'
        self.answers: dict[str, int] = {}
        self.waits: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self.text = b""

    def connection_made(self, transport: Any) -> None:
        """Send the first request."""
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Note a whole answer and send the next request."""
        self.text += data
        head, found, body = self.text.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        now = time.perf_counter()
        self.waits.append(now - self.sent_at)
        status = head[9:12].decode()
        if self.plan.batch > 1:
            stored = body.count(b'"status": 201')
            self.answers["201"] = self.answers.get("201", 0) + stored
            status, count = "other", self.plan.batch - stored
        else:
            count = 1
        self.answers[status] = self.answers.get(status, 0) + count
        self.text = b""
        if now < self.ends_at:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End this client."""
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        if self.plan.batch == 0:
            text = "{}"
        elif self.plan.batch == 1:
            text = self._envelope()
        else:
            text = f'{{"envelopes":[{",".join(self._envelope() for _ in range(self.plan.batch))}]}}'
        raw = text.encode()
        self.sent_at = time.perf_counter()
        self.transport.write(self.head + b"%d\r\n\r\n" % len(raw) + raw)

    def _envelope(self) -> str:
        made = new_id()
        return f'{{"key":"{made.hex}","record_id":"{made}{self.tail}'


async def run(plan: Plan) -> dict[str, Any]:
    """Let all clients send for so long; return counts by status, rows a second and waits."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda token=token: Client(plan, token, began), "127.0.0.1", plan.port)  # type: ignore[misc]
        for token in plan.tokens
    ]
    clients = [client for _, client in made]
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - began
    answers: dict[str, int] = {}
    for client in clients:
        for status, count in client.answers.items():
            answers[status] = answers.get(status, 0) + count
    waits = sorted(wait for client in clients for wait in client.waits)
    return {
        "answers": answers,
        "a_second": sum(answers.values()) / took,
        "p50_ms": 1000 * waits[len(waits) // 2],
        "p99_ms": 1000 * waits[len(waits) * 99 // 100],
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(Plan(**json.loads(Path(sys.argv[1]).read_text()))))))
