"""Decides who is served next and who is sent away: a line before a few places, without clock or socket.

Who comes is taken in only if, by recent service times, they will be served within the line's patience; else
they are sent away at once, which costs next to nothing. Once the line has not been empty for a whole patience
it *stands*: more comes than is served, and only a short line is let grow (docs/decisions/0060).
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
LEARNING = 1 / 16  # weight of the newest service time in the running mean


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many are served at once, how many may wait, and for how long."""

    at_once: int
    most_waiting: int = 0
    patience_s: float = 2.0  # of a burst
    standing_patience_s: float = 0.8  # while the line stands

    def __post_init__(self) -> None:
        if self.at_once < 1 or self.most_waiting < 0 or self.standing_patience_s > self.patience_s:
            raise ValueError(f"no line can keep these bounds: {self}")


@dataclass
class Line(Generic[T]):
    """Those who are served and those who wait. `now` is seconds of a clock that only goes forward."""

    bounds: Bounds
    in_flight: int = 0
    service_s: float = 0.0  # running mean of the time one is served
    _waiting: deque[tuple[T, float]] = field(default_factory=deque)
    _empty_at: float = 0.0  # when the line was last seen empty

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def is_standing(self, now: float) -> bool:
        """Say whether the line has not been empty for a whole patience."""
        return bool(self._waiting) and now - self._empty_at > self.bounds.patience_s

    def has_room(self, now: float) -> bool:
        """Say whether one who comes now would be served, or would wait with a prospect."""
        if self.in_flight < self.bounds.at_once:
            return True
        standing = self.is_standing(now)
        patience = self.bounds.standing_patience_s if standing else self.bounds.patience_s
        return self.waiting < min(self.bounds.most_waiting, self._served_within(patience))

    def arrive(self, who: T, now: float) -> tuple[bool, list[T]]:
        """Take one in: whether they are served at once, and who is sent away for it, perhaps they."""
        if self.in_flight < self.bounds.at_once:
            self.in_flight += 1
            return True, []
        if not self._waiting:
            self._empty_at = now
        if not self.has_room(now):
            return False, [who]
        self._waiting.append((who, now))
        return False, self.overdue(now)

    def leave(self, now: float, served_s: float) -> tuple[T | None, list[T]]:
        """One has been served so long: return who is served in their place, and who is sent away."""
        self.service_s += (served_s - self.service_s) * (LEARNING if self.service_s else 1.0)
        self.in_flight -= 1
        if not self._waiting:
            return None, []
        self.in_flight += 1
        return self._waiting.popleft()[0], self.overdue(now)

    def overdue(self, now: float) -> list[T]:
        """Send away those who waited too long after all: serving has become slower than it was."""
        away = []
        while self._waiting and now - self._waiting[0][1] > self.bounds.patience_s:
            away.append(self._waiting.popleft()[0])
        return away

    def give_up(self, who: T) -> bool:
        """Forget one who waits no longer; say whether they still waited."""
        for place in self._waiting:
            if place[0] is who:
                self._waiting.remove(place)
                return True
        return False

    def _served_within(self, seconds: float) -> int:
        """How many of those who wait would be served in so long, by recent service times; at least one."""
        if not self.service_s:
            return self.bounds.most_waiting
        return max(1, int(seconds * self.bounds.at_once / self.service_s))
