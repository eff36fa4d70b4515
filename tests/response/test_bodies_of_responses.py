"""Bodies founded for a running response: by whom, where, once, in words for everybody, and their end."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.errors import NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.actions import NewBody, NewSeat, found_body, seat_member
from anlan.organisation.models import Body, Seat
from anlan.response.actions import NotToBeFounded, ProposalMoved, found_body_of
from anlan.response.models import ResponseStep
from tests.response.steps import approve, lift, proposed, rows, the_proposal
from tests.world import BRIDGE, SPRING, World

BRANCH = f"temporary_party_branch@{SPRING}"
WHY = "隔离点现场党员多，便于分工"


def founded(
    world: World, handle: str = "kong", *, place: str = BRANCH, reason: str = WHY, body_id: UUID | None = None
) -> Body:
    actor = world.actor(handle)
    with scope(actor):
        return found_body_of(
            actor=actor, proposal_id=the_proposal().pk, place=place, reason=reason,
            body_id=body_id or new_id(), now=world.now,
        )  # fmt: skip


def test_a_body_founded_for_a_response_ends_with_it_and_others_stay(world: World) -> None:
    proposed(world)
    approve(world)
    branch = founded(world)
    kong = world.actor("kong")
    with scope(kong):
        wanted = NewSeat(body_id=branch.pk, slot="secretary", post_id=world.posts["kong"].pk, is_lead=True)
        seat_member(actor=kong, wanted=wanted, now=world.now)
        groups = NewBody(template="community_one_office_seven_groups", area_code=SPRING, reason="演练")
        own = found_body(actor=kong, wanted=groups, now=world.now)

    lift(world)

    at = world.now + timedelta(days=30)
    bodies = {body.pk: body for body in rows(Body)}
    assert (bodies[branch.pk].ends_at, bodies[branch.pk].end_reason) == (at, "末例后满 21 天无新发")
    assert [seat.ends_at for seat in rows(Seat)] == [at]
    assert bodies[own.pk].ends_at is None
    steps = {step.act: step.note for step in rows(ResponseStep)}
    assert (steps["found_body"], steps["end_bodies"]) == ("临时党支部", "1")


def test_the_same_form_sent_twice_founds_once_and_the_place_is_taken_then(world: World) -> None:
    proposed(world)
    approve(world)
    body_id = new_id()

    assert founded(world, body_id=body_id) == founded(world, body_id=body_id)

    assert len(rows(Body)) == 1
    with pytest.raises(NotToBeFounded):
        founded(world)


def test_words_that_name_the_illness_do_not_reach_the_body(world: World) -> None:
    proposed(world)
    approve(world)

    assert founded(world).reason == WHY
    assert "麻疹" not in founded(world, "wu", place=f"community_one_office_seven_groups@{SPRING}",
                               reason="麻疹聚集").reason  # fmt: skip


def test_only_for_a_running_response_and_only_where_the_post_seats(world: World) -> None:
    proposed(world)
    with pytest.raises(NotFound):  # a secretary sees what runs
        founded(world)
    with pytest.raises(ProposalMoved):
        founded(world, "wu")
    approve(world)
    with pytest.raises(NotToBeFounded):  # another community's
        founded(world, place=f"temporary_party_branch@{BRIDGE}")
    with pytest.raises(NotToBeFounded):  # the CDC seats nobody
        founded(world, "zhou")
    with pytest.raises(NotFound):
        founded(world, "li")
    assert not rows(Body)


def test_the_page_offers_it_shows_it_and_takes_the_form_twice(world: World) -> None:
    proposal_id = proposed(world)
    approve(world)
    kong = world.sign_in(Client(), "kong")
    page, door = reverse("response", args=[proposal_id]), reverse("response_body", args=[proposal_id])
    assert "临时党支部 · 春泉社区" in kong.get(page).content.decode()
    sent = {"place": BRANCH, "reason": WHY, "row_id": str(new_id())}

    assert kong.post(door, {**sent, "reason": ""}).status_code == 422
    assert [kong.post(door, sent).status_code for _twice in range(2)] == [302, 302]

    shown = kong.get(page).content.decode()
    assert reverse("body", args=[sent["row_id"]]) in shown
    assert "临时党支部 · 春泉社区" not in shown
    assert "成立原因" not in world.sign_in(Client(), "zheng").get(page).content.decode()
    assert kong.post(door, {**sent, "row_id": str(new_id())}).status_code == 422  # there is one
