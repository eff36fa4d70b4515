"""The bodies of a running response: which rest on it, and which may still be founded for it, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.organisation.models import Area, Body
from anlan.organisation.pack import BodyTemplate
from anlan.organisation.queries import in_force
from anlan.organisation.queries.bodies import (
    body_templates,
    lives_for_an_event,
    may_seat,
    templates_for,
    visible_bodies,
)
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.response.models import PlanProposal

MOST_PLACES = 100  # of one template; a response is small


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """A template and an area where a body of it may be founded for a response."""

    template: BodyTemplate
    area: Area

    @property
    def key(self) -> str:
        """Return both as one word."""
        return f"{self.template.key}@{self.area.code}"


def bodies_of(actor: Actor, proposal: PlanProposal) -> QuerySet[Body]:
    """Return the bodies that rest on a response, ended ones too, as far as the actor sees them."""
    return (
        visible_bodies(actor)
        .filter(cause_kind=PlanProposal._meta.label, cause_id=proposal.pk)
        .order_by("starts_at", "pk")
    )


def body_places(actor: Actor, proposal: PlanProposal, *, now: datetime) -> list[BodyPlace]:
    """Return what may be founded for a response: around it, at each template's level, where there is none.

    Only where the actor's post says who sits in bodies.
    """
    levels = {row.level for row in body_templates().values() if lives_for_an_event(row)}
    areas = [
        area
        for level in sorted(levels, key=lambda level: CODE_LENGTH[AreaLevel(level)])
        for area in _areas_around(proposal.area_code, AreaLevel(level), now)
        if may_seat(actor, area.code)
    ]
    there = Body.objects.filter(area_code__in=[area.code for area in areas], ends_at=None)
    taken = set(there.values_list("template", "area_code"))
    return [
        BodyPlace(template, area)
        for area in areas
        for template in templates_for(area)
        if lives_for_an_event(template) and (template.key, area.code) not in taken
    ]


def _areas_around(code: str, level: AreaLevel, now: datetime) -> Iterable[Area]:
    """Return the area of a level that a place lies in, or those that lie in it."""
    rows = Area.objects.filter(in_force(now), level=level)
    rows = rows.filter(code__startswith=code[: CODE_LENGTH[level]])
    return rows.order_by("code")[:MOST_PLACES]
