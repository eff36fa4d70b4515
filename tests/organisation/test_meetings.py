"""What a body decided: written down with one accountable post each, followed until it is settled."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    DecisionMoved,
    MeetingInvalid,
    NewDecision,
    NewMeeting,
    hold_meeting,
    settle_decision,
)
from anlan.organisation.models import Decision, Meeting
from anlan.organisation.queries.bodies import my_decisions, wanted_decisions
from tests.organisation.seating import command_group, decided
from tests.world import World

pytestmark = pytest.mark.django_db


def settle(world: World, who: str, decision: Decision, state: str = "done", reason: str = "") -> Decision:
    actor = world.actor(who)
    with scope(actor):
        return settle_decision(
            actor=actor,
            decision_id=decision.pk,
            state=state,
            reason=reason,
            expected_version=1,
            now=utc_now(),
        )


def test_a_meeting_is_held_once_with_its_decisions(world: World) -> None:
    body, kong, now = command_group(world), world.actor("kong"), utc_now()
    one = NewDecision(words="备齐应急包", accountable_id=world.posts["wang"].pk, due_on=day_of(now))
    meeting = NewMeeting(
        body_id=body.pk, held_at=now, agenda="应急准备", present=(world.members["tao"].pk,),
        decisions=(one, replace(one, words="核对电话")), meeting_id=new_id(),
    )  # fmt: skip
    with scope(kong):
        for _time in range(2):
            held = hold_meeting(actor=kong, meeting=meeting, now=now)

        assert (Meeting.objects.count(), Decision.objects.count()) == (1, 2)
        assert held.present == [world.members["tao"].pk]


def test_what_cannot_be_is_refused_whole(world: World) -> None:
    body, kong, now = command_group(world), world.actor("kong"), utc_now()
    one = NewDecision(words="备齐应急包", accountable_id=world.posts["wang"].pk, due_on=day_of(now))
    good = NewMeeting(body_id=body.pk, held_at=now, agenda="应急准备", decisions=(one,))
    with scope(kong):
        for wrong in (
            replace(good, held_at=now + timedelta(hours=1)),
            replace(good, agenda=" "),
            replace(good, present=(world.members["du"].pk,)),
            replace(good, decisions=(one, replace(one, words=" "))),
            replace(good, decisions=(replace(one, due_on=day_of(now) - timedelta(days=1)),)),
            replace(good, decisions=(replace(one, accountable_id=world.posts["du"].pk),)),
            replace(good, decisions=(one,) * 21),
        ):
            with pytest.raises(MeetingInvalid):
                hold_meeting(actor=kong, meeting=wrong, now=now)
        with pytest.raises(NotFound):
            hold_meeting(
                actor=kong, meeting=replace(good, decisions=(replace(one, accountable_id=uuid4()),)), now=now
            )
        assert not Meeting.objects.exists()
    for handle, refusal in (("tao", NotAllowed), ("li", NotFound)):
        actor = world.actor(handle)
        with scope(actor), pytest.raises(refusal):
            hold_meeting(actor=actor, meeting=good, now=now)


def test_the_accountable_post_below_settles_its_decision_once(world: World) -> None:
    decision, wang = decided(world, command_group(world), "wang"), world.actor("wang")
    with scope(wang):
        assert [row.pk for row in my_decisions(wang)] == [decision.pk]

    done = settle(world, "wang", decision)
    again = settle(world, "wang", decision)

    assert (done.state, done.version, again.version) == ("done", 2, 2)
    assert done.done_at is not None
    with scope(wang):
        assert not my_decisions(wang).exists()
    with pytest.raises(DecisionMoved):
        settle(world, "kong", decision, "dropped", "不需要")
    with scope(world.actor("xu")):
        entry = AuditEntry.objects.get(verb="settle_decision")
    assert entry.duty == "serve_body"


def test_who_answers_for_it_does_not_give_it_up_and_a_reason_is_needed(world: World) -> None:
    decision = decided(world, command_group(world), "wang")
    with pytest.raises(NotAllowed):
        settle(world, "wang", decision, "dropped", "太忙")
    for state, reason in (("dropped", " "), ("open", "")):
        with pytest.raises(MeetingInvalid):
            settle(world, "kong", decision, state, reason)

    assert settle(world, "qian", decision, "dropped", "并入另一项").reason == "并入另一项"


def test_others_do_not_settle_it_and_the_neighbour_does_not_see_it(world: World) -> None:
    decision = decided(world, command_group(world), "wang")

    for handle, refusal in (("tao", NotAllowed), ("zhou", NotAllowed), ("liu", NotFound), ("li", NotFound)):
        with pytest.raises(refusal):
            settle(world, handle, decision)


def test_the_list_is_narrowed_to_overdue_mine_and_settled(world: World) -> None:
    body, kong = command_group(world), world.actor("kong")
    today, mine = decided(world, body, "tao", days=0), decided(world, body, "kong", days=9)
    tomorrow = utc_now() + timedelta(days=1)

    def shown(view: str) -> list[Decision]:
        with scope(kong):
            return list(wanted_decisions(kong, {"view": view}, now=tomorrow).order_by("due_on"))

    assert shown("") == [today, mine]
    assert shown("overdue") == [today]
    assert shown("mine") == [mine]
    settle(world, "tao", today)
    assert shown("settled") == [today]
    assert shown("") == [mine]
