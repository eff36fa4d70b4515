"""Where one stands on a page: the deadline, the tab in use, the place of the focus, an open menu."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from anlan.foundation.templatetags.page import due
from tests.journeys.browser import DESK, PHONE, new_context, overflow_px
from tests.journeys.scripts.pages_house import House, page_with, visit

pytestmark = pytest.mark.browser


def test_whoever_stands_on_a_link_still_stands_there_after_its_area_was_replaced(
    browser: Browser, house: str
) -> None:
    area = (
        '<div id="own" data-live-topics="orders" hx-get="/own/" hx-trigger="live-change" hx-swap="outerHTML">'
        '<a href="/a/">看</a><a href="/b/">看</a>{more}</div>'
    )
    House.pages["/"] = page_with("<c-live-mark />" + area.format(more=""))
    House.pages["/own/"] = area.format(more="<i>新</i>")
    page = visit(browser, f"{house}/")
    expect(page.locator(".live-mark")).to_have_attribute("data-state", "live")
    page.locator("#own a").nth(1).focus()

    House.live.put("orders:42")
    expect(page.locator("#own i")).to_have_text("新")

    expect(page.locator("#own a[href='/b/']")).to_be_focused()


NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
WAITS = {  # seconds from now: the words of a deadline
    7200: "剩 2 小时 0 分",
    61: "剩 2 分钟",
    20: "剩 1 分钟",
    0: "! 已超时",
    -59: "! 已超时",
    -60: "! 已超时 1 分钟",
    -5400: "! 已超时 1 小时 30 分",
}


def test_a_deadline_is_never_zero_minutes_away_and_is_red_only_once_it_is_over(
    browser: Browser, house: str
) -> None:
    House.pages["/"] = page_with(
        "".join(
            f'<p id="in{n}">{due(NOW + timedelta(seconds=seconds))}</p>' for n, seconds in enumerate(WAITS)
        )
    )
    page = new_context(browser, DESK).new_page()
    page.clock.set_fixed_time(NOW)

    page.goto(f"{house}/")

    for number, (seconds, words) in enumerate(WAITS.items()):
        left = page.locator(f"#in{number} time")
        expect(left).to_have_text(words)
        assert ("state-overdue" in (left.get_attribute("class") or "")) == (seconds <= 0), words


# How far a tab reaches beyond the left and the right edge of its row.
EDGES = """tab => {
    const own = tab.getBoundingClientRect(), row = tab.parentElement.getBoundingClientRect();
    return [own.left - row.left, own.right - row.right];
}"""
IS_COVERED = """link => {
    const box = link.getBoundingClientRect();
    return !link.contains(document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2));
}"""
TABS = ("待审核", "在册事项", "待复核", "未准入和已结束", "非社区职责", "拦下记录")


@pytest.mark.parametrize("here", [0, 2, 5])
def test_a_row_of_tabs_scrolls_on_a_phone_and_shows_the_one_in_use(
    browser: Browser, house: str, here: int
) -> None:
    House.pages["/"] = page_with(
        '<c-segmented label="表">'
        + "".join(
            f'<c-segment href="?n={number}" here="{"1" if number == here else ""}">{words}</c-segment>'
            for number, words in enumerate(TABS)
        )
        + "</c-segmented>"
    )
    page = visit(browser, f"{house}/", PHONE)
    row = page.locator(".segmented")

    def is_in_view(number: int) -> bool:
        left, right = row.locator("a").nth(number).evaluate(EDGES)
        return bool(left >= -1 and right <= 1)

    assert overflow_px(page) <= 0
    assert is_in_view(here)
    assert not all(is_in_view(number) for number in range(len(TABS)))
    for number in range(len(TABS)):
        row.locator("a").nth(number).focus()
        assert is_in_view(number)


def test_a_menu_closes_when_one_walks_on(browser: Browser, house: str) -> None:
    House.pages["/"] = page_with('<a href="/next/">下一处</a>')
    page = visit(browser, f"{house}/")
    menu = page.locator("details.menu")
    menu.locator("summary").press("Enter")
    expect(menu).to_have_attribute("open", "")

    page.get_by_role("link", name="下一处").focus()

    expect(menu).not_to_have_attribute("open", "")


def test_a_toast_makes_room_for_where_one_stands(browser: Browser, house: str) -> None:
    House.pages["/"] = page_with('<div class="tall"></div><a href="/next/">最后一处</a>')
    page = visit(browser, f"{house}/")
    page.evaluate("""() => {
        document.querySelector('.tall').style.height = '780px';
        document.querySelector('a[href="/next/"]').style.float = 'right';
        document.body.dispatchEvent(new CustomEvent('toast', {detail: {text: '已启动', kind: 'bad'}}));
    }""")
    link, toast = page.get_by_role("link", name="最后一处"), page.locator(".toast")
    expect(toast).to_be_visible()
    assert link.evaluate(IS_COVERED)

    page.locator("details.menu summary").focus()
    page.keyboard.press("Tab")

    expect(link).to_be_focused()
    assert not link.evaluate(IS_COVERED)
    expect(toast).to_be_visible()
