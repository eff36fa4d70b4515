"""Watches how much memory a process keeps while something runs."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.signal_shown import PORT, running, wait_until_ready

EVERY_SECONDS = 0.1
START_SECONDS = 8  # of a worker: its start is not what is measured


class PeakMemory:
    """Resident memory of a process in MB: at the beginning and at its highest."""

    def __init__(self, pid: int) -> None:
        self.pid, self.first_mb, self.peak_mb = pid, 0.0, 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self.first_mb = self.peak_mb = self._now()
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._ending.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ending.wait(EVERY_SECONDS):
            self.peak_mb = max(self.peak_mb, self._now())

    def _now(self) -> float:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def watched_house() -> Iterator[tuple[PeakMemory, PeakMemory]]:
    """Run worker and web beside the block; yield the memory of each."""
    web_command = ["anlan.wiring.web", "--port", str(PORT)]
    with running(["anlan.wiring.commands", "run_worker"]) as worker, running(web_command) as web:
        wait_until_ready()
        time.sleep(START_SECONDS)
        with PeakMemory(worker.pid) as of_worker, PeakMemory(web.pid) as of_web:
            yield of_worker, of_web
