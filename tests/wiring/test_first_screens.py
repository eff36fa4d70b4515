"""Where posts begin."""

from typing import get_args

from django.test import Client
from django.urls import NoReverseMatch, reverse

from anlan.foundation.pack_store import section
from anlan.organisation.pack import FirstScreen, PostRole
from anlan.wiring.first_screens import ELSE, FIRST_SCREENS, first_screen_of
from anlan.wiring.navigation import visible_rows
from tests.world import PEOPLE, World


def test_only_screens_the_pack_can_name_have_a_page() -> None:
    assert set(FIRST_SCREENS) <= set(get_args(FirstScreen))


def test_every_post_begins_at_its_screen_or_at_its_work(world: World) -> None:
    screens = {role.key: role.first_screen for role in section(PostRole)}
    for handle, (_name, role, _area) in PEOPLE.items():
        try:
            expected = reverse(FIRST_SCREENS.get(screens[role], ELSE))
        except NoReverseMatch:
            expected = reverse(ELSE)

        answer = world.sign_in(Client(), handle).get("/")

        assert answer.status_code == 302 and answer["Location"] == expected, handle


def test_a_page_stands_once_in_the_navigation(world: World) -> None:
    for handle in PEOPLE:
        addresses = [address for _row, address in visible_rows(world.actor(handle))]
        assert len(addresses) == len(set(addresses)) and first_screen_of(world.actor(handle)) in addresses
