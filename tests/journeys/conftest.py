"""What a journey starts from: the small town, running, and a Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browser import open_browser

if TYPE_CHECKING:  # pytest reads this file before Django has its models
    from playwright.sync_api import Browser

    from tests.journeys.town import Town
    from tests.world import World


@pytest.fixture
def with_clock() -> bool:
    """Whether the duties of wiring/schedule.py are done when their time comes; a file may say so."""
    return False


@pytest.fixture
def town(world: World, *, with_clock: bool) -> Iterator[Town]:
    from tests.journeys.town import running

    with running(world, with_clock=with_clock) as house:
        yield house


@pytest.fixture
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened
