"""Who walks the norovirus Monday, and the acts that several of them do the same way."""

import re

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect

from anlan.foundation.models import Account
from tests.journeys.browser import DESK, PHONE, listen, new_context, until_worker_is_active
from tests.journeys.monday_town import MondayTown, set_clock
from tests.journeys.person import Person, wrong_with
from tests.journeys.phone import ARRIVES_MS
from tests.journeys.town import ask

ON_PHONES = frozenset({"wang", "liu", "hou"})
ASSESSED = (  # the answers of the risk assessment, as the form words them
    "局限在一个班级、楼层或住户",
    "已查明、正在控制",
    "均为轻症",
    "不到 50 人",
    "不涉及",
    "一般",
    "临床和流行病学支持",
)
NO_SIGNAL = "net::ERR_INTERNET_DISCONNECTED"  # how the browser notes that the signal was lost
LISTEN = """() => {
  window.heard = [];
  const stream = new EventSource(document.body.dataset.live);
  stream.addEventListener("changed", event => window.heard.push(event.data));
}"""


class Townsperson(Person):
    """Somebody of the town, signed in already; their pages are looked over when a chapter ends."""

    def __init__(self, browser: Browser, base: str, handle: str, cookie: str) -> None:
        self.base, self.handle, self.faults = base, handle, []
        context = new_context(browser, PHONE if handle in ON_PHONES else DESK)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": base}])
        self.page = context.new_page()
        self.complaints = listen(self.page)

    def press(self, name: str) -> None:
        """Press a button that sends something."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state("load")

    def must_not_see(self, *words: str) -> None:
        """Hold that none of these words stand on the page as it is."""
        text = self.page.inner_text("body")
        assert not [word for word in words if word in text], f"{self.handle} sees {words}: {text[:400]}"

    def fill(self, name: str, value: str) -> None:
        """Fill the field of this name."""
        self.page.locator(f"[name={name}]").first.fill(value)


def come_in(browser: Browser, base: str, monday: MondayTown) -> dict[str, Townsperson]:
    """Let everybody in, each in a browser of their own. (The form to sign in is test_the_loop's.)"""
    cookies: dict[str, str] = {}

    def sign_in() -> None:
        for handle, made in monday.accounts.items():
            account = Account.objects.get(pk=made.pk)
            client = Client()
            client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
            cookies[handle] = client.cookies[settings.SESSION_COOKIE_NAME].value

    ask(sign_in)
    return {handle: Townsperson(browser, base, handle, cookie) for handle, cookie in cookies.items()}


def it_is(hour: int, minute: int, *, day: int = 1) -> None:
    """Move the clock of the practice district."""
    ask(lambda: set_clock(hour, minute, day=day))


def send_counts(person: Townsperson, form: str, field: str, count: int, *, on: str = "") -> None:
    """Send one number of a count form, as the unit does on its page."""
    person.at(f"/reporting/{form}/" + (f"?on={on}" if on else ""))
    cell = person.page.locator(f"[name={field}]")
    if not cell.is_visible():
        person.page.locator("tr", has=cell).locator(".count-toggle").check()
    cell.fill(str(count))
    person.page.locator(".count-end button[type=submit]").click()
    person.page.wait_for_load_state("load")
    person.sees("已收到，谢谢。")


def do_order(person: Townsperson, title: str, finding: str) -> str:
    """Take an order from 'my work' to its feedback, checklist done; return its address."""
    person.at("/orders/").follow(title)
    person.press("开始处置")
    items = person.page.get_by_role("radio", name="已办").all()
    for item in items:
        item.check()
    if items:
        person.press("保存清单")
    person.page.locator("#feed_back-note").fill(finding)
    person.press("反馈结果")
    return person.page.url.removeprefix(person.base)


def do_order_without_a_signal(person: Townsperson, title: str, finding: str) -> str:
    """Do an order on a phone that loses its signal in between; return when all has arrived."""
    page = person.at("/orders/").page
    address = page.get_by_role("link", name=title).first.get_attribute("href") or ""
    person.at("/field/")
    line = page.locator("[data-part=lines] a", has_text=title)
    expect(line).to_be_visible(timeout=ARRIVES_MS)
    until_worker_is_active(page, "/field/")
    page.context.set_offline(True)
    line.tap()
    page.get_by_role("button", name="开始处置").filter(visible=True).tap()
    expect(page.locator("[data-entry]")).to_have_count(1)
    page.reload()  # switched off and on again, still without a signal
    line.tap()
    expect(page.locator("[data-item]").first).to_be_visible()
    for item in page.locator("[data-item]").all():
        item.get_by_label("已办").tap()
    page.get_by_label("办理结果").fill(finding)
    page.get_by_role("button", name="办完，反馈").filter(visible=True).tap()
    expect(page.locator("[data-entry]")).to_have_count(2)
    page.context.set_offline(False)
    for entry in page.locator("[data-entry]").all():
        expect(entry).to_contain_text("已送达", timeout=ARRIVES_MS)
    person.complaints[:] = [one for one in person.complaints if NO_SIGNAL not in one]
    return address


def check_order(person: Townsperson, address: str) -> None:
    """Check an order and close it: two acts."""
    person.at(address).press("核查通过")
    person.press("结案")
    expect(person.page.locator("#order dd", has_text="结案")).to_be_visible()


def answer_notices(person: Townsperson) -> None:
    """Answer every warning notification that waits for this post."""
    person.at("/warnings/")
    while person.page.get_by_role("button", name="已收到，应答").count():
        person.press("已收到，应答")


def assess_as_low(person: Townsperson) -> None:
    """Fill in the risk assessment: low, with a notice to those concerned."""
    person.follow("评估风险")
    for label in ASSESSED:
        person.page.get_by_label(label, exact=True).check()
    person.page.get_by_label("低", exact=True).check()
    person.page.get_by_label("证据").fill("一个班级六例呕吐，均为轻症，共同就餐史待查")
    person.page.get_by_label("警示信息通报").check()
    person.press("提交风险评估")


def first_times(person: Townsperson) -> list[int]:
    """Return the first three figures of the strip on a response's page."""
    strip = person.page.get_by_label("三个首次用时")
    return [int(one) for one in re.findall(r"\d+", strip.inner_text())[:3]]


def hear(person: Townsperson) -> None:
    """Let the person's page open a stream of its own, and keep what comes."""
    person.page.evaluate(LISTEN)


def heard(person: Townsperson) -> list[str]:
    """Return what the person's own stream has brought since `hear`."""
    return [str(word) for word in person.page.evaluate("window.heard")]


__all__ = ["Townsperson", "wrong_with"]
