"""What overtakes a grant: its days, the end of its holder, a renewal, a redraw."""

from datetime import datetime, time, timedelta

import pytest

from anlan.affairs.actions.grant_applications import (
    AlreadyGranted,
)
from anlan.affairs.actions.grant_steps import GrantOver
from anlan.affairs.grant_rules import GrantAct, GrantState, Standing
from anlan.affairs.models import GrantStep
from anlan.affairs.queries.grants import (
    grants_awaiting,
    may_renew,
    standing_on,
    wanted_grants,
)
from anlan.foundation.clock import SHANGHAI, day_of
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Facility
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from tests.affairs.granting import (
    OFFICER,
    TERM_DAYS,
    WHOLE,
    applied,
    approved,
    checked,
    in_force,
    industry,
    moved,
    now_stands,
    steps,
    today,
)
from tests.organisation.redrawing import undone, wished
from tests.world import GRID_A, NORTH, SPRING, World

pytestmark = pytest.mark.django_db
VIEWS = ("valid", "waiting", "soon", "suspended", "ended", "all")


@pytest.fixture
def plant(world: World) -> Facility:
    return industry(world)


def test_it_holds_to_the_last_minute_of_its_last_day_in_shanghai(world: World, plant: Facility) -> None:
    grant = in_force(world, plant)
    assert grant.ends_on is not None
    last = datetime.combine(grant.ends_on, time(23, 59, 59), SHANGHAI)

    assert standing_on(grant, day_of(last)) is Standing.VALID
    assert standing_on(grant, day_of(last + timedelta(seconds=1))) is Standing.EXPIRED
    with pytest.raises(GrantOver):
        moved(world, grant, GrantAct.SUSPEND, now=last + timedelta(seconds=1))


def test_it_does_not_hold_before_its_first_day(world: World, plant: Facility) -> None:
    day = today(world)
    grant = in_force(world, plant, starts_on=day + timedelta(days=2))

    assert standing_on(grant, day) is Standing.NOT_YET
    assert standing_on(grant, day + timedelta(days=2)) is Standing.VALID


def test_what_was_approved_and_not_published_in_its_term_is_over(world: World, plant: Facility) -> None:
    grant = approved(world, checked(world, applied(world, plant)))

    with pytest.raises(GrantOver):
        moved(world, grant, GrantAct.PUBLISH, now=world.now + timedelta(days=TERM_DAYS))


def test_with_the_end_of_its_holder_it_no_longer_holds(world: World, plant: Facility) -> None:
    grant = in_force(world, plant)
    with duty("react", ranges=WHOLE, cause="test"):
        Facility.objects.filter(pk=plant.pk).update(ends_at=world.now)

    assert standing_on(now_stands(grant), today(world)) is Standing.HOLDER_GONE
    with pytest.raises(GrantOver):
        moved(world, grant, GrantAct.SUSPEND)


def test_an_application_of_a_unit_that_has_ended_goes_no_further(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant))
    with duty("react", ranges=WHOLE, cause="test"):
        Facility.objects.filter(pk=plant.pk).update(ends_at=world.now)

    with pytest.raises(GrantOver):
        approved(world, grant)
    officer = world.actor(OFFICER)
    with scope(officer):
        assert not grants_awaiting(officer, today(world)).exists()
        views = {view: wanted_grants(officer, {"view": view}, today=today(world)) for view in VIEWS}
        assert [view for view, rows in views.items() if rows.exists()] == ["ended", "all"]


def test_a_running_grant_is_renewed_near_its_end_only_and_both_stay(world: World, plant: Facility) -> None:
    grant = in_force(world, plant)
    near = world.now + timedelta(days=TERM_DAYS - 1 - 15)
    assert not may_renew(grant, day_of(near - timedelta(days=1)))
    with pytest.raises(AlreadyGranted):
        applied(world, plant, renewing=True, now=near - timedelta(days=1))
    with pytest.raises(AlreadyGranted):
        applied(world, plant, now=near)

    renewal = applied(world, plant, renewing=True, now=near)

    assert (renewal.renews_id, renewal.state) == (grant.pk, GrantState.APPLIED)
    assert steps(renewal) == ["renew"]
    assert now_stands(grant).state == GrantState.VALID


def test_after_its_end_one_applies_anew(world: World, plant: Facility) -> None:
    in_force(world, plant)

    assert applied(world, plant, now=world.now + timedelta(days=TERM_DAYS)).renews_id is None


def test_a_redraw_takes_it_along_with_its_unit_and_brings_it_back(world: World, plant: Facility) -> None:
    grant, new_code = in_force(world, plant), NORTH + "055"

    def lies_in() -> set[str]:
        with duty("react", ranges=WHOLE, cause="test"):
            rows = GrantStep.objects.filter(grant=grant)
            return {now_stands(grant).area_code, *rows.values_list("area_code", flat=True)}

    redraw = wished(world, "mei", Wish(kind=RedrawKind.RECODE, code=SPRING, new_code=new_code))
    assert lies_in() == {new_code + "001"}

    undone(world, "mei", redraw)
    assert lies_in() == {GRID_A}
