"""The leaders' first screens: what waits, from their own ranges only."""

from datetime import timedelta

from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.insight import desk_queries
from anlan.workorders.actions import open_order
from tests.surveillance.test_loop import raise_signal, signed, verified
from tests.world import BRIDGE, DISTRICT, GRID_A, GRID_C, GRID_D, SPRING, World

LATER = timedelta(days=30)


def ask(world: World, *, kind: str, area: str, whom: str) -> None:
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        open_order(
            kind=kind,
            area_code=area,
            accountable=world.posts[whom],
            asked_by_id=world.posts["qian"].pk,
            task="核对台账",
            now=world.now,
        )


def test_a_secretary_sees_new_and_late_orders_of_the_community_and_of_no_other(world: World) -> None:
    ask(world, kind="household_help", area=GRID_A, whom="wang")
    ask(world, kind="household_help", area=GRID_C, whom="hou")
    secretary = world.actor("kong")

    with scope(secretary):
        today = desk_queries.community_desk(secretary, world.now)
        later = desk_queries.community_desk(secretary, world.now + LATER)

    assert [order.area_code for order in today.new_orders] == [GRID_A] and today.late_count == 0
    assert [order.area_code for order in later.late_orders] == [GRID_A] and later.late_count == 1


def test_an_appeal_stands_there_once_it_has_waited_four_hours(world: World) -> None:
    ask(world, kind="resident_problem", area=GRID_A, whom="tao")
    secretary = world.actor("kong")

    with scope(secretary):
        waits = [
            desk_queries.community_desk(secretary, world.now + timedelta(hours=hours)).appeal_count
            for hours in (3, 5)
        ]

    assert waits == [0, 1]


def test_a_subdistrict_sees_its_communities_those_with_red_clocks_first(world: World) -> None:
    ask(world, kind="household_help", area=GRID_C, whom="hou")
    ask(world, kind="household_help", area=GRID_D, whom="du")  # in another subdistrict
    officer = world.actor("qian")

    with scope(officer):
        lines = desk_queries.communities_of(officer, world.now + LATER)

    assert [line.area.code for line in lines] == [BRIDGE, SPRING]
    assert [(line.open_orders, line.late_orders) for line in lines] == [(1, 1), (0, 0)]


def test_a_late_order_of_a_department_is_named_and_one_of_the_own_house_is_not(world: World) -> None:
    ask(world, kind="department_support", area=GRID_A, whom="yang")
    ask(world, kind="household_help", area=GRID_A, whom="wang")
    officer = world.actor("qian")

    with scope(officer):
        late = desk_queries.late_at_departments(officer, world.now + LATER)

    assert [order.accountable_id for order in late] == [world.posts["yang"].pk]


def test_the_commander_sees_events_once_they_are_verified(world: World) -> None:
    raise_signal(world)
    commander = world.actor("zhao")
    with scope(commander):
        assert desk_queries.commander_desk(commander, world.now).events == []

    signal_id = verified(world)
    with scope(commander):
        assert [event.pk for event in desk_queries.commander_desk(commander, world.now).events] == [signal_id]


def test_places_that_have_not_answered_are_counted_and_named(world: World) -> None:
    signed(world)
    for handle in ("zhao", "qian"):
        actor = world.actor(handle)
        with scope(actor):
            found = desk_queries.silent_receivers(actor)
            assert found and all(row.acknowledged_at is None for row in found), handle
    assert "还没有应答的地方" in world.sign_in(Client(), "zhao").get("/desk/command/").content.decode()


def test_each_screen_opens_for_its_post(world: World) -> None:
    signed(world)
    ask(world, kind="household_help", area=GRID_A, whom="wang")
    for handle, words in (("kong", "新派工单"), ("qian", "各社区"), ("zhao", "此刻值班")):
        answer = world.sign_in(Client(), handle).get("/", follow=True)
        assert answer.status_code == 200 and words in answer.content.decode(), handle
