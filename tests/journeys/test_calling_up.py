"""A community's command group is called up: members hear it where they are, and the lead sees who comes."""

from uuid import UUID

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Browser

from tests.journeys.browser import DESK, PHONE
from tests.journeys.person import Person, wrong_with
from tests.journeys.town import Town
from tests.organisation.seating import answered, command_group
from tests.world import GRID_A, SPRING, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


@pytest.fixture
def group(world: World) -> UUID:
    """The command group of Spring, complete; the haves of a grid answered."""
    with transaction.atomic():
        answered(world)
        return command_group(world).pk


def test_a_call_reaches_a_phone_and_its_answer_comes_back(group: UUID, town: Town, browser: Browser) -> None:
    kong, wang = Person(browser, town, "kong"), Person(browser, town, "wang", PHONE)
    page = reverse("body", args=[group])
    wang.watches(reverse("my_work"))
    kong.at(page).follow("召集全体")
    kong.page.get_by_label("召集什么").fill("到社区服务站集合")
    kong.look_over()
    kong.press("通知全体成员")
    kong.watches(page)

    wang.saw_it_come("到社区服务站集合")
    wang.look_over()
    wang.follow("社区应急指挥小组")
    wang.page.get_by_label("能到", exact=True).check()
    wang.press("应答")

    kong.saw_it_come("已应答 1/3")
    assert wrong_with(kong, wang) == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_page_of_bodies_and_checklists_fits(
    group: UUID, town: Town, browser: Browser, size: tuple[int, int]
) -> None:
    kong, wang = Person(browser, town, "kong", size), Person(browser, town, "wang", size)
    for name in ("body", "body_seat", "body_call", "body_meeting", "body_end"):
        kong.at(reverse(name, args=[group])).look_over()
    for name in ("bodies", "body_new", "body_coverage", "decisions", "checklists", "checklist_coverage"):
        kong.at(f"{reverse(name)}{'' if name == 'decisions' else f'?area={SPRING}'}").look_over()
    wang.at(reverse("checklist", args=["five_haves_one_grid", GRID_A])).look_over()

    assert wrong_with(kong, wang) == []
