"""A role that is a delegation for a time (M039): nobody holds it without an end, or for too long."""

from datetime import datetime, timedelta

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import NewPost, appoint, create_post
from anlan.organisation.actions.appointments import PeriodInvalid
from anlan.organisation.models import Appointment, Facility, Post
from anlan.organisation.queries import posts_of_account
from tests.world import DISTRICT, GRID_A, SPRING, World

LONGEST = timedelta(days=180)


@pytest.fixture
def managers(world: World) -> Post:
    """The post of the property manager of a park in grid A."""
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        park = Facility.objects.create(
            area_code=GRID_A, kind="industrial_park", name="春泉园区", starts_at=world.now
        )
    qian = world.actor("qian")
    wanted = NewPost(role="park_property_manager", area_code=SPRING, facility_id=park.pk)
    with scope(qian):
        return create_post(actor=qian, wanted=wanted, now=world.now)


def delegate(world: World, post: Post, ends_at: datetime | None, now: datetime) -> Appointment:
    qian = world.actor("qian")
    with scope(qian):
        return appoint(
            actor=qian,
            post_id=post.pk,
            member_id=world.members["shi"].pk,
            ends_at=ends_at,
            reason="授权管理园区",
            now=now,
        )


def test_a_delegation_has_its_end_and_not_too_far(world: World, managers: Post) -> None:
    now = utc_now()
    for ends_at in (None, now + LONGEST + timedelta(seconds=1)):
        with pytest.raises(PeriodInvalid) as refused:
            delegate(world, managers, ends_at, now)
        assert "ends_at" in refused.value.fields

    assert delegate(world, managers, now + LONGEST, now).ends_at == now + LONGEST


def test_it_sees_its_own_park_and_no_resident_and_ends_to_the_second(world: World, managers: Post) -> None:
    now = utc_now()
    delegate(world, managers, now + timedelta(days=30), now)
    account = world.accounts["shi"].pk

    def delegated(moment: datetime) -> list[tuple[frozenset[str], tuple[str, ...]]]:
        held = posts_of_account(account, now=moment)
        return [(one.purposes, one.ranges.codes) for one in held if one.role == "park_property_manager"]

    assert delegated(now) == [(frozenset({"reporting"}), (SPRING,))]
    assert delegated(now + timedelta(days=30)) == []
