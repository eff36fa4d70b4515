"""S11, of the registers: a caring team, and a person who agrees to be looked in on and takes it back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from anlan.foundation.clock import day_of, utc_now
from tests.journeys.browser import PHONE
from tests.journeys.person import Person, wrong_with
from tests.journeys.town import Town
from tests.world import GRID_A, SPRING, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SEATS = (
    ("社区工作人员（召集人）", "陶然"), ("基层医生", "郑洁"), ("网格员", "王芳"),
    ("车辆与志愿者", "石磊"), ("车辆与志愿者", "刘洋"),
)  # fmt: skip


def test_a_caring_team_looks_in_on_who_agreed(world: World, town: Town, browser: Browser) -> None:
    kong, wang = Person(browser, town, "kong"), Person(browser, town, "wang", PHONE)
    zhao = world.resident("赵秀兰", GRID_A)

    a_team_without_police_is_flagged(kong)
    she_agrees(wang, reverse("person", args=[zhao.pk]))
    she_stands_on_the_service_list(kong)
    she_is_visited(wang, reverse("person", args=[zhao.pk]))
    her_door_says_whom_to_ask(wang, reverse("household", args=[zhao.household_id]))
    she_takes_it_back(wang, kong, reverse("person", args=[zhao.pk]))

    assert wrong_with(kong, wang) == []


def a_team_without_police_is_flagged(kong: Person) -> None:
    kong.at(f"{reverse('body_new')}?area={SPRING}")
    kong.page.get_by_label("哪种组织").select_option(label="爱心专班")
    kong.press("建立")
    for slot, who in SEATS:
        kong.page.get_by_role("row").filter(has_text=slot).get_by_role("link", name="安排").click()
        kong.page.locator("input[name=q]").last.fill(who)
        kong.page.keyboard.press("Enter")
        kong.page.get_by_role("radio", name=who).first.check()
        kong.press("安排")
    missing = kong.page.locator(".notice").filter(has_text="还不齐全")
    expect(missing).to_contain_text("社区民警")
    expect(missing).not_to_contain_text("网格员")


def she_agrees(wang: Person, page: str) -> None:
    wang.at(page).follow("列为重点人群")
    wang.page.get_by_label("独居老人").check()
    wang.page.get_by_label("本人", exact=True).check()
    wang.page.get_by_label("需要的服务").select_option(label="代取送药")
    wang.press("列入")
    wang.sees("已列入")


def she_stands_on_the_service_list(kong: Person) -> None:
    kong.at(reverse("service_list"))
    kong.sees("赵**")
    kong.sees("代取送药")
    kong.look_over()


def she_is_visited(wang: Person, page: str) -> None:
    wang.at(page).follow("记走访")
    wang.page.get_by_label("上门见到").check()
    wang.press("记下")
    today = day_of(utc_now())
    wang.sees(f"上次走访 {today} · 下次走访 {today + timedelta(days=7)}")


def her_door_says_whom_to_ask(wang: Person, page: str) -> None:
    wang.at(page)
    wang.sees("就近找谁")
    wang.sees("王芳")


def she_takes_it_back(wang: Person, kong: Person, page: str) -> None:
    wang.at(page)
    wang.page.get_by_role("button", name="撤回同意").click()
    wang.press("撤回")
    wang.sees("已撤回同意")
    kong.at(reverse("key_people"))
    expect(kong.page.get_by_text("赵**")).to_have_count(0)
    kong.at(reverse("service_list"))
    expect(kong.page.get_by_text("赵**")).to_have_count(0)
