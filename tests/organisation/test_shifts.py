"""The duty roster of a post: planned, moved, swapped, withdrawn, by whoever looks after the post."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    Hours,
    ShiftChanged,
    ShiftInvalid,
    appoint,
    move_shift,
    plan_shift,
    swap_shifts,
    withdraw_shift,
)
from anlan.organisation.models import Shift
from anlan.organisation.queries import on_duty
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return utc_now().replace(second=0, microsecond=0) + timedelta(minutes=1)


@pytest.fixture
def town(world: World) -> World:
    """Wang and Liu hold Wang's post; Qian looks after it."""
    qian = world.actor("qian")
    with scope(qian):
        appoint(actor=qian, post_id=world.posts["wang"].pk, member_id=world.members["liu"].pk, now=utc_now())
    return world


def plan(world: World, who: str, starts_at: datetime, hours: int = 8, by: str = "qian") -> Shift:
    actor = world.actor(by)
    on = Hours(world.members[who].pk, starts_at, starts_at + hours * HOUR)
    with scope(actor):
        return plan_shift(actor=actor, post_id=world.posts["wang"].pk, hours=on, now=utc_now())


def names_on_duty(at: datetime) -> list[str]:
    return [row.member.name for row in on_duty(GRID_A, now=at)]


def test_a_planned_shift_says_who_is_on_duty_then_and_not_before(town: World, now: datetime) -> None:
    plan(town, "wang", now + HOUR)

    assert names_on_duty(now) == []
    assert names_on_duty(now + 2 * HOUR) == ["王芳"]
    assert names_on_duty(now + 9 * HOUR) == []


def test_a_shift_moves_to_other_hours_and_to_another_holder(town: World, now: datetime) -> None:
    shift, qian = plan(town, "wang", now + HOUR), town.actor("qian")
    later = Hours(town.members["liu"].pk, now + 10 * HOUR, now + 12 * HOUR)

    with scope(qian):
        move_shift(actor=qian, shift_id=shift.pk, hours=later, expected_version=1, now=utc_now())

        assert (names_on_duty(now + 2 * HOUR), names_on_duty(now + 11 * HOUR)) == ([], ["刘洋"])
        with pytest.raises(ShiftChanged):
            move_shift(actor=qian, shift_id=shift.pk, hours=later, expected_version=1, now=utc_now())
    with scope(town.actor("xu")):
        detail = AuditEntry.objects.get(verb="move_shift").detail
    assert detail["before"]["member"] == str(town.members["wang"].pk)
    assert detail["after"]["member"] == str(town.members["liu"].pk)


def test_two_shifts_are_swapped_at_once(town: World, now: datetime) -> None:
    early, late = plan(town, "wang", now + HOUR), plan(town, "liu", now + 10 * HOUR)
    qian = town.actor("qian")

    with scope(qian):
        swap_shifts(actor=qian, shift_id=early.pk, other_id=late.pk, expected_version=1, now=utc_now())

    assert (names_on_duty(now + 2 * HOUR), names_on_duty(now + 11 * HOUR)) == (["刘洋"], ["王芳"])


def test_a_swap_that_would_double_somebody_is_refused_whole(town: World, now: datetime) -> None:
    early, late = plan(town, "wang", now + HOUR), plan(town, "liu", now + 10 * HOUR)
    plan(town, "liu", now + 4 * HOUR, hours=2)
    qian = town.actor("qian")

    with scope(qian), pytest.raises(ShiftInvalid):
        swap_shifts(actor=qian, shift_id=early.pk, other_id=late.pk, expected_version=1, now=utc_now())

    assert names_on_duty(now + 2 * HOUR) == ["王芳"]
    assert Shift.objects.get(pk=late.pk).version == 1


def test_a_withdrawn_shift_is_gone_and_one_that_runs_ends_now(town: World, now: datetime) -> None:
    coming, qian = plan(town, "wang", now + HOUR), town.actor("qian")
    running = Shift.objects.create(
        post=town.posts["wang"], member=town.members["liu"], starts_at=now - HOUR, ends_at=now + HOUR
    )

    with scope(qian):
        for shift in (coming, running):
            withdraw_shift(actor=qian, shift_id=shift.pk, expected_version=1, now=now)

    assert not Shift.objects.filter(pk=coming.pk).exists()
    assert Shift.objects.get(pk=running.pk).ends_at == now
    assert names_on_duty(now) == []


