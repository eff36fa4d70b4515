"""A community calls two departments: one is late, one refuses; four browsers, none reloaded (story S07)."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from anlan.foundation.clock import utc_now
from anlan.workorders.models import OrderLeg
from tests.journeys.browser import PHONE
from tests.journeys.person import CLOCK_MS, Person, in_the_house, wrong_with
from tests.journeys.town import LIVE_MS, Town, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
CALL = "吹哨报到"
POLICE, CIVIL = "police_officer", "civil_affairs_officer"


@pytest.fixture
def with_clock() -> bool:
    return True


def call(kong: Person) -> str:
    """The secretary calls for a fight in a stairwell; return the address of the call."""
    page = kong.at("/orders/call/").page
    kong.look_over()
    page.get_by_label("肢体冲突或家庭暴力").check()
    page.get_by_label("地点").select_option(label="春泉第一网格")
    expect(page.locator("#coming")).to_contain_text("公安民警")  # told before anybody is called
    page.get_by_label("一句话说明").fill("二栋一单元有人动手")
    kong.press("吹哨")
    kong.watches(page.url.removeprefix(kong.base))
    return page.url.removeprefix(kong.base)


def let_the_time_run_out(role: str) -> None:
    """Move the arrival clock of a called post to its end; what follows the house does by itself."""
    moved = in_the_house(
        lambda: OrderLeg.objects.filter(post__role=role).update(due_at=utc_now() - timedelta(seconds=1))
    )
    assert moved == 1


def wait_until_marked(role: str) -> None:
    """Wait until the house's clock has found the called post late."""
    late = OrderLeg.objects.filter(post__role=role, late_at__isnull=False)
    until(late.exists, within_ms=CLOCK_MS, asking=in_the_house)


def answer(han: Person, shen: Person, kong: Person, qian: Person) -> None:
    """The police say they come; civil affairs refuses, and not without its reason."""
    han.press("应答，前往")
    kong.saw_it_come("已应答，前往")

    refusal = shen.page.get_by_label("拒绝（写明原因）")
    shen.page.get_by_role("button", name="拒绝（写明原因）", exact=True).click()
    assert refusal.evaluate("field => !field.checkValidity()")  # the browser asks for words first
    refusal.fill("不属民政职责，无人受伤")
    shen.press("拒绝（写明原因）")
    for person in (kong, qian):
        person.saw_it_come("拒绝，待裁定")
        person.saw_it_come("不属民政职责，无人受伤")


def come_late(han: Person, kong: Person, qian: Person) -> None:
    """The police let their time run out: red for caller and subdistrict; the caller confirms they came."""
    let_the_time_run_out(POLICE)
    wait_until_marked(POLICE)
    for person in (qian, kong):
        person.saw_it_come("未按时到场，已提示")
        late = person.page.locator(".order-parts li", has_text="主办").locator(".state-overdue").first
        expect(late).to_be_visible(timeout=LIVE_MS)
    qian.sees("超时已提示")

    assert han.page.get_by_role("button", name="确认已到场").count() == 0
    assert qian.page.get_by_role("button", name="确认已到场").count() == 0
    kong.press("确认已到场")
    kong.watches(kong.page.url.removeprefix(kong.base))
    for person in (han, qian):
        person.sees("呼叫方确认到场")
        person.sees("晚于时限")


def end(han: Person, shen: Person, kong: Person, qian: Person) -> None:
    """The subdistrict excuses the refusal; the police report; the caller checks and closes."""
    qian.press("准予不到")
    shen.sees("准予不到")
    han.page.get_by_label("已办完").fill("双方已劝开，无人受伤")
    han.press("已办完")
    kong.saw_it_come("双方已劝开，无人受伤")
    han.press("开始处置")
    han.page.locator("#feed_back-note").fill("双方已劝开，签了调解书")
    han.press("反馈结果")
    kong.saw_it_come("双方已劝开，签了调解书")
    kong.at(kong.page.url.removeprefix(kong.base)).press("核查通过")
    kong.press("结案")
    for person in (han, shen, qian):
        person.sees("结案")


def test_a_community_calls_two_departments(town: Town, browser: Browser) -> None:
    kong, shen, qian = (Person(browser, town, handle) for handle in ("kong", "shen", "qian"))
    han = Person(browser, town, "han", PHONE)
    for person, path in ((han, "/work/"), (shen, "/work/"), (qian, "/orders/?view=open")):
        person.watches(path)

    address = call(kong)

    for person in (han, shen, qian):
        person.saw_it_come(CALL)
        person.look_over()
        person.follow(CALL)
        assert person.page.url == kong.base + address
        person.watches(address)
    answer(han, shen, kong, qian)
    come_late(han, kong, qian)
    end(han, shen, kong, qian)

    li = Person(browser, town, "li").at(address)
    assert li.page.get_by_text("没有找到").first.is_visible()
    wrong = wrong_with(kong, han, shen, qian)
    assert wrong == [], wrong
