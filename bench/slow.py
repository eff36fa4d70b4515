"""Slow clients of SAFETY.md 16 beside ordinary ones: heads that never end, slow bodies, a byte read a second.

The ceiling is the p95 of the same page without them, measured in the same run.
"""

import asyncio
import os
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench import house
from bench.figure import Figure
from bench.signal_shown import BASE, PORT, running, wait_until_ready
from bench.visitors import Machine, run_k6, sessions

RESIDENTS = int(os.environ.get("RESIDENTS") or 30_000)
SECONDS = int(os.environ.get("SLOW_SECONDS") or 40)
HEADS, BODIES, READERS = 500, 50, 20
VISITORS = 4
SERVER_CORE, CLIENT_CORE = 0, 1
WHYS = ("slow_head", "slow_body", "slow_reader")


class Slow:
    """The slow clients, in a thread of their own; `refused` counts readers who got no answer at all."""

    def __init__(self) -> None:
        self.refused = 0
        self.thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    async def _all(self) -> None:
        await asyncio.gather(
            *(
                self._one("heads", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-A: b\r\n")
                for _ in range(HEADS)
            ),
            *(self._one("bodies", self._body(), b"a") for _ in range(BODIES)),
            *(
                self._one("readers", b"GET /files/large/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"")
                for _ in range(READERS)
            ),
        )

    @staticmethod
    def _body() -> bytes:
        return b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"

    async def _one(self, kind: str, begin: bytes, more: bytes) -> None:
        """Send or read a byte's worth a second until the house ends it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1024)
        try:
            writer.write(begin)
            while True:
                await asyncio.sleep(1)
                if kind == "readers":
                    byte = await reader.read(1)
                    if self._is_refusal(byte, reader):
                        self.refused += 1
                        return
                    if not byte:
                        break
                else:
                    writer.write(more)
                    await writer.drain()
                    if reader.at_eof():
                        break
        except OSError:
            pass
        finally:
            writer.close()

    @staticmethod
    def _is_refusal(byte: bytes, reader: Any) -> bool:
        return byte == b"H" and b"TTP/1.1 503" in bytes(reader._buffer[:20])


def main() -> Iterator[Figure]:
    """Measure a page alone, then beside the slow clients."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peak_settings"
    os.sched_setaffinity(0, {SERVER_CORE})
    with house.district(RESIDENTS), ExitStack() as stack:
        cookies = sessions("grid_worker", VISITORS)
        stack.enter_context(running(["anlan.wiring.web", "--port", str(PORT)]))
        wait_until_ready()
        os.sched_setaffinity(0, {CLIENT_CORE})
        plan = {"base": BASE, "path": "/work/", "cookies": cookies, "vus": VISITORS, "closed_s": SECONDS // 2}
        run_k6("flood.js", plan, core=CLIENT_CORE)
        alone = run_k6("flood.js", plan, core=CLIENT_CORE)["served_closed"]
        size_before = web_size_mb()
        machine, slow = Machine(), Slow()
        slow.thread.start()
        time.sleep(5)
        size = web_size_mb()
        beside = run_k6("flood.js", {**plan, "closed_s": SECONDS}, core=CLIENT_CORE)["served_closed"]
        ended = {why: int(float(metric(f'anlan_connections_cut_total{{why="{why}"}} '))) for why in WHYS}
        print(f"  {machine.told()}\n  cut: {ended}, readers refused at once: {slow.refused}", flush=True)
    all_ended = sum(ended.values()) + slow.refused
    times, clients = "p95 without them", HEADS + BODIES + READERS
    yield Figure("page, slow clients beside, p95", beside["p(95)"], alone["p(95)"], "ms", times, at_most=2.0)
    yield Figure("slow clients cut or refused", all_ended, clients, "", "slow clients", at_least=1.0)
    yield Figure("memory of the web process", size, size_before, "MB", "before the slow clients")


def web_size_mb() -> float:
    """Return the resident memory of the web process, by its own metrics."""
    return float(metric("process_resident_memory_bytes ")) / 2**20


def metric(name: str) -> str:
    """Return one metric."""
    return next(line.rpartition(" ")[2] for line in read_metrics() if line.startswith(name))


def read_metrics() -> list[str]:
    """Return the lines of /metrics."""
    with urllib.request.urlopen(f"{BASE}/metrics", timeout=20) as answer:
        return str(answer.read().decode()).splitlines()
