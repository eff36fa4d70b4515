"""Where one stands on a page: the deadline and the tab in use."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from anlan.foundation.templatetags.page import due
from tests.journeys.browser import DESK, PHONE, new_context, overflow_px
from tests.journeys.scripts.pages_house import House, page_with, visit

pytestmark = pytest.mark.browser


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