def test_of_a_shift_that_runs_only_the_end_changes(town: World, now: datetime) -> None:
    wang, liu, qian = town.members["wang"].pk, town.members["liu"].pk, town.actor("qian")
    running = Shift.objects.create(
        post=town.posts["wang"], member_id=wang, starts_at=now - HOUR, ends_at=now + HOUR
    )

    with scope(qian):
        for hours in (Hours(liu, now - HOUR, now + HOUR), Hours(wang, now + HOUR, now + 2 * HOUR)):
            with pytest.raises(ShiftInvalid):
                move_shift(actor=qian, shift_id=running.pk, hours=hours, expected_version=1, now=now)
        longer = Hours(wang, now - HOUR, now + 3 * HOUR)
        move_shift(actor=qian, shift_id=running.pk, hours=longer, expected_version=1, now=now)

    assert names_on_duty(now + 2 * HOUR) == ["王芳"]


def test_hours_that_cannot_be_are_refused(town: World, now: datetime) -> None:
    plan(town, "wang", now + HOUR)

    for who, starts_at, hours in (
        ("wang", now + 2 * HOUR, 8),  # on duty already
        ("wang", now - 2 * HOUR, 1),  # past
        ("wang", now + 20 * HOUR, 0),
        ("wang", now + 20 * HOUR, 49),
        ("hou", now + 20 * HOUR, 8),  # does not hold the post
    ):
        with pytest.raises(ShiftInvalid):
            plan(town, who, starts_at, hours)
    assert Shift.objects.count() == 1


def test_only_who_looks_after_the_post_plans_its_shifts(town: World, now: datetime) -> None:
    for handle in ("wang", "kong", "zhao"):
        with pytest.raises(NotAllowed):
            plan(town, "wang", now + HOUR, by=handle)


def test_the_roster_by_its_pages(town: World, client: Client, now: datetime) -> None:
    post, qian = town.posts["wang"], town.sign_in(client, "qian")
    roster = reverse("roster", args=[post.pk])

    def sent(who: str, first: datetime, **more: object) -> dict[str, object]:
        local = "%Y-%m-%dT%H:%M"
        shanghai = timedelta(hours=8)
        return {
            "member": town.members[who].pk,
            "starts_at": (first + shanghai).strftime(local),
            "ends_at": (first + shanghai + 8 * HOUR).strftime(local),
            "row_id": "019e2a1c-0000-7000-8000-000000000001",
            **more,
        }

    assert "还没有排班" in qian.get(roster).content.decode()
    assert qian.post(roster, sent("wang", now + HOUR)).status_code == 302
    qian.post(roster, sent("wang", now + HOUR))  # the same form twice is one shift
    shift = Shift.objects.get()
    assert shift.starts_at == now + HOUR
    assert "王芳" in qian.get(reverse("post", args=[post.pk])).content.decode()
    page = reverse("duty_shift", args=[shift.pk])
    assert "撤掉这一班" in qian.get(page).content.decode()
    refused = qian.post(page, sent("hou", now + HOUR, version=1))
    assert refused.status_code == 422
    assert qian.post(page, sent("liu", now + 2 * HOUR, version=1)).status_code == 302
    assert qian.post(reverse("duty_withdraw", args=[shift.pk]), {"version": 1}).status_code == 409
    assert qian.post(reverse("duty_withdraw", args=[shift.pk]), {"version": 2}).status_code == 302
    assert not Shift.objects.exists()


def test_others_do_not_reach_the_roster(town: World, client: Client, now: datetime) -> None:
    shift = plan(town, "wang", now + HOUR)
    for path in (reverse("roster", args=[town.posts["wang"].pk]), reverse("duty_shift", args=[shift.pk])):
        assert client.get(path).status_code == 302
        assert town.sign_in(client, "wang").get(path).status_code == 403
        client.logout()
