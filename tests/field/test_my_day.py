"""A grid worker's morning: at most seven lines by urgency and way, replies, no map, no diagnosis."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.field import queries
from anlan.field.presenting import echoes, phone_day
from anlan.field.rules import SHOWN, way_of
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, record_case_report
from anlan.workorders.actions import open_order, raise_problem
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import Stage
from tests.pages import without_marks
from tests.people.caring import key_person
from tests.world import DISTRICT, GRID_A, GRID_B, World

DAY = "/field/today/"


def ask(
    world: World, place: str, *, kind: str = "resident_problem", whom: str = "wang", area: str = GRID_A
) -> WorkOrder:
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return open_order(
            kind=kind,
            area_code=area,
            accountable=world.posts[whom],
            asked_by_id=world.posts["kong"].pk,
            task="给赵秀兰送药",
            place_name=place,
            category="help_needed" if kind == "resident_problem" else "",
            now=world.now,
        )


def day(world: World, after: timedelta = timedelta()) -> queries.Day:
    actor = world.actor("wang")
    with scope(actor):
        return queries.day_of_post(actor, world.now + after)


def test_places_are_ordered_as_one_walks_them() -> None:
    assert sorted(["10号楼", "2号楼2单元", "2号楼1单元", ""], key=way_of) == [
        "",
        "2号楼1单元",
        "2号楼2单元",
        "10号楼",
    ]


def test_the_urgent_stands_first_then_building_and_stairs(world: World) -> None:
    for place in ("10号楼", "2号楼 2单元", "2号楼 1单元"):
        ask(world, place)
    ask(world, "12号楼", kind="neighbour_co_response")

    places = [order.place_name for order in day(world).orders]

    assert places == ["12号楼", "2号楼 1单元", "2号楼 2单元", "10号楼"]


def test_what_is_overdue_stands_before_what_is_urgent(world: World) -> None:
    late = ask(world, "10号楼")
    urgent = ask(world, "1号楼", kind="neighbour_co_response")
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        WorkOrder.objects.filter(pk=late.pk).update(due_at=world.now - timedelta(minutes=1))

    assert [order.pk for order in day(world).orders] == [late.pk, urgent.pk]


def test_seven_lines_are_shown_and_the_minutes_are_of_all(world: World) -> None:
    for number in range(SHOWN + 2):
        ask(world, f"{number}号楼")

    today = day(world)

    assert (len(today.orders), today.more_count) == (SHOWN, 2)
    assert today.minutes_left == 30 * (SHOWN + 2)  # resident_problem is estimated at 30 minutes


def test_what_waits_for_others_is_no_longer_of_the_day(world: World) -> None:
    order = ask(world, "1号楼")
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        WorkOrder.objects.filter(pk=order.pk).update(stage=Stage.FED_BACK)

    assert day(world).orders == [] and day(world).minutes_left == 0


def test_the_page_tells_what_became_of_a_report_and_leads_to_reporting(world: World) -> None:
    report = NewReport(area_code=GRID_A, condition="diarrhoea_vomiting", source="page", place_name="1号楼")
    record_case_report(actor=world.actor("wang"), report=report, now=world.now)
    ask(world, "2号楼")

    page = world.sign_in(Client(), "wang").get(DAY).content.decode()

    assert "已收到" in page and "1号楼" in page and "2号楼" in page and "/field/#ill" in page
    assert "/field/#problem" in page
    assert "腹泻" not in page and "choropleth" not in page


def test_what_became_of_a_problem_one_raised_stands_among_the_replies(world: World) -> None:
    actor = world.actor("wang")
    with scope(actor):
        raise_problem(
            actor=actor,
            area_code=GRID_A,
            category="facility_broken",
            words="单元门锁坏了",
            place_name="2号楼",
            now=world.now,
        )
        told = echoes(queries.day_of_post(actor, world.now))

    assert [(echo.words, echo.place) for echo in told] == [("设施损坏 · 信息采集", "2号楼")]
    assert told[0].href in world.sign_in(Client(), "wang").get(DAY).content.decode()


def test_the_three_people_who_wait_at_home_stand_by_themselves(world: World) -> None:
    for number in range(1, 6):
        ask(world, f"{number}号楼")
    urgent = ask(world, "9号楼", kind="neighbour_co_response")

    people = day(world).people
    page = world.sign_in(Client(), "wang").get(DAY).content.decode()

    assert [order.place_name for order in people] == ["1号楼", "2号楼", "3号楼"] and urgent not in people
    assert "需要我的人" in page and "给赵秀兰送药" in page


def test_a_line_that_asks_something_of_the_community_can_be_given_back(world: World) -> None:
    given_back = ask(world, "1号楼", kind="neighbour_co_response")
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        WorkOrder.objects.filter(pk=ask(world, "2号楼").pk).update(minutes=None)

    today = day(world)
    page = world.sign_in(Client(), "wang").get(DAY).content.decode()

    assert [order.pk for order in today.not_ours] == [given_back.pk] and len(today.orders) == 2
    assert f"/orders/{given_back.pk}/#objection" in page


def test_a_neighbours_orders_are_not_there(world: World) -> None:
    ask(world, "刘洋的楼", whom="liu", area=GRID_B)

    mine = world.sign_in(Client(), "wang").get(DAY)
    theirs = world.sign_in(Client(), "liu").get(DAY)

    assert "刘洋的楼" not in mine.content.decode() and "刘洋的楼" in theirs.content.decode()


def test_a_post_without_grid_work_and_a_stranger_do_not_reach_it(world: World) -> None:
    assert world.sign_in(Client(), "zhou").get(DAY).status_code == 403
    answer = Client().get(DAY)
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_the_number_of_queries_does_not_grow_beyond_the_seven_lines(
    world: World,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[CaptureQueriesContext]],
) -> None:
    for number in range(SHOWN):
        ask(world, f"{number}号楼")
    client = world.sign_in(Client(), "wang")
    client.get(DAY)
    with django_assert_max_num_queries(40) as few:
        client.get(DAY)
    for number in range(SHOWN):
        ask(world, f"{number}号楼")

    with django_assert_max_num_queries(len(few)):
        client.get(DAY)


def test_a_phone_is_given_kinds_and_places_and_no_name_no_task_no_health_order(world: World) -> None:
    ask(world, "1号楼")
    health = ask(world, "2号楼")
    today = day(world)
    next(order for order in today.orders if order.pk == health.pk).purpose = "health"

    kept = phone_day(today, world.actor("wang"), world.now)

    assert [line["where"] for line in kept["lines"]] == ["1号楼"]
    told = {"id", "area", "what", "where", "due_at", "minutes", "href", "mine", "begun", "items"}
    assert set(kept["lines"][0]) == told
    assert "赵秀兰" not in str(kept)


def test_the_page_kept_on_phones_is_the_same_for_everybody(world: World) -> None:
    ask(world, "1号楼")

    pages = [world.sign_in(Client(), handle).get("/field/") for handle in ("wang", "liu")]

    assert pages[0].status_code == 200
    assert without_marks(pages[0].content) == without_marks(pages[1].content)
    assert "csrf" not in pages[0].content.decode() and "王芳" not in pages[0].content.decode()


def test_the_day_says_how_many_are_to_be_looked_in_on_and_names_nobody(world: World, client: Client) -> None:
    today, page = day_of(world.now), world.sign_in(client, "wang")
    assert "该看望的人" not in page.get(DAY).content.decode()
    key_person(world, world.resident("赵秀兰", GRID_A), due_on=today - timedelta(days=1))
    key_person(world, world.resident("赵秀兰", GRID_A), kind="disabled")
    key_person(world, world.resident("陈大明", GRID_A), kind="disabled")
    key_person(world, world.resident("欧阳建国", GRID_A), due_on=today + timedelta(days=1))
    key_person(world, world.resident("王伟", GRID_B), kind="disabled")

    shown = page.get(DAY).content.decode()

    assert "2 人今天该走访" in shown
    assert "其中 1 人已过了日子" in shown
    assert "赵" not in shown
