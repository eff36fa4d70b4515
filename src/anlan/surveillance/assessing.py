"""The risk assessment form of the pack: questions weighed into scores, scores looked up in the matrix."""

from collections.abc import Mapping

from anlan.foundation.pack_store import section
from anlan.surveillance.pack import RiskGrade, RiskQuestion, RiskRow

HIGHEST = 5  # scores run from 1 to 5
SCORE_RANGE = range(1, HIGHEST + 1)
PARTS = ("likelihood", "impact", "vulnerability")


def questions() -> list[RiskQuestion]:
    """Return the questions of the form, in the pack's order."""
    return section(RiskQuestion)


def unanswered(answers: Mapping[str, int]) -> list[RiskQuestion]:
    """Return the questions without a choice that the pack knows."""
    return [row for row in questions() if answers.get(row.key) not in range(len(row.choices))]


def scores(answers: Mapping[str, int]) -> dict[str, int]:
    """Return a score of 1 to 5 for each part: the mean of its answers, each from lightest 0 to gravest 1.

    All questions must be answered (`unanswered` is empty).
    """
    found = {}
    for part in PARTS:
        weights = [answers[q.key] / (len(q.choices) - 1) for q in questions() if q.part == part]
        mean = sum(weights) / len(weights) if weights else 0.5
        found[part] = 1 + int(mean * (HIGHEST - 1) + 0.5)
    return found


def matrix() -> list[RiskRow]:
    """Return the rows of the matrix, the highest likelihood first."""
    return sorted(section(RiskRow), key=lambda row: -row.likelihood)


def matrix_grade(likelihood: int, impact: int, vulnerability: int) -> str:
    """Return the key of the grade the pack's matrix gives; empty where the pack has no such row."""
    row = next((row for row in section(RiskRow) if row.likelihood == likelihood), None)
    if row is None:
        return ""
    return grades_of(row, vulnerability)[impact - 1]


def grades_of(row: RiskRow, vulnerability: int) -> list[str]:
    """Return the grades of a row, for impact 1 to 5, at this vulnerability."""
    return row.vulnerable_grades if vulnerability >= row.vulnerable_from else row.grades


def grades() -> list[RiskGrade]:
    """Return the risk grades, lowest first."""
    return sorted(section(RiskGrade), key=lambda grade: grade.rank)


def grade_named(key: str) -> RiskGrade | None:
    """Return one grade of the pack, or None."""
    return next((grade for grade in section(RiskGrade) if grade.key == key), None)
