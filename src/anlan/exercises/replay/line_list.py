"""Read a line list: one person ill a row; every row in is a case, a duplicate, or an error that says why."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from anlan.exercises.replay.rows import ListedRows, Place, RowProblem, day_in, need, place_in

COLUMNS = ("case", "onset_on", "reported_on", "area", "place", "household", "age_years", "sex", "syndrome")
SEXES = {"female": "female", "male": "male", "": "unknown", "unknown": "unknown"}
AGE, OLDEST = re.compile(r"\d{1,3}(\.\d+)?"), 130
LONGEST_DELAY = timedelta(days=120)  # health.rules.OLDEST_ONSET_DAYS: beyond it the report is refused


@dataclass(frozen=True, slots=True)
class Case:
    """One row, as read."""

    row: int
    case: str
    onset_on: date | None
    reported_on: date
    area: str
    place: str
    household: str
    age_years: int | None
    sex: str
    condition: str
    x_m: float | None = None
    y_m: float | None = None

    @property
    def day(self) -> date:
        """Return the day on which the case was reported."""
        return self.reported_on


@dataclass(slots=True)
class LineList(ListedRows[Case]):
    """All cases of a file."""

    @property
    def cases(self) -> list[Case]:
        """Return the cases in the order of their report days."""
        return self.taken

    @property
    def has_coordinates(self) -> bool:
        """Say whether every case has a place on the plan, so that areas can be drawn."""
        return bool(self.cases) and all(case.x_m is not None for case in self.cases)

    @property
    def points(self) -> dict[Place, str]:
        """Return the area of each place on the plan; nothing where some case has none."""
        if not self.has_coordinates:
            return {}
        houses: dict[Place, str] = {}
        for case in self.cases:
            houses.setdefault((case.x_m or 0.0, case.y_m or 0.0), case.area)
        return houses


def read_line_list(path: Path, is_condition: Callable[[str], bool]) -> LineList:
    """Read a CSV file. Raises NotReplayable for one without the columns or without a single good row."""
    listed = LineList(path.stem)
    seen: dict[str, Mapping[str, str]] = {}

    def case_of(number: int, row: Mapping[str, str]) -> Case:
        case = _case(number, row, is_condition)
        _check_once(seen.get(case.case), row, case.case)
        seen[case.case] = row
        return case

    listed.read(path, COLUMNS, case_of)
    return listed


def _check_once(before: Mapping[str, str] | None, row: Mapping[str, str], case: str) -> None:
    if before is not None:
        raise RowProblem(
            f"case 重复 / the case {case} stands twice"
            + ("" if before == row else "，内容不同 / differently"),
            is_duplicate=before == row,
        )


def _case(number: int, row: Mapping[str, str], is_condition: Callable[[str], bool]) -> Case:
    need(row, ("case", "reported_on", "area", "syndrome"))
    if not is_condition(row["syndrome"]):
        raise RowProblem(f"病种不在目录 / not a disease or syndrome of the pack: {row['syndrome']}")
    if row["sex"] not in SEXES:
        raise RowProblem(f"sex 应为 female、male 或空 / sex is female, male or empty, not {row['sex']}")
    onset_on = day_in("onset_on", row["onset_on"]) if row["onset_on"] else None
    reported_on = day_in("reported_on", row["reported_on"])
    delay = reported_on - onset_on if onset_on else timedelta(0)
    if not timedelta(0) <= delay <= LONGEST_DELAY:
        raise RowProblem("onset_on 晚于报告日或早 120 天以上 / onset after the report or 120 days before")
    place = place_in(row)
    return Case(
        row=number,
        case=row["case"],
        onset_on=onset_on,
        reported_on=reported_on,
        area=row["area"],
        place=row["place"],
        household=row["household"],
        age_years=_age(row["age_years"]),
        sex=SEXES[row["sex"]],
        condition=row["syndrome"],
        x_m=place[0] if place else None,
        y_m=place[1] if place else None,
    )


def _age(text: str) -> int | None:
    if not text:
        return None
    if not AGE.fullmatch(text) or float(text) > OLDEST:
        raise RowProblem(f"age_years 应为 0 到 130 / age_years is 0 to 130, not {text}")
    return int(float(text))  # completed years: half a year is 0
