"""The area a page of counts is about: from the address, with the way up and the areas below."""

from dataclasses import dataclass, field
from datetime import datetime

from anlan.foundation.actor import Actor
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import access_area_of, area_names, areas_above, areas_below, now_for
from anlan.people.queries.liaison import check_area


@dataclass(frozen=True, slots=True)
class AreaChosen:
    """An area in range, the areas above it in range, and the names of those below."""

    code: str
    name: str
    above: list[tuple[str, str]] = field(default_factory=list)
    below: dict[str, str] = field(default_factory=dict)

    def name_of(self, code: str) -> str:
        """Return the name of the area or of one below it."""
        return self.below.get(code, self.name if code == self.code else code)


def area_chosen(request: ActorRequest) -> AreaChosen:
    """Return the area the address names, else the post's own; raise NotFound for one out of range."""
    actor, now = request.actor, now_for(request.actor)
    code = request.GET.get("area", "") or actor.area_code
    check_area(actor, code)
    area = access_area_of(actor, code, now=now)
    above = [(row.code, row.name) for row in areas_above(code, now=now) if actor.ranges.covers(row.code)]
    below = dict(areas_below(code, now=now).values_list("code", "name"))
    return AreaChosen(code, area.name, above, below)


def areas_to_choose(actor: Actor, now: datetime, chosen: str = "") -> list[tuple[str, str]]:
    """Return (code, name) of the areas in range directly below the post's own, and the one chosen."""
    rows = areas_below(actor.area_code, now=now)
    areas = [(row.code, row.name) for row in rows if actor.ranges.covers(row.code)]
    if chosen and actor.ranges.covers(chosen) and chosen not in dict(areas):
        areas += area_names([chosen], now=now).items()
    return areas
