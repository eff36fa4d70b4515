"""Whoever opens a person, a household or a case stands across the page: name, post, time; on paper too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from anlan.foundation.clock import utc_now
from tests.journeys.browser import DESK, PHONE, ROOT, new_context, open_browser, sign_in
from tests.journeys.town import PASSWORD, Town, running
from tests.surveillance.test_loop import report_measles
from tests.world import GRID_A, World

# Pages of these apps that show nobody: what they may be without the reader's name.
OF_NOBODY = {"erasures.html"}


def watermark_of(page: str) -> str:
    """Return the words of the watermark, "" where the page carries none."""
    found = re.search(r'<svg class="watermark".*?</svg>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found[0]) if found else ""


@pytest.mark.django_db
def test_the_reader_stands_across_people_households_and_cases(world: World, client: Client) -> None:
    chen, home = world.resident("陈大明", GRID_A), world.households[GRID_A][0]
    case = report_measles(world, "wang", utc_now())
    pages = [
        ("wang", reverse("people")), ("wang", reverse("person", args=[chen.pk])),
        ("wang", reverse("person_correct", args=[chen.pk])), ("wang", reverse("households")),
        ("wang", reverse("household", args=[home.pk])), ("wang", reverse("person_register", args=[home.pk])),
        ("you", reverse("person_erase", args=[chen.pk])), ("zheng", reverse("reports")),
        ("zheng", reverse("report", args=[case.pk])), ("zheng", reverse("awaiting_cards")),
    ]  # fmt: skip

    for handle, path in pages:
        words = watermark_of(world.sign_in(client, handle).get(path).content.decode())
        actor = world.actor(handle)
        assert f"{actor.member_name} {actor.post_title}" in words, path
        assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d", words), path


@pytest.mark.django_db
def test_a_page_about_nobody_has_none(world: World, client: Client) -> None:
    assert watermark_of(world.sign_in(client, "wang").get(reverse("posts")).content.decode()) == ""


def test_no_page_of_the_register_is_written_without_it() -> None:
    pages = (ROOT / "src/anlan/people/templates/people").glob("[!_]*.html")
    bare = {page.name for page in pages if not _is_personal(page)}

    assert bare == OF_NOBODY


def _is_personal(page: Path) -> bool:
    return page.read_text().startswith('{% extends "personal.html" %}')


@pytest.fixture
def town(world: World) -> Iterator[Town]:
    with running(world) as house:
        yield house


@pytest.fixture
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def _covers(page: Page) -> bool:
    """Say whether the watermark is to be seen over all of the window and lets every click through."""
    return bool(
        page.evaluate("""() => {
            const mark = document.querySelector("svg.watermark"), style = getComputedStyle(mark);
            const box = mark.getBoundingClientRect();
            const under = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
            return style.display !== "none" && Number(style.opacity) > 0.03 && !mark.contains(under)
                && box.width >= innerWidth - 20 && box.height >= innerHeight - 20;
        }""")
    )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_it_lies_over_the_screen_and_over_the_paper(town: Town, browser: Browser) -> None:
    chen = town.world.resident("陈大明", GRID_A)
    for size in (DESK, PHONE):
        page = new_context(browser, size).new_page()
        sign_in(page, town.base, "wang", PASSWORD)
        page.goto(town.base + reverse("person", args=[chen.pk]))

        assert _covers(page)
        page.emulate_media(media="print")
        assert _covers(page)
