"""A grant's steps: who may apply, check, decide, publish, suspend and revoke it, and when it is over."""

from datetime import timedelta
from uuid import UUID

import pytest

from anlan.affairs.actions import ReasonNeeded
from anlan.affairs.actions.grant_applications import (
    AlreadyApplied,
    ApplicationInvalid,
    PointsInvalid,
    check_grant,
)
from anlan.affairs.actions.grant_decisions import PointsUnmet, TermInvalid
from anlan.affairs.actions.grant_steps import GrantMoved, OwnHands
from anlan.affairs.grant_rules import GrantAct, GrantState, Standing
from anlan.affairs.models import Grant, GrantStep
from anlan.affairs.queries.grants import (
    access_grant,
    grants_awaiting,
    standing_on,
    visible_grants,
)
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Facility
from tests.affairs.granting import (
    CONTACT,
    NEIGHBOUR,
    OFFICER,
    TERM_DAYS,
    WHOLE,
    applied,
    approved,
    checked,
    factory,
    in_force,
    industry,
    moved,
    now_stands,
    steps,
    today,
)
from tests.world import GRID_A, GRID_D, World

pytestmark = pytest.mark.django_db
ROW = UUID("0190a0a0-0000-7000-8000-000000000077")


@pytest.fixture
def plant(world: World) -> Facility:
    return industry(world)


def test_a_grant_goes_from_its_application_into_force_by_three_hands(world: World, plant: Facility) -> None:
    grant = in_force(world, plant)

    assert (grant.state, grant.area_code, len(grant.code)) == (GrantState.VALID, GRID_A, 20)
    assert (grant.ends_on, grant.permits) == (
        today(world) + timedelta(days=TERM_DAYS - 1),
        ["transport", "closed_loop"],
    )
    assert steps(grant) == ["apply", "check", "approve", "publish"]
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        verbs = set(AuditEntry.objects.filter(subject="affairs.Grant").values_list("verb", flat=True))
    assert verbs == {"apply_grant", "check_grant", "approve_grant", "publish_grant"}


def test_the_grid_and_the_community_apply_on_behalf_and_others_do_not(world: World, plant: Facility) -> None:
    with pytest.raises(NotFound):
        applied(world, plant, "liu")  # the next grid
    with pytest.raises(NotFound):
        applied(world, plant, NEIGHBOUR)  # another factory's contact
    for other in ("qian", OFFICER, "zhao"):
        with pytest.raises(NotAllowed):
            applied(world, plant, other)

    assert applied(world, plant, "wang").applied_by_id == world.posts["wang"].pk


def test_the_same_form_sent_twice_is_one_application(world: World, plant: Facility) -> None:
    first = applied(world, plant, row_id=ROW)

    assert applied(world, plant, row_id=ROW).pk == first.pk
    with pytest.raises(Conflict):
        applied(world, plant, "wang", row_id=ROW)  # another sender's id
    assert steps(first) == ["apply"]


def test_an_id_that_is_another_units_is_a_conflict_and_nothing_of_it_changes(
    world: World, plant: Facility
) -> None:
    theirs = factory(world, GRID_D, "gu")
    kept = applied(world, theirs, "gu", row_id=ROW)

    with pytest.raises(Conflict):
        applied(world, plant, row_id=ROW)

    assert now_stands(kept).facility_id == theirs.pk


def test_one_application_at_a_time_whoever_applies(world: World, plant: Facility) -> None:
    applied(world, plant)

    with pytest.raises(AlreadyApplied):
        applied(world, plant, "wang")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"category": "key_park"}, "category"),  # a factory is no park
        ({"category": "castle"}, "category"),
        ({"statement": "  "}, "statement"),
        ({"statement": "长" * 1001}, "statement"),
    ],
)
def test_a_wrong_application_names_its_field(
    world: World, plant: Facility, said: dict[str, str], field: str
) -> None:
    with pytest.raises(ApplicationInvalid) as refused:
        applied(world, plant, **said)

    assert field in refused.value.fields


