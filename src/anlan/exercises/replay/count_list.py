"""Read daily counts: one number of an area and a day a row, each indicator with the door it is sent by."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from anlan.exercises.replay.rows import ListedRows, Place, RowProblem, day_in, need, place_in
from anlan.foundation.pack_store import section
from anlan.health.pack import CountForm
from anlan.health.queries import condition_named, count_forms
from anlan.surveillance.pack import Indicator

COLUMNS = ("day", "area", "indicator", "count")
MOST = 1_000_000  # health refuses more of one item on one day
MOST_REPORTS = 200  # a count of case reports is sent as that many reports
Known = Callable[[str], "Door | None"]


@dataclass(frozen=True, slots=True)
class Door:
    """How the numbers of one indicator are sent: as an item of a count form, or as case reports."""

    indicator: str
    condition: str
    form: str = ""
    item: str = ""
    relay: str = ""  # the post whose feed hands the form over


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row, as read."""

    row: int
    day: date
    area: str
    door: Door
    count: int


@dataclass(slots=True)
class CountList(ListedRows[CountRow]):
    """All counts of a file, and where its areas lie."""

    place_of: dict[str, Place] = field(default_factory=dict)

    @property
    def counts(self) -> list[CountRow]:
        """Return the counts in the order of their days."""
        return self.taken

    @property
    def points(self) -> dict[Place, str]:
        """Return the area of each place on the plan; nothing where some area has none."""
        if not all(area in self.place_of for area in self.areas):
            return {}
        return {self.place_of[area]: area for area in self.areas}


def read_count_list(path: Path, known: Known | None = None) -> CountList:
    """Read a CSV file; `known` says how an indicator is sent, by default as the pack in force does.

    Raises NotReplayable for a file without the columns or without a single good row.
    """
    listed = CountList(path.stem)
    door_of = known or doors_of_pack()
    seen: dict[tuple[date, str, str], CountRow] = {}

    def count_of(number: int, row: Mapping[str, str]) -> CountRow:
        counted = _counted(number, row, door_of)
        key = (counted.day, counted.area, counted.door.indicator)
        _check_once(seen.get(key), counted)
        _note_place(listed, counted.area, row)
        seen[key] = counted
        return counted

    listed.read(path, COLUMNS, count_of)
    return listed


def _counted(number: int, row: Mapping[str, str], door_of: Known) -> CountRow:
    need(row, COLUMNS)
    day = day_in("day", row["day"])
    door = door_of(row["indicator"])
    if door is None:
        raise RowProblem(
            f"指标不在目录 / not an indicator, disease or syndrome of the pack: {row['indicator']}"
        )
    text = row["count"]
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MOST):
        raise RowProblem(f"count 应为 0 到 {MOST} 的整数 / count is a whole number up to {MOST}, not {text}")
    if not door.form and int(text) > MOST_REPORTS:
        raise RowProblem(
            f"病例报告一行不超过 {MOST_REPORTS} 例 / at most {MOST_REPORTS} case reports a row, not {text}"
        )
    return CountRow(number, day, row["area"], door, int(text))


def _check_once(before: CountRow | None, now: CountRow) -> None:
    if before is None:
        return
    if before.count == now.count:
        raise RowProblem(f"与第 {before.row} 行相同 / says the same as row {before.row}", is_duplicate=True)
    raise RowProblem(
        f"与第 {before.row} 行不同：{before.count} / row {before.row} says {before.count}, not {now.count}"
    )


def _note_place(listed: CountList, area: str, row: Mapping[str, str]) -> None:
    place = place_in(row)
    if place is None:
        return
    known = listed.place_of.setdefault(area, place)
    if known != place:
        raise RowProblem(f"{area} 的坐标与前面不同 / {area} lay at {known[0]:g}, {known[1]:g} before")
    taken = next((other for other, its in listed.place_of.items() if its == place and other != area), None)
    if taken is not None:
        del listed.place_of[area]
        raise RowProblem(f"坐标与 {taken} 相同 / {taken} lies at the same place")


def doors_of_pack() -> Known:
    """Return what finds the door of an indicator, by its key or title, or of a disease or syndrome."""
    forms = {form.key: form for form in count_forms()}
    lines = section(Indicator)
    doors: dict[str, Door] = {}
    for line in lines:
        door = _door(line, forms, lines)
        if door is not None:
            doors |= {line.title.zh: door, line.title.en: door}
    doors |= {door.indicator: door for door in doors.values()}

    def find(name: str) -> Door | None:
        if name not in doors and condition_named(name) is not None:
            doors[name] = Door(name, name)
        return doors.get(name)

    return find


def _door(line: Indicator, forms: Mapping[str, CountForm], lines: Iterable[Indicator]) -> Door | None:
    if not line.form:
        condition = line.condition if line.condition in line.reports else line.reports[0]
        return Door(line.key, condition)
    form = forms.get(line.form)
    if form is None or not form.relays:  # nobody may hand over what a whole district counted
        return None
    others = {item for one in lines if one.form == line.form and one.key != line.key for item in one.items}
    own = line.items or form.items
    item = next((item for item in own if item not in others), own[0])
    return Door(line.key, line.condition, line.form, item, form.relays[0])
