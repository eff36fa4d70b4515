"""Story S14 in the part of the gate: a community is asked for nothing without an item, and no longer."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.affairs.actions import (
    HeldAtGate,
    NewRequest,
    admit_emergency,
    decide_admission,
    end_expired_admissions,
    mark_late_at_gate,
    request_admission,
)
from anlan.affairs.actions.admissions import AdmissionMoved, EndTooLate, NoCommunity, ReasonNeeded
from anlan.affairs.events import TaskAdmitted
from anlan.affairs.models import Admission, GateEntry
from anlan.affairs.queries import access_admission, burden_of, visible_admissions, visible_entries
from anlan.affairs.rules import AdmissionState, Decision, Outcome, WhyHeld
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.models import AuditEntry
from anlan.foundation.runner.facts import drain_facts
from anlan.foundation.scope import duty, scope
from anlan.wiring import gate_consequences
from anlan.workorders.actions import open_order
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import Stage
from tests.world import BRIDGE, DISTRICT, FIELD, GRID_A, GRID_D, NORTH, SPRING, World

WHOLE = AreaRanges.of([DISTRICT])
MONTH = timedelta(days=30)


def survey(world: World, *areas: str, handle: str = "shen") -> Admission:
    """Let a department ask communities for a monthly survey that stands on no list."""
    actor = world.actor(handle)
    request = NewRequest(
        title="老年人月度摸底",
        basis="民政工作要点",
        minutes=90,
        frequency="monthly",
        ends_on=day_of(world.now + MONTH),
        area_codes=areas or (NORTH,),
        hand_back="汇总数",
    )
    with scope(actor):
        return request_admission(actor=actor, request=request, now=world.now)


def decide(
    world: World, admission: Admission, decision: Decision, handle: str = "mei", reason: str = "符合标准"
) -> Admission:
    actor = world.actor(handle)
    with scope(actor):
        return decide_admission(
            actor=actor,
            admission_id=admission.pk,
            decision=decision,
            reason=reason,
            now=world.now,
            expected_version=admission.version,
        )


def emergency(world: World, *areas: str, cause: UUID | None = None) -> Admission:
    wu = world.actor("wu")
    with scope(wu):
        return admit_emergency(
            asked_by_id=wu.post_id,
            cause_kind="surveillance.Signal",
            cause_id=cause or world.posts["wu"].pk,
            area_codes=areas or (SPRING, GRID_D),
            item="assist_epidemic_control",
            basis="警示信息通报",
            minutes=30,
            ends_on=day_of(world.now + timedelta(days=7)),
            now=world.now,
        )


def send(
    world: World, admission: Admission | None = None, *, area: str = SPRING, whom: str = "kong"
) -> WorkOrder:
    actor = world.actor("shen")
    with scope(actor):
        return open_order(
            kind="community_task",
            area_code=area,
            accountable=world.posts[whom],
            asked_by_id=actor.post_id,
            task="老年人月度摸底",
            admission_id=admission.pk if admission else None,
            now=world.now,
        )


def orders(admission: Admission) -> list[WorkOrder]:
    with duty("react", ranges=WHOLE, cause="test"):
        return list(WorkOrder.objects.filter(admission=admission).order_by("area_code"))


def test_a_task_sent_past_the_gate_is_refused_and_logged_where_secretary_and_social_work_see_it(
    world: World,
) -> None:
    with pytest.raises(HeldAtGate):
        send(world)

    with duty("react", ranges=WHOLE, cause="test"):
        assert not WorkOrder.objects.filter(kind="community_task").exists()
    for handle in ("kong", "mei", "qian"):
        actor = world.actor(handle)
        with scope(actor):
            entry = visible_entries(actor).get()
        assert (entry.outcome, entry.why, entry.area_code) == (Outcome.HELD, WhyHeld.NO_ADMISSION, SPRING)
        assert (entry.post_id, entry.member_name, entry.at) == (world.posts["shen"].pk, "沈平", world.now)
    for stranger in ("li", "han"):
        actor = world.actor(stranger)
        with scope(actor):
            assert not visible_entries(actor).exists()
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        assert AuditEntry.objects.filter(verb="hold_at_gate", why=WhyHeld.NO_ADMISSION).exists()


def test_the_log_outlives_the_refused_act_and_counts_the_same_attempt_once(world: World) -> None:
    with pytest.raises(HeldAtGate) as held:
        send(world)
    with duty("react", ranges=WHOLE, cause="test"):
        GateEntry.objects.all().delete()  # as the refused request's transaction would
    assert held.value.trace is not None

    held.value.trace()
    held.value.trace()

    with duty("react", ranges=WHOLE, cause="test"):
        assert [row.attempts for row in GateEntry.objects.all()] == [1]


def test_an_admitted_item_opens_one_order_a_community_and_no_more_when_the_fact_comes_twice(
    world: World,
) -> None:
    admission = decide(world, survey(world), Decision.ADMIT)

    drain_facts()
    with duty("react", ranges=WHOLE, cause="test"):
        event = TaskAdmitted(admission_id=admission.pk, area_code=admission.area_code, occurred_at=world.now)
        gate_consequences.open_admitted_orders(event, now=world.now)

    opened = orders(admission)
    assert [(row.area_code, row.accountable_id) for row in opened] == [
        (SPRING, world.posts["kong"].pk),
        (BRIDGE, world.posts["li"].pk),
    ]
    assert {(row.item, row.basis, row.minutes, row.ends_on) for row in opened} == {
        ("老年人月度摸底", "民政工作要点", 90, day_of(world.now + MONTH))
    }


def test_an_admitted_item_expires_by_itself_with_the_orders_under_it(world: World) -> None:
    admission = decide(world, survey(world), Decision.ADMIT)
    drain_facts()

    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        on_its_last_day = end_expired_admissions(now=world.now + MONTH)
        after_it = end_expired_admissions(now=world.now + MONTH + timedelta(days=1))
        again = end_expired_admissions(now=world.now + MONTH + timedelta(days=1))
    drain_facts()

    assert (on_its_last_day, after_it, again) == (0, 1, 0)
    assert {row.stage for row in orders(admission)} == {Stage.CLOSED}
    with duty("react", ranges=WHOLE, cause="test"):
        assert Admission.objects.get().state == AdmissionState.ENDED
    with pytest.raises(HeldAtGate):
        send(world, admission)


def test_an_admission_covers_its_areas_and_no_other(world: World) -> None:
    admission = decide(world, survey(world, SPRING), Decision.ADMIT)

    assert send(world, admission, area=GRID_A, whom="wang").minutes == 90
    with pytest.raises(HeldAtGate):
        send(world, admission, area=FIELD, whom="bai")

    actor = world.actor("mei")
    with scope(actor):
        assert visible_entries(actor).get(outcome=Outcome.HELD).why == WhyHeld.OUTSIDE_AREAS


def test_a_kind_on_the_lists_passes_and_the_same_kind_off_the_lists_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def co_response() -> WorkOrder:
        return open_order(
            kind="neighbour_co_response",
            area_code=GRID_A,
            accountable=world.posts["wang"],
            task="周边协防",
            now=world.now,
        )

    with scope(world.actor("wu")):
        assert (co_response().item, co_response().minutes) == ("assist_epidemic_control", 30)
        monkeypatch.setattr("anlan.affairs.actions.gate.list_item", lambda key: None)
        with pytest.raises(HeldAtGate):
            co_response()


def test_a_school_is_no_community_and_a_department_no_grid(world: World) -> None:
    with scope(world.actor("wu")):
        school = open_order(
            kind="unit_measures", area_code=GRID_A, accountable=world.posts["chu"], task="消毒", now=world.now
        )

    assert school.minutes is None
    with duty("react", ranges=WHOLE, cause="test"):
        assert not GateEntry.objects.exists()


def test_a_refusal_needs_a_reason_and_a_held_request_can_still_be_admitted(world: World) -> None:
    request = survey(world)
    with pytest.raises(ReasonNeeded):
        decide(world, request, Decision.REFUSE, reason=" ")

    held = decide(world, request, Decision.HOLD, reason="请写明成果用途")
    with pytest.raises(AdmissionMoved):
        decide(world, request, Decision.ADMIT)

    assert decide(world, held, Decision.ADMIT).state == AdmissionState.ADMITTED


def test_a_secretary_decides_for_the_own_community_alone_and_sees_what_addresses_it(world: World) -> None:
    own, many, other = survey(world, SPRING), survey(world), survey(world, FIELD)
    secretary = world.actor("kong")

    with scope(secretary):
        assert {row.pk for row in visible_admissions(secretary)} == {own.pk, many.pk}
        with pytest.raises(NotFound):
            access_admission(secretary, other.pk)
        steps = [step.act for step in access_admission(secretary, many.pk).steps.all()]
    assert steps == ["request"]
    with pytest.raises(NotAllowed):
        decide(world, many, Decision.ADMIT, "kong")
    with pytest.raises(NotAllowed):
        decide(world, own, Decision.ADMIT, "shen")
    assert decide(world, own, Decision.ADMIT, "kong").state == AdmissionState.ADMITTED


def test_a_request_stays_within_the_askers_ranges_and_the_longest_term(world: World) -> None:
    with pytest.raises(NoCommunity):
        survey(world, FIELD, handle="zheng")
    actor = world.actor("shen")
    with scope(actor), pytest.raises(EndTooLate):
        request_admission(
            actor=actor,
            request=NewRequest(
                title="长期报表",
                basis="无",
                minutes=10,
                frequency="weekly",
                ends_on=day_of(world.now + timedelta(days=400)),
                area_codes=(SPRING,),
            ),
            now=world.now,
        )


def test_an_emergency_passes_at_once_and_its_overdue_review_is_marked(world: World) -> None:
    admission = emergency(world)

    assert send(world, admission).ends_on == admission.ends_on
    assert emergency(world).pk == admission.pk
    assert admission.review_due_at == world.now + timedelta(hours=72)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        assert mark_late_at_gate(now=world.now + timedelta(hours=71)) == 0
        assert mark_late_at_gate(now=world.now + timedelta(hours=73)) == 1
        assert mark_late_at_gate(now=world.now + timedelta(hours=74)) == 0


def test_a_late_review_is_told_to_the_next_in_line_and_stands_in_the_work_of_both(world: World) -> None:
    admission = emergency(world)

    def waits_for(handle: str) -> bool:
        page = world.sign_in(Client(), handle).get(reverse("my_work")).content.decode()
        return str(admission.pk) in page

    assert [waits_for(handle) for handle in ("mei", "zhao", "qian")] == [True, False, False]
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        mark_late_at_gate(now=world.now + timedelta(hours=73))
        assert Admission.objects.get().escalated_to_id == world.posts["zhao"].pk
        assert "区指挥长" in Admission.objects.get().steps.get(act="review_overdue").note
    assert [waits_for(handle) for handle in ("mei", "zhao", "qian")] == [True, True, False]

    decide(world, admission, Decision.CONFIRM)
    assert [waits_for(handle) for handle in ("mei", "zhao")] == [False, False]


def test_the_reviewer_confirms_an_emergency_or_ends_it_with_its_orders(world: World) -> None:
    kept, ended = emergency(world), emergency(world, SPRING, cause=world.posts["han"].pk)
    send(world, ended)
    with pytest.raises(NotAllowed):
        decide(world, kept, Decision.CONFIRM, "wu")

    assert decide(world, kept, Decision.CONFIRM).reviewed_at == world.now
    decide(world, ended, Decision.END, reason="范围过大")
    drain_facts()

    assert [row.stage for row in orders(ended)] == [Stage.CLOSED]


def test_the_burden_is_counted_by_item_and_never_by_person(world: World) -> None:
    decide(world, survey(world, SPRING), Decision.ADMIT)
    drain_facts()
    with scope(world.actor("wu")):
        open_order(
            kind="neighbour_co_response",
            area_code=GRID_A,
            accountable=world.posts["wang"],
            task="周边协防",
            now=world.now,
        )
    secretary, neighbour = world.actor("kong"), world.actor("li")

    with scope(secretary):
        lines = burden_of(secretary, SPRING, day_of(world.now))
    with scope(neighbour):
        elsewhere = burden_of(neighbour, SPRING, day_of(world.now))

    assert [(line.title, line.minutes) for line in lines] == [("老年人月度摸底", 90), ("周边协防", 30)]
    assert elsewhere == []
