"""Calling a body up: everybody told in one act, answers, the clock, who may."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import (
    CallInvalid,
    CallMoved,
    NewCall,
    NobodySeated,
    answer_call_up,
    call_up,
    close_call_up,
    end_body,
    mark_late_call_ups,
)
from anlan.organisation.models import Appointment, Body, CallUp, CallUpReceipt
from anlan.organisation.queries.bodies import calls_to_answer
from anlan.wiring.schedule import SCHEDULE
from tests.organisation.seating import called, command_group, found, receipt_of, seat
from tests.world import DISTRICT, SPRING, World

pytestmark = pytest.mark.django_db


def answer(world: World, call: CallUp, who: str, words: str = "coming", reason: str = "") -> CallUpReceipt:
    receipt, actor = receipt_of(world, call, who), world.actor(who)
    with scope(actor):
        return answer_call_up(actor=actor, receipt_id=receipt.pk, answer=words, reason=reason, now=utc_now())


def keep_clock(minutes: int) -> int:
    with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return mark_late_call_ups(now=utc_now() + timedelta(minutes=minutes))


def test_one_act_tells_every_member_but_the_caller_with_the_minutes_of_the_template(world: World) -> None:
    call = called(world, command_group(world))

    with scope(world.actor("zhao")):
        rows = list(CallUpReceipt.objects.filter(call_up=call).select_related("member"))
    assert {row.member.name for row in rows} == {"陶然", "王芳", "韩冰"}
    assert call.minutes == 15
    assert {row.due_at for row in rows} == {call.asked_at + timedelta(minutes=15)}
    assert called(world, call.body, minutes=40).minutes == 40


def test_somebody_in_two_seats_is_called_once(world: World) -> None:
    body = command_group(world)
    seat(world, body, "owners_committee", "tao")

    with scope(world.actor("zhao")):
        assert CallUpReceipt.objects.filter(call_up=called(world, body)).count() == 3


def test_the_call_is_told_where_each_members_post_is(world: World) -> None:
    body, told = command_group(world), []
    with connection.execute_wrapper(
        lambda execute, sql, params, many, context: (
            (told.append(str(params)) if "pg_notify" in sql and "call_ups" in str(params) else None)
            or execute(sql, params, many, context)
        )
    ):
        called(world, body)

    assert len(told) == 1
    for code in (SPRING, world.posts["wang"].area_code, DISTRICT):
        assert f'"area": "{code}"' in told[0]


def test_a_member_below_reads_and_answers_the_own_call_alone(world: World) -> None:
    call = called(world, command_group(world))
    wang, others = world.actor("wang"), receipt_of(world, call, "tao")
    with scope(wang):
        [mine] = calls_to_answer(wang)
        assert (mine.call_up.text, mine.call_up.body.name) == ("到社区集合", "社区应急指挥小组")
        for receipt_id in (others.pk, uuid4()):
            with pytest.raises(NotFound):
                answer_call_up(actor=wang, receipt_id=receipt_id, answer="coming", now=utc_now())

    assert answer(world, call, "wang").answer == "coming"
    with scope(wang):
        assert list(calls_to_answer(wang)) == []
    with scope(world.actor("xu")):
        entry = AuditEntry.objects.get(verb="answer_call_up")
    assert (entry.duty, entry.member_id) == ("serve_body", wang.member_id)


def test_a_refusal_needs_a_reason_and_an_answer_stands(world: World) -> None:
    call = called(world, command_group(world))
    for words, reason in (("cannot", " "), ("maybe", "")):
        with pytest.raises(CallInvalid):
            answer(world, call, "wang", words, reason)

    first = answer(world, call, "wang", "cannot", "在外地")
    assert answer(world, call, "wang", "cannot", "又一次").answered_at == first.answered_at
    with pytest.raises(CallMoved):
        answer(world, call, "wang", "coming")
    assert receipt_of(world, call, "wang").reason == "在外地"


def test_the_call_closes_when_everybody_has_answered(world: World) -> None:
    call = called(world, command_group(world))
    for who in ("tao", "wang"):
        answer(world, call, who)
    with scope(world.actor("kong")):
        assert CallUp.objects.get(pk=call.pk).closed_at is None

    answer(world, call, "han", "cannot", "出警")

    with scope(world.actor("kong")):
        assert CallUp.objects.get(pk=call.pk).closed_at is not None


def test_the_clock_marks_each_who_is_late_once(world: World) -> None:
    call = called(world, command_group(world))
    answer(world, call, "wang")

    assert keep_clock(14) == 0
    assert keep_clock(16) == 2
    assert keep_clock(17) == 0
    assert receipt_of(world, call, "tao").late_at is not None
    assert receipt_of(world, call, "wang").late_at is None
    assert answer(world, call, "tao").late_at is not None  # late, and answered
    assert mark_late_call_ups in [row for _seconds, row in SCHEDULE]


def test_a_closed_call_is_not_marked_and_takes_no_answer(world: World) -> None:
    body, kong = command_group(world), world.actor("kong")
    call = called(world, body)
    with scope(kong):
        for _time in range(2):
            close_call_up(actor=kong, call_id=call.pk, now=utc_now())
        with pytest.raises(NotFound):
            close_call_up(actor=kong, call_id=uuid4(), now=utc_now())
    for handle, refusal in (("tao", NotAllowed), ("li", NotFound), ("wang", NotFound)):
        actor = world.actor(handle)
        with scope(actor), pytest.raises(refusal):
            close_call_up(actor=actor, call_id=call.pk, now=utc_now())

    assert keep_clock(60) == 0
    with pytest.raises(CallMoved):
        answer(world, call, "wang")


def test_ending_a_body_closes_its_calls(world: World) -> None:
    body, kong = command_group(world), world.actor("kong")
    call = called(world, body)
    with scope(kong):
        version = Body.objects.get(pk=body.pk).version
        end_body(actor=kong, body_id=body.pk, reason="结束", expected_version=version, now=utc_now())
        assert CallUp.objects.get(pk=call.pk).closed_at is not None
    with pytest.raises(CallMoved):
        called(world, body)


def test_only_the_lead_calls_and_while_nobody_leads_whoever_seats(world: World) -> None:
    body = command_group(world)
    for handle, refusal in (("tao", NotAllowed), ("qian", NotAllowed), ("li", NotFound), ("wang", NotFound)):
        with pytest.raises(refusal):
            called(world, body, by=handle)

    Appointment.objects.filter(pk=world.appointments["kong"].pk).update(ends_at=utc_now())

    assert called(world, body, by="qian").asked_by_name == "钱海"
    with pytest.raises(NotAllowed):
        called(world, body, by="tao")


def test_the_same_form_twice_is_one_call(world: World) -> None:
    body, kong, form = command_group(world), world.actor("kong"), new_id()
    with scope(kong):
        for _time in range(2):
            call_up(actor=kong, call=NewCall(body_id=body.pk, text="集合", call_id=form), now=utc_now())
        assert (CallUp.objects.count(), CallUpReceipt.objects.count()) == (1, 3)
        for wrong in (NewCall(body_id=body.pk, text=" "), NewCall(body_id=body.pk, text="集合", minutes=0)):
            with pytest.raises(CallInvalid):
                call_up(actor=kong, call=wrong, now=utc_now())


def test_nobody_to_call_is_said(world: World) -> None:
    body = found(world)
    seat(world, body, "head", "kong", is_lead=True)

    with pytest.raises(NobodySeated):
        called(world, body)
