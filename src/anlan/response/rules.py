"""The life of a plan for a signal, which layer of scope fits a place, when it may be lifted. No database."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from anlan.response.pack import LiftCondition


class ProposalState(models.TextChoices):
    """Where a plan for a signal stands."""

    PROPOSED = "proposed", _("待批准")
    DECLINED = "declined", _("未采用")
    RUNNING = "running", _("响应中")
    LIFTED = "lifted", _("已解除")


OPEN_STATES = (ProposalState.PROPOSED, ProposalState.RUNNING)

LAYERS = ("household", "class_or_floor", "building_or_unit", "estate_or_school", "community")
# Which layers a place has, the smallest effective first; a wide place is dealt with community by community.
LAYERS_OF_PLACE: dict[str, tuple[str, ...]] = {
    "household": ("household", "building_or_unit", "estate_or_school", "community"),
    "building": ("building_or_unit", "estate_or_school", "community"),
    "class": ("class_or_floor", "estate_or_school", "community"),
    "dormitory": ("class_or_floor", "estate_or_school", "community"),
    "unit": ("building_or_unit", "estate_or_school", "community"),
    "school": ("estate_or_school", "community"),
    "grid": ("estate_or_school", "community"),
}


def layers_for(place_kind: str, known_to_plan: Sequence[str]) -> list[str]:
    """Return the layers to choose from, the smallest that contains the place first.

    A plan that knows none of them is taken in the widest layer it knows.
    """
    fitting = LAYERS_OF_PLACE.get(place_kind, ("community",))
    known = [layer for layer in fitting if layer in known_to_plan]
    return known or [max(known_to_plan, key=LAYERS.index)]


def is_wider(layer: str, advised: str) -> bool:
    """Say whether a layer is wider than the advised one."""
    return LAYERS.index(layer) > LAYERS.index(advised)


def open_conditions(
    conditions: Sequence[LiftCondition], *, last_case_on: date, today: date, confirmed: Sequence[str]
) -> list[LiftCondition]:
    """Return the conditions to lift that do not hold: days still to pass, or not confirmed by the person."""
    return [one for one in conditions if not _holds(one, last_case_on, today, confirmed)]


def quiet_until(condition: LiftCondition, last_case_on: date) -> date | None:
    """Return the first day on which a counted condition holds; None for one that a person confirms."""
    return last_case_on + timedelta(days=condition.quiet_days + 1) if condition.quiet_days else None


def _holds(condition: LiftCondition, last_case_on: date, today: date, confirmed: Sequence[str]) -> bool:
    until = quiet_until(condition, last_case_on)
    return today >= until if until else condition.key in confirmed


def minutes_between(earlier: datetime | None, later: datetime | None) -> int | None:
    """Return whole minutes from one moment to another; None where one is not known or they are reversed."""
    if earlier is None or later is None or later < earlier:
        return None
    return round((later - earlier).total_seconds() / 60)
