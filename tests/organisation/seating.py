"""Bodies that tests found in the town."""

from datetime import timedelta

from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    ItemSaid,
    NewAnswers,
    NewBody,
    NewCall,
    NewDecision,
    NewMeeting,
    NewSeat,
    answer_checklist,
    call_up,
    found_body,
    hold_meeting,
    seat_member,
)
from anlan.organisation.models import Body, CallUp, CallUpReceipt, ChecklistAnswer, Decision, Seat
from tests.world import GRID_A, SPRING, World

FIVE = ("people", "duties", "contact", "supplies", "plan")  # items of five_haves_one_grid
EVIDENCE = {"supplies": "2026-11-01", "plan": "一页纸处置卡（2026版）"}


def found(
    world: World,
    by: str = "kong",
    template: str = "community_command_group",
    at: str = SPRING,
    name: str = "",
) -> Body:
    actor = world.actor(by)
    wanted = NewBody(template=template, area_code=at, name=name, reason="演练")
    with scope(actor):
        return found_body(actor=actor, wanted=wanted, now=utc_now())


def seat(
    world: World,
    body: Body,
    slot: str,
    who: str,
    *,
    by: str = "kong",
    is_lead: bool = False,
    as_person: bool = False,
) -> Seat:
    """Seat somebody's post, or somebody as a person."""
    actor = world.actor(by)
    wanted = NewSeat(
        body_id=body.pk,
        slot=slot,
        post_id=None if as_person else world.posts[who].pk,
        member_id=world.members[who].pk if as_person else None,
        is_lead=is_lead,
    )
    with scope(actor):
        return seat_member(actor=actor, wanted=wanted, now=utc_now())


def command_group(world: World) -> Body:
    """The command group of Spring: Kong leads; Tao, Wang and Han (as persons) sit in it: complete."""
    body = found(world)
    seat(world, body, "head", "kong", is_lead=True)
    seat(world, body, "residents_committee", "tao")
    seat(world, body, "owners_committee", "wang")
    seat(world, body, "self_organised", "han", as_person=True)
    return body


def grid_team(world: World, by: str, grid: str, lead: str) -> Body:
    """A five-on-one team of a grid, whose worker leads it."""
    body = found(world, by, "five_on_one", grid)
    seat(world, body, "grid", lead, by=by, is_lead=True)
    return body


def called(world: World, body: Body, by: str = "kong", minutes: int | None = None) -> CallUp:
    actor = world.actor(by)
    call = NewCall(body_id=body.pk, text="到社区集合", place="春泉社区", minutes=minutes)
    with scope(actor):
        return call_up(actor=actor, call=call, now=utc_now())


def receipt_of(world: World, call: CallUp, who: str) -> CallUpReceipt:
    with scope(world.actor("zhao")):
        return CallUpReceipt.objects.get(call_up=call, member=world.members[who])


def decided(world: World, body: Body, who: str, by: str = "kong", days: int = 3) -> Decision:
    """A decision of a meeting of the body that one's post answers for."""
    actor, now = world.actor(by), utc_now()
    one = NewDecision(
        words="备齐应急包", accountable_id=world.posts[who].pk, due_on=day_of(now) + timedelta(days=days)
    )
    meeting = NewMeeting(body_id=body.pk, held_at=now, agenda="应急准备", decisions=(one,))
    with scope(actor):
        held = hold_meeting(actor=actor, meeting=meeting, now=now)
        return held.decisions.get()


def answered(
    world: World, who: str = "wang", at: str = GRID_A, met: tuple[str, ...] = FIVE
) -> list[ChecklistAnswer]:
    """Answer the five haves of a grid, yes for those named."""
    actor = world.actor(who)
    said = {key: ItemSaid(key in met, EVIDENCE.get(key, "")) for key in FIVE}
    sheet = NewAnswers(checklist="five_haves_one_grid", area_code=at, answers=said, sending=new_id())
    with scope(actor):
        return answer_checklist(actor=actor, said=sheet, now=utc_now())
