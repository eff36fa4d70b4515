"""The bodies of a running response: which rest on it, and which may still be founded for it, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from anlan.foundation.actor import Actor
from anlan.organisation.models import Area, Body
from anlan.organisation.pack import BodyTemplate
from anlan.organisation.queries import in_force
from anlan.organisation.queries.bodies import body_templates, fits_area, may_seat, visible_bodies
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.response.models import PlanProposal

LIVES_FOR_AN_EVENT = "on_activation"
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
    templates = [one for one in body_templates().values() if one.kind == LIVES_FOR_AN_EVENT]
    taken = set(
        Body.objects.filter(template__in=[one.key for one in templates], ends_at=None)
        .values_list("template", "area_code")
    )  # fmt: skip
    return [
        BodyPlace(template, area)
        for template in templates
        for area in _areas_around(proposal.area_code, AreaLevel(template.level), now)
        if fits_area(template, area.level, area.kind)
        and may_seat(actor, area.code)
        and (template.key, area.code) not in taken
    ]


def _areas_around(code: str, level: AreaLevel, now: datetime) -> Iterable[Area]:
    """Return the area of a level that a place lies in, or those that lie in it."""
    rows = Area.objects.filter(in_force(now), level=level)
    rows = rows.filter(code__startswith=code[: CODE_LENGTH[level]])
    return rows.order_by("code")[:MOST_PLACES]
