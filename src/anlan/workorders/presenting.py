"""How orders are put before people: a line, the row of stages, the acts a post may take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.affairs.queries import objections_of
from anlan.foundation.actor import Actor
from anlan.foundation.packs import Text
from anlan.workorders.forms import ActForm, EvaluateForm, GiveForm, ObjectionForm
from anlan.workorders.models import OrderItem, OrderLeg, OrderStep, WorkOrder
from anlan.workorders.queries import candidates, may, may_leg, may_object, order_kind, stages_of
from anlan.workorders.rules import (
    LEG_NEEDS_WORDS,
    NEEDS_POST,
    NEEDS_WORDS,
    ON_THE_WAY,
    Act,
    LegAct,
    LegState,
    Stage,
    light_of,
)

SEVEN = "seven_stages"
ACT_WORDS: dict[str, str | Promise] = {
    Act.FILE: _("立案"),
    Act.DISPATCH: _("派遣"),
    Act.HANDLE: _("开始处置"),
    Act.FEED_BACK: _("反馈结果"),
    Act.CHECK: _("核查通过"),
    Act.CLOSE: _("结案"),
    Act.EVALUATE: _("评价"),
    Act.RETURN: _("退回重办"),
    Act.HAND_OVER: _("转交其他岗位"),
    Act.SEND_BACK: _("不属本岗位，退回派遣"),
}
STEP_WORDS: dict[str, str | Promise] = {
    **ACT_WORDS,
    "open": _("建立工单"),
    "overdue": _("超过时限，已提示"),
    "no_reply": _("24 小时内未给提出人回音，已提示"),
    "leg_late": _("未按时到场，已提示"),
    "leg_accept": _("应答，前往"),
    "leg_refuse": _("拒绝"),
    "leg_arrive": _("呼叫方确认到场"),
    "leg_finish": _("办完"),
    "leg_excuse": _("准予不到"),
    "leg_insist": _("裁定须到场"),
    "ask_extension": _("申请延期"),
    "grant_extension": _("同意延期"),
    "refuse_extension": _("不同意延期"),
    "remind": _("催办"),
    "object": _("非社区职责，退回"),
    "objection_rejected": _("裁定由社区办理"),
    "withdraw": _("未办即终止"),
}
LEG_WORDS: dict[str, str | Promise] = {
    LegAct.ACCEPT: _("应答，前往"),
    LegAct.REFUSE: _("拒绝（写明原因）"),
    LegAct.ARRIVE: _("确认已到场"),
    LegAct.FINISH: _("已办完"),
    LegAct.EXCUSE: _("准予不到"),
    LegAct.INSIST: _("裁定须到场"),
}
ASIDE = frozenset({Act.RETURN, Act.SEND_BACK, Act.HAND_OVER})
KIND_OF_LIGHT = {"in_time": "working", "soon": "soon", "late": "overdue", "done": "done"}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order as a row of a list."""

    order: WorkOrder
    title: str
    stage: str
    state_kind: str  # of c-state-text


@dataclass(frozen=True, slots=True)
class PossibleAct:
    """Something the post may do now."""

    key: str
    label: str | Promise
    is_main: bool
    form: ActForm


@dataclass(frozen=True, slots=True)
class LegLine:
    """One called post, how its clock stands, and what the reader may do about it."""

    leg: OrderLeg
    state: str
    state_kind: str
    acts: list[tuple[str, str | Promise, bool]]  # key, label, whether words are needed


def in_language(text: Text) -> str:
    """Return a text of the pack in the reader's language."""
    return text.en if get_language() == "en" else text.zh


def stage_title(order: WorkOrder) -> str:
    """Return what the order's template calls its present stage."""
    if order.template != SEVEN:
        named = [row for row in stages_of(order.template) if order.stage in row.names]
        if named:
            return in_language(named[0].title)
    return str(Stage(order.stage).label)


def order_lines(orders: Iterable[WorkOrder], now: datetime) -> list[OrderLine]:
    """Return the rows of a list, each with its light."""
    return [_line(order, now) for order in orders]


