"""Bodies: founded from a template, seated, complete or not, ended; who may, and what twice does."""

from datetime import timedelta
from uuid import uuid4

import pytest

from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    AlreadyFounded,
    BodyChanged,
    BodyInvalid,
    NewBody,
    NewSeat,
    SeatInvalid,
    SeatTakenAlready,
    end_body,
    found_body,
    leave_seat,
    seat_member,
)
from anlan.organisation.models import Appointment, Body, Post, Seat
from anlan.organisation.queries.bodies import completeness_of, seats_of, template_of
from tests.organisation.seating import command_group, found, grid_team, seat
from tests.world import BRIDGE, FIELD, GRID_A, GRID_D, SPRING, World

pytestmark = pytest.mark.django_db


def lacks(world: World, body: Body, by: str = "zhao") -> tuple[dict[str, int], bool]:
    with scope(world.actor(by)):
        row = completeness_of(template_of(body), seats_of(body, now=utc_now()))
    return dict(row.missing), row.lacks_lead


def test_a_founded_body_names_what_is_missing_until_every_seat_is_held(world: World) -> None:
    body = found(world)
    everything = {"head": 1, "residents_committee": 1, "owners_committee": 1, "self_organised": 1}
    assert lacks(world, body) == (everything, True)

    assert lacks(world, command_group_of(world, body)) == ({}, False)


def command_group_of(world: World, body: Body) -> Body:
    seat(world, body, "head", "kong", is_lead=True)
    seat(world, body, "residents_committee", "tao")
    seat(world, body, "owners_committee", "wang")
    seat(world, body, "self_organised", "han", as_person=True)
    return body


def test_a_seat_follows_whoever_holds_the_post_and_is_empty_while_nobody_does(world: World) -> None:
    body = command_group(world)

    Appointment.objects.filter(pk=world.appointments["tao"].pk).update(ends_at=utc_now())
    assert lacks(world, body) == ({"residents_committee": 1}, False)
    since = utc_now() - timedelta(minutes=1)
    Appointment.objects.create(post=world.posts["tao"], member=world.members["liu"], starts_at=since)

    assert lacks(world, body) == ({}, False)
    with scope(world.actor("zhao")):
        names = {m.name for row in seats_of(body, now=utc_now()) for m in row.holders}
    assert "刘洋" in names
    assert "陶然" not in names


def test_a_named_holder_of_a_post_leaves_the_seat_with_the_post(world: World) -> None:
    body, kong = found(world), world.actor("kong")
    wanted = NewSeat(
        body_id=body.pk, slot="residents_committee", post_id=world.posts["tao"].pk,
        member_id=world.members["tao"].pk,
    )  # fmt: skip
    with scope(kong):
        seat_member(actor=kong, wanted=wanted, now=utc_now())
    Appointment.objects.create(post=world.posts["tao"], member=world.members["liu"], starts_at=world.now)
    assert "residents_committee" not in lacks(world, body)[0]

    Appointment.objects.filter(pk=world.appointments["tao"].pk).update(ends_at=utc_now())

    assert "residents_committee" in lacks(world, body)[0]


def test_a_post_that_ended_leaves_its_seat_empty(world: World) -> None:
    body = command_group(world)

    Post.objects.filter(pk=world.posts["kong"].pk).update(ends_at=utc_now())

    assert lacks(world, body) == ({"head": 1}, True)


def test_the_same_form_twice_is_one_body_and_one_seat(world: World) -> None:
    kong, form, other = world.actor("kong"), new_id(), new_id()
    wanted = NewBody(template="community_command_group", area_code=SPRING, body_id=form)
    sat = NewSeat(body_id=form, slot="head", post_id=world.posts["kong"].pk, is_lead=True, seat_id=other)
    with scope(kong):
        for _time in range(2):
            found_body(actor=kong, wanted=wanted, now=utc_now())
            seat_member(actor=kong, wanted=sat, now=utc_now())

        assert (Body.objects.count(), Seat.objects.count()) == (1, 1)
        with pytest.raises(AlreadyFounded):
            found_body(
                actor=kong,
                wanted=NewBody(template="joint_parties", area_code=SPRING, body_id=form),
                now=utc_now(),
            )
    with scope(world.actor("xu")):
        assert AuditEntry.objects.filter(verb__in=["found_body", "seat_member"]).count() == 2


def test_a_second_body_of_one_name_is_refused_and_another_name_is_not(world: World) -> None:
    found(world, template="caring_team")

    with pytest.raises(AlreadyFounded):
        found(world, template="caring_team")
    assert found(world, template="caring_team", name="爱心二队").name == "爱心二队"


