"""Appointing and dismissing: who may, to the second, and which duties never meet in one person."""

from datetime import timedelta

import pytest

from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    AlreadyHolds,
    AppointmentChanged,
    NewPost,
    NotTogether,
    OwnRightsWider,
    PeriodInvalid,
    PostInvalid,
    appoint,
    create_post,
    end_appointment,
)
from anlan.organisation.models import Appointment, PostRange
from anlan.organisation.queries import posts_of_account
from tests.organisation.acting import facts, hold
from tests.world import DISTRICT, FIELD, GRID_A, GRID_D, NORTH, SPRING, World


def test_an_officer_gives_a_member_a_post_of_the_own_range(world: World) -> None:
    qian = world.actor("qian")

    with scope(qian):
        made = appoint(
            actor=qian,
            post_id=world.posts["wang"].pk,
            member_id=world.members["tao"].pk,
            reason="顶岗",
            now=utc_now(),
        )

    assert made.member == world.members["tao"]
    assert [post.role for post in posts_of_account(world.accounts["tao"].pk, now=utc_now())] == [
        "community_worker",
        "grid_worker",
    ]
    assert len(facts("AppointmentStarted")) == 1


def test_rights_begin_and_end_to_the_second(world: World) -> None:
    qian, begin = world.actor("qian"), utc_now() + timedelta(hours=1)

    with scope(qian):
        appoint(
            actor=qian,
            post_id=world.posts["wang"].pk,
            member_id=world.members["tao"].pk,
            reason="顶岗一天",
            starts_at=begin,
            ends_at=begin + timedelta(days=1),
            now=utc_now(),
        )

    def posts_held(seconds: int) -> int:
        return len(posts_of_account(world.accounts["tao"].pk, now=begin + timedelta(seconds=seconds)))

    assert posts_held(-1) == 1
    assert posts_held(0) == 2
    assert posts_held(86_399) == 2
    assert posts_held(86_400) == 1


def test_ending_takes_the_rights_away_in_the_same_second(world: World) -> None:
    qian, wang = world.actor("qian"), world.appointments["wang"]
    now = utc_now()

    with scope(qian):
        end_appointment(actor=qian, appointment_id=wang.pk, reason="调离", now=now, expected_version=1)

    assert posts_of_account(world.accounts["wang"].pk, now=now) == []
    assert [fact.payload["member_id"] for fact in facts("AppointmentEnded")] == [
        str(world.members["wang"].pk)
    ]


def test_an_end_may_be_planned(world: World) -> None:
    qian, last = world.actor("qian"), utc_now() + timedelta(days=3)

    with scope(qian):
        end_appointment(
            actor=qian,
            appointment_id=world.appointments["wang"].pk,
            reason="轮换",
            ends_at=last,
            now=utc_now(),
            expected_version=1,
        )

    account = world.accounts["wang"].pk
    assert len(posts_of_account(account, now=last - timedelta(seconds=1))) == 1
    assert posts_of_account(account, now=last) == []


def test_the_same_form_sent_twice_is_one_act(world: World) -> None:
    qian, form_id = world.actor("qian"), new_id()

    def send() -> Appointment:
        with scope(qian):
            return appoint(
                actor=qian,
                post_id=world.posts["wang"].pk,
                member_id=world.members["tao"].pk,
                appointment_id=form_id,
                now=utc_now(),
            )

    assert send().pk == send().pk == form_id
    assert Appointment.objects.filter(post=world.posts["wang"]).count() == 2
    assert len(facts("AppointmentStarted")) == 1


def test_ending_twice_is_one_act_and_a_stale_page_is_told(world: World) -> None:
    qian, wang = world.actor("qian"), world.appointments["wang"]

    def end(version: int) -> Appointment:
        with scope(qian):
            return end_appointment(
                actor=qian, appointment_id=wang.pk, reason="调离", now=utc_now(), expected_version=version
            )

    first, second = end(1), end(1)

    assert first.ends_at == second.ends_at
    assert len(facts("AppointmentEnded")) == 1
    with pytest.raises(AppointmentChanged):
        end(2)


def test_only_posts_with_the_purpose_org_appoint(world: World) -> None:
    for handle in ("kong", "zhao", "zhou", "xu"):
        actor = world.actor(handle)
        with scope(actor), pytest.raises(NotAllowed):
            appoint(
                actor=actor,
                post_id=world.posts["wang"].pk,
                member_id=world.members["tao"].pk,
                now=utc_now(),
            )


def test_an_officer_has_no_say_over_posts_beyond_the_own_range(world: World) -> None:
    qian = world.actor("qian")

    for post in ("du", "bai", "zhou"):
        with scope(qian), pytest.raises(NotAllowed):
            appoint(
                actor=qian, post_id=world.posts[post].pk, member_id=world.members["tao"].pk, now=utc_now()
            )


def test_nobody_gives_himself_more_than_he_has(world: World) -> None:
    officer = _district_officer(world)

    for post in ("zhou", "xu", "lu", "zhao"):
        with scope(officer), pytest.raises(OwnRightsWider):
            appoint(actor=officer, post_id=world.posts[post].pk, member_id=officer.member_id, now=utc_now())


def test_an_officer_may_stand_in_below_himself(world: World) -> None:
    qian = world.actor("qian")

    with scope(qian):
        made = appoint(
            actor=qian, post_id=world.posts["wang"].pk, member_id=qian.member_id, reason="顶岗", now=utc_now()
        )

    assert made.member_id == qian.member_id


