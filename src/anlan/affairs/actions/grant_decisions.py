"""Decide about a grant, publish it, suspend it and lift that, revoke it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions.grant_steps import held_grant, is_same_act, note_grant_step, take_turn
from anlan.affairs.grant_rules import BY_WORDS_ALONE, TO, GrantAct, GrantState, new_code
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.affairs.queries.grants import grant_kinds
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid

LONGEST_CONDITION = 500


class TermInvalid(Invalid):
    """Say what of the term, conditions or permits cannot be."""

    code = "term_invalid"


class PointsUnmet(Conflict):
    """A point that is required is not met."""

    code = "points_unmet"
    sentence = _("还有必须达到的核查点没有达到，不能批准。请整改后重新核查，或不予批准。")


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTerms:
    """From which day to the end of which day, under which conditions, with which permits."""

    starts_on: date
    ends_on: date
    conditions: tuple[str, ...] = ()
    further_condition: str = ""
    permits: tuple[str, ...] = ()


def approve_grant(
    *, actor: Actor, grant_id: UUID, terms: GrantTerms, reason: str, now: datetime, expected_version: int
) -> Grant:
    """Approve it for a term; it holds at once where the pack does not have it published.

    Raises NotFound, NotAllowed, OwnHands, GrantMoved, GrantOver, ReasonNeeded, PointsUnmet, TermInvalid.
    """
    with transaction.atomic():
        grant = held_grant(actor, grant_id)
        if is_same_act(actor, grant, GrantAct.APPROVE, expected_version):
            return grant
        words = take_turn(
            actor, grant, GrantAct.APPROVE, expected_version=expected_version, reason=reason, now=now
        )
        kind = grant_kinds()[grant.kind]
        _check_points(grant, kind)
        _check_terms(terms, kind, day_of(now))
        grant.starts_on, grant.ends_on = terms.starts_on, terms.ends_on
        grant.conditions, grant.permits = list(terms.conditions), list(terms.permits)
        grant.further_condition = terms.further_condition.strip()
        _move(actor, grant, GrantAct.APPROVE, words, now)
        if not kind.published:
            _issue(grant, now)
        grant.save()
        note_grant_step(actor, grant, GrantAct.APPROVE, now, note=words)
    return grant


def move_grant(
    *, actor: Actor, grant_id: UUID, act: GrantAct, reason: str, now: datetime, expected_version: int
) -> Grant:
    """Refuse, publish, suspend, lift the suspension, or revoke: at once, with the reason where one is needed.

    Raises NotFound, NotAllowed, OwnHands, GrantMoved, GrantOver, ReasonNeeded.
    """
    if act not in BY_WORDS_ALONE:
        raise ValueError(act)
    with transaction.atomic():
        grant = held_grant(actor, grant_id)
        if is_same_act(actor, grant, act, expected_version):
            return grant
        words = take_turn(actor, grant, act, expected_version=expected_version, reason=reason, now=now)
        _move(actor, grant, act, words, now)
        if act is GrantAct.PUBLISH:
            _issue(grant, now)
        grant.save()
        note_grant_step(actor, grant, act, now, note=words)
    return grant


def _move(actor: Actor, grant: Grant, act: GrantAct, reason: str, now: datetime) -> None:
    grant.state = TO[act]
    grant.reason = reason or grant.reason
    grant.version += 1
    if act in {GrantAct.APPROVE, GrantAct.REFUSE}:
        grant.decided_at, grant.decided_by_id = now, actor.post_id


def _issue(grant: Grant, now: datetime) -> None:
    grant.state, grant.issued_at, grant.code = GrantState.VALID, now, new_code()


def _check_points(grant: Grant, kind: GrantKind) -> None:
    met = {row["key"] for row in grant.points if row["is_met"]}
    if any(point.required and point.key not in met for point in kind.points):
        raise PointsUnmet


def _check_terms(terms: GrantTerms, kind: GrantKind, today: date) -> None:
    """Refuse a term in the past, turned round or too long, and what the pack does not offer."""
    if terms.starts_on < today:
        words = _("生效日期不能早于今天。")
        raise TermInvalid(words, fields={"starts_on": words})
    if not timedelta(0) <= terms.ends_on - terms.starts_on < timedelta(days=kind.longest_days):
        longest = _("有效期须从生效日起，最长 %(days)s 天。") % {"days": kind.longest_days}
        raise TermInvalid(longest, fields={"ends_on": longest})
    if not set(terms.conditions) <= {row.key for row in kind.conditions}:
        raise TermInvalid(fields={"conditions": TermInvalid.sentence})
    if not set(terms.permits) <= {row.key for row in kind.permits}:
        raise TermInvalid(fields={"permits": TermInvalid.sentence})
    if len(terms.further_condition.strip()) > LONGEST_CONDITION:
        words = _("其他条件最长 500 字。")
        raise TermInvalid(words, fields={"further_condition": words})
