"""How plans are put before people: a line, scopes side by side, orders with their lights, who answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.packs import Text
from anlan.health.queries import condition_title
from anlan.organisation.models import Area, AreaShape
from anlan.organisation.presenting.maps import area_feature
from anlan.organisation.queries import in_force, post_role
from anlan.response.models import PlannedOrder, PlanProposal, ResponseStep
from anlan.response.queries import layers, order_line, orders_of, plan_of, planned_orders
from anlan.response.rules import ProposalState, is_wider, quiet_until
from anlan.surveillance.queries import may_name
from anlan.workorders.models import WorkOrder
from anlan.workorders.presenting import order_lines
from anlan.workorders.queries import order_kind

FEWEST_SHOWN = 5  # smaller numbers are for health posts alone (DOMAIN.md 1.6)
WHY_WORDS: dict[str, str | Promise] = {
    "place": _("事发地点"),
    "border": _("接壤"),
    "declared": _("登记关联"),
    "home": _("学生居住"),
}
ACT_WORDS: dict[str, str | Promise] = {
    "propose": _("系统提出方案"),
    "regrade": _("风险等级更新"),
    "prepare": _("修改方案"),
    "withdraw": _("信号已结束，方案收回"),
    "approve": _("批准启动"),
    "decline": _("不采用"),
    "extend": _("信号涉及的区域增加，补充任务"),
    "tell_further": _("信号涉及的区域增加，补发通报"),
    "lift": _("解除响应"),
    "end_orders": _("未办结任务随之结束"),
    "found_body": _("成立组织"),
    "end_bodies": _("随响应成立的组织随之结束"),
    "tell_receivers": _("通知全部接收方已解除"),
}
COUNTED = frozenset({"approve", "extend", "tell_further", "end_orders", "end_bodies", "tell_receivers"})
STATE_KINDS = {
    ProposalState.PROPOSED: "waiting",
    ProposalState.RUNNING: "working",
    ProposalState.LIFTED: "done",
    ProposalState.DECLINED: "done",
}


def own(text: Text) -> str:
    """Return a text of the pack in the language of the page."""
    return text.en if get_language() == "en" else text.zh


def plan_name(actor: Actor, proposal: PlanProposal) -> str:
    """Return what the plan is called for this reader: without the disease where it may not be named."""
    if may_name(actor, proposal.condition):
        return own(plan_of(proposal).title)
    return gettext("传染病处置方案")


def condition_name(actor: Actor, proposal: PlanProposal) -> str:
    """Return what the illness is called for this reader."""
    title = condition_title(proposal.condition)
    if title is None or not may_name(actor, proposal.condition):
        return gettext("传染病")
    return own(title)


def shown(actor: Actor, count: int) -> str:
    """Return a count as this reader may see it: small ones are hidden from all but health posts."""
    if 0 < count < FEWEST_SHOWN and not actor.has_purpose("health"):
        return f"<{FEWEST_SHOWN}"
    return f"{count:,}"


def layer_title(key: str) -> str:
    """Return what a layer of scope is called."""
    found = next((layer for layer in layers() if layer.key == key), None)
    return own(found.title) if found else key


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One plan as a row of a list."""

    proposal: PlanProposal
    title: str
    layer: str
    state: str
    state_kind: str
    at: datetime


def proposal_lines(actor: Actor, proposals: Iterable[PlanProposal]) -> list[ProposalLine]:
    """Return the rows of a list."""
    return [
        ProposalLine(
            proposal=row,
            title=plan_name(actor, row),
            layer=layer_title(row.layer),
            state=str(ProposalState(row.state).label),
            state_kind=STATE_KINDS[ProposalState(row.state)],
            at=row.lifted_at or row.decided_at or row.proposed_at,
        )
        for row in proposals
    ]


@dataclass(frozen=True, slots=True)
class ScopeColumn:
    """One scope to choose, beside the others."""

    key: str
    title: str
    place: str
    figures: list[tuple[str, str]]
    people: str
    staff_hours: str
    yuan: str
    decided_by: str
    law: str
    is_advised: bool
    is_chosen: bool
    is_wider: bool


def scope_columns(actor: Actor, proposal: PlanProposal, chosen: str = "") -> list[ScopeColumn]:
    """Return the scopes side by side, the smallest first; all figures are rough."""
    return [_column(actor, proposal, option, chosen or proposal.layer) for option in proposal.options]