@pytest.mark.parametrize(("holder", "wanted"), [("he", "xu"), ("xu", "he"), ("lu", "he"), ("wang", "xu")])
def test_audit_security_and_system_never_meet_in_one_person(world: World, holder: str, wanted: str) -> None:
    officer = _district_officer(world)

    with scope(officer), pytest.raises(NotTogether) as refused:
        appoint(
            actor=officer, post_id=world.posts[wanted].pk, member_id=world.members[holder].pk, now=utc_now()
        )

    assert world.posts[holder].title in str(refused.value.message)


def test_duties_that_follow_each_other_do_not_meet(world: World) -> None:
    officer, change = _district_officer(world), utc_now() + timedelta(days=1)
    with scope(officer):
        end_appointment(
            actor=officer,
            appointment_id=world.appointments["he"].pk,
            ends_at=change,
            now=utc_now(),
            expected_version=1,
        )

        made = appoint(
            actor=officer,
            post_id=world.posts["xu"].pk,
            member_id=world.members["he"].pk,
            starts_at=change,
            now=utc_now(),
        )

    assert made.starts_at == change


def test_a_period_that_cannot_be_is_refused(world: World) -> None:
    qian, now = world.actor("qian"), utc_now()

    for begin, end in ((now - timedelta(days=2), None), (None, now - timedelta(days=1)), (None, now)):
        with scope(qian), pytest.raises(PeriodInvalid):
            appoint(
                actor=qian,
                post_id=world.posts["wang"].pk,
                member_id=world.members["tao"].pk,
                starts_at=begin,
                ends_at=end,
                now=now,
            )


def test_a_member_holds_a_post_once_at_a_time(world: World) -> None:
    qian = world.actor("qian")

    with scope(qian), pytest.raises(AlreadyHolds):
        appoint(actor=qian, post_id=world.posts["wang"].pk, member_id=world.members["wang"].pk, now=utc_now())


def test_a_practice_post_neither_appoints_in_the_real_district_nor_is_seen_there(world: World) -> None:
    drill = hold(world, "lead", role="governance_centre", area_code="990101", purposes=["org"])

    with scope(drill), pytest.raises(NotFound):
        appoint(
            actor=drill,
            post_id=world.posts["wang"].pk,
            member_id=drill.member_id,
            now=utc_now(),
        )
    qian = world.actor("qian")
    with scope(qian), pytest.raises(NotFound):
        appoint(actor=qian, post_id=drill.post_id, member_id=world.members["tao"].pk, now=utc_now())


def test_the_reason_stands_in_the_audit(world: World) -> None:
    qian = world.actor("qian")
    with scope(qian):
        made = appoint(
            actor=qian,
            post_id=world.posts["wang"].pk,
            member_id=world.members["tao"].pk,
            reason="王芳休假",
            now=utc_now(),
        )

    auditor = world.actor("xu")
    with scope(auditor):
        entry = AuditEntry.objects.get(verb="appoint")

    assert entry.why == "王芳休假"
    assert entry.subject_ids == [made.pk, world.members["tao"].pk]
    assert entry.post_id == qian.post_id


def test_a_post_is_created_from_a_role_of_the_pack(world: World) -> None:
    qian = world.actor("qian")

    with scope(qian):
        post = create_post(
            actor=qian, wanted=NewPost(role="community_worker", area_code=SPRING), now=utc_now()
        )

    assert post.title == "社区工作者"
    assert post.purposes == ["grid_work"]
    assert list(PostRange.objects.filter(post=post).values_list("code", flat=True)) == [SPRING]


def test_a_post_of_a_unit_needs_the_unit(world: World) -> None:
    qian = world.actor("qian")

    with scope(qian):
        with pytest.raises(PostInvalid):
            create_post(
                actor=qian, wanted=NewPost(role="health_centre_officer", area_code=NORTH), now=utc_now()
            )
        post = create_post(
            actor=qian,
            wanted=NewPost(role="health_centre_officer", area_code=NORTH, facility_id=world.health_centre.pk),
            now=utc_now(),
        )

    assert post.facility == world.health_centre


def test_a_role_stands_only_at_its_level_and_within_the_range(world: World) -> None:
    qian = world.actor("qian")

    with scope(qian):
        with pytest.raises(PostInvalid):
            create_post(actor=qian, wanted=NewPost(role="grid_worker", area_code=SPRING), now=utc_now())
        with pytest.raises(PostInvalid):
            create_post(
                actor=qian,
                wanted=NewPost(role="grid_worker", area_code=GRID_A, further_codes=(GRID_D,)),
                now=utc_now(),
            )
        with pytest.raises(NotAllowed):
            create_post(actor=qian, wanted=NewPost(role="community_worker", area_code=FIELD), now=utc_now())


def test_a_post_id_is_used_for_one_post(world: World) -> None:
    qian, form_id = world.actor("qian"), new_id()

    with scope(qian):
        first = create_post(
            actor=qian, wanted=NewPost(role="grid_worker", area_code=GRID_A, post_id=form_id), now=utc_now()
        )
        again = create_post(
            actor=qian, wanted=NewPost(role="grid_worker", area_code=GRID_A, post_id=form_id), now=utc_now()
        )
        assert first.pk == again.pk
        with pytest.raises(Conflict):
            create_post(
                actor=qian,
                wanted=NewPost(role="community_worker", area_code=SPRING, post_id=form_id),
                now=utc_now(),
            )


def _district_officer(world: World) -> Actor:
    return hold(world, "dong", role="social_work_officer", area_code=DISTRICT, purposes=["department", "org"])
