"""A grid worker's phone in a test: whoever signs in on it, what is tapped, what it keeps, what arrived."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page, expect

from anlan.foundation.models import Envelope
from tests.journeys.browser import PHONE, listen, new_context, sign_in, until_worker_is_active
from tests.journeys.town import PASSWORD, Town, ask

FEVER, RASH = "发烧", "身上起疹子"
NOTED_MS = 20_000  # from the first tap to noted: what the phone may take of a person's time
ARRIVES_MS = 60_000
INBOX = "**/inbox/**"
ENTRY = "[data-entry]"
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


class Phone:
    """One phone, in the hand of whoever signs in on it."""

    def __init__(self, browser: Browser, town: Town, handle: str) -> None:
        self.base = town.base
        self.context: BrowserContext = new_context(browser, PHONE)
        self.page: Page = self.context.new_page()
        self.complaints = listen(self.page)
        self.taps = 0
        self.sign_in(handle)
        self.open()

    def sign_in(self, handle: str) -> None:
        sign_in(self.page, self.base, handle, PASSWORD)

    def sign_out(self) -> None:
        self.page.goto(f"{self.base}/accounts/logout/")
        self.page.locator("main form button[type=submit]").click()
        self.page.wait_for_url("**/accounts/login/**")

    def open(self) -> None:
        """Open the page and wait until the phone has what it needs to work alone."""
        self.page.goto(f"{self.base}/field/")
        expect(self.page.locator("[data-part=fetched]")).to_contain_text("取于", timeout=ARRIVES_MS)
        until_worker_is_active(self.page, "/field/")

    def tap(self, name: str, *, role: Any = "button") -> None:
        self.taps += 1
        self.page.get_by_role(role, name=name).filter(visible=True).first.tap()

    def report(self, symptom: str = FEVER) -> None:
        """报一件事: somebody is ill."""
        self.tap("有人不舒服", role="link")
        self.tap(symptom, role="checkbox")
        self.tap("报出")
        expect(self.page.locator(ENTRY).first).to_contain_text(symptom, timeout=NOTED_MS)

    def offline(self) -> None:
        """Lose the signal."""
        self.context.set_offline(True)
        expect(self.page.locator("[data-part=net]")).to_have_attribute("data-state", "offline")

    def online(self) -> None:
        """Have the signal back."""
        self.context.set_offline(False)

    def state(self, words: str, nth: int = 0, page: Page | None = None) -> None:
        """Wait until the entry says so."""
        entry = (page or self.page).locator(ENTRY).nth(nth)
        expect(entry).to_contain_text(words, timeout=ARRIVES_MS)
        expect(entry).to_be_visible()

    def stored(self) -> str:
        """Everything the phone's database holds, bytes read as text."""
        text: str = self.page.evaluate(READ_ALL)
        return text

    def counts(self) -> dict[str, int]:
        """How many rows each store of the phone's database holds."""
        return {name: len(rows) for name, rows in json.loads(self.stored()).items()}

    def entry_ids(self) -> list[UUID]:
        """The ids of what was reported on this phone, the oldest first."""
        return [UUID(row["id"]) for row in json.loads(self.stored())["outbox"]]


def accepted(record_ids: list[UUID]) -> int:
    """How many envelopes the house holds of these records."""
    return ask(lambda: Envelope.objects.using("owner").filter(record_id__in=record_ids).count())


OpenPhone = Callable[[str], Phone]
