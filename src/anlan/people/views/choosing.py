"""The place a page of counts is about, an area or a patch: by its address."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from anlan.foundation.actor import Actor
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import access_area_of, area_names, areas_above, areas_below, now_for
from anlan.organisation.queries.patches import Place, grids_in, patch_names, patches_of, place_of


@dataclass(frozen=True, slots=True)
class AreaChosen:
    """An area in range or a patch, the areas above it in range, and the names of those below.

    `code` is an area's code or a patch's id, as the address has it; `area_code` the area, or the patch's
    community. `patches` are those of a community: id, name, grids.
    """

    code: str
    name: str
    area_code: str
    above: list[tuple[str, str]] = field(default_factory=list)
    below: dict[str, str] = field(default_factory=dict)
    patches: dict[UUID, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def name_of(self, code: str) -> str:
        """Return the name of the area or of one below it."""
        return self.below.get(code, self.name if code == self.code else code)

    @property
    def is_patch(self) -> bool:
        """Say whether it is a patch."""
        return self.code != self.area_code


def area_chosen(request: ActorRequest) -> AreaChosen:
    """Return the place the address names, else the post's own area; raise NotFound for one out of range."""
    actor, now = request.actor, now_for(request.actor)
    place = place_of(actor, request.GET.get("area", "") or actor.area_code)
    area = access_area_of(actor, place.area_code, now=now)
    around = [*areas_above(area.code, now=now), *([area] if place.patch else [])]
    above = [(row.code, row.name) for row in around if actor.ranges.covers(row.code)]
    below = dict(areas_below(area.code, now=now).values_list("code", "name"))
    if place.patch is not None:
        return AreaChosen(str(place.patch.pk), place.patch.name, area.code, above, _of(place, below))
    return AreaChosen(area.code, area.name, area.code, above, below, _patches(area.code))


def _of(place: Place, below: dict[str, str]) -> dict[str, str]:
    return {code: name for code, name in below.items() if code in place.codes}


def _patches(code: str) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    rows = list(patches_of(code))
    grids = grids_in(rows)
    return {row.pk: (row.name, grids[row.pk]) for row in rows}


def areas_to_choose(actor: Actor, now: datetime, chosen: str = "") -> list[tuple[str, str]]:
    """Return (code, name) of the areas in range directly below the post's own and its patches (id, name).

    What is chosen is among them, if it is in range.
    """
    rows = areas_below(actor.area_code, now=now)
    areas = [(row.code, row.name) for row in rows if actor.ranges.covers(row.code)]
    areas += [(str(row.pk), row.name) for row in patches_of(actor.area_code)]
    if chosen and chosen not in dict(areas):
        areas += patch_names([chosen]).items()
        areas += area_names([chosen], now=now).items() if actor.ranges.covers(chosen) else ()
    return areas
