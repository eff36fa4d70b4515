"""Marks key people by consent, with the help they want and visits made: some visits are overdue."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from anlan.exercises.district.furnished import Furnished
from anlan.exercises.district.loading import load_rows
from anlan.foundation.clock import day_of, start_of
from anlan.people.actions.care import NOTICE
from anlan.people.pack import KeyPeopleKind
from anlan.people.queries.care import kinds_of_key_people, service_needs
from anlan.people.rules import years_before
from anlan.people.rules.care import CareBasis, ConsentBy, VisitKind, is_below_guardian_age, next_visit

Chosen = npt.NDArray[np.bool_]
MOST_MARKED = 20_000  # of a large district a smaller share is marked
EXPECTED_SHARE = 0.037  # of the residents, by the shares below
AT_HOME = 4  # as often in the community of the sign-ins
LAPSED = 0.03  # consent that ran out and waits to be asked for again
LONGEST_LAPSED = 20  # days; after 30 an entry is forgotten
OVERDUE, LONGEST_OVERDUE = 0.12, 2.5  # visits; in rhythms since the last
OWN_RHYTHM, OWN_DAYS = 0.05, 7
PHONED = 0.2


@dataclass(frozen=True, slots=True)
class Who:
    """Of whom a share is marked: of which age, sex, or living alone."""

    share: float
    low: int = 0
    high: int = 130
    alone: bool = False
    woman: bool = False


WHO = {
    "alone_70": Who(0.5, low=70, alone=True), "disabled": Who(0.006), "dialysis": Who(0.0015, low=30),
    "pregnant": Who(0.02, low=21, high=41, woman=True), "infant": Who(0.35, high=0),
    "hardship_chronic": Who(0.01, low=50), "left_behind_child": Who(0.02, low=3, high=13),
    "left_behind_old": Who(0.05, low=66), "bedridden": Who(0.05, low=78),
    "oxygen_at_home": Who(0.01, low=65),
}  # fmt: skip
OTHERS = Who(0.002)  # of a kind that only a pack of one's own has
# What help is wanted, by service of the pack, in words fit for the door.
NEEDS = {
    "company": "每周来看一次，陪着说说话", "meals": "中午送餐，周末也要", "errands": "下雨下雪天代买菜和米面",
    "medicine_brought": "每月代取一次药", "escort": "每月陪同去一次医院", "transport": "往返医院用车接送",
    "power_and_water": "停水停电请提前一天打电话", "repairs": "水管和灯坏了帮忙找人修",
    "child_care": "放学后帮忙照看一会儿", "housework": "每周帮忙打扫和洗晒", "papers": "代办证件和补贴手续",
}  # fmt: skip
WANTED = {
    "pregnant": ("escort", "transport"), "infant": ("child_care", "papers"),
    "left_behind_child": ("child_care", "company"), "dialysis": ("transport", "escort"),
    "oxygen_at_home": ("power_and_water", "repairs"), "bedridden": ("housework", "medicine_brought"),
}  # fmt: skip
ANY_HELP = ("company", "meals", "errands", "medicine_brought", "repairs", "papers")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who is marked, by the row of the person."""

    row: int
    kind: KeyPeopleKind
    given_on: date
    rhythm: int
    last_on: date | None
    is_lapsed: bool


def store_key_people(ground: Furnished) -> tuple[list[Entry], int]:
    """Mark key people and store their latest visits; return the entries and how many visits there are."""
    entries, known = list(_entries(ground)), service_needs().keys()
    load_rows(
        "people_keyperson",
        "id area_code resident_id kind service need basis given_on given_by consent_until notice"
        " visit_every_days last_visited_on due_on verified_on version",
        (_line(ground, entry, known) for entry in entries),
    )
    visits = load_rows(
        "people_visit",
        'id area_code resident_id "on" kind note noted_at post_id post_title member_name',
        (line for entry in entries for line in _visit(ground, entry)),
    )
    return entries, visits


def _entries(ground: Furnished) -> Iterator[Entry]:
    """Yield everybody who is marked, kind by kind, each once of a kind."""
    people, rng = ground.people, ground.rng
    grid = ground.houses.grid[people.household]
    open_to_all = ground.homely[grid]
    home = np.array([row.code.startswith(ground.home) for row in ground.layout.grids])[grid]
    scale = min(1.0, MOST_MARKED / (EXPECTED_SHARE * len(people)))
    for kind in kinds_of_key_people().values():
        who = WHO.get(kind.key, OTHERS)
        fitting = open_to_all & _fits(ground, kind, who)
        chance = np.where(home, min(who.share * AT_HOME, 0.9), who.share * scale)
        rows = np.flatnonzero(fitting & (rng.random(len(people)) < chance))
        if not len(rows):
            rows = np.flatnonzero(fitting)[:1]  # of each kind somebody is there
        for row in rows.tolist():
            yield _drawn(ground, row, kind)


