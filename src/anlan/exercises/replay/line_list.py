"""Read a line list: one person ill a row; every row in is a case or an error that says why."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

COLUMNS = ("case", "onset_on", "reported_on", "area", "place", "household", "age_years", "sex", "syndrome")
SEXES = {"female": "female", "male": "male", "": "unknown", "unknown": "unknown"}
AGE, OLDEST = re.compile(r"\d{1,3}(\.\d+)?"), 130
LONGEST_DELAY = timedelta(days=120)  # health.rules.OLDEST_ONSET_DAYS: beyond it the report is refused


class NotALineList(ValueError):
    """The file cannot be read as a line list; the text says what is missing."""


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


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was not taken, and why."""

    row: int
    reason: str


@dataclass(slots=True)
class LineList:
    """All rows of a file: cases in the order of their report days, and the rows not taken."""

    name: str
    cases: list[Case] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)

    @property
    def has_coordinates(self) -> bool:
        """Say whether every case has a place on the plan, so that areas can be drawn."""
        return bool(self.cases) and all(case.x_m is not None for case in self.cases)


def read_line_list(path: Path, is_condition: Callable[[str], bool]) -> LineList:
    """Read a CSV file. Raises NotALineList for a file without the columns or without a single good row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotALineList(f"{path.name}: 请另存为 UTF-8 / save the file as UTF-8") from error
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise NotALineList(f"{path.name}: 缺少列 / columns missing: {', '.join(missing)}")
    listed = LineList(path.stem)
    _take(listed, rows, is_condition)
    if not listed.cases:
        raise NotALineList(f"{path.name}: 没有一行可用 / not one row can be used")
    listed.cases.sort(key=lambda case: (case.reported_on, case.row))
    return listed


def _take(listed: LineList, rows: Iterable[Mapping[str, str]], is_condition: Callable[[str], bool]) -> None:
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        try:
            case = _case(number, row, is_condition)
            if case.case in seen:
                raise ValueError(f"case 重复 / the case {case.case} stands twice")
        except ValueError as error:
            listed.bad_rows.append(BadRow(number, str(error)))
        else:
            seen.add(case.case)
            listed.cases.append(case)


def _case(number: int, row: Mapping[str, str], is_condition: Callable[[str], bool]) -> Case:
    given = {name: (row.get(name) or "").strip() for name in (*COLUMNS, "x_m", "y_m")}
    for name in ("case", "reported_on", "area", "syndrome"):
        if not given[name]:
            raise ValueError(f"{name} 为空 / {name} is empty")
    if not is_condition(given["syndrome"]):
        raise ValueError(f"病种不在目录 / not a disease or syndrome of the pack: {given['syndrome']}")
    if given["sex"] not in SEXES:
        raise ValueError(f"sex 应为 female、male 或空 / sex is female, male or empty, not {given['sex']}")
    onset_on = _day("onset_on", given["onset_on"]) if given["onset_on"] else None
    reported_on = _day("reported_on", given["reported_on"])
    delay = reported_on - onset_on if onset_on else timedelta(0)
    if not timedelta(0) <= delay <= LONGEST_DELAY:
        raise ValueError("onset_on 晚于报告日或早 120 天以上 / onset after the report or 120 days before")
    return Case(
        row=number,
        case=given["case"],
        onset_on=onset_on,
        reported_on=reported_on,
        area=given["area"],
        place=given["place"],
        household=given["household"],
        age_years=_age(given["age_years"]),
        sex=SEXES[given["sex"]],
        condition=given["syndrome"],
        x_m=_metres(given["x_m"]),
        y_m=_metres(given["y_m"]),
    )


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{name} 应如 1861-11-03 / write {name} as 1861-11-03, not {text}") from error


def _age(text: str) -> int | None:
    if not text:
        return None
    if not AGE.fullmatch(text) or float(text) > OLDEST:
        raise ValueError(f"age_years 应为 0 到 130 / age_years is 0 to 130, not {text}")
    return int(float(text))  # completed years: half a year is 0


def _metres(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError as error:
        raise ValueError(f"x_m、y_m 应为数字 / x_m and y_m are numbers, not {text}") from error
