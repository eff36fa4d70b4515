"""How the pack's plans and measures are read: in the language of the page, with source and doubt named."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.pack_store import entry
from anlan.foundation.packs import Source
from anlan.health.queries import condition_title
from anlan.organisation.queries import post_role
from anlan.response.pack import Measure, Plan, PlanOrder
from anlan.response.presenting import layer_title, own
from anlan.response.queries import measures, plans

BODY_WORDS: dict[str, str | Promise] = {
    "hospital": _("医疗机构"),
    "cdc": _("疾控中心"),
    "disease_control": _("疾控部门"),
    "school": _("学校（单位）"),
    "education": _("教育部门"),
    "market_supervision": _("市场监管部门"),
    "county_government": _("县级以上政府"),
    "higher_government": _("省级以上政府"),
    "community": _("社区"),
}
CLASS_WORDS: dict[str, str | Promise] = {
    "A": _("甲类"),
    "B": _("乙类"),
    "C": _("丙类"),
    "none": _("其他"),
}


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure as a row."""

    measure: Measure
    title: str
    classes: list[str | Promise]
    bodies: list[str | Promise]
    law: str
    longest: str
    lift: str
    remedy: str
    source: str


def plan_groups() -> list[tuple[str | Promise, list[tuple[Plan, str, str]]]]:
    """Return the plans, infectious ones first, as (plan, title, when it is proposed)."""
    groups = ((_("传染病预案"), True), (_("非传染病预案"), False))
    rows = [(plan, own(plan.title), own(plan.trigger.words)) for plan in plans()]
    return [(title, [row for row in rows if row[0].infectious is kind]) for title, kind in groups]


def plan_context(plan: Plan) -> dict[str, object]:
    """Return what the page of one plan shows."""
    owner = post_role(plan.owner)
    titles = [condition_title(key) for key in plan.trigger.conditions]
    known = {measure.key: measure for measure in measures()}
    return {
        "plan": plan,
        "title": own(plan.title),
        "owner": own(owner.title) if owner else plan.owner,
        "conditions": [own(title) for title in titles if title],
        "trigger": own(plan.trigger.words),
        "first_hour": [own(step) for step in plan.first_hour],
        "first_day": [own(step) for step in plan.first_day],
        "lift": [own(one.text) for one in plan.lift],
        "layers": [layer_title(key) for key in plan.layers],
        "orders": [_order(entry(PlanOrder, key)) for key in plan.orders],
        "measures": [_measure(known[key]) for key in plan.measures if key in known],
        "leaflet": own(plan.leaflet),
        "source": own(entry(Source, plan.source).title),
    }


def _order(line: PlanOrder) -> dict[str, object]:
    role = post_role(line.to)
    return {
        "to": own(role.title) if role else line.to,
        "task": own(line.task),
        "due_hours": round(line.due_minutes / 60),
        "is_first_hour": line.phase == "first_hour",
    }


def measure_lines() -> list[MeasureLine]:
    """Return all measures as rows."""
    return [_measure(measure) for measure in measures()]


def _measure(measure: Measure) -> MeasureLine:
    source = own(entry(Source, measure.source).title)
    return MeasureLine(
        measure=measure,
        title=own(measure.title),
        classes=[CLASS_WORDS[key] for key in measure.disease_classes],
        bodies=[BODY_WORDS[key] for key in measure.decided_by],
        law=own(measure.law),
        longest=own(measure.longest),
        lift=own(measure.lift),
        remedy=own(measure.remedy),
        source=f"{source} {measure.article}".strip(),
    )
