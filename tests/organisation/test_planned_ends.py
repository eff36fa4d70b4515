"""An appointment that ends as planned is told to open pages, once, by the clock."""

from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.foundation.clock import utc_now
from anlan.foundation.jobs import name_of, run_everywhere
from anlan.foundation.ports import ports
from anlan.foundation.scope import scope
from anlan.organisation.actions import announce_ended_appointments, end_appointment
from anlan.organisation.models import Appointment
from tests.organisation.acting import hold
from tests.world import GRID_A, World


def plan_end(world: World, handle: str, ends_at: datetime) -> None:
    Appointment.objects.filter(pk=world.appointments[handle].pk).update(ends_at=ends_at)


def told(now: datetime) -> list[str]:
    """Run the duty as the clock does, and return the announcements of changed rights it made."""
    with CaptureQueriesContext(connection) as captured:
        run_everywhere(announce_ended_appointments, now=now)
    return [
        query["sql"]
        for query in captured
        if "anlan_live" in query["sql"] and '"appointments"' in query["sql"]
    ]


def test_a_planned_end_is_announced_once_it_has_come(world: World) -> None:
    ends_at = utc_now() + timedelta(hours=1)
    plan_end(world, "wang", ends_at)

    before, after = told(ends_at - timedelta(seconds=1)), told(ends_at)

    assert before == []
    assert len(after) == 1
    assert GRID_A in after[0]


def test_no_end_is_announced_twice(world: World) -> None:
    ends_at = utc_now()
    plan_end(world, "wang", ends_at)

    first, second = told(ends_at), told(ends_at + timedelta(seconds=5))

    assert (len(first), len(second)) == (1, 0)


def test_an_end_by_hand_is_not_announced_again_by_the_clock(world: World) -> None:
    qian, now = world.actor("qian"), utc_now()
    with scope(qian):
        end_appointment(
            actor=qian,
            appointment_id=world.appointments["wang"].pk,
            now=now,
            expected_version=1,
            reason="离岗",
        )

    assert told(now + timedelta(seconds=5)) == []


def test_a_planned_end_set_by_hand_is_announced_when_it_comes(world: World) -> None:
    qian, now = world.actor("qian"), utc_now()
    ends_at = now + timedelta(hours=2)
    with scope(qian):
        end_appointment(
            actor=qian,
            appointment_id=world.appointments["wang"].pk,
            now=now,
            expected_version=1,
            ends_at=ends_at,
        )

    assert (len(told(now)), len(told(ends_at))) == (0, 1)


def test_two_ends_of_one_post_are_one_announcement(world: World) -> None:
    ends_at = utc_now()
    plan_end(world, "wang", ends_at)
    Appointment.objects.create(
        post=world.posts["wang"],
        member=world.members["tao"],
        starts_at=ends_at - timedelta(hours=1),
        ends_at=ends_at,
    )

    assert len(told(ends_at)) == 1


def test_a_real_district_is_not_told_of_ends_in_a_practice_district(world: World) -> None:
    hold(world, "drill", role="grid_worker", area_code="990101001001001", purposes=["grid_work"])
    ends_at = utc_now()
    plan_end(world, "drill", ends_at)

    assert told(ends_at) == []


def test_the_clock_runs_the_duty_every_few_seconds(world: World) -> None:
    every = {name_of(one): seconds for seconds, one in ports().schedule}

    assert every[name_of(announce_ended_appointments)] == 5
