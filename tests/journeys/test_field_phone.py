"""A grid worker's phone without a signal: what is written waits sealed, goes once, and is nobody else's."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Route, expect
from pytest_django.plugin import DjangoDbBlocker

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment
from anlan.workorders.actions import open_order
from anlan.workorders.models import WorkOrder
from tests.conftest import put_standard_pack_in_force
from tests.journeys.axe import violations
from tests.journeys.browser import open_browser, overflow_px
from tests.journeys.phone import ARRIVES_MS, ENTRY, FEVER, INBOX, RASH, Phone, accepted
from tests.journeys.town import LIVE_MS, Town, ask, standing, until
from tests.world import DISTRICT, World

pytestmark = pytest.mark.browser
LAMP = "设施损坏"
OpenPhone = Callable[[str], Phone]


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    with standing(django_db_blocker, put_standard_pack_in_force) as house:
        yield house


@pytest.fixture(scope="module")
def browser(town: Town) -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def phone_of(browser: Browser, town: Town) -> Iterator[OpenPhone]:
    """Hand out fresh phones; each is put away at the end, with its live streams and its worker."""
    phones: list[Phone] = []

    def hand_out(handle: str) -> Phone:
        phones.append(Phone(browser, town, handle))
        return phones[-1]

    yield hand_out
    for phone in phones:
        phone.context.close()


def give_order(world: World, handle: str, *, task: str, place: str, kind: str = "household_help") -> UUID:
    def give() -> UUID:
        with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            order = open_order(
                kind=kind,
                area_code=world.posts[handle].area_code,
                accountable=world.posts[handle],
                asked_by_id=world.posts["wu" if kind == "neighbour_co_response" else "kong"].pk,
                task=task,
                place_name=place,
                now=world.now,
            )
            return order.pk

    return ask(give)


def move_order(order_id: UUID, world: World, handle: str) -> None:
    """Let another post answer for the order."""

    def move() -> None:
        with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            WorkOrder.objects.filter(pk=order_id).update(accountable=world.posts[handle])

    ask(move)


def order_of(order_id: UUID) -> tuple[str, str]:
    """Stage and finding of an order; asked aside."""
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        order = WorkOrder.objects.get(pk=order_id)
        return order.stage, order.finding


@contextmanager
def ended(world: World, handle: str, *, days_ago: int) -> Iterator[None]:
    """Let a person's appointment have ended, for as long as the block lasts."""
    held = Appointment.objects.filter(pk=world.appointments[handle].pk)
    ends_at = world.now - timedelta(days=days_ago)
    ask(lambda: held.update(starts_at=ends_at - timedelta(days=100), ends_at=ends_at))
    try:
        yield
    finally:
        ask(lambda: held.update(starts_at=world.now - timedelta(days=1), ends_at=None))


def problems(record_ids: list[UUID]) -> list[tuple[str, str, str]]:
    """Category, words and place of the problems the house made of what a phone wrote; asked aside."""
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        rows = WorkOrder.objects.filter(pk__in=record_ids)
        return list(rows.values_list("category", "task", "place_name"))


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
    order_id = give_order(town.world, "du", kind="household_help", task="送药", place="8号楼")
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


