"""The risk assessment: questions weighed, the matrix, reasons for another grade, history, back to routine."""

from uuid import UUID

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import NotAllowed
from anlan.foundation.scope import duty, scope
from anlan.surveillance import actions
from anlan.surveillance.assessing import grades, matrix, matrix_grade, questions, scores, unanswered
from anlan.surveillance.models import RiskAssessment, WarningProduct
from anlan.surveillance.rules import ProductState, SignalState
from tests.surveillance.test_clocks import signal_of
from tests.surveillance.test_loop import as_zhou, assessed, sign, verified, version_of
from tests.world import DISTRICT, World

WHOLE = AreaRanges.of([DISTRICT])


def lightest() -> dict[str, int]:
    return {question.key: 0 for question in questions()}


def gravest() -> dict[str, int]:
    return {question.key: len(question.choices) - 1 for question in questions()}


def assess(world: World, signal_id: UUID, grade: str, answers: dict[str, int], **more: str) -> None:
    assessment = actions.Assessment(grade=grade, evidence="同班两例", answers=answers, **more)  # type: ignore[arg-type]
    as_zhou(world, "assess_signal", signal_id, assessment=assessment)


def kept(signal_id: UUID) -> list[RiskAssessment]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(RiskAssessment.objects.filter(signal_id=signal_id).order_by("assessed_at", "id"))


def products(signal_id: UUID) -> list[tuple[str, str]]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(WarningProduct.objects.filter(signal_id=signal_id).values_list("kind", "state"))


def test_answers_make_scores_of_one_to_five(standard_pack: None) -> None:
    assert scores(lightest()) == {"likelihood": 1, "impact": 1, "vulnerability": 1}
    assert scores(gravest()) == {"likelihood": 5, "impact": 5, "vulnerability": 5}
    mixed = lightest() | {"spread": 3, "severity": 1, "size": 1}  # the gravest of four; the middle of three
    assert scores(mixed) == {"likelihood": 3, "impact": 3, "vulnerability": 1}


def test_the_matrix_never_falls_with_likelihood_impact_or_vulnerability(standard_pack: None) -> None:
    rank = {grade.key: grade.rank for grade in grades()}
    for step in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        for low in range(1, 5):
            for other in range(1, 6):
                cell = [low if axis else other for axis in step]
                higher = [value + axis for value, axis in zip(cell, step, strict=True)]
                assert rank[matrix_grade(*cell)] <= rank[matrix_grade(*higher)]
    assert [row.likelihood for row in matrix()] == [5, 4, 3, 2, 1]
    assert (matrix_grade(1, 1, 1), matrix_grade(5, 5, 5)) == ("very_low", "high")


def test_the_form_is_kept_with_what_the_matrix_gives(world: World) -> None:
    signal_id = verified(world)

    assess(world, signal_id, "high", gravest())

    (row,) = kept(signal_id)
    assert (row.likelihood, row.impact, row.vulnerability, row.matrix_grade) == (5, 5, 5, "high")
    assert row.answers == gravest()
    assert signal_of(signal_id).state == SignalState.ASSESSED


def test_another_grade_than_the_matrix_needs_a_reason(world: World) -> None:
    signal_id = verified(world)

    with pytest.raises(actions.ReasonNeeded):
        assess(world, signal_id, "low", gravest())
    assess(world, signal_id, "low", gravest(), differs_because="已停课，无新发")

    assert kept(signal_id)[0].differs_because == "已停课，无新发"


def test_a_question_left_open_is_refused(world: World) -> None:
    signal_id = verified(world)
    answers = lightest()
    answers.pop("severity")

    assert [question.key for question in unanswered(answers)] == ["severity"]
    with pytest.raises(actions.GradeNeeded):
        assess(world, signal_id, "very_low", answers)
    with pytest.raises(actions.GradeNeeded):
        assess(world, signal_id, "very_low", lightest() | {"severity": 9})
    assert kept(signal_id) == []


def test_very_low_returns_to_routine_and_forms_nothing(world: World) -> None:
    signal_id = verified(world)

    assess(world, signal_id, "very_low", lightest())

    assert products(signal_id) == []
    assert signal_of(signal_id).due_at is None


def test_low_forms_the_products_asked_for(world: World) -> None:
    signal_id = verified(world)
    chosen = actions.Assessment(
        grade="low",
        evidence="同班两例",
        likelihood=2,
        impact=2,
        vulnerability=2,
        products=("health_risk_notice", "warning_notification"),
    )

    as_zhou(world, "assess_signal", signal_id, assessment=chosen)

    assert {kind for kind, _state in products(signal_id)} == {"health_risk_notice", "warning_notification"}


def test_an_assessment_made_again_keeps_the_first_and_withdraws_what_is_unsigned(world: World) -> None:
    signal_id = assessed(world)

    assess(world, signal_id, "very_low", lightest())

    assert [row.grade for row in kept(signal_id)] == ["low", "very_low"]
    assert products(signal_id) == [("warning_notification", ProductState.WITHDRAWN)]
    assess(world, signal_id, "high", gravest())
    assert products(signal_id) == [("warning_notification", ProductState.FORMED)]


def test_a_warned_signal_assessed_again_stays_warned(world: World) -> None:
    signal_id = assessed(world)
    sign(world, signal_id)

    assess(world, signal_id, "high", gravest())

    signal = signal_of(signal_id)
    assert (signal.state, signal.grade) == (SignalState.WARNED, "high")


def test_the_department_does_not_assess(world: World) -> None:
    signal_id = verified(world)
    actor = world.actor("wu")
    assessment = actions.Assessment(grade="high", evidence="证据", answers=gravest())

    with scope(actor), pytest.raises(NotAllowed):
        actions.assess_signal(
            actor=actor,
            signal_id=signal_id,
            assessment=assessment,
            now=world.now,
            expected_version=version_of(signal_id),
        )
