"""A department and the gate of the communities: held, admitted, sent, given back, expired (story S14)."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from anlan.affairs.models import Admission
from anlan.foundation.clock import day_of, utc_now
from tests.journeys.browser import PHONE
from tests.journeys.person import CLOCK_MS, Person, in_the_house, wrong_with
from tests.journeys.town import LIVE_MS, Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SURVEY, MONTHLY = "老年人月度摸底", "每月上报老年人台账"


@pytest.fixture
def with_clock() -> bool:
    return True


def try_to_pass_by(shen: Person, kong: Person, mei: Person) -> None:
    """The department sends its survey without an item: nothing goes out, and it stands in the log."""
    kong.watches("/gate/log/")
    mei.watches("/gate/")
    page = shen.at("/orders/task/").page
    shen.look_over()
    page.get_by_label("没有准入事项").check()
    page.get_by_label("春泉社区").check()
    page.get_by_label("一句话说明").fill(MONTHLY)
    shen.press("派出")

    shen.sees("准入关口没有放行")
    for words in (MONTHLY, "民政局干部 沈平", "没有准入"):
        kong.saw_it_come(words)
    held = mei.page.locator(".figure", has_text="本周拦下")
    expect(held).to_contain_text("1", timeout=LIVE_MS)
    mei.at("/gate/log/").sees(MONTHLY)
    for person in (kong, mei):
        person.look_over()
    assert kong.at("/orders/?view=open").page.get_by_text("部门交办社区的事项").count() == 1  # of the filter


def ask(shen: Person, mei: Person) -> None:
    """The department asks by the approval form, naming what it costs; it waits with the deciders."""
    mei.watches("/gate/")
    shen.follow("申请准入")
    page = shen.page
    shen.look_over()
    page.get_by_label("事项名称").fill(SURVEY)
    page.get_by_label("法律或文件依据").fill("民政工作要点第三条")
    page.get_by_label("每个社区每次约需分钟").fill("90")
    page.get_by_label("每周", exact=True).check()
    page.get_by_label("截止日期").fill((day_of(utc_now()) + timedelta(days=30)).isoformat())
    for community in ("春泉社区", "新桥社区"):
        page.get_by_label(community, exact=True).check()
    page.get_by_label("交回什么").fill("汇总数，不含名单")
    shen.press("提交审核")
    mei.saw_it_come(SURVEY)


def admit(mei: Person, shen: Person, kong: Person, li: Person) -> None:
    """Admitted, the order goes to each community by itself, and each counts its minutes."""
    shen.watches(shen.page.url.removeprefix(shen.base))
    for secretary in (kong, li):
        secretary.watches("/work/")
    mei.follow(SURVEY)
    mei.look_over()
    mei.press("同意准入")
    shen.saw_it_come("已准入")
    for secretary in (kong, li):
        secretary.saw_it_come("部门交办社区的事项")

    kong.at("/gate/?view=in_force").sees(SURVEY)
    cost = kong.page.locator(".figure", has_text="本周要花")
    expect(cost).to_contain_text("90")
    kong.look_over()


def give_back(li: Person, qian: Person, shen: Person) -> None:
    """新桥 gives its order back as not the community's; the subdistrict takes it off."""
    qian.watches("/gate/objections/")
    li.follow("部门交办社区的事项")
    li.look_over()
    li.page.get_by_label("引用清单").select_option(index=1)
    li.page.get_by_label("补充说明").fill("名册由民政部门自行维护")
    li.press("退回")
    li.watches(li.page.url.removeprefix(li.base))
    qian.saw_it_come("部门交办社区的事项")
    qian.page.get_by_role("link", name="部门交办社区的事项").first.click()
    qian.look_over()
    qian.page.get_by_label("异议成立，收回工单").check()
    qian.page.get_by_label("理由").fill("属于部门职责")
    qian.press("裁定")
    li.saw_it_come("未办即终止")
    li.sees("属于部门职责")
    shen.at("/orders/?view=asked").sees("结案")


def run_out(kong: Person, shen: Person) -> None:
    """Its last day passes: the house ends the item and the order under it, and nothing more goes out."""
    kong.at("/orders/").follow("部门交办社区的事项")
    kong.watches(kong.page.url.removeprefix(kong.base))
    shen.at("/orders/task/")
    yesterday = day_of(utc_now()) - timedelta(days=1)
    assert in_the_house(lambda: Admission.objects.update(ends_on=yesterday)) == 1
    kong.saw_it_come("准入事项已结束，工单随之结束。", within_ms=CLOCK_MS)

    shen.page.get_by_label(SURVEY).check()
    shen.page.get_by_label("一句话说明").fill("再报一次")
    shen.press("派出")
    assert shen.page.get_by_text("已派出").count() == 0
    kong.at("/gate/?view=refused").sees(SURVEY)
    kong.sees("已结束")
    kong.follow(SURVEY)
    kong.sees("到期自动结束")


def test_a_task_past_the_gate_is_held_and_an_admitted_one_lives_as_long_as_it_may(
    town: Town, browser: Browser
) -> None:
    shen, mei, li, qian = (Person(browser, town, handle) for handle in ("shen", "mei", "li", "qian"))
    kong = Person(browser, town, "kong", PHONE)

    try_to_pass_by(shen, kong, mei)
    ask(shen, mei)
    admit(mei, shen, kong, li)
    give_back(li, qian, shen)
    run_out(kong, shen)

    wrong = wrong_with(shen, mei, li, qian, kong)
    assert wrong == [], wrong
