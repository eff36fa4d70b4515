"""What a list of signals is narrowed by: state, condition, rule, area, words of the place."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.foundation.actor import Actor
from anlan.organisation.queries import area_names, now_for
from anlan.surveillance.models import Signal, SignalReason
from anlan.surveillance.presenting import condition_name
from anlan.surveillance.queries import may_name, rule_title, visible_signals
from anlan.surveillance.rules import OPEN_STATES, SignalState

Choices = list[tuple[str, str]]
WORDS_LIMIT = 60
OFFERED = 200
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
    rows = seen = visible_signals(actor)
    view = "all" if sent.get("view") == "all" else "open"
    state = sent.get("state", "") if sent.get("state") in SignalState.values else ""
    condition, rule = sent.get("condition", ""), sent.get("rule", "") if is_health else ""
    area, words = sent.get("area", ""), sent.get("q", "").strip()[:WORDS_LIMIT]
    if state:
        rows = rows.filter(state=state)
    elif view == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    if condition and may_name(actor, condition):
        rows = rows.filter(condition=condition)
    if rule:
        rows = rows.filter(reasons__rule=rule)
    if area.isdigit():
        rows = rows.filter(area_code__gte=area, area_code__lt=area + "~")
    if words:
        rows = rows.filter(_named(actor, seen, words))
    return Chosen(
        rows=rows,
        view=view,
        state=state,
        condition=condition,
        rule=rule,
        area=area,
        words=words,
        states=[(key, str(label)) for key, label in SignalState.choices],
        conditions=_conditions(actor, seen),
        rules=_rules(seen) if is_health else [],
        areas=_areas(actor, seen),
    )


def _named(actor: Actor, seen: QuerySet[Signal], words: str) -> Q:
    """Return the condition that a signal's place or condition holds these words."""
    known = [key for key, name in _conditions(actor, seen) if words in name]
    return Q(place_name__icontains=words) | Q(condition__in=known)


def _conditions(actor: Actor, seen: QuerySet[Signal]) -> Choices:
    keys = seen.order_by("condition").values_list("condition", flat=True).distinct()[:OFFERED]
    return [(key, condition_name(actor, key)) for key in keys if may_name(actor, key)]


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
