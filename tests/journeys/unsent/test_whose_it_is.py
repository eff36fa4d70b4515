"""A grid worker's phone without a signal: what is written is sealed, refused by name, and nobody else's."""

import json

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Route, expect

from tests.journeys.axe import violations
from tests.journeys.browser import overflow_px
from tests.journeys.phone import ARRIVES_MS, ENTRY, FEVER, INBOX, RASH, OpenPhone, accepted
from tests.journeys.town import LIVE_MS, Town, ask
from tests.journeys.unsent.house import give_order

pytestmark = pytest.mark.browser
LAMP = "设施损坏"


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

    expect(phone.page.locator("[data-screen=ill] [data-part=missing]")).to_be_visible()
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
