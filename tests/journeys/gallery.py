"""Photograph every page a person can reach, at both widths and in both languages, into gallery/.

Run the house first (`make run`), then `make gallery`. Pages are found by following links from each role's
first page, one page of a route, so nothing has to be listed here. Each page is taken
through the first role that opens it; ALL=1 takes it through every account, ONLY=zhou.cdc,wang.grid through
these. Beside each picture: what axe, the console and the width say; the sum is in gallery/index.html and
gallery/findings.json.
"""

import html
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import django
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Error, Page

from tests.journeys.axe import violations
from tests.journeys.browser import DESK, PHONE, ROOT, listen, new_context, open_browser, overflow_px, sign_in

OUT = ROOT / "gallery"
WIDTHS = {"desk": DESK, "phone": PHONE}
LANGUAGES = ("zh-hans", "en")
INDEX_STYLE = "body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:16px}figure{width:330px;margin:0}"
PAGES_A_ROLE = 60
LINKS_DEEP = 3
ARGUMENT = re.compile(r"<[^>]+>")
NOT_PAGES = re.compile(
    r"/(logout|language|static|metrics|healthz|readyz|live|inbox|api|download|export|template)(/|$)|\.(pdf|csv|xlsx)$"
)
SIGN_IN = re.compile(
    r"^(?P<username>[\w.@-]+)\s+(?P<password>\S{8,})\s+(?P<name>\S+)\s+(?P<place>\S+)\s+(?P<role>\w+)"
)


@dataclass(frozen=True)
class SignIn:
    """One demo account, as the first start wrote it down."""

    username: str
    password: str
    name: str
    place: str
    role: str


