"""The commander's first screen: what to decide, verified events with their outlook, the burden, the duty."""

from datetime import timedelta
from uuid import UUID

from django.test import Client

from anlan.affairs.rules import Decision
from anlan.foundation.crypto import encrypt
from anlan.foundation.scope import duty, scope
from anlan.insight.commander import burden, commander_parts, decisions_of, events_of
from anlan.organisation.models import Member, Shift
from anlan.response.models import PlanProposal
from tests.affairs.test_gate import decide, survey
from tests.response.steps import approve, prepare, proposed
from tests.surveillance.test_loop import WHOLE, raise_signal, sign, verified
from tests.surveillance.test_outlook import grown
from tests.world import NORTH, World


def page(world: World, handle: str = "zhao") -> str:
    answer = world.sign_in(Client(), handle).get("/desk/command/")
    assert answer.status_code == 200
    return answer.content.decode()


def for_the_commander(world: World) -> UUID:
    """Ask for a class's plan in the whole community: the commander's to decide, the notice being signed."""
    proposal_id = proposed(world)
    sign(world, prepare(world, layer="community", wider_reason="两所学校共用食堂").signal_id)
    return proposal_id


def test_a_plan_of_the_commanders_layer_waits_with_people_cost_and_law(world: World) -> None:
    proposal_id = for_the_commander(world)

    shown = page(world)

    for words in (
        "请您决定",
        "社区",
        "约用工（小时）",
        "约费用（元）",
        "县级以上人民政府决定",
        "两所学校共用食堂",
    ):
        assert words in shown, words
    assert f"/responses/{proposal_id}/" in shown and "现在没有要您决定的事" not in shown


def test_a_plan_that_is_the_departments_to_decide_is_not_the_commanders(world: World) -> None:
    proposed(world)

    assert "现在没有要您决定的事" in page(world)


def test_a_response_may_be_lifted_once_its_days_without_a_case_have_passed(world: World) -> None:
    for_the_commander(world)
    approve(world, "zhao")
    commander = world.actor("zhao")

    with scope(commander):
        soon = decisions_of(commander, world.now + timedelta(days=2))
        later = decisions_of(commander, world.now + timedelta(days=40))

    assert soon == []
    assert [(one.act, one.proposal.state) for one in later] == [("lift", "running")]


def test_the_commander_sees_events_once_they_are_verified(world: World) -> None:
    raise_signal(world)
    commander = world.actor("zhao")
    with scope(commander):
        assert events_of(commander, world.now) == []

    signal_id = verified(world)
    with scope(commander):
        (event,) = events_of(commander, world.now)
    assert event.line.signal.pk == signal_id
    assert not event.is_forecast and event.outlook == "不作预测：首例报告不足两周"


def test_small_numbers_of_a_forecast_are_hidden_from_the_commander(world: World) -> None:
    grown(world, verified(world), (8, 0, 0, 0, 2))
    commander, officer = world.actor("zhao"), world.actor("zhou")

    with scope(commander):
        (event,) = events_of(commander, world.now)
    with scope(officer):
        (same,) = events_of(officer, world.now)

    assert event.is_forecast and "过去 7 天 <5 例" in event.outlook
    assert "过去 7 天 2 例" in same.outlook


def test_the_burden_is_that_of_all_communities_and_names_the_heaviest(world: World) -> None:
    commander = world.actor("zhao")
    with scope(commander):
        assert burden(commander, world.now).minutes == 0

    decide(world, survey(world, NORTH), Decision.ADMIT)  # 90 minutes a month in each of two communities

    with scope(commander):
        found = burden(commander, world.now)
    assert (found.minutes, found.communities, found.heaviest_minutes) == (180, 2, 90)
    assert "本周基层负担" in page(world)


def test_the_phone_of_who_is_on_duty_is_shown_when_asked_for_and_on_record(world: World) -> None:
    member = world.members["zhou"]
    sealed = encrypt("15400000077", context="organisation.Member.phone")
    Member.objects.filter(pk=member.pk).update(phone=sealed)
    begins, ends = world.now - timedelta(hours=1), world.now + timedelta(hours=6)
    Shift.objects.create(post=world.posts["zhou"], member=member, starts_at=begins, ends_at=ends)
    client = world.sign_in(Client(), "zhao")
    shown = client.get("/desk/command/").content.decode()
    assert "15400000077" not in shown
    asks = shown[shown.index(f"/reveal/organisation.Member/{member.pk}/") :].partition(">")[0]
    assert 'hx-select="unset"' in asks  # the live area around it selects itself

    answer = client.post(f"/reveal/organisation.Member/{member.pk}/", {"fields": "phone", "why": "call"})

    assert "15400000077" in answer.content.decode()


def test_the_first_times_are_those_of_activated_plans(world: World) -> None:
    commander = world.actor("zhao")
    with scope(commander):
        assert commander_parts(commander, world.now)["times"].count == 0
    for_the_commander(world)
    approve(world, "zhao")

    with scope(commander):
        times = commander_parts(commander, world.now)["times"]
    with duty("detect", ranges=WHOLE, cause="test"):
        row = PlanProposal.objects.get()
    assert times.count == 1 and row.verified_at is not None and row.decided_at is not None
    assert times.verification_to_action == round((row.decided_at - row.verified_at).total_seconds() / 60)
