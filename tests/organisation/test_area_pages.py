"""Areas: who answers for them, what lies in them, what they border on, and who may look."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from anlan.foundation.clock import utc_now
from anlan.organisation.models import Appointment, Area, AreaLink, Shift
from anlan.organisation.rules import LinkKind
from tests.organisation.acting import facts, hold
from tests.world import (
    BRIDGE,
    DISTRICT,
    FIELD,
    GRID_A,
    GRID_B,
    GRID_C,
    GRID_D,
    NORTH,
    SCHOOL_GRID,
    SPRING,
    World,
)

AREA_QUERIES = 25  # of a whole area page, whatever the number of areas, posts and people in it


def text_of(world: World, client: Client, handle: str, path: str, status: int = 200) -> str:
    answer = world.sign_in(client, handle).get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_ones_own_area_is_the_first_one_sees(world: World, client: Client) -> None:
    answer = world.sign_in(client, "wang").get("/areas/")

    assert answer.headers["Location"] == f"/areas/{GRID_A}/"


def test_a_grid_names_who_answers_for_it_at_every_level(world: World, client: Client) -> None:
    page = text_of(world, client, "wang", f"/areas/{GRID_A}/")

    for name in ("王芳", "孔庆华", "钱海", "赵敏", "周航"):
        assert name in page
    assert "李静" not in page  # of the next community


def test_the_parts_of_an_area_page_follow_what_changes(world: World, client: Client) -> None:
    grid = text_of(world, client, "wang", f"/areas/{GRID_A}/")
    community = text_of(world, client, "wang", f"/areas/{SPRING}/")

    assert 'data-live-topics="posts areas"' in grid
    assert 'hx-select-oob="#area-around"' in grid
    assert 'hx-select-oob="#area-figures,#area-around"' in community
    for part in ("area-staff", "area-around", "area-figures"):
        assert f'id="{part}"' in community


def test_a_vacancy_is_marked_on_the_grid_and_listed_above_it(world: World, client: Client) -> None:
    Appointment.objects.filter(pk=world.appointments["wang"].pk).update(ends_at=utc_now())

    grid = text_of(world, client, "qian", f"/areas/{GRID_A}/")
    community = text_of(world, client, "qian", f"/areas/{SPRING}/")

    assert "本网格没有责任人" in grid
    assert 'id="unstaffed"' in community
    assert "春泉第二网格" not in community.partition('id="unstaffed"')[2].partition("</section>")[0]


def test_a_special_grid_is_answered_for_by_its_unit(world: World, client: Client) -> None:
    assert "本网格没有责任人" not in text_of(world, client, "chu", f"/areas/{SCHOOL_GRID}/")

    Appointment.objects.filter(pk=world.appointments["chu"].pk).update(ends_at=utc_now())

    assert "本网格没有责任人" in text_of(world, client, "tao", f"/areas/{SCHOOL_GRID}/")


def test_neighbours_are_those_that_border_or_are_declared(world: World, client: Client) -> None:
    AreaLink.objects.create(
        low_code=GRID_A, high_code=GRID_D, kind=LinkKind.DECLARED, reason="共用水源", starts_at=world.now
    )

    page = text_of(world, client, "wang", f"/areas/{GRID_A}/").partition('id="area-around"')[2]

    assert "春泉第二网格" in page
    assert "共用水源" in page
    assert "新桥第一网格" not in page


def test_facilities_are_shown_only_inside_ones_range(world: World, client: Client) -> None:
    own = text_of(world, client, "liu", f"/areas/{GRID_B}/")
    other = text_of(world, client, "liu", f"/areas/{GRID_C}/")

    assert "望山街道社区卫生服务中心" in own
    assert "新桥大药房" not in other
    assert "单位与场所" not in other


def test_the_contact_at_the_cdc_is_whoever_is_on_shift(world: World, client: Client) -> None:
    now = utc_now()
    Shift.objects.create(
        post=world.posts["zhou"],
        member=world.members["wu"],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=7),
    )

    page = text_of(world, client, "wang", f"/areas/{GRID_A}/")
    contact = page.partition("疾控对接")[2].partition("</section>")[0]

    assert "吴岚" in contact
    assert "周航" not in contact


def test_an_area_that_ended_says_so(world: World, client: Client) -> None:
    Area.objects.filter(code=GRID_B).update(ends_at=utc_now())

    page = text_of(world, client, "wang", f"/areas/{GRID_B}/")

    assert "该区域已撤销" in page


def test_practice_districts_and_real_ones_do_not_see_each_other(world: World, client: Client) -> None:
    hold(world, "lead", role="district_commander", area_code="990101", purposes=["lead"])

    absent = world.sign_in(client, "wang").get("/areas/330199009/")
    practice = world.sign_in(client, "wang").get("/areas/990101/")
    real = world.sign_in(client, "lead").get(f"/areas/{DISTRICT}/")
    real_map = world.sign_in(client, "lead").get(f"/areas/{DISTRICT}/map.json")

    assert {answer.status_code for answer in (absent, practice, real, real_map)} == {404}
    assert "江城区" not in text_of(world, client, "lead", "/areas/?q=江城")
    assert "江城区" in text_of(world, client, "wang", "/areas/?q=江城")


def test_absent_and_hidden_are_the_same_bytes(world: World, client: Client) -> None:
    hold(world, "lead", role="district_commander", area_code="990101", purposes=["lead"])
    world.sign_in(client, "wang")

    def body(path: str) -> bytes:
        headers = {"Accept": "application/json"}
        return client.get(path, headers=headers).content

    assert body("/areas/990101/") == body("/areas/990102/") == body("/areas/nonsense/")


def test_an_area_is_found_by_name_and_by_the_beginning_of_its_code(world: World, client: Client) -> None:
    assert "新桥第一网格" in text_of(world, client, "wang", "/areas/?q=新桥")
    assert "青田第二网格" in text_of(world, client, "wang", f"/areas/?q={FIELD}")
    assert "没有找到区域" in text_of(world, client, "wang", "/areas/?q=没有这个地方")


def test_the_map_shows_what_lies_below_and_of_a_grid_its_neighbours(world: World, client: Client) -> None:
    world.sign_in(client, "wang")

    community = client.get(f"/areas/{SPRING}/map.json").json()["features"]
    grid = client.get(f"/areas/{GRID_B}/map.json").json()["features"]

    filled = [one["properties"]["code"] for one in community if not one["properties"]["outline"]]
    assert filled == [GRID_A, GRID_B, SCHOOL_GRID]
    assert [one["properties"]["code"] for one in grid] == [GRID_A, GRID_C, GRID_B]
    assert [one["properties"]["code"] for one in grid if one["properties"]["own"]] == [GRID_B]


@pytest.mark.parametrize(
    "path", [f"/areas/{GRID_A}/", "/areas/", f"/areas/{GRID_A}/map.json", f"/areas/{GRID_A}/links/new/"]
)
def test_a_stranger_is_asked_to_sign_in(world: World, client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("code", [DISTRICT, SPRING, GRID_A])
def test_an_area_page_costs_the_same_however_large_the_area(
    world: World, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, code: str
) -> None:
    world.sign_in(client, "qian")
    client.get(f"/areas/{code}/")

    with django_assert_max_num_queries(AREA_QUERIES):
        client.get(f"/areas/{code}/")


def test_an_officer_links_two_areas_and_ends_the_link(world: World, client: Client) -> None:
    world.sign_in(client, "qian")

    client.post(f"/areas/{GRID_A}/links/new/", {"other": "青田第一网格", "reason": "共用一所小学"})
    link = AreaLink.objects.get(kind=LinkKind.DECLARED)
    assert (link.low_code, link.high_code, link.reason) == (GRID_A, GRID_D, "共用一所小学")
    client.post(f"/areas/{GRID_A}/links/{link.pk}/end/")
    client.post(f"/areas/{GRID_A}/links/{link.pk}/end/")

    link.refresh_from_db()
    assert link.ends_at is not None
    assert len(facts("AreasLinked")) == len(facts("AreasUnlinked")) == 1


@pytest.mark.parametrize("other", ["没有这个地方", SPRING, GRID_A, "990101"])
def test_a_link_to_nowhere_to_another_level_or_to_itself_is_refused(
    world: World, client: Client, other: str
) -> None:
    answer = world.sign_in(client, "qian").post(
        f"/areas/{GRID_A}/links/new/", {"other": other, "reason": "共用水源"}
    )

    assert answer.status_code == 422
    assert not AreaLink.objects.filter(kind=LinkKind.DECLARED).exists()


def test_two_areas_are_linked_once(world: World, client: Client) -> None:
    world.sign_in(client, "qian")
    said = {"other": GRID_D, "reason": "共用水源"}

    first = client.post(f"/areas/{GRID_A}/links/new/", said)
    second = client.post(f"/areas/{GRID_A}/links/new/", said)

    assert (first.status_code, second.status_code) == (302, 422)
    assert "已登记关联" in second.content.decode()


def test_links_are_for_those_who_look_after_the_area(world: World, client: Client) -> None:
    border = AreaLink.objects.get(low_code=GRID_A, high_code=GRID_B)

    assert world.sign_in(client, "kong").get(f"/areas/{GRID_A}/links/new/").status_code == 403
    assert world.sign_in(client, "qian").get(f"/areas/{GRID_D}/links/new/").status_code == 403
    assert client.post(f"/areas/{GRID_A}/links/{border.pk}/end/").status_code == 404
    for other in (BRIDGE, NORTH):
        assert client.get(f"/areas/{other}/links/new/").status_code == 200
