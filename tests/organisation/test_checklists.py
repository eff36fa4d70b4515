"""Checklists answered for a grid or a facility with evidence; the latest answer counts, history is kept."""

from datetime import timedelta

import pytest

from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import scope
from anlan.organisation.actions import AnswerInvalid, ItemSaid, NewAnswers, answer_checklist
from anlan.organisation.models import ChecklistAnswer
from anlan.organisation.queries.checklists import (
    Subject,
    answers_before,
    checklist_of,
    latest_answers,
    lists_at,
)
from anlan.organisation.rules.checklists import ItemState
from tests.organisation.seating import FIVE, answered
from tests.world import GRID_A, GRID_D, SCHOOL_GRID, SPRING, World

pytestmark = pytest.mark.django_db
HAVES = "five_haves_one_grid"


def states(world: World, days: int = 0, grid: str = GRID_A) -> dict[str, ItemState]:
    kong = world.actor("kong")
    with scope(kong):
        found = lists_at(kong, world.areas[grid], now=utc_now() + timedelta(days=days))
        return next(row.states for row in found if row.listed.key == HAVES)


def test_a_grid_is_complete_only_when_all_five_are_met_and_fresh(world: World) -> None:
    assert set(states(world).values()) == {ItemState.UNANSWERED}
    answered(world, met=FIVE[:4])
    assert states(world)["plan"] is ItemState.NOT_MET

    answered(world)

    assert set(states(world).values()) == {ItemState.MET}
    assert set(states(world, days=181).values()) == {ItemState.STALE}


def test_the_latest_answer_counts_and_those_before_are_kept(world: World) -> None:
    answered(world, met=FIVE[:4])
    answered(world, "tao")
    kong, listed, subject = world.actor("kong"), checklist_of(HAVES), Subject(world.areas[GRID_A])

    with scope(kong):
        now_counts, before = latest_answers(listed, subject), list(answers_before(listed, subject))

    assert {row.member_name for row in now_counts.values()} == {"陶然"}
    assert {row.member_name for row in before} == {"王芳"}
    assert len(before) == 5
    with scope(world.actor("xu")):
        assert AuditEntry.objects.filter(verb="answer_checklist").count() == 2


def test_one_item_may_be_answered_by_itself(world: World) -> None:
    answered(world, met=FIVE[:4])
    wang = world.actor("wang")
    said = {"plan": ItemSaid(True, "一页纸处置卡")}
    sheet = NewAnswers(checklist=HAVES, area_code=GRID_A, answers=said, sending=new_id())
    with scope(wang):
        for _time in range(2):
            made = answer_checklist(actor=wang, said=sheet, now=utc_now())
        assert len(made) == 1
        assert ChecklistAnswer.objects.count() == 6  # the same form twice is one act

    assert set(states(world).values()) == {ItemState.MET}


def test_yes_without_its_evidence_or_an_unknown_item_is_refused(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        for said, at in (
            ({"supplies": ItemSaid(True)}, "evidence_supplies"),
            ({"supplies": ItemSaid(True, "2026-02-30")}, "evidence_supplies"),
            ({"plan": ItemSaid(True, "  ")}, "evidence_plan"),
            ({"no_such": ItemSaid(True)}, ""),
            ({}, ""),
        ):
            sheet = NewAnswers(checklist=HAVES, area_code=GRID_A, answers=said, sending=new_id())
            with pytest.raises(AnswerInvalid) as refusal:
                answer_checklist(actor=wang, said=sheet, now=utc_now())
            assert set(refusal.value.fields) == ({at} if at else set())
        assert not ChecklistAnswer.objects.exists()
        no = NewAnswers(
            checklist=HAVES, area_code=GRID_A, answers={"plan": ItemSaid(False)}, sending=new_id()
        )
        assert len(answer_checklist(actor=wang, said=no, now=utc_now())) == 1  # no needs none


def test_only_who_the_list_names_answers_and_only_in_range(world: World) -> None:
    for handle, at, refusal in (
        ("kong", GRID_A, NotAllowed),
        ("shi", GRID_A, NotAllowed),
        ("du", GRID_A, NotFound),
        ("wang", GRID_D, NotFound),
        ("tao", SPRING, NotFound),  # not a grid
    ):
        with pytest.raises(refusal):
            answered(world, handle, at)
    answered(world, "tao", GRID_A)


def test_a_unit_answers_for_itself_and_its_grid_list_stays_apart(world: World) -> None:
    chu, school = world.actor("chu"), world.school
    said = {"isolation_room": ItemSaid(True), "vomit_kit": ItemSaid(True, "12")}
    sheet = NewAnswers(
        checklist="school_readiness",
        area_code=SCHOOL_GRID,
        facility_id=school.pk,
        answers=said,
        sending=new_id(),
    )
    with scope(chu):
        answer_checklist(actor=chu, said=sheet, now=utc_now())
        found = {row.listed.key: row for row in lists_at(chu, world.areas[SCHOOL_GRID], now=utc_now())}

    assert found["school_readiness"].met_count == 2
    assert found[HAVES].met_count == 0
    for code, facility in ((SCHOOL_GRID, None), (GRID_A, school.pk), (SCHOOL_GRID, world.pharmacy.pk)):
        wrong = NewAnswers(
            checklist="school_readiness", area_code=code, facility_id=facility, answers=said, sending=new_id()
        )
        with scope(chu), pytest.raises(NotFound):
            answer_checklist(actor=chu, said=wrong, now=utc_now())


def test_a_pharmacy_has_no_school_list(world: World) -> None:
    zhao, at = world.actor("zhao"), world.areas[world.pharmacy.area_code]
    with scope(zhao):
        assert "school_readiness" not in [row.listed.key for row in lists_at(zhao, at, now=utc_now())]
