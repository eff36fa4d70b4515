"""Five people walk the loop in their browsers, each step seen by the next without reloading."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from anlan.foundation.clock import day_of, utc_now
from tests.journeys.browser import PHONE
from tests.journeys.person import Person, wrong_with
from tests.journeys.town import Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
DIARRHOEA = "拉肚子"


def report_diarrhoea(person: Person, town: Town) -> None:
    """Report one person ill since yesterday, in the first building, on the phone."""
    page = person.at("/report/").page
    page.get_by_label(DIARRHOEA).check()
    page.get_by_label("发病日期").fill((day_of(utc_now()) - timedelta(days=1)).isoformat())
    page.get_by_label("楼栋").select_option(index=1)
    person.press("提交报告")
    expect(page).to_have_url(town.base + "/work/")


def verify(zhou: Person, zheng: Person) -> None:
    """The duty officer takes the signal up; the health centre goes and looks; the suspicion holds."""
    zhou.follow("腹泻/呕吐症候群")
    zhou.press("响应：由我核实")
    zheng.follow("信号核实")
    zheng.press("开始处置")
    for item in zheng.page.get_by_role("radio", name="已办").all():
        item.check()
    zheng.press("保存清单")
    zheng.page.locator("#feed_back-note").fill("上门核实，四人腹泻，饮水正常")
    zheng.press("反馈结果")
    zhou.sees("处理反馈")
    zhou.page.get_by_label("属实，已核实").check()
    zhou.page.get_by_label("依据").fill("卫生服务中心现场核实")
    zhou.press("提交核实结论")


def assess_and_warn(zhou: Person, wu: Person, liu: Person) -> None:
    """The risk is graded low, the department signs, the bordering grid answers."""
    zhou.follow("评估风险")
    for label in (
        "局限在一个班级、楼层或住户",
        "已查明、正在控制",
        "均为轻症",
        "不到 50 人",
        "有婴幼儿、孕妇或慢病者",
        "一般",
        "临床和流行病学支持",
    ):
        zhou.page.get_by_label(label, exact=True).check()
    zhou.page.get_by_label("低", exact=True).check()
    zhou.page.get_by_label("证据").fill("同一楼栋四例，无重症")
    zhou.page.get_by_label("警示信息通报").check()
    zhou.press("提交风险评估")
    wu.sees("待签发的预警产品")
    wu.follow("警示信息通报 · 腹泻/呕吐症候群")
    for tick in wu.page.get_by_role("group", name="已写明").get_by_role("checkbox").all():
        tick.check()
    wu.press("签发并传递")
    liu.sees("待应答的通报")
    liu.at("/warnings/").press("已收到，应答")
    liu.sees("刘洋")


def close(zhou: Person, zheng: Person, kong: Person, chu: Person) -> None:
    """The order is checked and closed; secretary, health centre and school answer; the signal closes."""
    order, signal = zheng.page.url.removeprefix(zheng.base), zhou.page.url.removeprefix(zhou.base)
    zhou.at(order).press("核查通过")
    zhou.press("结案")
    zheng.sees("结案")
    for person in (kong, zheng, chu):
        person.at("/warnings/")
        while person.page.get_by_role("button", name="已收到，应答").count():
            person.press("已收到，应答")
    zhou.at(signal).sees("接收方全部应答")
    zhou.page.get_by_label("依据").fill("七日无新发")
    zhou.press("关闭信号")
    zhou.sees("已关闭")


def test_from_reports_on_a_phone_to_a_closed_signal(town: Town, browser: Browser) -> None:
    wang = Person(browser, town, "wang", PHONE)
    zhou, zheng, wu, kong, chu = (
        Person(browser, town, name) for name in ("zhou", "zheng", "wu", "kong", "chu")
    )
    liu, hou = Person(browser, town, "liu", PHONE), Person(browser, town, "hou", PHONE)
    zheng.at("/orders/")

    for _ in range(4):
        report_diarrhoea(wang, town)
    zhou.sees("腹泻/呕吐症候群")
    zheng.sees("信号核实")
    verify(zhou, zheng)
    assess_and_warn(zhou, wu, liu)
    close(zhou, zheng, kong, chu)

    wang.sees("属实，已在处置，感谢")
    hou.sees("今天没有派给您的事")
    assert hou.at("/warnings/").page.get_by_text("没有通报").is_visible()
    people = (wang, zhou, zheng, wu, liu, hou, kong, chu)
    wrong = wrong_with(*people)
    assert wrong == [], wrong
