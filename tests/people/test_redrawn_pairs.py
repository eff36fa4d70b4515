"""Possible twins after a redraw: parked where both entries are seen."""

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.people.models import PossibleTwin
from tests.organisation.redrawing import split_off, wished
from tests.surveillance.test_loop import run_reactions
from tests.world import DISTRICT, GRID_A, SPRING, World


def test_a_pair_that_may_be_one_person_lies_where_both_are_seen(world: World) -> None:
    one, other = sorted(world.resident(name).pk for name in ("赵秀兰", "龚𬀪"))
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        pair = PossibleTwin.objects.create(
            area_code=GRID_A, one_id=one, other_id=other, grade="likely", score=20.0, found_at=world.now
        )

    going = world.buildings[GRID_A][1].pk
    wished(world, "qian", split_off(GRID_A, keeps="一", new="二", building_ids=(going,)))
    run_reactions()

    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert PossibleTwin.objects.get(pk=pair.pk).area_code == SPRING
