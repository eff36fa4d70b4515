"""The API's operations on signals: those the post sees, as far as it may know of them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema

from anlan.foundation import audit
from anlan.foundation.api_doors import AnyArea, Listed, Marks, Word, actor_of, answers, cut, through_post
from anlan.organisation.queries import now_for
from anlan.surveillance import queries
from anlan.surveillance.filters import filtered
from anlan.surveillance.presenting import SignalLine, reason_words, signal_lines, timeline

router = Router(tags=["signals"])
PURPOSES = ("health", "lead")
NEWEST_FIRST = ("-raised_at", "id")
State = Literal["", "raised", "verifying", "verified", "assessed", "warned", "excluded", "closed", "joined"]


class Narrowed(Marks):
    """What a list of signals is narrowed by, and where in it to go on."""

    view: Literal["open", "all"] = "open"
    state: State = ""
    condition: Word = ""
    area_code: AnyArea = ""


class SignalShown(Schema):
    """One signal as the post may know it: `condition` in words, `cases` null where it would tell of few."""

    id: UUID
    area_code: str
    place_name: str
    condition: str
    state: str
    state_title: str
    urgency: str
    reason: str
    cases: int | None
    grade: str
    raised_at: datetime
    due_at: datetime | None
    is_late: bool
    version: int


class SignalPage(Listed):
    """A page of signals."""

    rows: list[SignalShown]


class SignalStepShown(Schema):
    """Something that was done to a signal."""

    act: str
    words: str
    at: datetime
    was_late: bool
    post_title: str
    note: str


class SignalInFull(SignalShown):
    """One signal with all its reasons and its timeline."""

    reasons: list[str]
    steps: list[SignalStepShown]


def _shown(line: SignalLine) -> dict[str, object]:
    plain = ("id", "area_code", "place_name", "state", "urgency", "grade", "raised_at", "due_at", "version")
    return {
        **{name: getattr(line.signal, name) for name in plain},
        "condition": line.condition,
        "state_title": line.state,
        "reason": line.reason,
        "cases": line.cases,
        "is_late": line.is_late,
    }


@router.get(
    "/signals",
    auth=through_post(*PURPOSES),
    response=answers(SignalPage),
    operation_id="list_signals",
    summary=_("列出岗位可见的预警信号"),
)
def list_signals(request: HttpRequest, asked: Query[Narrowed]) -> SignalPage:
    """List signals, narrowed by state, condition or area."""
    actor = actor_of(request)
    sent = {"view": asked.view, "state": asked.state, "condition": asked.condition, "area": asked.area_code}
    page = cut(filtered(actor, sent).rows.prefetch_related("reasons"), asked, order=NEWEST_FIRST)
    lines = signal_lines(page.rows, now_for(actor))
    shown = [SignalShown.model_validate(_shown(line)) for line in lines]
    return SignalPage(rows=shown, after=page.after, before=page.before)


@router.get(
    "/signals/{uuid:signal_id}",
    auth=through_post(*PURPOSES),
    response=answers(SignalInFull),
    operation_id="show_signal",
    summary=_("一条预警信号"),
)
def show_signal(request: HttpRequest, signal_id: UUID) -> SignalInFull:
    """Show one signal with its reasons and what was done."""
    actor = actor_of(request)
    signal = queries.access_signal(actor, signal_id)
    audit.record("read_signal", "surveillance.Signal", [signal.pk], area_code=signal.area_code)
    reasons = [reason_words(actor, signal, one) for one in signal.reasons.order_by("at", "id")]
    steps = timeline(actor, signal.steps.order_by("at", "id"))
    return SignalInFull.model_validate(
        {
            **_shown(signal_lines([signal], now_for(actor))[0]),
            "reasons": reasons,
            "steps": [
                {"act": step.act, "words": words, "at": step.at, "was_late": step.was_late,
                 "post_title": step.post_title, "note": note}
                for words, step, note in steps
            ],
        }
    )  # fmt: skip
