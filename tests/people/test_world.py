"""The town that other tests act in is what its description says."""

import pytest

from anlan.foundation.scope import scope
from anlan.organisation.queries import neighbours_of
from anlan.people.models import Resident, SearchToken
from tests.world import GRID_A, GRID_B, GRID_C, SCHOOL_GRID, World

pytestmark = pytest.mark.django_db


def test_wang_sees_the_residents_of_her_grid_alone(world: World) -> None:
    with scope(world.actor("wang")):
        assert set(Resident.objects.values_list("area_code", flat=True)) == {GRID_A}
        assert SearchToken.objects.filter(kind="name", token="陈大明").count() == 1


def test_grid_a_borders_on_b_and_the_school_but_not_on_c(world: World) -> None:
    neighbours = {code for code, _kind in neighbours_of(GRID_A, now=world.now)}

    assert neighbours == {GRID_B, SCHOOL_GRID}
    assert GRID_C not in neighbours


def test_every_named_person_acts_through_one_post(world: World) -> None:
    roles = {world.actor(handle).role for handle in world.posts}

    assert len(roles) >= 14
    assert world.actor("zhou").purposes == {"health"}
