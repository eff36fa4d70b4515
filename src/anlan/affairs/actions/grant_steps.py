"""What every act on a grant goes through before and after: its turn, a step, an audit line, open pages."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions.admissions import LONGEST_WORDS, ReasonNeeded
from anlan.affairs.grant_rules import FROM, NEEDS_REASON, GrantAct, Standing
from anlan.affairs.models import Grant, GrantStep
from anlan.affairs.queries.grants import access_grant, had_a_hand, is_of_role, standing_on
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, NotAllowed
from anlan.foundation.live import announce_change

SUBJECT = "affairs.Grant"
GRANTS = "grants"  # live topic of the list, a grant's page and what a facility's page shows


class GrantMoved(Conflict):
    """Somebody did something with it first, or it is not at this step."""

    code = "grant_moved"
    sentence = _("这项资格刚被别人办理过，或不在这一步，请刷新后再看。")


class GrantOver(Conflict):
    """Its last day is over, or its holder is no more."""

    code = "grant_over"
    sentence = _("这项资格已到期，或单位已终止登记，不能再办理。")


class OwnHands(NotAllowed):
    """Who applied does not check, who applied or checked does not decide."""

    code = "own_hands"
    sentence = _("申请、核查、审批须由不同的人办理，请由另一位负责人办理。")


def held_grant(actor: Actor, grant_id: UUID) -> Grant:
    """Return a grant of the actor's to be changed by nobody else meanwhile, or raise NotFound."""
    access_grant(actor, grant_id)
    return Grant.objects.select_for_update(of=("self",)).select_related("facility").get(pk=grant_id)


def is_same_act(actor: Actor, grant: Grant, act: GrantAct, expected_version: int) -> bool:
    """Say whether the actor's post did this very act to that version: the same form sent twice."""
    steps = grant.steps.filter(version=expected_version + 1, act=act, post_id=actor.post_id)
    return grant.version == expected_version + 1 and steps.exists()


def take_turn(
    actor: Actor, grant: Grant, act: GrantAct, *, expected_version: int, reason: str, now: datetime
) -> str:
    """Return the trimmed reason where this is the actor's to do now.

    Raises GrantMoved, GrantOver, NotAllowed, OwnHands, ReasonNeeded.
    """
    if not is_of_role(actor, grant, act):
        raise NotAllowed
    if grant.version != expected_version or grant.state not in FROM[act]:
        raise GrantMoved
    if standing_on(grant, day_of(now)) in {Standing.EXPIRED, Standing.HOLDER_GONE}:
        raise GrantOver
    if had_a_hand(actor, grant, act):
        raise OwnHands
    words = reason.strip()
    if len(words) > LONGEST_WORDS or (act in NEEDS_REASON and not words):
        raise ReasonNeeded(fields={"reason": ReasonNeeded.sentence})
    return words


def note_grant_step(actor: Actor, grant: Grant, act: str, now: datetime, note: str = "") -> None:
    """Write a step, its audit line, and tell open pages."""
    GrantStep.objects.create(
        area_code=grant.area_code,
        grant=grant,
        act=act,
        version=grant.version,
        at=now,
        member_id=actor.member_id,
        post_id=actor.post_id,
        post_title=actor.post_title,
        member_name=actor.member_name,
        note=note,
    )
    audit.record(f"{act}_grant", SUBJECT, [grant.pk, grant.facility_id], area_code=grant.area_code)
    announce_change(GRANTS, grant.area_code)