def _line(order: WorkOrder, now: datetime) -> OrderLine:
    light = light_of(order.stage_entered_at, order.due_at, now)
    return OrderLine(
        order=order,
        title=in_language(order_kind(order.kind).title),
        stage=stage_title(order),
        state_kind=KIND_OF_LIGHT[light.word],
    )


def order_steps(order: WorkOrder, now: datetime) -> list[dict[str, str]]:
    """Return the row of the template's stages: what is done, where it stands, what lies ahead."""
    rows = stages_of(order.template)
    position = next((index for index, row in enumerate(rows) if order.stage in row.names), 0)
    if order.stage == Stage.CLOSED:
        position += 1  # closed is behind it; only the evaluation lies ahead
    late = light_of(order.stage_entered_at, order.due_at, now).word == "late"
    steps = []
    for index, row in enumerate(rows):
        here = "late" if late else "now"
        state = here if index == position else "ahead"
        if index < position or order.stage == Stage.EVALUATED:
            state = "done"
        elif order.stage == Stage.CLOSED:
            state = "ahead"
        steps.append({"label": in_language(row.title), "state": state, "note": ""})
    return steps


def timeline(steps: Iterable[OrderStep]) -> list[tuple[OrderStep, str | Promise]]:
    """Return the steps, each with the words for what was done."""
    return [(step, STEP_WORDS.get(step.act, step.get_stage_display())) for step in steps]


def possible_acts(
    actor: Actor, order: WorkOrder, sent: Mapping[str, ActForm], now: datetime
) -> list[PossibleAct]:
    """Return what the post may do to the order now, the ordinary way first, with a form as sent or fresh."""
    found = [
        PossibleAct(act.value, ACT_WORDS[act], False, sent.get(act.value) or form_of(act, order, now))
        for act in Act
        if may(actor, act, order)
    ]
    found.sort(key=lambda one: Act(one.key) in ASIDE)
    return [
        PossibleAct(one.key, one.label, index == 0 and Act(one.key) not in ASIDE, one.form)
        for index, one in enumerate(found)
    ]


def form_of(act: Act, order: WorkOrder, now: datetime, data: Any = None) -> ActForm:
    """Return the form of an act, fresh or filled with what was sent."""
    extra: dict[str, Any] = {"initial": {"version": order.version}, "auto_id": f"{act.value}-%s"}
    if act in NEEDS_POST:
        form: ActForm = GiveForm(data, posts=candidates(order, now=now), **extra)
    elif act is Act.EVALUATE:
        form = EvaluateForm(data, **extra)
    else:
        form = ActForm(data, **extra)
    form.fields["note"].required = act in NEEDS_WORDS
    return form


def item_lines(items: Iterable[OrderItem]) -> list[tuple[OrderItem, str]]:
    """Return the checklist, each item with its words in the reader's language."""
    english = get_language() == "en"
    return [(item, item.words_en if english else item.words_zh) for item in items]


def leg_lines(actor: Actor, legs: Iterable[OrderLeg], now: datetime) -> list[LegLine]:
    """Return the called posts and what the reader may do about each."""
    lines = []
    for leg in legs:
        late = leg.state in ON_THE_WAY and leg.due_at is not None and leg.due_at < now
        done = leg.state in {LegState.DONE, LegState.EXCUSED}
        calm = "done" if done else "working"
        open_acts = [act for act in LegAct if may_leg(actor, act, leg)]
        acts = [(act.value, LEG_WORDS[act], act in LEG_NEEDS_WORDS) for act in open_acts]
        lines.append(LegLine(leg, str(LegState(leg.state).label), "overdue" if late else calm, acts))
    return lines


def objection_form(actor: Actor, order: WorkOrder) -> ObjectionForm | None:
    """Return the form of 非社区职责 where the post may give the order back and has not yet."""
    if not may_object(actor, order) or objections_of(actor, order.pk).filter(decided_at=None).exists():
        return None
    return ObjectionForm(initial={"version": order.version}, auto_id="object-%s")
