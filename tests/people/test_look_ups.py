"""Looking people up wholesale is stopped and told; a day's work never is (SAFETY.md, misuse 12)."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import day_of, start_of, utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.models import Fact
from anlan.foundation.scope import scope
from anlan.people.actions import LookUpLimitExceeded
from anlan.people.actions.look import count_look_ups
from anlan.people.models import LookUp
from anlan.people.rules import LOOK_UP_LIMITS, LookUpKind
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import my_orders
from tests.surveillance.test_loop import run_reactions
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db


def test_five_thousand_look_ups_in_ten_minutes_are_stopped_and_told_once(world: World) -> None:
    wang, now, opened = world.actor("wang"), utc_now(), 0
    with scope(wang):
        for _person in range(5000):
            try:
                count_look_ups(wang, LookUpKind.OPENED, [new_id()], now=now)
                opened += 1
            except LookUpLimitExceeded as refusal:
                assert 0 < refusal.retry_after_seconds <= 601
                if opened + 20 < _person:
                    break

        assert opened == LOOK_UP_LIMITS[LookUpKind.OPENED]
        alarm = Fact.objects.get(name="people.LookUpLimitReached")
        assert alarm.payload["member_id"] == str(wang.member_id)


def test_two_hundred_visits_in_a_day_never_meet_the_limit(world: World) -> None:
    wang, start = world.actor("wang"), utc_now()
    with scope(wang):
        for visit in range(200):
            now = start + timedelta(minutes=2 * visit)
            count_look_ups(wang, LookUpKind.SEARCHED, [new_id()], now=now)
            count_look_ups(wang, LookUpKind.SEARCHED, [new_id()], now=now)
            count_look_ups(wang, LookUpKind.LISTED, [new_id() for _ in range(50)], now=now)
            count_look_ups(wang, LookUpKind.OPENED, [new_id(), new_id()], now=now)

        assert LookUp.objects.filter(kind="alarmed").count() == 0
        assert LookUp.objects.filter(kind="opened").count() < 40


def test_the_same_person_again_is_not_another(world: World) -> None:
    wang, now, person = world.actor("wang"), utc_now(), new_id()
    with scope(wang):
        assert count_look_ups(wang, LookUpKind.OPENED, [person], now=now) == 1
        assert count_look_ups(wang, LookUpKind.OPENED, [person], now=now) == 1


def test_the_page_says_slow_down_and_the_alarm_stays(world: World, client: Client) -> None:
    wang = world.actor("wang")
    chen = world.resident("陈大明", GRID_A)
    LookUp.objects.bulk_create(
        LookUp(member_id=wang.member_id, window_at=_window(), kind="opened", subject_id=new_id())
        for _person in range(LOOK_UP_LIMITS[LookUpKind.OPENED])
    )

    answer = world.sign_in(client, "wang").get(reverse("person", args=[chen.pk]))

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    with scope(wang):
        assert Fact.objects.filter(name="people.LookUpLimitReached").count() == 1


def _window() -> datetime:
    now = utc_now()
    return now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0)


def test_the_security_administrator_gets_one_order_for_the_person_and_day(world: World) -> None:
    wang, now = world.actor("wang"), start_of(day_of(utc_now())) + timedelta(hours=9)
    for window in range(2):
        with scope(wang):
            for _person in range(LOOK_UP_LIMITS[LookUpKind.OPENED] + 2):
                with suppress(LookUpLimitExceeded):
                    count_look_ups(wang, LookUpKind.OPENED, [new_id()], now=now + timedelta(hours=window))
    with scope(world.actor("wang")):
        assert Fact.objects.filter(name="people.LookUpLimitReached").count() == 2

    run_reactions()

    lu = world.actor("lu")
    with scope(lu):
        order = my_orders(lu).get()
        assert (order.kind, order.subject_id) == ("unusual_look_ups", wang.member_id)
        assert wang.member_name not in order.task
    for handle in ("zhao", "he", "xu", "wang"):
        with scope(world.actor(handle)):
            assert not WorkOrder.objects.filter(kind="unusual_look_ups").exists()
