"""Whom to ask at a door: the workers, cadres and seats that answer for it, their numbers masked."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db


def test_a_door_says_whom_to_ask_without_giving_a_number_away(world: World, client: Client) -> None:
    home = world.households[GRID_A][0]

    shown = world.sign_in(client, "wang").get(reverse("household", args=[home.pk])).content.decode()

    assert "就近找谁" in shown
    assert all(world.members[one].name in shown for one in ("wang", "shi", "kong", "tao"))
    assert world.members["liu"].name not in shown
