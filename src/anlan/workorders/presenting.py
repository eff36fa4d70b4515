"""How orders are put before people: a line, the row of stages, the acts a post may take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.affairs.queries import objections_of
from anlan.foundation.actor import Actor
from anlan.workorders.forms import ActForm, ObjectionForm
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import may, may_object, order_kind
from anlan.workorders.rules import NEEDS_WORDS, Act, Stage, light_of

SHOWN_STAGES = (Stage.DISPATCHED, Stage.HANDLED, Stage.FED_BACK, Stage.CHECKED, Stage.CLOSED)
ACT_WORDS: dict[str, str | Promise] = {
    Act.HANDLE: _("开始处置"),
    Act.FEED_BACK: _("反馈结果"),
    Act.CHECK: _("核查通过"),
    Act.CLOSE: _("结案"),
    Act.RETURN: _("退回重办"),
}
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


def order_lines(orders: Iterable[WorkOrder], now: datetime) -> list[OrderLine]:
    """Return the rows of a list, each with its light."""
    return [_line(order, now) for order in orders]


def _line(order: WorkOrder, now: datetime) -> OrderLine:
    title = order_kind(order.kind).title
    light = light_of(order.stage_entered_at, order.due_at, now)
    return OrderLine(
        order=order,
        title=title.en if get_language() == "en" else title.zh,
        stage=str(Stage(order.stage).label),
        state_kind=KIND_OF_LIGHT[light.word],
    )


def order_steps(order: WorkOrder, now: datetime) -> list[dict[str, str]]:
    """Return the row of stages: what is done, where it stands, what lies ahead."""
    position = SHOWN_STAGES.index(Stage(order.stage))
    late = light_of(order.stage_entered_at, order.due_at, now).word == "late"
    states = []
    for index, stage in enumerate(SHOWN_STAGES):
        here = "late" if late else "now"
        if order.stage == Stage.CLOSED or index < position:
            state = "done"
        else:
            state = here if index == position else "ahead"
        states.append({"label": str(stage.label), "state": state, "note": ""})
    return states


def possible_acts(actor: Actor, order: WorkOrder, sent: Mapping[str, ActForm]) -> list[PossibleAct]:
    """Return what the post may do to the order now, the ordinary way first, with a form as sent or fresh."""
    return [
        PossibleAct(
            act.value, ACT_WORDS[act], act is not Act.RETURN, sent.get(act.value) or _fresh(act, order)
        )
        for act in Act
        if may(actor, act, order)
    ]


def _fresh(act: Act, order: WorkOrder) -> ActForm:
    form = ActForm(initial={"version": order.version}, auto_id=f"{act.value}-%s")
    form.fields["note"].required = act in NEEDS_WORDS
    return form


def objection_form(actor: Actor, order: WorkOrder) -> ObjectionForm | None:
    """Return the form of 非社区职责 where the post may give the order back and has not yet."""
    if not may_object(actor, order) or objections_of(actor, order.pk).filter(decided_at=None).exists():
        return None
    return ObjectionForm(initial={"version": order.version}, auto_id="object-%s")
