"""Keeps one sender from crowding out the others."""

import time
from uuid import UUID

PER_SECOND = 1_000  # envelopes a sender may send for long
AT_ONCE = 5_000  # and in one go, as a phone or a system that was offline does
MOST_SENDERS = 50_000


class Allowance:
    """A bucket of envelopes per sender that fills again with time."""

    def __init__(self, per_second: float = PER_SECOND, at_once: float = AT_ONCE) -> None:
        self.per_second, self.at_once = per_second, at_once
        self._left: dict[UUID, tuple[float, float]] = {}

    def take(self, account_id: UUID, count: int) -> bool:
        """Take so many envelopes from the sender's bucket; say whether they were in it."""
        now = time.monotonic()
        if len(self._left) > MOST_SENDERS:
            self._left.clear()
        left, then = self._left.get(account_id, (self.at_once, now))
        left = min(self.at_once, left + (now - then) * self.per_second)
        allowed = count <= left
        self._left[account_id] = (left - count if allowed else left), now
        return allowed
