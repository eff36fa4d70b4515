"""What the registers keep, in words: attributes with their values, where a facility stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.organisation.models import Area, Facility
from anlan.organisation.pack_registers import Attribute
from anlan.organisation.presenting import Crumbs, crumbs_of
from anlan.organisation.queries import areas_above, in_force
from anlan.organisation.words import in_words


@dataclass(frozen=True, slots=True)
class Fact:
    """One attribute as a page shows it."""

    title: str
    value: str
    is_missing: bool


def value_words(attribute: Attribute, value: Any) -> str:
    """Return a stored value in the reader's words; nothing for one that is not said."""
    if value is None:
        return ""
    if attribute.type == "yes_no":
        return _("是") if value else _("否")
    titles = {one.key: in_words(one.title) for one in attribute.choices}
    if attribute.type in {"choice", "several"}:
        chosen = value if isinstance(value, list) else [value]
        return "、".join(titles.get(one, str(one)) for one in chosen)
    return f"{value:,} {in_words(attribute.unit)}".strip() if isinstance(value, int | float) else str(value)


def facts_of(attributes: Iterable[Attribute], values: Mapping[str, Any]) -> list[Fact]:
    """Return the attributes with what is said of each; those neither said nor required are left out."""
    return [
        Fact(in_words(one.title), value_words(one, values.get(one.key)), one.key not in values)
        for one in attributes
        if one.key in values or one.required
    ]


def facility_crumbs(facility: Facility, *, now: datetime) -> Crumbs:
    """Return the way down to the area of a facility, and the facility."""
    here = {"label": facility.name, "href": reverse("facility", args=[facility.pk])}
    return [*way_to(facility.area_code, now), here]


def way_to(area_code: str, now: datetime) -> Crumbs:
    """Return the way down to an area; nothing to one that is over."""
    area = Area.objects.filter(in_force(now), code=area_code).first()
    return crumbs_of(area, areas_above(area.code, now=now)) if area else []
