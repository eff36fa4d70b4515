"""Pages of premises: the list and its views, one facility, entering, correcting, verifying, beds."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.models import BedCount, Facility, Member
from tests.organisation.register_acts import enter, enter_car, say_beds
from tests.world import FIELD, GRID_A, GRID_B, GRID_C, NORTH, World

pytestmark = pytest.mark.django_db
TODAY = day_of(utc_now())
LIST_QUERIES = 14  # of the list, however many facilities it shows; one for own filters


def get(world: World, client: Client, handle: str, path: str, status: int = 200) -> str:
    answer = world.sign_in(client, handle).get(path)
    assert answer.status_code == status, path
    return html.unescape(answer.content.decode())


def post(world: World, client: Client, handle: str, path: str, **said: object) -> int:
    return world.sign_in(client, handle).post(path, said).status_code


def again(world: World, facility: Facility) -> Facility:
    with scope(world.actor("zhao")):
        return Facility.objects.get(pk=facility.pk)


def test_the_list_says_what_is_missing_and_what_was_never_verified(world: World, client: Client) -> None:
    enter(world)

    page = get(world, client, "qian", "/facilities/")

    assert "春泉卫生室" in page
    assert "缺 8 项" in page  # all that is asked of a village clinic
    assert "未核对过" in page


def test_the_views_of_the_list_narrow_it_and_say_so_when_empty(world: World, client: Client) -> None:
    assert "新桥大药房" in get(world, client, "hou", "/facilities/?view=incomplete")
    assert "新桥大药房" in get(world, client, "hou", "/facilities/?view=verify&kind=pharmacy")
    assert "这里没有单位" in get(world, client, "hou", "/facilities/?kind=hospital")
    assert "这里没有单位" in get(world, client, "gao", "/facilities/")


def test_a_list_of_one_kind_shows_its_attributes(world: World, client: Client) -> None:
    enter(world, kind="sampling_point", name="东门采样点", lanes=3, capacity_per_hour=450)

    page = get(world, client, "qian", "/facilities/?kind=sampling_point")

    assert "采样通道" in page
    assert "3 条" in page
    assert "450 人" in page
    assert "采样通道" not in get(world, client, "qian", "/facilities/")


def test_the_list_offers_what_may_be_said_of_its_kind_and_keeps_what_it_is_narrowed_to(
    world: World, client: Client
) -> None:
    enter(world, kind="hospital", name="东门医院", isolation_ability=True)

    of_all = get(world, client, "qian", "/facilities/?said=isolation_ability.yes")
    of_pharmacies = get(world, client, "qian", "/facilities/?kind=pharmacy&said=isolation_ability.yes")

    assert "东门医院" in of_all
    assert '<option value="isolation_ability.yes" selected>有隔离能力：是</option>' in of_all
    assert "24 小时营业：是" in of_pharmacies and "24 小时营业：是" not in of_all
    assert '<option value="isolation_ability.yes" selected>' in of_pharmacies  # it is narrowed to that still


def test_the_list_asks_as_often_for_one_facility_as_for_many(
    world: World, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        enter(world, name=f"第{number}卫生室")
    world.sign_in(client, "qian").get("/facilities/")

    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/facilities/")


def test_a_unit_sees_its_own_and_not_the_next_one_in_its_grid(world: World, client: Client) -> None:
    neighbour = enter(world, kind="pharmacy", name="新桥第二药房", at=GRID_C)

    page = get(world, client, "wei", "/facilities/")

    assert "新桥大药房" in page
    assert "新桥第二药房" not in page
    get(world, client, "wei", f"/facilities/{neighbour.pk}/", 404)


def test_the_page_of_a_facility_shows_what_it_has(world: World, client: Client) -> None:
    say_beds(world, world.health_centre, TODAY - timedelta(days=1), 20, 12)
    say_beds(world, world.health_centre, TODAY - timedelta(days=1), 20, 14, version=1)
    enter_car(world, world.health_centre)
    Member.objects.create(
        name="李医生", area_code=GRID_B, facility=world.health_centre,
        attributes={"profession": "physician", "title_rank": "senior"},
    )  # fmt: skip

    page = get(world, client, "zheng", f"/facilities/{world.health_centre.pk}/")

    for words in (
        "郑洁",
        "浙A·00001",
        "更正前：开放 20、占用 12",
        "医师",
        "高级",
        "达到标准化建设要求",
        "未填",
    ):
        assert words in page
    assert '"counts": [null' in page


def test_a_township_hospital_without_its_ambulance_says_so(world: World, client: Client) -> None:
    hospital = enter(world, kind="township_hospital", name="望山卫生院")

    assert "应配负压救护车" in get(world, client, "qian", f"/facilities/{hospital.pk}/")
    enter_car(world, hospital)
    assert "应配负压救护车" not in get(world, client, "qian", f"/facilities/{hospital.pk}/")


def test_a_facility_is_entered_through_its_kind_and_its_fields(world: World, client: Client) -> None:
    assert "村卫生室" in get(world, client, "qian", "/facilities/new/")
    page = get(world, client, "qian", "/facilities/new/?kind=pharmacy")
    assert "24 小时营业" in page

    said = {"row_id": new_id(), "area": "春泉第一网格", "name": "春泉药房", "open_all_day": "yes"}
    path = "/facilities/new/?kind=pharmacy"
    assert [post(world, client, "qian", path, **said) for _time in (1, 2)] == [302, 302]

    with scope(world.actor("qian")):
        row = Facility.objects.get(name="春泉药房")
    assert (row.area_code, row.attributes) == (GRID_A, {"open_all_day": True})


def test_wrong_input_is_shown_at_its_field(world: World, client: Client) -> None:
    said = {"row_id": new_id(), "area": GRID_A, "name": "采样点", "lanes": "0", "capacity_per_hour": "很多"}
    answer = world.sign_in(client, "qian").post("/facilities/new/?kind=sampling_point", said)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "不能小于 1" in page
    assert "请填写整数" in page


def test_an_area_beyond_the_ranges_is_refused(world: World, client: Client) -> None:
    said = {"row_id": new_id(), "area": FIELD, "name": "青田药房"}

    assert post(world, client, "qian", "/facilities/new/?kind=pharmacy", **said) == 403


def test_a_correction_is_saved_and_a_stale_one_is_told(world: World, client: Client) -> None:
    path = f"/facilities/{world.pharmacy.pk}/edit/"
    said = {"row_id": new_id(), "version": 1, "name": "新桥大药房", "supplier": "仁和医药"}

    assert post(world, client, "wei", path, **said) == 302
    assert post(world, client, "wei", path, **said) == 302  # the same form again changes nothing
    assert post(world, client, "hou", path, **(said | {"supplier": "别家"})) == 422
    assert again(world, world.pharmacy).attributes == {"supplier": "仁和医药"}


def test_the_form_shows_what_stands(world: World, client: Client) -> None:
    path = f"/facilities/{world.pharmacy.pk}/edit/"
    said = {"version": 1, "row_id": new_id(), "name": "新桥大药房", "open_all_day": "no", "supplier": "仁和"}
    post(world, client, "wei", path, **said)

    page = get(world, client, "wei", path)

    assert re.search(r'name="open_all_day" value="no"[^>]*checked', page)
    assert 'value="仁和"' in page
    assert "换成这一类的项目" not in page  # a unit does not change its kind


def test_who_enters_facilities_changes_a_kind(world: World, client: Client) -> None:
    path = f"/facilities/{world.health_centre.pk}/edit/?kind=township_hospital"
    assert "换成这一类的项目" in get(world, client, "qian", path)

    said = {"version": 1, "row_id": new_id(), "name": world.health_centre.name, "standardised": "yes"}
    assert post(world, client, "qian", path, **said) == 302
    assert again(world, world.health_centre).kind == "township_hospital"


def test_one_tap_verifies(world: World, client: Client) -> None:
    clinic = enter(world)
    assert "已核对" in get(world, client, "wang", f"/facilities/{clinic.pk}/")

    assert post(world, client, "wang", f"/facilities/{clinic.pk}/verify/", version=1) == 302

    assert again(world, clinic).verified_on == TODAY
    assert "已核对" not in get(world, client, "wang", f"/facilities/{clinic.pk}/").partition("核对</h2>")[0]
    assert post(world, client, "liu", f"/facilities/{clinic.pk}/verify/", version=2) == 404
    assert post(world, client, "zheng", f"/facilities/{clinic.pk}/verify/", version=2) == 403
    assert post(world, client, "wang", f"/facilities/{clinic.pk}/verify/", version="x") == 404


def test_a_facility_is_ended_on_its_page(world: World, client: Client) -> None:
    clinic = enter(world)
    path = f"/facilities/{clinic.pk}/end/"
    get(world, client, "qian", path)

    assert post(world, client, "qian", path, version=1, reason="") == 422
    assert post(world, client, "qian", path, version=1, reason="撤并") == 302

    assert again(world, clinic).ends_at is not None
    assert "该单位已终止登记" in get(world, client, "qian", f"/facilities/{clinic.pk}/")
    get(world, client, "wang", path, 403)
    get(world, client, "wang", f"/facilities/{clinic.pk}/edit/", 409)


def test_beds_are_said_on_their_page_for_today_or_a_day_before(world: World, client: Client) -> None:
    path = f"/facilities/{world.health_centre.pk}/beds/"
    yesterday = TODAY - timedelta(days=1)
    get(world, client, "zheng", path)

    one = {"version": 0, "on": TODAY, "open_count": 20, "occupied_count": 21}
    assert post(world, client, "zheng", path, **one) == 422
    assert post(world, client, "zheng", path, **(one | {"occupied_count": 12})) == 302
    assert post(world, client, "zheng", path, **(one | {"on": yesterday, "occupied_count": 9})) == 302

    with scope(world.actor("zheng")):
        assert dict(BedCount.objects.values_list("on", "occupied_count")) == {TODAY: 12, yesterday: 9}
    assert 'name="version" value="1"' in get(world, client, "zheng", f"{path}?on={yesterday}")
    get(world, client, "zheng", f"{path}?on=9999-99-99")
    get(world, client, "feng", path, 404)
    get(world, client, "liu", path, 403)


def test_the_part_of_an_area_page_tells_its_premises_and_nothing_beyond(world: World, client: Client) -> None:
    enter(world, standardised=True)
    say_beds(world, world.health_centre, TODAY, 20, 12)

    part = get(world, client, "qian", f"/areas/{NORTH}/premises/")

    assert f"/areas/{NORTH}/premises/" in get(world, client, "qian", f"/areas/{NORTH}/")
    assert "达标 1 / 1" in part
    assert "开放 20，占用 12" in part
    assert get(world, client, "bai", f"/areas/{NORTH}/premises/").strip() == ""
    assert "/premises/" not in get(world, client, "bai", f"/areas/{NORTH}/")


@pytest.mark.parametrize(
    "name", ["facility", "facility_edit", "facility_end", "facility_beds", "facilities", "facility_new"]
)
def test_a_stranger_is_asked_to_sign_in(world: World, client: Client, name: str) -> None:
    arguments = [world.pharmacy.pk] if name.startswith("facility") and name != "facility_new" else []

    assert client.get(reverse(name, args=arguments)).status_code == 302


def test_posts_without_that_work_do_not_open_the_list(world: World, client: Client) -> None:
    for handle in ("xu", "he", "lu", "you"):
        get(world, client, handle, "/facilities/", 403)
