"""What every scripted act has in common: who does it, when, after which of the pack's delays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.exercises.replay.appointing import OF_AREAS
from anlan.exercises.replay.ground import Ground, Person
from anlan.foundation.pack_store import section
from anlan.surveillance.pack import ResponseDelay

UNTOLD_MINUTES = 60  # a step for which the pack in force sets no delay


@dataclass(frozen=True, slots=True)
class Due:
    """One act that somebody will do, and when."""

    at: datetime
    who: Person
    what: str
    do: Callable[..., object]  # called with actor and now


class Script:
    """The delays of the pack over one practice district."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.delays = {row.step: row.minutes for row in section(ResponseDelay)}

    @property
    def own(self) -> dict[str, str]:
        """Return the filter for rows of this district."""
        return {"area_code__startswith": self.ground.code}

    def due(
        self, since: datetime, step: str, who: Person | None, what: str, do: Callable[..., object]
    ) -> Due | None:
        """Return the act after its delay; None where nobody holds the post: it stays undone."""
        if who is None:
            return None
        return Due(since + timedelta(minutes=self.delays.get(step, UNTOLD_MINUTES)), who, what, do)

    def receiver(self, role: str, area_code: str) -> Person | None:
        """Return who answers for a receiver: the post told, or the closest that answers for the area."""
        return self.ground.answering([role] if role else OF_AREAS[::-1], area_code)
