"""A grid worker's phone without a signal: what is written waits sealed and goes once."""

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.phone import ARRIVES_MS, ENTRY, FEVER, INBOX, OpenPhone, accepted
from tests.journeys.town import Town, ask, until
from tests.journeys.unsent.house import ended, give_order, move_order, order_of, problems

pytestmark = pytest.mark.browser
LAMP = "设施损坏"


def test_a_report_takes_four_taps_and_goes_at_once_where_there_is_a_signal(phone_of: OpenPhone) -> None:
    phone = phone_of("wang")

    phone.report()

    phone.state("已送达")
    assert phone.taps <= 4
    assert accepted(phone.entry_ids()) == 1
    expect(phone.page.locator("[data-part=last]")).to_contain_text("上次送出")
    assert phone.complaints == []


def test_the_signal_is_lost_the_report_waits_through_a_reload_and_goes_when_it_is_back(
    phone_of: OpenPhone,
) -> None:
    phone = phone_of("liu")
    phone.offline()
    phone.report()
    phone.state("待发送")

    phone.page.reload()
    expect(phone.page.locator("[data-part=waiting]")).to_contain_text("待发送 1 条")
    phone.state(FEVER)
    assert accepted(phone.entry_ids()) == 0
    phone.online()

    phone.state("已送达")
    assert accepted(phone.entry_ids()) == 1
    expect(phone.page.locator("[data-part=waiting]")).to_contain_text("没有待发送的")


def test_a_phone_switched_on_without_a_signal_opens_the_page_of_its_person(phone_of: OpenPhone) -> None:
    phone = phone_of("hou")
    phone.page.close()
    phone.context.set_offline(True)

    phone.page = phone.context.new_page()
    phone.page.goto(f"{phone.base}/field/today/")  # where the sign on the home screen leads

    phone.report()
    phone.state("待发送")
    phone.online()
    phone.state("已送达")
    assert accepted(phone.entry_ids()) == 1


def test_a_problem_written_without_a_signal_becomes_one_order_of_its_category_and_place(
    phone_of: OpenPhone, town: Town
) -> None:
    phone = phone_of("wang")
    phone.offline()

    phone.tap("有个问题", role="link")
    phone.tap(LAMP, role="radio")
    phone.page.get_by_label("楼栋").filter(visible=True).select_option(label="2号楼")
    phone.tap("报出")
    phone.state(f"{LAMP} · 2号楼")
    assert phone.taps <= 4
    phone.online()

    phone.state("已送达")
    ids = phone.entry_ids()
    until(lambda: bool(problems(ids)))
    assert ask(lambda: problems(ids)) == [("facility_broken", "设施损坏", "2号楼")]
    phone.page.goto(f"{phone.base}/field/today/")
    expect(phone.page.locator("#day")).to_contain_text("设施损坏 · 信息采集")


def test_an_order_taken_up_and_done_without_a_signal_is_fed_back_when_it_is_there(
    phone_of: OpenPhone, town: Town
) -> None:
    order_id = give_order(town.world, "hou", kind="neighbour_co_response", task="巡查", place="5号楼")
    phone = phone_of("hou")
    page = phone.page
    phone.offline()

    page.locator("[data-part=lines] a", has_text="5号楼").tap()
    phone.tap("开始处置")
    phone.state("开始处置 · 周边协防 · 5号楼")
    page.locator("[data-part=lines] a", has_text="5号楼").tap()
    phone.tap("办完，反馈")
    expect(page.locator("[data-screen=work] [data-part=missing]")).to_be_visible()  # nothing is answered yet
    for item in page.locator("[data-item]").all():
        item.get_by_label("已办").tap()
    page.get_by_label("办理结果").fill("两个门洞都走过，没有异常")
    phone.tap("办完，反馈")
    phone.state("办完 · 周边协防 · 5号楼")
    assert ask(lambda: order_of(order_id)) == ("dispatched", "")
    phone.online()

    phone.state("已送达", 0)
    phone.state("已送达", 1)
    assert accepted(phone.entry_ids()) == 2
    until(lambda: order_of(order_id) == ("fed_back", "两个门洞都走过，没有异常"))


def test_work_on_an_order_that_went_to_another_meanwhile_comes_back_with_the_reason(
    phone_of: OpenPhone, town: Town
) -> None:
    order_id = give_order(town.world, "du", task="送药", place="8号楼")
    phone = phone_of("du")
    phone.offline()
    phone.page.locator("[data-part=lines] a", has_text="8号楼").tap()
    phone.page.get_by_label("办理结果").fill("药已送到")
    phone.tap("办完，反馈")
    move_order(order_id, town.world, "gao")
    phone.online()

    phone.state("没有收下")
    phone.state("发送岗位没有这项权限")
    assert ask(lambda: order_of(order_id)) == ("dispatched", "")


def test_what_was_written_under_a_post_ended_too_long_ago_is_refused_and_kept(
    phone_of: OpenPhone, town: Town
) -> None:
    phone = phone_of("shi")
    phone.offline()
    phone.report()
    with ended(town.world, "shi", days_ago=15):
        phone.online()
        phone.state("不能再送出")

    phone.state("任职已结束超过 14 天")
    assert phone.counts()["outbox"] == 1 and accepted(phone.entry_ids()) == 0
    expect(phone.page.locator("[data-entry]")).not_to_contain_text(FEVER)


def test_what_was_written_after_the_post_ended_is_taken_in_for_review_and_the_phone_says_so(
    phone_of: OpenPhone, town: Town
) -> None:
    phone = phone_of("shi")
    phone.offline()
    phone.report()
    with ended(town.world, "shi", days_ago=1):
        phone.online()
        phone.state("没有收下")

    phone.state("发送时任职已结束")
    assert accepted(phone.entry_ids()) == 1


def test_an_answer_lost_after_the_commit_never_doubles_the_report(phone_of: OpenPhone) -> None:
    phone = phone_of("wang")

    def swallow(route: Route) -> None:
        route.fetch()  # it arrives and is stored
        route.abort()  # and the phone never hears of it

    phone.page.route(INBOX, swallow, times=1)
    phone.report()
    phone.state("已在送，等回音")
    assert accepted(phone.entry_ids()) == 1
    assert not phone.page.get_by_role("button", name="撤回").is_visible()  # it may have arrived

    phone.tap("现在发送")

    phone.state("已送达")
    assert accepted(phone.entry_ids()) == 1


def test_two_tabs_send_what_waits_once_and_both_show_it(phone_of: OpenPhone) -> None:
    phone = phone_of("du")
    other = phone.context.new_page()
    other.goto(f"{phone.base}/field/")
    phone.offline()
    phone.report()
    other.reload()
    phone.state("待发送", page=other)
    sent: list[str] = []
    phone.context.on(
        "request", lambda request: sent.append(request.url) if "/inbox/" in request.url else None
    )

    phone.online()

    phone.state("已送达")
    phone.state("已送达", page=other)
    assert len(sent) == 1
    assert accepted(phone.entry_ids()) == 1


def test_what_waits_can_be_taken_back(phone_of: OpenPhone) -> None:
    phone = phone_of("gao")
    phone.offline()
    phone.report()
    ids = phone.entry_ids()

    phone.tap("撤回")

    expect(phone.page.locator(ENTRY)).to_have_count(0)
    expect(phone.page.locator("[data-part=said]")).to_have_text("已撤回。")
    phone.online()
    net = phone.page.locator("[data-part=net]")
    expect(net).to_have_attribute("data-state", "online", timeout=ARRIVES_MS)
    assert accepted(ids) == 0 and phone.counts()["outbox"] == 0
