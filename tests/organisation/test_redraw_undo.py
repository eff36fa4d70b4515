"""Taking a redraw back: everything as it was, what came since, what has gone elsewhere since."""

from functools import partial

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions.redraws import RedrawChanged, preview_undo
from anlan.organisation.models import Building
from anlan.organisation.queries import access_area
from anlan.organisation.queries.redraws import code_now
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from tests.organisation.redrawing import everything_in_place, parting, undone, wished
from tests.world import DISTRICT, GRID_A, GRID_B, SPRING, World

pytestmark = pytest.mark.django_db

NEW_GRID = SPRING + "003"


@pytest.fixture
def second_building(world: World) -> Wish:
    """Grid A parted: the second building goes to a new grid."""
    return parting(world)


def test_undone_at_once_everything_is_as_it_was(world: World, second_building: Wish) -> None:
    before = everything_in_place()

    undone(world, "qian", wished(world, "qian", second_building))

    assert everything_in_place() == before
    assert code_now(NEW_GRID) == GRID_A


def test_what_came_since_goes_where_the_new_area_came_from(world: World, second_building: Wish) -> None:
    redraw = wished(world, "qian", second_building)
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        new = Building.objects.create(area_code=NEW_GRID, number="9", starts_at=world.now)
        moved = world.buildings[GRID_A][1]
        Building.objects.filter(pk=moved.pk).update(area_code=GRID_B)

    undone(world, "qian", redraw)

    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert Building.objects.get(pk=new.pk).area_code == GRID_A
        assert Building.objects.get(pk=moved.pk).area_code == GRID_B  # somebody acted: it stays


def test_a_later_redraw_is_undone_first(world: World, second_building: Wish) -> None:
    before = everything_in_place()
    first = wished(world, "qian", second_building)
    second = wished(world, "qian", Wish(kind=RedrawKind.RENAME, code=NEW_GRID, name="新名"))

    with pytest.raises(Conflict):
        undone(world, "qian", first)
    undone(world, "qian", second)
    undone(world, "qian", first)
    with pytest.raises(RedrawChanged):
        undone(world, "qian", first)

    assert everything_in_place() == before


def test_a_look_at_an_undo_counts_what_has_gone_elsewhere_since(world: World, second_building: Wish) -> None:
    redraw, qian = wished(world, "qian", second_building), world.actor("qian")
    looked = partial(preview_undo, actor=qian, redraw_id=redraw.pk)
    with scope(qian):
        assert looked(now=utc_now()).gone == 0
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Building.objects.create(area_code=NEW_GRID, number="9", starts_at=world.now)
        Building.objects.filter(pk=world.buildings[GRID_A][1].pk).update(area_code=GRID_B)

    with scope(qian):
        assert looked(now=utc_now()).gone == 1


def test_codes_are_never_given_twice(world: World, second_building: Wish) -> None:
    undone(world, "qian", wished(world, "qian", second_building))

    wished(world, "qian", second_building)

    assert access_area(SPRING + "004", now=utc_now()).name == "春泉第三网格"
