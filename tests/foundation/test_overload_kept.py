"""Public pages are made once for many strangers, and nobody else's page is ever given twice."""

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from anlan.foundation.overload import kept
from anlan.foundation.overload.kept import Kept
from tests.foundation.asking import HOST, Told, ask, request_scope

PUBLIC = {"cache-control": "public, max-age=60"}


class Pages:
    """Answers with what it is told, counting."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.status, self.made = 200, 0
        self.while_made: Callable[[], Any] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer with the number of the answer."""
        self.made += 1
        number = self.made
        if self.while_made is not None:
            await self.while_made()
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": str(number).encode()})


async def visit(
    pages: Kept, headers: dict[str, str] | None = None, *, path: str = "/", method: str = "GET"
) -> Told:
    return await ask(pages, b"", headers or {}, path=path, method=method)


def made_for(pages: Pages, *visits: dict[str, Any]) -> int:
    async def story() -> None:
        keeping = Kept(pages)
        for one in visits:
            await visit(keeping, **one)

    asyncio.run(story())
    return pages.made


def test_a_public_page_is_made_once_for_all_strangers() -> None:
    assert made_for(Pages(cache_control=PUBLIC["cache-control"]), {}, {}, {}) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cache_control": "private, no-store"},
        {"cache_control": "max-age=60"},
        {"cache_control": "public"},
        {"cache_control": "public, max-age=0"},
        {"cache_control": "public, private, max-age=60"},
        {"cache_control": "public, max-age=60", "set_cookie": "sessionid=1"},
    ],
)
def test_what_does_not_say_that_it_is_public_is_made_for_each(headers: dict[str, str]) -> None:
    assert made_for(Pages(**headers), {}, {}) == 2


def test_a_refusal_is_not_kept() -> None:
    pages = Pages(cache_control=PUBLIC["cache-control"])
    pages.status = 503

    assert made_for(pages, {}, {}) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"Cookie": "sessionid=abc"}},
        {"headers": {"Authorization": "Bearer abc"}},
        {"headers": {"HX-Request": "true"}},
        {"headers": {"Cookie": "language=en"}},
        {"headers": {"Host": "elsewhere"}},
        {"path": "/other/"},
        {"method": "POST"},
    ],
)
def test_whoever_asks_otherwise_gets_a_page_of_their_own(other: dict[str, Any]) -> None:
    assert made_for(Pages(cache_control=PUBLIC["cache-control"]), {}, other) == 2


def test_a_kept_page_is_given_whole_before_it_comes_in_and_to_strangers_alone() -> None:
    pages = Pages(cache_control=PUBLIC["cache-control"])

    async def story() -> list[bytes | None]:
        keeping = Kept(pages)
        asked = [
            request_scope("GET", "/", {"Host": HOST}),
            request_scope("GET", "/", {"Host": HOST, "Cookie": "sessionid=abc"}),
            request_scope("POST", "/", {"Host": HOST}),
        ]
        before = keeping.answered_early(asked[0])
        await visit(keeping, {"Host": HOST})
        return [before, *(keeping.answered_early(scope) for scope in asked)]

    before, given, *others = asyncio.run(story())

    assert (before, others) == (None, [None, None])
    head, _, body = (given or b"").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\ncache-control: public, max-age=60\r\n")
    assert b"\r\ndate: " in head
    assert (body, pages.made) == (b"1", 1)


def test_an_old_page_is_given_while_it_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        pages = Pages(cache_control=PUBLIC["cache-control"])
        keeping = Kept(pages)
        first = await visit(keeping)
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 61)
        monkeypatch.setattr(kept, "time", later)
        meanwhile: list[Told] = []

        async def ask_meanwhile() -> None:
            pages.while_made = None
            meanwhile.append(await visit(keeping))

        pages.while_made = ask_meanwhile
        second = await visit(keeping)

        assert [first.body, meanwhile[0].body, second.body, (await visit(keeping)).body] == [
            b"1", b"1", b"2", b"2"
        ]  # fmt: skip

    asyncio.run(story())