def test_a_school_and_a_unit_that_has_ended_cannot_apply(world: World, plant: Facility) -> None:
    with pytest.raises(NotAllowed):
        applied(world, world.school, "kong")
    with duty("react", ranges=WHOLE, cause="test"):
        Facility.objects.filter(pk=plant.pk).update(ends_at=world.now)
    with pytest.raises(NotAllowed):
        applied(world, plant)


def test_who_applied_does_not_check(world: World, plant: Facility) -> None:
    grant = applied(world, plant, "kong")

    with pytest.raises(OwnHands):
        checked(world, grant, "kong")
    assert checked(world, grant, "qian").state == GrantState.CHECKED


def test_who_checked_does_not_decide_even_through_another_post(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant))
    with duty("react", ranges=WHOLE, cause="test"):
        member = world.members[OFFICER].pk
        GrantStep.objects.filter(grant=grant, act="check").update(member_id=member)

    with pytest.raises(OwnHands):
        approved(world, grant)


def test_only_the_roles_of_the_pack_check_and_decide(world: World, plant: Facility) -> None:
    grant = applied(world, plant)
    for stranger in ("wang", CONTACT, OFFICER):
        with pytest.raises(NotAllowed):
            checked(world, grant, stranger)
    with pytest.raises(NotFound):
        checked(world, grant, "li")  # the next community

    ready = checked(world, grant)
    for stranger in ("qian", "mei", "zhao", CONTACT):
        with pytest.raises(NotAllowed):
            approved(world, ready, stranger)


def test_every_point_is_answered_and_a_check_can_be_said_again(world: World, plant: Facility) -> None:
    grant, kong = applied(world, plant), world.actor("kong")
    with scope(kong), pytest.raises(PointsInvalid):
        check_grant(actor=kong, grant_id=grant.pk, found={}, note="", now=world.now, expected_version=1)

    first = checked(world, grant, unmet=["supplies"])
    with pytest.raises(PointsUnmet):
        approved(world, first)
    mended = checked(world, first)

    assert approved(world, mended).state == GrantState.APPROVED
    assert steps(grant) == ["apply", "check", "check", "approve"]


def test_a_point_that_is_not_required_does_not_stand_in_the_way(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant), unmet=["lodging"])

    assert approved(world, grant).state == GrantState.APPROVED


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [(-1, 20, "starts_on"), (0, -1, "ends_on"), (5, 4, "ends_on"), (0, 180, "ends_on")],
)
def test_a_term_in_the_past_turned_round_or_too_long_is_refused(
    world: World, plant: Facility, begins: int, ends: int, field: str
) -> None:
    grant, day = checked(world, applied(world, plant)), today(world)

    with pytest.raises(TermInvalid) as refused:
        approved(world, grant, starts_on=day + timedelta(days=begins), ends_on=day + timedelta(days=ends))

    assert field in refused.value.fields


def test_the_longest_term_is_allowed_to_its_last_day(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant))

    longest = approved(world, grant, ends_on=today(world) + timedelta(days=179))

    assert longest.state == GrantState.APPROVED


def test_only_conditions_and_permits_of_the_pack_are_given(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant))

    for said in ({"conditions": ("gold",)}, {"permits": ("gold",)}, {"further_condition": "长" * 501}):
        with pytest.raises(TermInvalid):
            approved(world, grant, **said)


@pytest.mark.parametrize("act", [GrantAct.SUSPEND, GrantAct.REVOKE])
def test_an_act_that_ends_something_needs_its_reason(world: World, plant: Facility, act: GrantAct) -> None:
    grant = in_force(world, plant)

    with pytest.raises(ReasonNeeded):
        moved(world, grant, act, reason="  ")


def test_approval_and_refusal_need_their_reason(world: World, plant: Facility) -> None:
    grant = checked(world, applied(world, plant))

    with pytest.raises(ReasonNeeded):
        approved(world, grant, reason="")
    with pytest.raises(ReasonNeeded):
        moved(world, grant, GrantAct.REFUSE, reason="")
    assert moved(world, grant, GrantAct.REFUSE).state == GrantState.REFUSED


