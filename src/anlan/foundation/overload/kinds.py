"""A kind of requests: what it may take of the process, and what was taken and sent away so far."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import Counter, Gauge

from anlan.foundation.overload.line import Bounds

IN_FLIGHT = Gauge("anlan_requests_in_flight", "Requests being served, by kind.", ["kind"])
WAITING = Gauge("anlan_requests_waiting", "Requests that wait for a place, by kind.", ["kind"])
SHED = Counter("anlan_requests_shed", "Requests sent away unserved, by kind and reason.", ["kind", "why"])
RETRY_SECONDS = (2, 8)  # the wait asked for while little is sent away
LONGEST_RETRY_SECONDS = 60
MEMORY_SECONDS = 10.0  # how fast the ratio of sent away to served is forgotten


@dataclass
class Kind:
    """Bounds of one kind of requests, each with threads (and so database connections) of its own.

    With fewer threads than places, the next request lies ready for a thread that has done: it need not wait
    for the event loop, which is busy with refusals just when it matters.
    """

    name: str
    bounds: Bounds
    threads: int = 0  # where Django serves the kind; as many as places where not said
    most_body: int = 2 * 1024 * 1024
    is_json: bool = False  # callers are programs, whatever they say they accept
    _away: float = 0.0
    _served: float = 0.0
    _faded_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.threads = self.threads or self.bounds.at_once

    def note_served(self) -> None:
        """Count one that was served."""
        self._fade()
        self._served += 1

    def note_shed(self, why: str) -> None:
        """Count one that was sent away."""
        self._fade()
        self._away += 1
        SHED.labels(self.name, why).inc()

    def retry_after(self) -> int:
        """Return the wait to ask for, drawn anew each time from a span that grows with what is sent away.

        Those sent away come back spread over so long that they fit into what is served meanwhile.
        """
        low, high = RETRY_SECONDS
        high = min(LONGEST_RETRY_SECONDS, int(high + (high - low) * self._away / max(self._served, 1.0)))
        return random.randint(low, high)

    def show(self, line: Any) -> None:
        """Let the metrics read this kind's line."""
        IN_FLIGHT.labels(self.name).set_function(lambda: line.in_flight)
        WAITING.labels(self.name).set_function(lambda: line.waiting)

    def _fade(self) -> None:
        now = time.monotonic()
        if now - self._faded_at > MEMORY_SECONDS:
            self._away, self._served, self._faded_at = self._away / 2, self._served / 2, now
