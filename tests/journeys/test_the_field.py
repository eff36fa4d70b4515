"""A grid worker's phone without a signal: what is written waits sealed, goes once, and is nobody else's."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty
from anlan.health.models import CaseReport
from anlan.workorders.actions import open_order
from tests.journeys.axe import violations
from tests.journeys.browser import PHONE, listen, new_context, open_browser, overflow_px, sign_in
from tests.journeys.town import LIVE_MS, PASSWORD, Town, running
from tests.world import DISTRICT, GRID_A, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
FEVER, RASH = "发烧", "身上起疹子"
ARRIVES_MS = 20_000
INBOX = "**/inbox/case-reports/"


@pytest.fixture
def town(world: World) -> Iterator[Town]:
    with running(world) as house:
        yield house


@pytest.fixture
def browser(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, where Django would then refuse to look at the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with open_browser() as opened:
        yield opened


class Phone:
    """One phone, in the hand of whoever signs in on it."""

    def __init__(self, browser: Browser, town: Town) -> None:
        self.base = town.base
        self.context: BrowserContext = new_context(browser, PHONE)
        self.page: Page = self.context.new_page()
        self.complaints = listen(self.page)
        self.taps = 0

    def sign_in(self, handle: str) -> None:
        sign_in(self.page, self.base, handle, PASSWORD)

    def sign_out(self) -> None:
        self.page.goto(f"{self.base}/accounts/logout/")
        self.page.locator("main form button[type=submit]").click()
        self.page.wait_for_url("**/accounts/login/**")

    def open(self) -> None:
        """Open the page and wait until the phone has what it needs to work alone."""
        self.page.goto(f"{self.base}/field/")
        self.page.evaluate(UNTIL_CONTROLLED)
        expect(self.page.locator("[data-part=fetched]")).to_contain_text("取于", timeout=ARRIVES_MS)

    def tap(self, target: str, *, role: Any = None) -> None:
        self.taps += 1
        (
            self.page.get_by_role(role, name=target) if role else self.page.get_by_text(target, exact=True)
        ).first.tap()

    def report(self, symptom: str = FEVER) -> None:
        self.tap("报一件事", role="link")
        self.tap(symptom)
        self.tap("报出", role="button")
        expect(self.page.locator("[data-entry]").first).to_contain_text(symptom)

    def state(self, words: str, nth: int = 0) -> None:
        expect(self.page.locator("[data-entry]").nth(nth)).to_contain_text(words, timeout=ARRIVES_MS)

    def stored(self) -> str:
        """Everything the phone's database holds, bytes read as text."""
        text: str = self.page.evaluate(READ_ALL)
        return text

    def counts(self) -> dict[str, int]:
        """How many rows each store of the phone's database holds."""
        return {name: len(rows) for name, rows in json.loads(self.stored()).items()}


UNTIL_CONTROLLED = """async () => {
    while (!navigator.serviceWorker.controller) await new Promise(again => setTimeout(again, 50));
}"""
READ_ALL = """async () => {
    const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open('anlan-field');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const show = (_, value) => {
        if (value instanceof CryptoKey) return {extractable: value.extractable, type: value.type};
        if (value instanceof ArrayBuffer) value = new Uint8Array(value);
        if (value instanceof Uint8Array) return new TextDecoder('utf-8').decode(value);
        return value;
    };
    const all = {};
    for (const name of database.objectStoreNames) {
        const request = database.transaction(name).objectStore(name).getAll();
        all[name] = await new Promise(resolve => request.onsuccess = () => resolve(request.result));
    }
    database.close();
    return JSON.stringify(all, show);
}"""


@pytest.fixture
def phone(browser: Browser, town: Town) -> Phone:
    made = Phone(browser, town)
    made.sign_in("wang")
    made.open()
    return made