def test_after_a_refusal_one_may_apply_again(world: World, plant: Facility) -> None:
    moved(world, checked(world, applied(world, plant)), GrantAct.REFUSE)

    assert applied(world, plant).state == GrantState.APPLIED


def test_each_act_sent_twice_is_done_once_and_a_second_hand_meets_a_conflict(
    world: World, plant: Facility
) -> None:
    grant = applied(world, plant)
    assert checked(world, grant, version=1).version == checked(world, grant, version=1).version == 2
    assert approved(world, grant, version=2).version == approved(world, grant, version=2).version == 3
    published = moved(world, grant, GrantAct.PUBLISH, version=3, reason="")
    assert moved(world, grant, GrantAct.PUBLISH, version=3, reason="").code == published.code
    assert moved(world, grant, GrantAct.SUSPEND, version=4).version == 5
    assert moved(world, grant, GrantAct.SUSPEND, version=4).version == 5

    with pytest.raises(GrantMoved):
        moved(world, grant, GrantAct.SUSPEND, "qian", version=4)
    with pytest.raises(GrantMoved):
        moved(world, grant, GrantAct.REVOKE, version=4)
    assert steps(grant) == ["apply", "check", "approve", "publish", "suspend"]


def test_an_act_out_of_turn_is_a_conflict(world: World, plant: Facility) -> None:
    grant = applied(world, plant)

    for act in (GrantAct.PUBLISH, GrantAct.SUSPEND, GrantAct.RESUME, GrantAct.REVOKE):
        with pytest.raises(GrantMoved):
            moved(world, grant, act)
    with pytest.raises(GrantMoved):
        approved(world, grant)


def test_the_community_suspends_and_lifts_and_only_the_department_revokes(
    world: World, plant: Facility
) -> None:
    grant = moved(world, in_force(world, plant), GrantAct.SUSPEND, "kong")
    assert standing_on(grant, today(world)) is Standing.SUSPENDED
    with pytest.raises(NotAllowed):
        moved(world, grant, GrantAct.REVOKE, "kong")
    with pytest.raises(NotAllowed):
        moved(world, grant, GrantAct.RESUME, "wang")

    again = moved(world, grant, GrantAct.RESUME, "qian", reason="整改完成")
    gone = moved(world, again, GrantAct.REVOKE)

    assert (gone.state, gone.code) == (GrantState.REVOKED, grant.code)
    assert steps(grant)[-3:] == ["suspend", "resume", "revoke"]


def test_the_neighbour_sees_none_of_it_and_a_contact_only_the_own_units(
    world: World, plant: Facility
) -> None:
    near = factory(world, GRID_A)
    ours, next_door = applied(world, plant), applied(world, near, "wang")

    for stranger in ("li", "liu", NEIGHBOUR):
        actor = world.actor(stranger)
        with scope(actor), pytest.raises(NotFound):
            access_grant(actor, ours.pk)
    contact = world.actor(CONTACT)
    with scope(contact):
        assert [row.pk for row in visible_grants(contact)] == [ours.pk]
        with pytest.raises(NotFound):
            access_grant(contact, next_door.pk)


def test_each_step_waits_for_the_role_whose_turn_it_is(world: World, plant: Facility) -> None:
    def waits_for(grant: Grant) -> set[str]:
        found = set()
        for handle in ("wang", "kong", "li", "qian", OFFICER, CONTACT):
            actor = world.actor(handle)
            with scope(actor):
                if grants_awaiting(actor, today(world)).filter(pk=grant.pk).exists():
                    found.add(handle)
        return found

    grant = applied(world, plant)
    assert waits_for(grant) == {"kong", "qian"}
    assert waits_for(checked(world, grant)) == {OFFICER}
    assert waits_for(approved(world, grant, version=2)) == {OFFICER}
    assert waits_for(moved(world, grant, GrantAct.PUBLISH, version=3, reason="")) == set()
