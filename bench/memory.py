"""Watches how much memory a process keeps while something runs."""

import threading
from pathlib import Path

EVERY_SECONDS = 0.1


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
