"""Confirm what is certain in one act, and decide what is not line by line."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.exchange.actions.group_lists import GROUP_LISTS, SUBJECT, take_group_list
from anlan.exchange.groups.matching import HOUSEHOLD, RESIDENT
from anlan.exchange.groups.queries import access_answer
from anlan.exchange.groups.rules import PURPOSES, AnswerState, Decision, Why
from anlan.exchange.groups.standing import settle_last
from anlan.exchange.models import GroupAnswer, GroupList
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid, NotFound
from anlan.foundation.live import announce_change
from anlan.people.queries import access_household, access_resident

CONFIRMED = ["state", "why", "household", "resident", "confirmed_at", "confirmed_title", "confirmed_name"]


class DecisionUnknown(Invalid):
    """Ask for one of the choices."""

    code = "group_decision_unknown"
    sentence = _("请选择是哪一户、哪一人，或先搁置。")


def confirm_answers(*, actor: Actor, list_id: UUID, state: str, expected_version: int, now: datetime) -> int:
    """Confirm at once all lines that are certain, or all with one likely candidate; return how many.

    Raises NotFound, GroupListClosed, DecisionUnknown, and Conflict where a later text came in since.
    """
    if state not in {AnswerState.MATCHED, AnswerState.LIKELY}:
        raise DecisionUnknown
    with transaction.atomic():
        listed = take_group_list(actor, list_id, expected_version)
        rows = list(listed.answers.filter(state=state, confirmed_at=None))
        done = [row for row in rows if state == AnswerState.MATCHED or _choose_candidate(actor, row)]
        _confirm(actor, listed, done, now)
        audit.record("confirm_group_list", SUBJECT, [list_id], detail={"lines": len(done)})
    return len(done)


def _choose_candidate(actor: Actor, row: GroupAnswer) -> bool:
    """Take the one candidate; say whether it is still there."""
    try:
        _choose(actor, row, *row.candidates[0])
    except NotFound:
        return False
    return True


def decide_answer(
    *, actor: Actor, list_id: UUID, answer_id: UUID, decision: str, now: datetime
) -> GroupAnswer:
    """Decide one line: `household:…` or `resident:…` in the actor's ranges, `leave`, or `reopen`.

    Raises NotFound, GroupListClosed, DecisionUnknown.
    """
    with transaction.atomic():
        listed = take_group_list(actor, list_id)
        row = access_answer(actor, listed, answer_id)
        if row.state == AnswerState.NO_ANSWER and decision in Decision.values:
            raise DecisionUnknown
        kind, _colon, key = decision.partition(":")
        if decision == Decision.LEAVE:
            _release(row, AnswerState.LEFT, Why.LEFT)
        elif decision == Decision.REOPEN:
            _release(row, AnswerState.SEVERAL if row.candidates else AnswerState.UNMATCHED, Why.REOPENED)
        elif kind in {HOUSEHOLD, RESIDENT}:
            _choose(actor, row, kind, key)
            row.why = Why.CHOSEN
        else:
            raise DecisionUnknown
        _confirm(actor, listed, [row], now)
        audit.record("decide_group_list", SUBJECT, [list_id], detail={"answer": answer_id})
    return row


def _choose(actor: Actor, row: GroupAnswer, kind: str, key: str) -> None:
    """Let a line mean a resident or a household that the actor may see."""
    try:
        target = UUID(key)
    except ValueError as error:
        raise NotFound from error
    if kind == RESIDENT:
        resident = access_resident(actor, target)
        row.resident_id, row.household_id = resident.pk, resident.household_id
    else:
        row.resident_id, row.household_id = None, access_household(actor, target).pk
    row.state = AnswerState.MATCHED


def _release(row: GroupAnswer, state: AnswerState, why: Why) -> None:
    row.state, row.why, row.household_id, row.resident_id = state, why, None, None


def _confirm(actor: Actor, listed: GroupList, rows: list[GroupAnswer], now: datetime) -> None:
    """Put on record who settled these lines; one that is not settled any more names nobody."""
    for row in rows:
        is_settled = row.state == AnswerState.MATCHED
        row.confirmed_at = now if is_settled else None
        row.confirmed_title = actor.post_title if is_settled else ""
        row.confirmed_name = actor.member_name if is_settled else ""
    GroupAnswer.objects.bulk_update(rows, CONFIRMED, batch_size=500)
    settle_last(listed)
    announce_change(GROUP_LISTS, listed.area_code, readers=PURPOSES)