def test_a_body_stands_only_where_its_template_belongs(world: World) -> None:
    for template, at in (
        ("command_group", SPRING),  # of a district
        ("park_task_force", SPRING),  # of parks
        ("school_health_pair", GRID_A),  # of schools
        ("no_such", SPRING),
    ):
        with pytest.raises(BodyInvalid):
            found(world, "qian", template, at)


def test_one_that_lives_for_an_event_says_why(world: World) -> None:
    kong = world.actor("kong")
    wanted = NewBody(template="temporary_party_branch", area_code=SPRING)

    with scope(kong), pytest.raises(BodyInvalid) as refusal:
        found_body(actor=kong, wanted=wanted, now=utc_now())
    assert "reason" in refusal.value.fields


def test_only_org_or_lead_of_the_area_founds_and_seats(world: World) -> None:
    body = found(world)
    for handle in ("wang", "tao", "zhou", "li", "bai"):
        with pytest.raises(NotAllowed):
            found(world, handle, "caring_team", SPRING)
    for handle, refusal in (("tao", NotAllowed), ("zhou", NotAllowed), ("li", NotFound), ("wang", NotFound)):
        with pytest.raises(refusal):
            seat(world, body, "head", "kong", by=handle)
    assert found(world, "mei", "caring_team", BRIDGE).area_code == BRIDGE


def test_who_may_not_sit_there_is_refused(world: World) -> None:
    body = found(world)
    for slot, who, as_person in (
        ("head", "tao", False),  # another role
        ("head", "kong", True),  # a person where a post is wanted
        ("owners_committee", "du", False),  # a post of another subdistrict
        ("residents_committee", "li", False),
        ("no_such", "tao", False),
    ):
        with pytest.raises(SeatInvalid):
            seat(world, body, slot, who, as_person=as_person)
    with pytest.raises(SeatInvalid):  # the lead is the secretary's
        seat(world, body, "residents_committee", "tao", is_lead=True)
    kong = world.actor("kong")
    with scope(kong), pytest.raises(NotFound):
        seat_member(actor=kong, wanted=NewSeat(body_id=body.pk, slot="head", post_id=uuid4()), now=utc_now())
    seat(world, body, "residents_committee", "tao")
    with pytest.raises(SeatTakenAlready):
        seat(world, body, "residents_committee", "tao")


def test_a_new_lead_takes_over(world: World) -> None:
    body = found(world, template="temporary_party_branch")
    first = seat(world, body, "secretary", "tao", is_lead=True, as_person=True)
    second = seat(world, body, "members", "wang", is_lead=True, as_person=True)

    with scope(world.actor("kong")):
        assert list(Seat.objects.filter(is_lead=True)) == [second]
        assert Seat.objects.get(pk=first.pk).ends_at is None


def test_a_seat_is_left_once(world: World) -> None:
    body, kong = command_group(world), world.actor("kong")
    with scope(kong):
        one = Seat.objects.get(slot="owners_committee")
        leave_seat(actor=kong, seat_id=one.pk, now=utc_now())
        version = Body.objects.get(pk=body.pk).version
        leave_seat(actor=kong, seat_id=one.pk, now=utc_now())
        assert Body.objects.get(pk=body.pk).version == version
    assert lacks(world, body) == ({"owners_committee": 1}, False)
    bai = world.actor("bai")
    with scope(bai), pytest.raises(NotFound):
        leave_seat(actor=bai, seat_id=one.pk, now=utc_now())


def test_ending_a_body_ends_its_seats_and_needs_a_reason(world: World) -> None:
    body, kong = command_group(world), world.actor("kong")
    with scope(kong):
        version = Body.objects.get(pk=body.pk).version
        with pytest.raises(BodyInvalid):
            end_body(actor=kong, body_id=body.pk, reason=" ", expected_version=version, now=utc_now())
        with pytest.raises(BodyChanged):
            end_body(actor=kong, body_id=body.pk, reason="合并", expected_version=1, now=utc_now())
        for _time in range(2):
            ended = end_body(
                actor=kong, body_id=body.pk, reason="合并", expected_version=version, now=utc_now()
            )
        assert ended.ends_at is not None
        assert not Seat.objects.filter(ends_at=None).exists()
    with pytest.raises(BodyChanged):
        seat(world, body, "head", "kong")
    assert found(world).pk != body.pk  # the name is free again


def test_a_body_is_seen_in_range_alone(world: World) -> None:
    near, far = grid_team(world, "kong", GRID_A, "wang"), grid_team(world, "bai", GRID_D, "du")
    for handle, seen in (("wang", {near.pk}), ("du", {far.pk}), ("hou", set()), ("zhao", {near.pk, far.pk})):
        with scope(world.actor(handle)):
            assert set(Body.objects.values_list("pk", flat=True)) == seen
    assert far.area_code.startswith(FIELD)
