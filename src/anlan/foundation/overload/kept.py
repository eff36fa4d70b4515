"""Keeps pages that are the same for every stranger for the seconds they allow, so a peak makes them once.

Only an answer that says `Cache-Control: public, max-age=…` is kept, and given only to who brings no session:
every other page of the house says `private, no-store` (foundation/middleware.py).
"""

import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from django.conf import settings
from prometheus_client import Counter

from anlan.foundation.async_sessions import header, language_of
from anlan.foundation.overload.answers import on_the_wire

MOST_KEPT = 200  # answers
LARGEST = 256 * 1024  # bytes of one
STALE_SECONDS = 60.0  # so long after its time a page is still given while it is made anew
FORBIDDING = {"private", "no-store", "no-cache"}
MAX_AGE = re.compile(r"max-age=(\d+)")
GIVEN = Counter("anlan_public_pages_kept", "Public pages answered from what was kept.")
Key = tuple[str, str, bytes, str]


@dataclass(slots=True)
class Page:
    """An answer as messages and as it goes over the wire, and until when it may be given."""

    messages: list[dict[str, Any]]
    whole: bytes
    until: float
    is_made_anew: bool = False

    def may_be_given(self, now: float) -> bool:
        """Say whether it is fresh, or somebody makes it anew and it is not too old."""
        return now < self.until or (self.is_made_anew and now < self.until + STALE_SECONDS)


class Kept:
    """Answers public pages from memory and passes all else on."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.pages: dict[Key, Page] = {}

    def answered_early(self, scope: dict[str, Any]) -> bytes | None:
        """Return the whole answer to a request without a body, if one is kept."""
        page = self._given(_key(scope)) if _is_strangers(scope) else None
        return page.whole if page is not None else None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        if not _is_strangers(scope):
            await self.application(scope, receive, send)
            return
        key = _key(scope)
        page = self._given(key)
        if page is None:
            await self._pass_on(key, scope, receive, send)
            return
        for message in page.messages:
            await send(message)

    def _given(self, key: Key) -> Page | None:
        """Return the page kept for a request and count it, if it may be given."""
        page = self.pages.get(key)
        if page is None or not page.may_be_given(time.monotonic()):
            return None
        GIVEN.inc()
        return page

    async def _pass_on(self, key: Key, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Let the application answer, and keep its answer where it allows that."""
        known = self.pages.get(key)
        messages: list[dict[str, Any]] = []

        async def note(message: dict[str, Any]) -> None:
            messages.append(message)
            await send(message)

        if known is not None:
            known.is_made_anew = True
        try:
            await self.application(scope, receive, note)
        finally:
            if known is not None:
                known.is_made_anew = False
        seconds = _seconds_allowed(messages)
        if seconds:
            if len(self.pages) >= MOST_KEPT:
                self.pages.clear()
            whole = on_the_wire(*messages, date=formatdate(usegmt=True))
            self.pages[key] = Page(messages, whole, time.monotonic() + seconds)


def _key(scope: dict[str, Any]) -> Key:
    return header(scope, b"host"), scope["path"], scope["query_string"], language_of(scope)


def _is_strangers(scope: dict[str, Any]) -> bool:
    """Say whether a request is a stranger's for a whole page."""
    if scope["method"] != "GET" or header(scope, b"authorization") or header(scope, b"hx-request"):
        return False
    return settings.SESSION_COOKIE_NAME not in header(scope, b"cookie")


def _seconds_allowed(messages: list[dict[str, Any]]) -> int:
    """Return how long an answer may be kept: 0 unless it is whole, small, good, nobody's, and says so."""
    if len(messages) != 2 or messages[0]["status"] != 200 or len(messages[1]["body"]) > LARGEST:
        return 0
    headers = dict(messages[0]["headers"])
    told = headers.get(b"cache-control", b"").decode("latin-1").lower()
    words = {word.strip() for word in told.split(",")}
    age = MAX_AGE.search(told)
    if b"set-cookie" in headers or "public" not in words or words & FORBIDDING or age is None:
        return 0
    return int(age.group(1))
