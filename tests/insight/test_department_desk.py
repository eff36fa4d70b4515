"""A department's first screen: calls to it, requests to decide, what it asks of communities."""

from django.test import Client

from anlan.affairs.queries import burden_asked
from anlan.affairs.rules import Decision
from anlan.foundation.clock import day_of
from anlan.foundation.scope import scope
from anlan.insight.department import department_desk
from tests.affairs.test_gate import decide, emergency, send, survey
from tests.surveillance.test_loop import signed
from tests.workorders.test_calls import called
from tests.world import NORTH, SPRING, World


def desk_of(world: World, handle: str) -> str:
    answer = world.sign_in(Client(), handle).get("/desk/department/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_department_begins_at_its_desk(world: World) -> None:
    for handle in ("han", "zhu", "mei"):
        assert world.sign_in(Client(), handle).get("/")["Location"] == "/desk/department/", handle


def test_a_called_department_sees_the_call_with_its_situation_and_no_other_does(world: World) -> None:
    order = called(world)

    assert "没有呼叫" not in desk_of(world, "han") and f"/orders/{order.pk}/" in desk_of(world, "han")
    assert "没有呼叫" in desk_of(world, "zhu")


def test_what_it_asks_of_communities_is_counted_once_a_community(world: World) -> None:
    shen = world.actor("shen")
    with scope(shen):
        assert burden_asked(shen, day_of(world.now)) == (0, 0)

    decide(world, survey(world, NORTH), Decision.ADMIT)  # 90 minutes in each of two communities

    with scope(shen):
        assert burden_asked(shen, day_of(world.now)) == (180, 2)
    other = world.actor("han")
    with scope(other):
        assert burden_asked(other, day_of(world.now)) == (0, 0)
    assert "2 个社区，按事项估算" in desk_of(world, "shen")


def test_an_order_it_asked_for_stands_there_until_it_is_done(world: World) -> None:
    order = send(world, decide(world, survey(world, SPRING), Decision.ADMIT))

    assert f"/orders/{order.pk}/" in desk_of(world, "shen")
    assert f"/orders/{order.pk}/" not in desk_of(world, "han")


def test_the_social_work_department_decides_at_the_gate_and_reviews_emergencies(world: World) -> None:
    asked, passed = survey(world, NORTH), emergency(world)
    mei, shen = world.actor("mei"), world.actor("shen")

    with scope(mei):
        decides = department_desk(mei, world.now)
    with scope(shen):
        asks = department_desk(shen, world.now)

    assert [row.pk for row in decides.requests] == [asked.pk]
    assert [row.pk for row in decides.reviews] == [passed.pk]
    assert (asks.requests, asks.reviews) == ([], []) and [row.pk for row in asks.own_requests] == [asked.pk]
    assert f"/gate/{asked.pk}/decide/" in desk_of(world, "mei")


def test_a_notice_to_the_department_waits_for_its_answer(world: World) -> None:
    signed(world)

    assert "待应答的通报" in desk_of(world, "zhu") and "待应答的通报" not in desk_of(world, "han")


def test_it_is_no_page_of_other_posts(world: World) -> None:
    for handle in ("wang", "kong", "zhao", "zhou"):
        assert world.sign_in(Client(), handle).get("/desk/department/").status_code == 403, handle
    stranger = Client().get("/desk/department/")
    assert stranger.status_code == 302 and stranger["Location"].startswith("/accounts/login/")