def test_the_phone_holds_no_plain_text_and_a_key_that_cannot_be_read_out(
    phone_of: OpenPhone, town: Town
) -> None:
    give_order(town.world, "wang", task="给赵秀兰送药", place="七里香小筑")
    phone = phone_of("wang")
    expect(phone.page.locator("[data-part=lines]")).to_contain_text("七里香小筑")
    phone.offline()
    phone.report(RASH)

    stored = phone.stored()

    kept = json.loads(stored)
    assert len(kept["outbox"]) == 1 and len(kept["kept"]) == 2 and len(kept["keys"]) == 1
    assert [row["key"] for row in kept["keys"]] == [{"extractable": False, "type": "secret"}]
    grid = town.world.posts["wang"].area_code
    for word in (RASH, "rash", "七里香", "春泉", "王芳", "赵秀兰", grid, "case-reports", "symptoms"):
        assert word not in stored, word
    caches = phone.page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async name =>
            (await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname)))).flat()"""
    )
    assert "/field/" in caches
    assert not [path for path in caches if path.startswith(("/field/contact", "/inbox"))]


def test_signing_out_locks_the_phone_and_the_same_persons_entries_go_after_the_next_sign_in(
    phone_of: OpenPhone,
) -> None:
    phone = phone_of("hou")
    phone.page.route(INBOX, lambda route: route.abort())  # a signal that carries no report
    phone.report()
    phone.state("已在送")
    phone.page.goto(f"{phone.base}/accounts/logout/")
    expect(phone.page.locator("[data-unsent]")).to_contain_text("还有 1 条没有送出")
    phone.sign_out()
    assert phone.counts() == {"facts": 0, "keys": 0, "kept": 0, "outbox": 1}
    phone.page.unroute(INBOX)

    phone.sign_in("hou")
    phone.open()

    phone.state("已送达")
    assert accepted(phone.entry_ids()) == 1


def test_another_person_on_the_same_phone_neither_sees_nor_sends_what_waits(phone_of: OpenPhone) -> None:
    phone = phone_of("wang")
    phone.page.route(INBOX, lambda route: route.abort())
    phone.report()
    phone.state("已在送")
    wangs = phone.entry_ids()
    phone.sign_out()
    phone.page.unroute(INBOX)

    phone.sign_in("liu")
    phone.open()
    expect(phone.page.locator(ENTRY)).to_have_count(0)
    expect(phone.page.locator("[data-part=waiting]")).to_contain_text("没有待发送的")
    phone.report(RASH)
    phone.state("已送达")
    assert accepted(wangs) == 0
    phone.sign_out()
    phone.sign_in("wang")
    phone.open()

    phone.state("已送达")
    phone.state(FEVER)
    expect(phone.page.locator(ENTRY)).to_have_count(1)
    assert accepted(wangs) == 1


def test_a_session_that_ended_meanwhile_locks_and_the_entry_waits_for_the_same_person(
    phone_of: OpenPhone,
) -> None:
    phone = phone_of("du")
    phone.offline()
    phone.report()
    ids = phone.entry_ids()
    ask(lambda: Session.objects.all().delete())
    phone.online()

    expect(phone.page.locator("[data-part=closed-words]")).to_contain_text("登录已结束", timeout=ARRIVES_MS)
    assert phone.counts() == {"facts": 0, "keys": 0, "kept": 0, "outbox": 1}
    assert accepted(ids) == 0
    phone.sign_in("du")
    phone.open()

    phone.state("已送达")
    assert accepted(ids) == 1


def test_a_refusal_is_shown_with_its_reason_and_can_be_mended(phone_of: OpenPhone) -> None:
    phone = phone_of("gao")
    refusal = {"code": "bad_area", "message": "区域代码格式不对。"}
    phone.page.route(INBOX, lambda route: route.fulfill(status=422, json=refusal), times=1)
    phone.report()
    phone.state("没有收下")
    phone.state("区域代码格式不对。")

    phone.tap("改后重报")
    expect(phone.page.get_by_label(FEVER, exact=True)).to_be_checked()
    phone.tap("报出")

    phone.state("已送达")
    expect(phone.page.locator(ENTRY)).to_have_count(1)
    assert accepted(phone.entry_ids()) == 1


def test_a_busy_house_is_asked_again_only_after_the_time_it_named(phone_of: OpenPhone) -> None:
    phone = phone_of("gao")
    asked: list[str] = []

    def busy(route: Route) -> None:
        asked.append((route.request.post_data_json or {})["key"])
        route.fulfill(
            status=503, headers={"Retry-After": "3600"}, json={"code": "busy", "message": "系统繁忙"}
        )

    phone.page.route(INBOX, busy)
    with phone.page.expect_response(INBOX):
        phone.report()
    phone.state("待发送")
    for _ in range(2):  # the second contact begins only after the first has sent what it may
        with phone.page.expect_response("**/field/contact/"):
            phone.tap("现在发送")

    assert len(asked) == 1
    expect(phone.page.get_by_role("button", name="撤回")).to_be_visible()  # it was not taken in


def test_a_form_opens_empty_and_asks_for_what_is_missing(phone_of: OpenPhone) -> None:
    phone = phone_of("wang")
    phone.report()
    phone.tap("有人不舒服", role="link")

    assert phone.page.locator("input[name=symptom]:checked").count() == 0
    phone.tap("报出")

    expect(phone.page.locator("[data-part=missing]")).to_be_visible()
    expect(phone.page.locator("[data-screen=ill]")).to_be_visible()


def test_the_day_and_the_page_are_accessible_and_fit_a_phone(phone_of: OpenPhone) -> None:
    phone = phone_of("wang")
    phone.report()
    phone.state("已送达")
    for path in ("/field/today/", "/field/", "/field/#ill", "/field/#problem"):
        phone.page.goto(phone.base + path)
        expect(phone.page.locator("[data-contact]")).to_have_attribute("data-pending", "0")
        assert [str(found) for found in violations(phone.page)] == [], path
        assert overflow_px(phone.page) <= 0, path
        phone.page.goto("about:blank")
    assert phone.complaints == []


def test_the_day_leads_to_the_form_in_one_tap_and_a_new_order_appears_by_itself(
    phone_of: OpenPhone, town: Town
) -> None:
    phone = phone_of("liu")
    page = phone.page
    page.goto(phone.base + "/")
    expect(page).to_have_url(phone.base + "/field/today/")
    give_order(town.world, "liu", task="送药", place="3号楼")
    expect(page.locator("#day")).to_contain_text("3号楼", timeout=LIVE_MS)

    phone.tap("有人不舒服", role="link")

    expect(page.locator("[data-screen=ill]")).to_be_visible()
