"""One town for all tests of phones without a signal, and phones to hand out in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.conftest import put_standard_pack_in_force
from tests.journeys.browser import open_browser

if TYPE_CHECKING:  # pytest reads this file before Django has its models
    from playwright.sync_api import Browser

    from tests.journeys.phone import OpenPhone, Phone
    from tests.journeys.town import Town


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    from tests.journeys.town import standing

    with standing(django_db_blocker, put_standard_pack_in_force) as house:
        yield house


@pytest.fixture(scope="module")
def browser(town: Town) -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def phone_of(browser: Browser, town: Town) -> Iterator[OpenPhone]:
    """Hand out fresh phones; each is put away at the end, with its live streams and its worker."""
    from tests.journeys.phone import Phone

    phones: list[Phone] = []

    def hand_out(handle: str) -> Phone:
        phones.append(Phone(browser, town, handle))
        return phones[-1]

    yield hand_out
    for phone in phones:
        phone.context.close()
