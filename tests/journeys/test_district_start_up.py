"""S01, of the registers: the tree comes in by a list, grids get their people, gaps are told by name."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests.journeys.browser import PHONE
from tests.journeys.person import Person, wrong_with
from tests.journeys.town import Town
from tests.world import AREAS, DISTRICT, FIELD, GRID_A, GRID_D, NORTH, SPRING, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
STONE = NORTH + "003"  # a village that the list brings, with two grids
NEW = {STONE: "石板村", STONE + "001": "石板一组", STONE + "002": "石板二组"}
STANDING = {code: name for code, name in AREAS.items() if len(code) <= len(SPRING)}


def test_a_district_starts_up(world: World, town: Town, browser: Browser) -> None:
    mei, qian = Person(browser, town, "mei"), Person(browser, town, "qian")
    kong, wang = Person(browser, town, "kong"), Person(browser, town, "wang", PHONE)

    the_list_comes_in(mei)
    one_grid_gets_its_worker(mei)
    the_other_is_called_by_its_name(qian)
    bodies_say_what_they_lack(kong, qian)
    five_haves_are_answered_and_counted(wang, kong)
    each_sees_their_own_part(wang)
    a_list_is_kept_as_one_likes_it(kong)

    assert wrong_with(mei, qian, kong, wang) == []


def the_list_comes_in(mei: Person) -> None:
    """Totals equal the list: three lines are new, the rest stand as they are, the wrong one is told."""
    lines = [f"{code} {name}" for code, name in {**STANDING, **NEW}.items()]
    mei.at(reverse("area_import"))
    mei.page.locator("[name=text]").fill("\n".join([*lines, "33019900X 写错的代码"]))
    mei.page.get_by_label("依据和原因").fill("统计用区划代码 2026 年版")
    mei.press("查看会改动什么")
    mei.sees(f"另有 {len(STANDING)} 行与现状相同")
    rejected = mei.page.get_by_role("table", name="没有采用的行")
    expect(rejected.get_by_role("row")).to_have_count(2)
    for name in NEW.values():
        mei.sees(name)
    mei.press("确认生效")
    mei.at(reverse("area", args=[STONE]))
    mei.sees("石板二组")


def one_grid_gets_its_worker(mei: Person) -> None:
    mei.at(f"{reverse('member_new')}?area={STONE}001")
    mei.page.locator("[name=name]").fill("石小满")
    mei.page.locator("form.form button[type=submit]").last.click()
    mei.page.wait_for_load_state("load")
    mei.at(f"{reverse('post_new')}?area={STONE}001")
    mei.page.get_by_label("角色").select_option(label="网格员")
    mei.press("设立岗位")
    mei.follow("任命")
    mei.page.locator("input[name=q]").last.fill("石小满")
    mei.page.keyboard.press("Enter")
    mei.page.get_by_role("radio", name="石小满").check()
    mei.page.get_by_label("任命依据").or_(mei.page.locator("[name=reason]")).first.fill("村里推选")
    mei.press("任命")
    mei.sees("石小满")


def the_other_is_called_by_its_name(qian: Person) -> None:
    qian.at(f"{reverse('grid_sizes', args=[STONE])}?view=open")
    expect(qian.page.get_by_role("row").filter(has_text="石板二组")).to_contain_text("无责任人")
    expect(qian.page.get_by_role("row").filter(has_text="石板一组")).to_have_count(0)
    qian.look_over()
    qian.at(reverse("area", args=[STONE]))
    qian.sees("石板二组")


def bodies_say_what_they_lack(kong: Person, qian: Person) -> None:
    kong.at(f"{reverse('body_new')}?area={SPRING}")
    kong.page.get_by_label("哪种组织").select_option(label="公共卫生委员会")
    kong.press("建立")
    kong.sees("还不齐全")
    qian.at(f"{reverse('body_coverage')}?area={NORTH}&template=public_health_committee")
    expect(qian.page.get_by_role("row").filter(has_text=AREAS[SPRING])).to_contain_text("主任")
    qian.look_over()


def five_haves_are_answered_and_counted(wang: Person, kong: Person) -> None:
    wang.at(reverse("checklist", args=["five_haves_one_grid", GRID_A]))
    for answer in wang.page.get_by_role("radio", name="是", exact=True).all():
        answer.check()
    for day in wang.page.locator("input[type=date]").all():
        day.fill("2026-11-01")
    for words in wang.page.locator("input[name^=evidence_]:not([type=date])").all():
        words.fill("一页纸处置卡（2026版）")
    wang.press("提交")
    kong.at(f"{reverse('checklist_coverage')}?area={SPRING}&checklist=five_haves_one_grid")
    expect(kong.page.get_by_role("row").filter(has_text=AREAS[GRID_A])).to_contain_text(re.compile(r"1\s*1"))
    kong.look_over()


def each_sees_their_own_part(wang: Person) -> None:
    wang.at(reverse("people"))
    wang.sees("共 7 人")
    for page, area in (("liaison", GRID_D), ("checklist_coverage", DISTRICT), ("body_coverage", FIELD)):
        assert wang.page.request.get(f"{wang.base}{reverse(page)}?area={area}").status == 404, page


def a_list_is_kept_as_one_likes_it(kong: Person) -> None:
    """A filter kept under a name, a column put away: both are there again when the list is opened anew."""
    page = kong.at(f"{reverse('posts')}?role=grid_worker").page
    page.get_by_text("保存这组筛选").click()
    page.get_by_label("名称").fill("本社区网格员")
    kong.press("保存")
    page.get_by_text("显示哪些列").click()
    column = page.locator("[data-part=columns] label").first
    heading = page.get_by_role("columnheader", name=column.inner_text().strip())
    column.click()
    expect(heading).to_have_count(0)

    kong.at(reverse("posts")).follow("本社区网格员")
    expect(page.get_by_role("link", name="本社区网格员")).to_have_attribute("aria-current", "true")
    expect(heading).to_have_count(0)
    kong.look_over()
