"""The stages of an order, which act leads from which stage to which, and when a clock turns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

WARN_AT = 0.8  # share of a stage's time after which its light turns (DOMAIN.md, issue B)


class Stage(models.TextChoices):
    """The seven stages (GB/T 28847: 信息采集 … 综合评价); checking and closing are two acts of one."""

    COLLECTED = "collected", _("信息采集")
    FILED = "filed", _("案卷建立")
    DISPATCHED = "dispatched", _("任务派遣")
    HANDLED = "handled", _("任务处置")
    FED_BACK = "fed_back", _("处理反馈")
    CHECKED = "checked", _("核查")
    CLOSED = "closed", _("结案")
    EVALUATED = "evaluated", _("综合评价")


OPEN_STAGES = (Stage.DISPATCHED, Stage.HANDLED, Stage.FED_BACK, Stage.CHECKED)


# Which of the pack's stage limits run while an order stands at a stage: time to leave it.
CLOCKS_OF_STAGE: dict[str, tuple[str, ...]] = {
    Stage.DISPATCHED: ("dispatched",),
    Stage.HANDLED: ("handled", "fed_back"),
    Stage.FED_BACK: ("checked_closed",),
    Stage.CHECKED: ("checked_closed",),
}


class Act(StrEnum):
    """What a person does to an order."""

    HANDLE = "handle"
    FEED_BACK = "feed_back"
    CHECK = "check"
    CLOSE = "close"
    RETURN = "return"


FROM_TO: dict[Act, tuple[Stage, Stage]] = {
    Act.HANDLE: (Stage.DISPATCHED, Stage.HANDLED),
    Act.FEED_BACK: (Stage.HANDLED, Stage.FED_BACK),
    Act.CHECK: (Stage.FED_BACK, Stage.CHECKED),
    Act.CLOSE: (Stage.CHECKED, Stage.CLOSED),
    Act.RETURN: (Stage.FED_BACK, Stage.DISPATCHED),  # not good enough: back to the accountable post
}
NEEDS_WORDS = frozenset({Act.FEED_BACK, Act.RETURN})
OF_ACCOUNTABLE_POST = frozenset({Act.HANDLE, Act.FEED_BACK})


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
