"""Write down that a body met and what it decided, and settle a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change, announce_changes
from anlan.foundation.scope import duty
from anlan.organisation.actions.bodies import SUBJECT, BodyChanged, announce_body
from anlan.organisation.models import Body, Decision, Meeting, Post
from anlan.organisation.queries import access_post
from anlan.organisation.queries.bodies import (
    access_body,
    access_decision,
    may_drop,
    may_meet,
    may_settle,
    members_of,
    post_is_near,
    seats_of,
)
from anlan.organisation.rules import is_in_force
from anlan.organisation.rules.bodies import DecisionState

SUBJECT_DECISION = "organisation.Decision"
DECISIONS = "decisions"  # live topic: told where the accountable post is, and at the body
WORDS_LIMIT = 500
NOTE_LIMIT = 2000
MOST_DECISIONS = 20


class MeetingInvalid(Invalid):
    """Say what is wrong with a meeting or a decision of it."""

    code = "meeting_invalid"


class DecisionMoved(Conflict):
    """Somebody settled or changed the decision first."""

    code = "decision_moved"
    sentence = _("这项议定事项刚被别人改过或已经了结，请刷新后再看。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What was decided, the one post that answers for it, and until when."""

    words: str
    accountable_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMeeting:
    """A meeting with what it decided."""

    body_id: UUID
    held_at: datetime
    agenda: str
    place: str = ""
    note: str = ""
    present: tuple[UUID, ...] = ()
    decisions: tuple[NewDecision, ...] = ()
    meeting_id: UUID | None = None  # made by the form: a second sending is the same meeting


def hold_meeting(*, actor: Actor, meeting: NewMeeting, now: datetime) -> Meeting:
    """Write a meeting down with its decisions.

    Raises NotFound, NotAllowed, MeetingInvalid, BodyChanged.
    """
    with transaction.atomic():
        body = Body.objects.select_for_update().get(pk=access_body(actor, meeting.body_id).pk)
        held = seats_of(body, now=now)
        if not may_meet(actor, body, held):
            raise NotAllowed
        earlier = Meeting.objects.filter(pk=meeting.meeting_id).first() if meeting.meeting_id else None
        if earlier is not None:
            if earlier.body_id != body.pk:
                raise BodyChanged
            return earlier
        _check(body, meeting, members_of(held), now)
        posts = [_accountable(actor, body, one, meeting.held_at, now) for one in meeting.decisions]
        made = _create(body, meeting)
        Decision.objects.bulk_create(
            Decision(
                area_code=body.area_code,
                meeting=made,
                words=one.words.strip()[:WORDS_LIMIT],
                accountable=post,
                due_on=one.due_on,
            )
            for one, post in zip(meeting.decisions, posts, strict=True)
        )
        detail = {"meeting": str(made.pk), "decisions": len(posts)}
        audit.record("hold_meeting", SUBJECT, [body.pk], area_code=body.area_code, detail=detail)
        announce_body(body)
        announce_changes(DECISIONS, {body.area_code, *(post.area_code for post in posts)})
    return made


def _create(body: Body, meeting: NewMeeting) -> Meeting:
    return Meeting.objects.create(
        id=meeting.meeting_id or new_id(),
        area_code=body.area_code,
        body=body,
        held_at=meeting.held_at,
        place=meeting.place.strip()[:WORDS_LIMIT],
        agenda=meeting.agenda.strip(),
        note=meeting.note.strip()[:NOTE_LIMIT],
        present=list(dict.fromkeys(meeting.present)),
    )


def _check(body: Body, meeting: NewMeeting, seated: Iterable[UUID], now: datetime) -> None:
    if body.ends_at is not None:
        raise BodyChanged
    if meeting.held_at > now:
        raise MeetingInvalid(fields={"held_at": _("会议开过以后再记录。")})
    if not meeting.agenda.strip() or len(meeting.agenda) > WORDS_LIMIT:
        raise MeetingInvalid(fields={"agenda": _("请写明议题（1 到 500 字）。")})
    if not set(meeting.present) <= set(seated):
        raise MeetingInvalid(fields={"present": _("到会人员须是在席成员。")})
    if len(meeting.decisions) > MOST_DECISIONS:
        raise MeetingInvalid(_("一次会议最多记 20 项议定事项。"))


def _accountable(actor: Actor, body: Body, one: NewDecision, held_at: datetime, now: datetime) -> Post:
    """Return the post that answers for a decision: in force, and one that serves the body's area."""
    if not one.words.strip():
        raise MeetingInvalid(fields={"words": _("请写明议定了什么。")})
    if one.due_on < day_of(held_at):
        raise MeetingInvalid(fields={"due_on": _("完成期限不能早于会议当天。")})
    post = access_post(actor, one.accountable_id)
    if not is_in_force(post.starts_at, post.ends_at, now) or not post_is_near(post, body.area_code):
        raise MeetingInvalid(fields={"accountable": _("该岗位不服务于这个区域，或已撤销。")})
    return post


def settle_decision(
    *, actor: Actor, decision_id: UUID, state: str, reason: str = "", expected_version: int, now: datetime
) -> Decision:
    """Say that a decision is carried out, or given up and why; the same form twice settles it once.

    Raises NotFound, NotAllowed, MeetingInvalid, DecisionMoved.
    """
    seen = access_decision(actor, decision_id)
    if not may_settle(actor, seen, now=now):
        raise NotAllowed
    words = reason.strip()[:WORDS_LIMIT]
    if state not in {DecisionState.DONE, DecisionState.DROPPED}:
        raise MeetingInvalid(fields={"state": _("请选择已办结或不再办理。")})
    if state == DecisionState.DROPPED and not may_drop(actor, seen, now=now):
        raise NotAllowed
    if state == DecisionState.DROPPED and not words:
        raise MeetingInvalid(fields={"reason": _("不再办理请写明原因。")})
    with (
        transaction.atomic(),
        duty("serve_body", ranges=AreaRanges.of([seen.area_code]), cause=str(decision_id)),
    ):
        row = Decision.objects.select_for_update().get(pk=decision_id)
        if row.state == state and row.version == expected_version + 1:
            return row
        if row.state != DecisionState.OPEN or row.version != expected_version:
            raise DecisionMoved
        row.state, row.reason, row.done_at, row.version = state, words, now, row.version + 1
        row.save(update_fields=["state", "reason", "done_at", "version"])
        audit.record(
            "settle_decision", SUBJECT_DECISION, [row.pk], area_code=row.area_code, why=words,
            detail={"state": state},
        )  # fmt: skip
        announce_changes(DECISIONS, {row.area_code, seen.accountable.area_code})
        announce_change(f"bodies:{seen.meeting.body_id}", row.area_code)
    return row
