"""The stages of an order, which act leads from which stage to which, who does it, and when a clock turns."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

WARN_AT = 0.8  # share of a stage's time after which its light turns (DOMAIN.md, issue B)

REPLY_WITHIN = timedelta(hours=24)  # whoever reported hears what became of it (DOMAIN.md 1.9, 回音)


class Stage(models.TextChoices):
    """The seven stages (GB/T 28847: 信息采集 … 综合评价); checking and closing are two acts of one.

    A template of the pack may call them otherwise (12345: 受理 派单 办理 答复 回访 督办).
    """

    COLLECTED = "collected", _("信息采集")
    FILED = "filed", _("案卷建立")
    DISPATCHED = "dispatched", _("任务派遣")
    HANDLED = "handled", _("任务处置")
    FED_BACK = "fed_back", _("处理反馈")
    CHECKED = "checked", _("核查")
    CLOSED = "closed", _("结案")
    EVALUATED = "evaluated", _("综合评价")


OPEN_STAGES = (
    Stage.COLLECTED,
    Stage.FILED,
    Stage.DISPATCHED,
    Stage.HANDLED,
    Stage.FED_BACK,
    Stage.CHECKED,
)


class Act(StrEnum):
    """What a person does to an order."""

    FILE = "file"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    FEED_BACK = "feed_back"
    CHECK = "check"
    CLOSE = "close"
    EVALUATE = "evaluate"
    RETURN = "return"
    SEND_BACK = "send_back"
    HAND_OVER = "hand_over"


FROM_TO: dict[Act, tuple[tuple[Stage, ...], Stage]] = {
    Act.FILE: ((Stage.COLLECTED,), Stage.FILED),
    Act.DISPATCH: ((Stage.COLLECTED, Stage.FILED), Stage.DISPATCHED),
    Act.HANDLE: ((Stage.DISPATCHED,), Stage.HANDLED),
    Act.FEED_BACK: ((Stage.HANDLED,), Stage.FED_BACK),
    Act.CHECK: ((Stage.FED_BACK,), Stage.CHECKED),
    Act.CLOSE: ((Stage.CHECKED,), Stage.CLOSED),
    Act.EVALUATE: ((Stage.CLOSED,), Stage.EVALUATED),
    Act.RETURN: ((Stage.FED_BACK, Stage.CHECKED), Stage.DISPATCHED),  # not good enough: once more
    Act.SEND_BACK: ((Stage.DISPATCHED, Stage.HANDLED), Stage.FILED),  # not this post's: dispatch anew
    Act.HAND_OVER: ((Stage.DISPATCHED, Stage.HANDLED), Stage.DISPATCHED),  # another post answers from now on
}
NEEDS_WORDS = frozenset({Act.FEED_BACK, Act.RETURN, Act.SEND_BACK, Act.HAND_OVER})
NEEDS_POST = frozenset({Act.DISPATCH, Act.HAND_OVER})
OF_ACCOUNTABLE_POST = frozenset({Act.HANDLE, Act.FEED_BACK, Act.SEND_BACK, Act.HAND_OVER})


class ItemAnswer(models.TextChoices):
    """How one item of the checklist was answered; nothing is chosen beforehand."""

    OPEN = "", _("未答")
    DONE = "done", _("已办")
    NOT_POSSIBLE = "not_possible", _("办不到")


class LegState(models.TextChoices):
    """Where a called post stands."""

    ASKED = "asked", _("已呼叫")
    COMING = "coming", _("已应答，前往")
    ARRIVED = "arrived", _("已到场")
    DONE = "done", _("已办")
    REFUSED = "refused", _("拒绝，待裁定")
    EXCUSED = "excused", _("准予不到")


OPEN_LEGS = (LegState.ASKED, LegState.COMING, LegState.ARRIVED, LegState.REFUSED)
ON_THE_WAY = (LegState.ASKED, LegState.COMING)  # its arrival clock runs


class LegAct(StrEnum):
    """What is done to a leg: by the called post, by the caller, by who decides a refusal."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ARRIVE = "arrive"
    FINISH = "finish"
    EXCUSE = "excuse"
    INSIST = "insist"


LEG_FROM_TO: dict[LegAct, tuple[tuple[LegState, ...], LegState]] = {
    LegAct.ACCEPT: ((LegState.ASKED,), LegState.COMING),
    LegAct.REFUSE: ((LegState.ASKED, LegState.COMING), LegState.REFUSED),
    LegAct.ARRIVE: (ON_THE_WAY, LegState.ARRIVED),
    LegAct.FINISH: ((LegState.COMING, LegState.ARRIVED), LegState.DONE),
    LegAct.EXCUSE: ((LegState.REFUSED,), LegState.EXCUSED),
    LegAct.INSIST: ((LegState.REFUSED,), LegState.ASKED),
}
OF_CALLED_POST = frozenset({LegAct.ACCEPT, LegAct.REFUSE, LegAct.FINISH})
OF_DECIDER = frozenset({LegAct.EXCUSE, LegAct.INSIST})
LEG_NEEDS_WORDS = frozenset({LegAct.REFUSE, LegAct.FINISH, LegAct.INSIST})


class ExtensionState(models.TextChoices):
    """Whether more time was given."""

    ASKED = "asked", _("待批")
    GRANTED = "granted", _("同意")
    REFUSED = "refused", _("不同意")


@dataclass(frozen=True, slots=True)
class Light:
    """How a clock stands: share of the time used, and a word for it."""

    share: float
    word: str  # "in_time", "soon", "late", "done"


def light_of(entered_at: datetime, due_at: datetime | None, now: datetime) -> Light:
    """Return the light of a clock that runs from `entered_at` to `due_at`."""
    if due_at is None:
        return Light(0.0, "done")
    total = (due_at - entered_at).total_seconds()
    share = (now - entered_at).total_seconds() / total if total > 0 else 1.0
    if share >= 1:
        return Light(share, "late")
    return Light(share, "soon" if share >= WARN_AT else "in_time")
