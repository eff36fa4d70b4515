"""Weigh the risk of a verified signal, again whenever the picture has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.outbox import publish
from anlan.surveillance.actions.products import form, withdraw_unsigned
from anlan.surveillance.actions.steps import check_words, locked, move
from anlan.surveillance.assessing import SCORE_RANGE, grade_named, matrix_grade, scores, unanswered
from anlan.surveillance.events import SignalAssessed
from anlan.surveillance.models import RiskAssessment, Signal
from anlan.surveillance.pack import RiskGrade
from anlan.surveillance.queries import NOTIFICATION
from anlan.surveillance.rules import SignalAct, SignalState

REASON_LIMIT = 500


class GradeNeeded(Invalid):
    """The form is not whole."""

    code = "grade_needed"
    sentence = _("请逐题选择，并选定风险等级；三项分值为 1 到 5。")


class ReasonNeeded(Invalid):
    """The grade is not the one the matrix gives, and nobody says why."""

    code = "reason_needed"
    sentence = _("选定的等级与风险矩阵不同，请写明理由。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The form as the officer filled it in; scores of 1 to 5, from the answers where there are any."""

    grade: str
    evidence: str
    likelihood: int = 0
    impact: int = 0
    vulnerability: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)  # key of a risk question: its choice, from 0
    uncertainty: str = ""
    differs_because: str = ""
    products: tuple[str, ...] = (NOTIFICATION,)  # which products are formed, as far as the grade has them


def assess_signal(
    *, actor: Actor, signal_id: UUID, assessment: Assessment, now: datetime, expected_version: int
) -> Signal:
    """Grade the risk, keep the form, and form the products asked for; a grade without products is routine.

    Raises WordsNeeded without evidence, GradeNeeded, ReasonNeeded where the answers give another grade.
    """
    check_words(assessment.evidence)
    grade, weighed, by_matrix = _weigh(assessment)
    with transaction.atomic():
        signal = locked(actor, signal_id, SignalAct.ASSESS, expected_version)
        RiskAssessment.objects.create(
            signal=signal,
            area_code=signal.area_code,
            grade=grade.key,
            **weighed,
            answers=dict(assessment.answers),
            matrix_grade=by_matrix,
            differs_because=assessment.differs_because.strip()[:REASON_LIMIT],
            evidence=assessment.evidence.strip(),
            uncertainty=assessment.uncertainty.strip(),
            assessed_at=now,
            post_title=actor.post_title,
            member_name=actor.member_name,
        )
        signal.grade = grade.key
        if not grade.products:
            withdraw_unsigned(signal)
        for kind in assessment.products:
            if kind in grade.products:
                form(signal, kind, grade, actor, now)
        publish(
            SignalAssessed(signal_id=signal.pk, grade=grade.key, area_code=signal.area_code, occurred_at=now)
        )
        warned = signal.state == SignalState.WARNED
        state = SignalState.WARNED if warned else SignalState.ASSESSED
        return move(signal, SignalAct.ASSESS, state, actor, now, note=grade.key)


def _weigh(assessment: Assessment) -> tuple[RiskGrade, dict[str, int], str]:
    grade = grade_named(assessment.grade)
    if assessment.answers and unanswered(assessment.answers):
        raise GradeNeeded
    weighed = (
        scores(assessment.answers)
        if assessment.answers
        else {
            "likelihood": assessment.likelihood,
            "impact": assessment.impact,
            "vulnerability": assessment.vulnerability,
        }
    )
    if grade is None or any(score not in SCORE_RANGE for score in weighed.values()):
        raise GradeNeeded
    by_matrix = matrix_grade(**weighed)
    if assessment.answers and by_matrix not in {"", grade.key} and not assessment.differs_because.strip():
        raise ReasonNeeded(fields={"differs_because": ReasonNeeded.sentence})
    return grade, weighed, by_matrix
