"""Finds the area a row names among those of the actor's ranges."""

from collections import defaultdict
from datetime import datetime

from anlan.exchange.cells import Unreadable
from anlan.foundation.actor import Actor
from anlan.organisation.queries import areas_in_range
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.people.rules import plain


class Areas:
    """Areas of some levels by what tables call them: code or name."""

    def __init__(self, actor: Actor, now: datetime, *levels: AreaLevel) -> None:
        self._codes: dict[str, set[str]] = defaultdict(set)
        rows = areas_in_range(actor, now=now).filter(level__in=levels)
        for code, name in rows.values_list("code", "name"):
            self._codes[code].add(code)
            self._codes[plain(name)].add(code)
        own = actor.ranges.codes
        self._own = own[0] if len(own) == 1 and len(own[0]) >= CODE_LENGTH[AreaLevel.GRID] else ""

    def named(self, said: str) -> str:
        """Return the code of the area named; left out, it is the grid of the post. Raises Unreadable."""
        if not said and self._own:
            return self._own
        codes = self._codes.get(said) or self._codes.get(plain(said)) or set()
        if len(codes) != 1:
            reason = "area_several" if codes else "area_unknown" if said else "area_needed"
            raise Unreadable(reason, "area")
        return next(iter(codes))
