"""Stores areas with their outlines and the neighbours that follow from them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anlan.exercises.district import geometry
from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.plan import AreaPlan
from anlan.organisation.models import Area, AreaLink, AreaShape
from anlan.organisation.queries.outlines import bordering
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, LinkKind, level_of, parent_of

LINKED_LEVELS = (AreaLevel.GRID, AreaLevel.COMMUNITY, AreaLevel.SUBDISTRICT)


def store_areas(plans: Sequence[AreaPlan], ids: Ids, since: datetime) -> dict[str, int]:
    """Store areas; those with a shape also get an outline, and a link to each that shares a border."""
    areas = [
        Area(
            id=UUID(id_),
            code=plan.code,
            parent_code=parent_of(plan.code),
            level=level_of(plan.code),
            kind=plan.kind,
            name=plan.name,
            starts_at=since,
        )
        for id_, plan in zip(ids.take(len(plans)), plans, strict=True)
    ]
    Area.objects.bulk_create(areas)
    AreaShape.objects.bulk_create(
        AreaShape(
            area=area,
            rings=geometry.rings_of(plan.shape),
            label_x=plan.label[0],
            label_y=plan.label[1],
        )
        for area, plan in zip(areas, plans, strict=True)
        if plan.shape is not None
    )
    pairs = [pair for level in LINKED_LEVELS for pair in _bordering_at(level, plans)]
    AreaLink.objects.bulk_create(
        AreaLink(id=UUID(id_), low_code=low, high_code=high, kind=LinkKind.BORDER, starts_at=since)
        for id_, (low, high) in zip(ids.take(len(pairs)), pairs, strict=True)
    )
    return {"areas": len(areas), "borders": len(pairs)}


def _bordering_at(level: AreaLevel, plans: Sequence[AreaPlan]) -> list[tuple[str, str]]:
    length = CODE_LENGTH[level]
    return bordering(
        {plan.code: plan.shape for plan in plans if len(plan.code) == length and plan.shape is not None}
    )