def _column(actor: Actor, proposal: PlanProposal, option: dict[str, Any], chosen: str) -> ScopeColumn:
    role = post_role(option["decided_by"])
    counted = [
        (gettext("涉及人数"), "people"),
        (gettext("住户"), "households"),
        (gettext("学生"), "pupils"),
        (gettext("有学生的家庭"), "families"),
    ]
    staff_hours, yuan = f"{option['staff_hours']:,}", f"{option['yuan']:,}"
    hours = [
        (gettext("工作人员约（小时）"), staff_hours),
        (gettext("物资约（元）"), yuan),
        (gettext("停课时家庭看护（小时/天）"), f"{option['care_hours']:,}"),
    ]
    return ScopeColumn(
        key=option["layer"],
        title=layer_title(option["layer"]),
        place=option["place"],
        figures=[(label, shown(actor, option[name])) for label, name in counted] + hours,
        people=shown(actor, option["people"]),
        staff_hours=staff_hours,
        yuan=yuan,
        decided_by=own(role.title) if role else option["decided_by"],
        law=option["law_en"] if get_language() == "en" else option["law_zh"],
        is_advised=option["layer"] == proposal.advised_layer,
        is_chosen=option["layer"] == chosen,
        is_wider=is_wider(option["layer"], proposal.advised_layer),
    )


def figure_rows(columns: Sequence[ScopeColumn]) -> list[tuple[str, list[str]]]:
    """Return the figures of scopes as rows: (label, one value a scope)."""
    labels = [label for label, _value in columns[0].figures] if columns else []
    return [(label, [one.figures[row][1] for one in columns]) for row, label in enumerate(labels)]


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One planned or sent order as a row."""

    planned: PlannedOrder
    task: str
    kind: str
    why: str | Promise
    due_hours: int
    is_first_hour: bool
    is_vacant: bool
    order: WorkOrder | None
    stage: str
    state_kind: str


def planned_lines(actor: Actor, proposal: PlanProposal, now: datetime) -> list[PlannedLine]:
    """Return the plan's orders, each with its light once it was sent."""
    sent = {line.order.pk: line for line in order_lines(orders_of(actor, proposal), now)}
    lines = []
    for planned in planned_orders(proposal):
        line, found = (
            order_line(proposal, planned.line),
            sent.get(planned.order_id) if planned.order_id else None,
        )
        lines.append(
            PlannedLine(
                planned=planned,
                task=own(line.task),
                kind=own(order_kind(line.kind).title),
                why=WHY_WORDS.get(planned.why, planned.why),
                due_hours=round(line.due_minutes / 60),
                is_first_hour=line.phase == "first_hour",
                is_vacant=planned.receiver is None,
                order=found.order if found else None,
                stage=found.stage if found else "",
                state_kind=found.state_kind if found else "waiting",
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition to lift: counted by days, or to be confirmed."""

    key: str
    text: str
    until: date | None
    holds: bool


def condition_lines(proposal: PlanProposal, last_case_on: date, today: date) -> list[ConditionLine]:
    """Return the conditions to lift as they stand."""
    lines = []
    for one in plan_of(proposal).lift:
        until = quiet_until(one, last_case_on)
        lines.append(ConditionLine(one.key, own(one.text), until, until is not None and today >= until))
    return lines


def timeline(steps: Iterable[ResponseStep]) -> list[tuple[str, ResponseStep, str]]:
    """Return (what was done, the step, further words) in their order."""
    return [(str(ACT_WORDS.get(step.act, step.act)), step, _words(step)) for step in steps]


def _words(step: ResponseStep) -> str:
    if step.act in COUNTED:
        return gettext("%s 项") % step.note
    if step.act == "prepare":
        scope, _sep, left_out = step.note.partition(";")
        before, _arrow, after = scope.partition(">")
        return gettext("范围：%(before)s → %(after)s；取消 %(n)s 项") % {
            "before": layer_title(before),
            "after": layer_title(after),
            "n": left_out,
        }
    return "" if step.act in {"propose", "regrade"} else step.note


def map_features(
    proposal: PlanProposal, told: Sequence[tuple[str, str]], now: datetime
) -> list[dict[str, Any]]:
    """Return GeoJSON features: the scope as one's own area, the told areas with words of their answer."""
    words = dict(told)
    scope = next(o["area_code"] for o in proposal.options if o["layer"] == proposal.layer)
    shapes = AreaShape.objects.filter(area__in=Area.objects.filter(in_force(now), code__in=[scope, *words]))
    rows = sorted(shapes.select_related("area"), key=lambda shape: shape.area.code == scope)
    return [
        area_feature(
            shape,
            label=True,
            own=shape.area.code == scope,
            plain=True,
            value_text=words.get(shape.area.code, "") or gettext("响应范围"),
        )
        for shape in rows
    ]