@dataclass
class Shot:
    """One picture and what was found on it."""

    role: str
    path: str
    width: str
    language: str
    title: str = ""
    findings: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind of page it shows."""
        return kind_of(self.path)

    @property
    def file(self) -> str:
        """The name of its file."""
        name = re.sub(r"[^a-z0-9]+", "-", self.kind.lower().replace("*", "id")).strip("-") or "home"
        return f"{name}--{self.role}--{self.width}--{self.language}.png"


def sign_ins(text: str) -> list[SignIn]:
    """Read the accounts from the file of sign-ins."""
    found = [SIGN_IN.match(line) for line in text.splitlines()]
    return [SignIn(**match.groupdict()) for match in found if match]


def chosen(accounts: list[SignIn], *, everything: bool) -> list[SignIn]:
    """Return the first account of each role, or those ONLY names, or all."""
    only = os.environ.get("ONLY", "").replace(",", " ").split()
    if only:
        return [account for account in accounts if account.username in only]
    if everything:
        return accounts
    return list({account.role: account for account in reversed(accounts)}.values())[::-1]


def kind_of(path: str) -> str:
    """Return the route a path belongs to, such as /plans/*/: pages of one route are one kind."""
    try:
        return "/" + ARGUMENT.sub("*", resolve(path).route)
    except Resolver404:
        return path


def reachable(page: Page, base: str) -> list[str]:
    """Follow links from the first page and return one path of each kind, nearest first."""
    seen: dict[str, str] = {}
    near = ["/"]
    for _depth in range(LINKS_DEEP):
        further: list[str] = []
        for path in near:
            page.goto(base + path)
            here = urlsplit(page.url).path
            if kind_of(here) in seen or len(seen) >= PAGES_A_ROLE:
                continue
            seen[kind_of(here)] = here
            further += list(_links(page, base))
        near = [path for path in dict.fromkeys(further) if kind_of(path) not in seen]
        near = list({kind_of(path): path for path in reversed(near)}.values())[::-1]
    return list(seen.values())


def _links(page: Page, base: str) -> Iterator[str]:
    for href in page.eval_on_selector_all("a[href]", "links => links.map(a => a.getAttribute('href'))"):
        address = urlsplit(urljoin(page.url, href))
        if f"{address.scheme}://{address.netloc}" == base and not NOT_PAGES.search(address.path):
            yield address.path


def speak(page: Page, base: str, language: str) -> None:
    """Switch the account's language by the same door the button uses."""
    page.goto(f"{base}/design/")
    page.evaluate(
        """language => {
            const form = new FormData();
            form.set('language', language);
            form.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
            return fetch('/language/', {method: 'POST', body: form});
        }""",
        language,
    )


def photograph(page: Page, base: str, shot: Shot) -> Shot:
    """Take one picture and note what is wrong with the page."""
    complaints = listen(page)
    page.goto(base + shot.path)
    page.wait_for_timeout(700)  # maps and charts draw after load
    shot.title = page.title()
    if (over := overflow_px(page)) > 0:
        shot.findings.append(f"width: {over} px beyond the window")
    shot.findings += [f"axe: {found}" for found in violations(page)]
    page.screenshot(path=OUT / shot.file, full_page=True)
    shot.findings += complaints
    return shot


def walk(browser: Browser, base: str, account: SignIn, taken: set[str], *, everything: bool) -> list[Shot]:
    """Photograph what one account can reach, leaving out kinds another role has already shown."""
    shots: list[Shot] = []
    role = account.role.replace("_", "-")
    paths: list[str] = []
    for width, size in WIDTHS.items():
        context = new_context(browser, size)
        page = context.new_page()
        sign_in(page, base, account.username, account.password)
        if not paths:
            found = reachable(page, base)
            paths = [path for path in found if everything or kind_of(path) not in taken or path == found[0]]
            taken.update(kind_of(path) for path in found)
        for language in LANGUAGES:
            speak(page, base, language)
            for path in paths:
                one = context.new_page()
                shot = Shot(role, path, width, language)
                try:
                    photograph(one, base, shot)
                except Error as error:
                    shot.findings.append(f"browser: {error}")
                shots.append(shot)
                one.close()
        speak(page, base, "zh-hans")
        context.close()
    return shots


def photograph_signed_out(browser: Browser, base: str) -> list[Shot]:
    """Photograph the sign-in page."""
    shots: list[Shot] = []
    for width, size in WIDTHS.items():
        for language in LANGUAGES:
            context = new_context(browser, size)
            context.add_cookies([{"name": "language", "value": language, "url": base}])
            shot = Shot("signed-out", "/accounts/login/", width, language)
            shots.append(photograph(context.new_page(), base, shot))
            context.close()
    return shots


def write_index(shots: list[Shot]) -> None:
    """Write the index: pictures side by side, findings under each."""
    rows = []
    for shot in shots:
        notes = "".join(f"<li>{html.escape(finding)}</li>" for finding in shot.findings)
        rows.append(
            f'<figure><a href="{shot.file}"><img src="{shot.file}" loading="lazy" width="320"></a>'
            f"<figcaption>{html.escape(shot.kind)} · {shot.role} · {shot.width} · {shot.language}"
            f"<ul>{notes}</ul></figcaption></figure>"
        )
    head = f'<!doctype html><meta charset="utf-8"><title>gallery</title><style>{INDEX_STYLE}</style>'
    (OUT / "index.html").write_text(head + "".join(rows))
    findings = [
        {"file": shot.file, "path": shot.path, "findings": shot.findings} for shot in shots if shot.findings
    ]
    (OUT / "findings.json").write_text(json.dumps(findings, ensure_ascii=False, indent=1))


def running_house() -> tuple[str, list[SignIn]]:
    """Return the address of the house that runs here and its accounts."""
    folder = Path(os.environ.get("ANLAN_DATA_DIR") or ROOT / "var" / os.environ.get("PACK", "standard"))
    address, accounts = folder / "run.lock", folder / "sign-ins.txt"
    if not address.exists() or not address.read_text().strip() or not accounts.exists():
        sys.exit("gallery: start the house first (make run), then try again")
    return address.read_text().strip().rstrip("/"), sign_ins(accounts.read_text())


def main() -> None:
    """Make the gallery of the running house."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.wiring.settings")
    django.setup()  # for the routes
    base, accounts = running_house()
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.png"):
        old.unlink()
    everything = bool(os.environ.get("ALL"))
    taken: set[str] = set()
    with open_browser() as browser:
        shots = photograph_signed_out(browser, base)
        for account in chosen(accounts, everything=everything):
            made = walk(browser, base, account, taken, everything=everything)
            shots += made
            print(f"gallery: {account.username}: {len(made)} pictures", flush=True)
            write_index(shots)
    wrong = sum(bool(shot.findings) for shot in shots)
    print(f"gallery: {len(shots)} pictures in {OUT}, {wrong} with findings (gallery/findings.json)")


if __name__ == "__main__":
    main()