def reports_of(world: World, handle: str) -> int:
    with duty("record_case_report", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return CaseReport.objects.filter(reporter_post_id=world.posts[handle].pk).count()


def envelopes() -> int:
    return Envelope.objects.using("owner").count()


def test_a_report_takes_four_taps_and_goes_at_once_where_there_is_a_signal(phone: Phone) -> None:
    phone.report()

    phone.state("已送达")
    assert phone.taps <= 4
    assert envelopes() == 1
    expect(phone.page.locator("[data-part=last]")).to_contain_text("上次送出")
    assert phone.complaints == []


def test_the_signal_is_lost_the_report_waits_through_a_reload_and_goes_when_it_is_back(phone: Phone) -> None:
    phone.context.set_offline(True)
    phone.report()
    phone.state("待发送")
    expect(phone.page.locator("[data-part=net]")).to_have_attribute("data-state", "offline")

    phone.page.reload()
    expect(phone.page.locator("[data-part=waiting]")).to_contain_text("待发送 1 条")
    phone.state(FEVER)
    assert envelopes() == 0
    phone.context.set_offline(False)

    phone.state("已送达")
    assert envelopes() == 1
    expect(phone.page.locator("[data-part=waiting]")).to_contain_text("没有待发送的")


def test_an_answer_lost_after_the_commit_never_doubles_the_report(phone: Phone, town: Town) -> None:
    def swallow(route: Route) -> None:
        route.fetch()  # it arrives and is stored
        route.abort()  # and the phone never hears of it

    phone.page.route(INBOX, swallow, times=1)
    phone.report()
    phone.state("已在送，等回音")
    assert envelopes() == 1
    assert not phone.page.get_by_role("button", name="撤回").is_visible()  # it may have arrived

    phone.page.get_by_role("button", name="现在发送").tap()

    phone.state("已送达")
    assert envelopes() == 1


def test_what_waits_can_be_taken_back(phone: Phone) -> None:
    phone.context.set_offline(True)
    phone.report()

    phone.page.get_by_role("button", name="撤回").tap()

    expect(phone.page.locator("[data-entry]")).to_have_count(0)
    expect(phone.page.locator("[data-part=said]")).to_have_text("已撤回。")
    phone.context.set_offline(False)
    expect(phone.page.locator("[data-part=net]")).to_have_attribute(
        "data-state", "online", timeout=ARRIVES_MS
    )
    assert envelopes() == 0 and phone.counts()["outbox"] == 0


def test_the_phone_holds_no_plain_text_and_a_key_that_cannot_be_read_out(phone: Phone, town: Town) -> None:
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        open_order(
            kind="household_help",
            area_code=GRID_A,
            accountable=town.world.posts["wang"],
            task="给赵秀兰送药",
            place_name="七里香小筑",
            now=town.world.now,
        )
    phone.open()
    expect(phone.page.locator("[data-part=lines]")).to_contain_text("七里香小筑")
    phone.context.set_offline(True)
    phone.report(RASH)

    stored = phone.stored()

    kept = json.loads(stored)
    assert len(kept["outbox"]) == 1 and len(kept["kept"]) == 2 and len(kept["keys"]) == 1
    assert [row["key"] for row in kept["keys"]] == [{"extractable": False, "type": "secret"}]
    for word in (RASH, "rash", "七里香", "春泉", "王芳", "赵秀兰", GRID_A, "case-reports", "symptoms"):
        assert word not in stored, word
    caches = phone.page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async name =>
            (await (await caches.open(name)).keys()).map(one => new URL(one.url).pathname)))).flat()"""
    )
    assert "/field/" in caches and not [
        path for path in caches if path.startswith(("/field/contact", "/inbox"))
    ]


def test_signing_out_locks_the_phone_and_the_same_persons_entries_go_after_the_next_sign_in(
    phone: Phone, town: Town
) -> None:
    phone.page.route(INBOX, lambda route: route.abort())  # a signal that carries no report
    phone.report()
    phone.state("已在送")
    phone.page.goto(f"{town.base}/accounts/logout/")
    expect(phone.page.locator("[data-unsent]")).to_contain_text("还有 1 条没有送出")
    phone.sign_out()
    assert phone.counts() == {"facts": 0, "keys": 0, "kept": 0, "outbox": 1}
    phone.page.unroute(INBOX)

    phone.sign_in("wang")
    phone.open()

    phone.state("已送达")
    assert envelopes() == 1


def test_another_person_on_the_same_phone_neither_sees_nor_sends_what_waits(phone: Phone, town: Town) -> None:
    phone.page.route(INBOX, lambda route: route.abort())
    phone.report()
    phone.state("已在送")
    phone.sign_out()
    phone.page.unroute(INBOX)

    phone.sign_in("liu")
    phone.open()
    expect(phone.page.locator("[data-entry]")).to_have_count(0)
    expect(phone.page.locator("[data-part=waiting]")).to_contain_text("没有待发送的")
    phone.report(RASH)
    phone.state("已送达")
    assert envelopes() == 1
    phone.sign_out()
    phone.sign_in("wang")
    phone.open()

    phone.state("已送达")
    phone.state(FEVER)
    expect(phone.page.locator("[data-entry]")).to_have_count(1)
    assert envelopes() == 2


def test_a_session_that_ended_meanwhile_locks_and_the_entry_waits_for_the_same_person(
    phone: Phone, town: Town
) -> None:
    phone.context.set_offline(True)
    phone.report()
    Session.objects.all().delete()
    phone.context.set_offline(False)

    expect(phone.page.locator("[data-part=closed-words]")).to_contain_text("登录已结束", timeout=ARRIVES_MS)
    assert phone.counts() == {"facts": 0, "keys": 0, "kept": 0, "outbox": 1}
    assert envelopes() == 0
    phone.sign_in("wang")
    phone.open()

    phone.state("已送达")
    assert envelopes() == 1


def test_a_refusal_is_shown_with_its_reason_and_can_be_mended(phone: Phone) -> None:
    refusal = {"code": "bad_area", "message": "区域代码格式不对。"}
    phone.page.route(INBOX, lambda route: route.fulfill(status=422, json=refusal), times=1)
    phone.report()
    phone.state("没有收下")
    phone.state("区域代码格式不对。")

    phone.page.get_by_role("button", name="改后重报").tap()
    expect(phone.page.get_by_label(FEVER, exact=True)).to_be_checked()
    phone.tap("报出", role="button")

    phone.state("已送达")
    expect(phone.page.locator("[data-entry]")).to_have_count(1)
    assert envelopes() == 1


def test_a_busy_house_is_asked_again_only_after_the_time_it_named(phone: Phone) -> None:
    asked: list[str] = []

    def busy(route: Route) -> None:
        asked.append(route.request.post_data_json["key"])
        route.fulfill(
            status=503, headers={"Retry-After": "3600"}, json={"code": "busy", "message": "系统繁忙"}
        )

    phone.page.route(INBOX, busy)
    phone.report()
    phone.state("待发送")
    phone.page.get_by_role("button", name="现在发送").tap()
    expect(phone.page.locator("[data-part=net]")).to_have_attribute("data-state", "online")

    assert len(asked) == 1
    expect(phone.page.get_by_role("button", name="撤回")).to_be_visible()  # it was not taken in


def test_a_form_opens_empty_and_asks_for_what_is_missing(phone: Phone) -> None:
    phone.report()
    phone.tap("报一件事", role="link")

    assert phone.page.locator("input[name=symptom]:checked").count() == 0
    phone.tap("报出", role="button")

    expect(phone.page.locator("[data-part=missing]")).to_be_visible()
    expect(phone.page.locator("[data-screen=ill]")).to_be_visible()


def test_the_day_and_the_page_are_accessible_and_fit_a_phone(phone: Phone, town: Town) -> None:
    phone.report()
    phone.state("已送达")
    for path in ("/field/today/", "/field/", "/field/#ill"):
        phone.page.goto(town.base + path)
        expect(phone.page.locator("[data-contact]")).to_have_attribute("data-pending", "0")
        assert [str(found) for found in violations(phone.page)] == [], path
        assert overflow_px(phone.page) <= 0, path
        phone.page.goto("about:blank")
    assert phone.complaints == []


def test_the_day_leads_to_the_form_in_one_tap_and_a_new_order_appears_by_itself(
    phone: Phone, town: Town
) -> None:
    page = phone.page
    page.goto(town.base + "/")
    expect(page).to_have_url(town.base + "/field/today/")
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        open_order(
            kind="household_help",
            area_code=GRID_A,
            accountable=town.world.posts["wang"],
            task="送药",
            place_name="3号楼",
            now=town.world.now,
        )
    expect(page.locator("#day")).to_contain_text("3号楼", timeout=LIVE_MS)

    page.get_by_role("link", name="报一件事").tap()

    expect(page.locator("[data-screen=ill]")).to_be_visible()
