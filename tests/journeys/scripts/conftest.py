"""One Chromium for all tests of a file, and a house of rendered pages for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browser import open_browser

if TYPE_CHECKING:  # pytest reads this file before Django has its settings
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def house() -> Iterator[str]:
    from tests.journeys.scripts.pages_house import open_house

    with open_house() as address:
        yield address
