"""Pages of who arrived, which doors nobody verified for long, and what a grid asks of its workers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.people.models import Arrival, Household
from tests.pages import without_marks
from tests.people.caring import arrival, assignment, audited, key_person
from tests.world import DISTRICT, GRID_A, GRID_B, SPRING, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def wang(world: World, client: Client) -> Client:
    return world.sign_in(client, "wang")


def to_note(world: World) -> str:
    return reverse("arrival_new", args=[world.households[GRID_A][3].pk])


def came(world: World, **more: Any) -> dict[str, Any]:
    today = day_of(world.now).isoformat()
    return {
        "row_id": str(new_id()), "from_place": "外省某市", "on": today, "transport": "train",
        "people_count": "2", **more,
    }  # fmt: skip


def arrivals(world: World) -> list[Arrival]:
    with scope(world.actor("you")):
        return list(Arrival.objects.order_by("pk"))


def test_an_arrival_is_noted_once_and_stands_on_the_list_until_its_day(world: World, wang: Client) -> None:
    form = came(world)
    shown = wang.get(to_note(world)).content.decode()

    answers = [wang.post(to_note(world), form) for _time in (1, 2)]
    arrival(world, world.resident("赵秀兰"), day_of(world.now) - 30 * DAY)

    assert "三十天后自动删除" in shown and f'value="{day_of(world.now).isoformat()}"' in shown
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(audited("note_arrival")) == 1
    page = wang.get(reverse("arrivals")).content.decode()
    assert "共 1 条" in page and "外省某市" in page and "火车" in page
    assert audited("list")[-1].subject_ids == [world.households[GRID_A][3].pk]


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_place": ""}, {"from_place": "远" * 61}, {"from_place": "外\x00省"}, {"on": ""}, {"on": "soon"},
        {"on": "9999-12-31"}, {"on": "0001-01-01"}, {"transport": "walk"}, {"people_count": "0"},
        {"people_count": "51"}, {"people_count": "9" * 40}, {"people_count": "x"}, {"row_id": "x"},
    ],
)  # fmt: skip
def test_what_cannot_be_an_arrival_is_refused(world: World, wang: Client, wrong: dict[str, str]) -> None:
    assert wang.post(to_note(world), came(world, **wrong)).status_code == 422
    assert arrivals(world) == []


def test_an_arrival_of_tomorrow_or_long_ago_is_none(world: World, wang: Client) -> None:
    for days in (1, -30):
        on = (day_of(world.now) + days * DAY).isoformat()
        answer = wang.post(to_note(world), came(world, on=on))

        assert answer.status_code == 422
        assert "到达日期不能晚于今天" in answer.content.decode()
    assert arrivals(world) == []


def test_an_id_that_is_another_arrivals_tells_nothing(world: World, wang: Client) -> None:
    form = came(world)
    wang.post(to_note(world), form)

    other = wang.post(reverse("arrival_new", args=[world.households[GRID_A][0].pk]), form)

    assert other.status_code == 422
    assert len(arrivals(world)) == 1


def test_posts_of_health_read_arrivals_and_grid_work_notes_them(world: World, client: Client) -> None:
    arrival(world, world.resident("赵秀兰"))
    zheng = world.sign_in(client, "zheng")

    assert "外省某市" in zheng.get(reverse("arrivals")).content.decode()
    assert zheng.get(to_note(world)).status_code == 403
    assert zheng.post(to_note(world), came(world)).status_code == 403


def test_the_doors_nobody_verified_are_queued_until_somebody_stood_there(world: World, wang: Client) -> None:
    homes, today = world.households[GRID_A], day_of(world.now)
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.filter(pk=homes[0].pk).update(verified_on=today - 180 * DAY)  # just not too long
        Household.objects.filter(pk=homes[1].pk).update(verified_on=today - 181 * DAY)
    visit = reverse("household_visit", args=[homes[2].pk])

    before = wang.get(reverse("recheck")).content.decode()
    wang.post(visit, {"row_id": str(new_id()), "kind": "not_found"})
    not_found = wang.get(reverse("recheck")).content.decode()
    wang.post(visit, {"row_id": str(new_id()), "kind": "visited"})
    after = wang.get(reverse("recheck")).content.decode()

    assert "共 3 户" in before and visit in before
    assert "共 3 户" in not_found
    assert "共 2 户" in after and visit not in after


def test_who_answers_on_two_lines_is_named_once(world: World, wang: Client) -> None:
    for line in ("contract_household", "party_member"):
        assignment(world, world.households[GRID_A][0], "shi", line)

    assert wang.get(reverse("recheck")).content.decode().count("石磊") == 1


def test_an_empty_queue_says_why(world: World, wang: Client) -> None:
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.update(verified_on=day_of(world.now))

    assert "都核对过了" in wang.get(reverse("recheck")).content.decode()
    assert "三十天内没有登记新到人员" in wang.get(reverse("arrivals")).content.decode()


@pytest.mark.parametrize("name", ["arrivals", "recheck", "workload"])
def test_an_area_out_of_range_is_absent_and_one_deeper_down_stays_chosen(
    world: World, client: Client, name: str
) -> None:
    qian = world.sign_in(client, "qian").get(reverse(name), {"area": GRID_A}).content.decode()
    wang = world.sign_in(client, "wang")

    assert [wang.get(reverse(name), {"area": area}).status_code for area in (GRID_B, "abc", "²")] == [404] * 3
    assert name == "workload" or f'<option value="{GRID_A}" selected>' in qian


@pytest.mark.parametrize("name", ["arrivals", "recheck"])
def test_the_number_of_queries_does_not_grow_with_the_list(
    world: World, wang: Client, django_assert_max_num_queries: Any, name: str
) -> None:
    arrival(world, world.resident("赵秀兰"))
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.exclude(pk=world.households[GRID_A][0].pk).update(verified_on=day_of(world.now))
    wang.get(reverse(name))
    with django_assert_max_num_queries(30) as few:
        wang.get(reverse(name))
    for person in ("欧阳建国", "龚𬀪", "林小雨"):
        arrival(world, world.resident(person))
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.update(verified_on=None)

    with django_assert_max_num_queries(len(few)):
        wang.get(reverse(name))


def test_the_work_of_each_grid_shows_who_is_overdue_and_leads_to_them(world: World, client: Client) -> None:
    today = day_of(world.now)
    key_person(world, world.resident("赵秀兰"), due_on=today - DAY)
    key_person(world, world.resident("赵秀兰"), "disabled", due_on=today - DAY)  # one person for two reasons
    key_person(world, world.resident("龚𬀪"), "disabled", due_on=today + 3 * DAY)
    arrival(world, world.resident("赵秀兰"))

    kong = world.sign_in(client, "kong")
    page = kong.get(reverse("workload")).content.decode()

    led = f"{reverse('key_people')}?area={GRID_A}&amp;view=due"
    assert f'<a class="bad" href="{led}">1</a>' in page
    assert page.count('class="bad"') == 1  # the other grid owes nobody a visit
    assert "赵**" in kong.get(led.replace("&amp;", "&")).content.decode()
    assert kong.get(reverse("workload"), {"area": SPRING}).status_code == 200


def test_a_health_post_is_not_shown_the_work_of_grids(world: World, client: Client) -> None:
    assert world.sign_in(client, "zhou").get(reverse("workload")).status_code == 403


def test_the_neighbour_is_told_the_same_as_of_an_absent_door(world: World, client: Client) -> None:
    liu = world.sign_in(client, "liu")

    answers = [liu.get(path) for path in (to_note(world), reverse("arrival_new", args=[new_id()]))]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_marks(answers[0].content) == without_marks(answers[1].content)


@pytest.mark.parametrize("name", ["arrivals", "recheck", "workload", "arrival_new"])
def test_the_stranger_is_asked_to_sign_in(world: World, client: Client, name: str) -> None:
    answer = client.get(reverse(name, args=[new_id()] if name == "arrival_new" else []))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
