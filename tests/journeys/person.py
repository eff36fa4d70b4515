"""Somebody signed in at a desk or with a phone, who looks at pages without reloading them."""

from collections.abc import Callable
from typing import Self

from playwright.sync_api import Browser, Locator, Page, expect

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from tests.journeys.axe import violations
from tests.journeys.browser import DESK, listen, new_context, overflow_px, sign_in
from tests.journeys.town import LIVE_MS, PASSWORD, T, Town, ask
from tests.world import DISTRICT

REFUSED = "the server responded with a status of 422"  # how the browser notes a form that was sent back
CLOCK_MS = 45_000  # the house looks at its clocks each 30 s; the rest is the machine's


class Person:
    """Somebody signed in; `faults` holds what was wrong with the pages they were on."""

    def __init__(self, browser: Browser, town: Town, handle: str, size: tuple[int, int] = DESK) -> None:
        self.base, self.handle = town.base, handle
        self.faults: list[str] = []
        self.page: Page = new_context(browser, size).new_page()
        self.complaints = listen(self.page)
        sign_in(self.page, town.base, handle, PASSWORD)

    def at(self, path: str) -> Self:
        """Open a page, and from now on notice if it is loaded anew."""
        self.page.goto(self.base + path)
        return self

    def watches(self, path: str) -> Self:
        """Open a page and wait until its line to the house is open."""
        self.at(path)
        self.page.wait_for_selector(".live-mark[data-state=live]")
        self.page.evaluate("window.sinceOpened = true")
        return self

    def sees(self, text: str, *, within_ms: int = LIVE_MS) -> Locator:
        """Wait for words on the page as it is: nothing is reloaded by hand."""
        found = self.page.get_by_text(text).filter(visible=True).first
        expect(found).to_be_visible(timeout=within_ms)
        return found

    def saw_it_come(self, text: str, *, within_ms: int = LIVE_MS) -> None:
        """Wait for words on a page that has been open since `watches`."""
        self.sees(text, within_ms=within_ms)
        assert self.page.evaluate("window.sinceOpened === true"), f"{self.handle}: the page was loaded anew"

    def press(self, name: str) -> None:
        """Press a button that sends something, and look over the page it leads to."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state("load")
        self.look_over()

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state("load")

    def look_over(self) -> None:
        """Keep what axe finds on the page as it stands, and whether it is wider than its window."""
        where = f"{self.handle} {self.page.url.removeprefix(self.base)}"
        self.faults += [f"{where}: {found}" for found in violations(self.page)]
        if overflow_px(self.page) > 0:
            self.faults.append(f"{where}: wider than the window")


def wrong_with(*people: Person) -> list[str]:
    """Return everything that was wrong on anybody's pages, the last ones included."""
    for person in people:
        person.look_over()
    told = [f"{person.handle}: {one}" for person in people for one in person.complaints if REFUSED not in one]
    return [fault for person in people for fault in person.faults] + told


def in_the_house(question: Callable[[], T]) -> T:
    """Ask or change the database as the house's clock does, beside the browsers' own event loop."""

    def asked() -> T:
        with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="journey"):
            return question()

    return ask(asked)
