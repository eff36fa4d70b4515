"""What a list of signals is narrowed by: state, condition, rule, area, words of the place."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from anlan.foundation.actor import Actor
from anlan.organisation.queries import area_names, now_for
from anlan.surveillance.models import Signal, SignalReason
from anlan.surveillance.presenting import condition_name
from anlan.surveillance.queries import (
    OFFERED,
    conditions_seen,
    listed_signals,
    rule_title,
    visible_signals,
)
from anlan.surveillance.rules import SignalsAsked, SignalState

Choices = list[tuple[str, str]]
COMMUNITY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Chosen:
    """A narrowed list, with what stands in each filter and what it offers."""

    rows: QuerySet[Signal]
    view: str
    state: str
    condition: str
    rule: str
    area: str
    words: str
    states: Choices
    conditions: Choices
    rules: Choices
    areas: Choices

    @property
    def is_narrowed(self) -> bool:
        """Say whether any filter is set."""
        return bool(self.state or self.condition or self.rule or self.area or self.words)


def filtered(actor: Actor, sent: Mapping[str, str]) -> Chosen:
    """Return the signals this reader asked for; no filter tells more than the list itself shows."""
    is_health = actor.has_purpose("health")
    seen = visible_signals(actor)
    asked = SignalsAsked.of(sent, is_health=is_health)
    return Chosen(
        rows=listed_signals(actor, sent, name_of=partial(condition_name, actor)),
        view=asked.view,
        state=asked.state,
        condition=asked.condition,
        rule=asked.rule,
        area=asked.area,
        words=asked.words,
        states=[(key, str(label)) for key, label in SignalState.choices],
        conditions=_conditions(actor, seen),
        rules=_rules(seen) if is_health else [],
        areas=_areas(actor, seen),
    )


def _conditions(actor: Actor, seen: QuerySet[Signal]) -> Choices:
    return [(key, condition_name(actor, key)) for key in conditions_seen(actor, seen)]


def _rules(seen: QuerySet[Signal]) -> Choices:
    keys = SignalReason.objects.filter(signal__in=seen).order_by("rule").values_list("rule", flat=True)
    return [(key, rule_title(key)) for key in keys.distinct()[:OFFERED]]


def _areas(actor: Actor, seen: QuerySet[Signal]) -> Choices:
    """Return the communities signals lie in."""
    codes = {
        code[:COMMUNITY_DIGITS] for code in seen.order_by().values_list("area_code", flat=True).distinct()
    }
    names = area_names(codes, now=now_for(actor))
    return sorted((code, names.get(code, _("未知区域"))) for code in codes)
