"""Live streams: an open page hears topics of its own area, and nothing once its rights have ended."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client

from anlan.foundation.clock import utc_now
from anlan.foundation.live import announce_change
from anlan.foundation.live_door import CHECK_SECONDS, LIVE_PATH, Live
from anlan.organisation.models import Appointment, Post
from tests.foundation.asking import HOST, request_scope
from tests.world import GRID_A, GRID_B, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PATIENCE = 20.0  # a limit for a broken stream, not a timing


@pytest.fixture
def town() -> World:
    return build_world()


class Page:
    """An open page's stream."""

    def __init__(self, live: Live, session_key: str) -> None:
        self.status = 0
        self.text = ""
        self.changed = asyncio.Event()
        self.left = asyncio.Event()
        headers = {"Cookie": f"sessionid={session_key}", "Host": HOST}
        self.task = asyncio.create_task(
            live(request_scope("GET", LIVE_PATH, headers), self._receive, self._send)
        )

    async def _receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()
        self.changed.set()

    async def hears(self, word: str) -> None:
        """Wait until the word was said."""
        async with asyncio.timeout(PATIENCE):
            while word not in self.text:
                self.changed.clear()
                await self.changed.wait()

    async def ends(self) -> None:
        """Wait until the stream is over."""
        async with asyncio.timeout(PATIENCE):
            await self.task


@contextlib.asynccontextmanager
async def open_pages(*session_keys: str) -> AsyncIterator[tuple[Live, list[Page]]]:
    live = Live()
    pages = [Page(live, key) for key in session_keys]
    try:
        yield live, pages
    finally:
        await live.close()
        for page in pages:
            page.left.set()
        await asyncio.gather(*(page.task for page in pages), return_exceptions=True)


def key_of(town: World, handle: str) -> str:
    key = town.sign_in(Client(), handle).session.session_key
    assert key
    return key


def announce(topic: str, area_code: str, *readers: str) -> None:
    with transaction.atomic():
        announce_change(topic, area_code, readers=readers)


async def in_thread(act: Callable[..., Any], *arguments: Any) -> Any:
    """Do it where Django may be used, and leave no connection open there."""

    def done() -> Any:
        try:
            return act(*arguments)
        finally:
            connection.close()

    return await sync_to_async(done)()


def test_a_page_hears_of_its_own_area_and_not_of_the_next(town: World) -> None:
    async def run(keys: list[str]) -> tuple[Page, Page]:
        async with open_pages(*keys) as (_, (wang, liu)):
            await wang.hears("resync")  # the listener stands
            await liu.hears("retry")
            await in_thread(announce, "orders", GRID_A)
            await in_thread(announce, "signals", GRID_B)
            await wang.hears("orders")
            await liu.hears("signals")
            return wang, liu

    wang, liu = asyncio.run(run([key_of(town, "wang"), key_of(town, "liu")]))

    assert 'event: changed\ndata: {"topic": "orders", "at": "' in wang.text
    assert "signals" not in wang.text
    assert "orders" not in liu.text


def test_news_for_some_purposes_are_told_to_no_other_post(town: World) -> None:
    def move_to_other_work() -> None:
        Post.objects.filter(pk=town.posts["zhou"].pk).update(purposes=["department"])

    async def run(keys: list[str]) -> list[Page]:
        async with open_pages(*keys) as (_, pages):
            await asyncio.gather(*(page.hears("retry") for page in pages))
            await pages[0].hears("resync")
            await in_thread(announce, "raw", GRID_A, "health")
            await in_thread(announce, "verified", GRID_A, "health", "lead")
            await in_thread(announce, "orders", GRID_A)
            await asyncio.gather(*(page.hears("orders") for page in pages))
            await in_thread(move_to_other_work)
            await asyncio.sleep(3 * CHECK_SECONDS)  # rights are looked at again
            await in_thread(announce, "later", GRID_A, "health")
            await in_thread(announce, "warnings", GRID_A)
            await asyncio.gather(*(page.hears("warnings") for page in pages))
            return pages

    zhou, zhao, wang = asyncio.run(run([key_of(town, handle) for handle in ("zhou", "zhao", "wang")]))

    assert "raw" in zhou.text and "verified" in zhou.text
    assert "raw" not in zhao.text and "verified" in zhao.text
    assert "raw" not in wang.text and "verified" not in wang.text
    assert "later" not in zhou.text


def test_the_end_of_the_appointment_ends_the_stream(town: World) -> None:
    def end() -> None:
        Appointment.objects.filter(pk=town.appointments["wang"].pk).update(ends_at=utc_now())

    async def run(keys: list[str]) -> tuple[Page, Page]:
        async with open_pages(*keys) as (_, (wang, liu)):
            await wang.hears("resync")
            await in_thread(end)
            await wang.ends()
            await in_thread(announce, "orders", GRID_A)
            await in_thread(announce, "orders", GRID_B)
            await liu.hears("orders")
            return wang, liu

    wang, liu = asyncio.run(run([key_of(town, "wang"), key_of(town, "liu")]))

    assert "signed-out" in wang.text
    assert "orders" not in wang.text
    assert "signed-out" not in liu.text


def test_signing_out_ends_the_stream(town: World) -> None:
    async def run(key: str) -> Page:
        async with open_pages(key) as (_, (wang,)):
            await wang.hears("resync")
            await in_thread(lambda: Session.objects.filter(session_key=key).delete())
            await wang.ends()
            return wang

    assert "signed-out" in asyncio.run(run(key_of(town, "wang"))).text


def test_a_lost_listener_tells_pages_to_look_for_themselves(town: World) -> None:
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'anlan live listener' AND datname = current_database()"
            )

    async def run(key: str) -> Page:
        async with open_pages(key) as (_, (wang,)):
            await wang.hears("resync")
            wang.text = ""
            await in_thread(cut)
            await wang.hears("resync")
            await in_thread(announce, "orders", GRID_A)
            await wang.hears("orders")
            return wang

    assert asyncio.run(run(key_of(town, "wang"))).status == 200


def test_the_servers_end_closes_every_stream(town: World) -> None:
    async def run(keys: list[str]) -> list[Page]:
        async with open_pages(*keys) as (live, pages):
            await pages[0].hears("resync")
            await pages[1].hears("retry")
            live.end_soon()
            await asyncio.gather(*(page.ends() for page in pages))
            return pages

    pages = asyncio.run(run([key_of(town, "wang"), key_of(town, "liu")]))

    assert ["signed-out" in page.text for page in pages] == [False, False]


def test_strangers_and_people_without_a_post_get_no_stream(town: World) -> None:
    async def run(keys: list[str]) -> list[Page]:
        async with open_pages(*keys) as (_, pages):
            await asyncio.gather(*(page.ends() for page in pages))
            return pages

    pages = asyncio.run(run(["", "guessed", key_of(town, "guo")]))

    assert [page.status for page in pages] == [401, 401, 403]