def _fits(ground: Furnished, kind: KeyPeopleKind, who: Who) -> Chosen:
    """Say of everybody whether they are of the age the kind is for today, and live so."""
    people, today = ground.people, day_of(ground.now)
    low = max(who.low, kind.min_age_years or 0)
    high = min(who.high, who.high if kind.max_age_years is None else kind.max_age_years)
    born = people.birth_on.astype("datetime64[D]")
    fits: Chosen = (born <= np.datetime64(years_before(today, low))) & (
        born > np.datetime64(years_before(today, high + 1))
    )
    if who.alone:
        fits &= np.bincount(people.household)[people.household] == 1
    return fits & (people.is_male == 0) if who.woman else fits


def _drawn(ground: Furnished, row: int, kind: KeyPeopleKind) -> Entry:
    """Draw when somebody agreed, how often they are looked in on, and when that was last."""
    rng, today = ground.rng, day_of(ground.now)
    valid, born = kind.consent_valid_days, _born(ground, row)
    is_lapsed = kind.basis == CareBasis.CONSENT.value and rng.random() < LAPSED
    ago = valid + int(rng.integers(1, LONGEST_LAPSED)) if is_lapsed else int(rng.integers(1, valid))
    given_on = max(today - timedelta(days=ago), born)
    is_lapsed = is_lapsed and given_on + timedelta(days=valid) < today
    rhythm = OWN_DAYS if rng.random() < OWN_RHYTHM else kind.visit_every_days
    late = rng.random() < OVERDUE
    since = rhythm * (rng.uniform(1, LONGEST_OVERDUE) if late else rng.random())
    last = today - timedelta(days=int(since))
    return Entry(row, kind, given_on, rhythm, last if last >= given_on else None, is_lapsed)


def _born(ground: Furnished, row: int) -> date:
    born: date = ground.people.birth_on[row].astype("datetime64[D]").item()
    return born


def _line(ground: Furnished, entry: Entry, known: Collection[str]) -> tuple[object, ...]:
    kind, today = entry.kind, day_of(ground.now)
    by, until = "", None
    if kind.basis == CareBasis.CONSENT.value:
        is_child = is_below_guardian_age(_born(ground, entry.row), today)
        by = ConsentBy.GUARDIAN.value if is_child else ConsentBy.SELF.value
        until = entry.given_on + timedelta(days=kind.consent_valid_days)
    service = _service(ground, kind.key, known)
    own = entry.rhythm if entry.rhythm != kind.visit_every_days else None
    seen_on = entry.last_on or entry.given_on
    return (
        ground.new_id(), _area(ground, entry), ground.resident_ids[entry.row], kind.key, service,
        NEEDS.get(service, ""), kind.basis, entry.given_on, by, until, f"{NOTICE} {ground.version}", own,
        entry.last_on, next_visit(seen_on, entry.rhythm), seen_on, 1,
    )  # fmt: skip


def _service(ground: Furnished, kind: str, known: Collection[str]) -> str:
    fitting = [key for key in WANTED.get(kind, ANY_HELP) if key in known]
    return fitting[int(ground.rng.integers(len(fitting)))] if fitting else ""


def _area(ground: Furnished, entry: Entry) -> str:
    return ground.household_grid[int(ground.people.household[entry.row])]


def _visit(ground: Furnished, entry: Entry) -> Iterator[tuple[object, ...]]:
    """Yield the last visit as the grid worker noted it that day."""
    area = _area(ground, entry)
    holder = next(ground.posts.holders(("grid_worker", "community_worker"), area), None)
    if entry.last_on is None or holder is None or holder.post is None:
        return
    kind = VisitKind.PHONED if ground.rng.random() < PHONED else VisitKind.VISITED
    yield (
        ground.new_id(), area, ground.resident_ids[entry.row], entry.last_on, kind.value, "",
        _noted_at(ground, entry.last_on), holder.post.pk, holder.post.title, holder.member.name,
    )  # fmt: skip


def _noted_at(ground: Furnished, on: date) -> datetime:
    return min(start_of(on) + timedelta(hours=10), ground.now)
