"""The town of the norovirus Monday (DOMAIN.md section 3): a practice district, for its clock can be moved.

    subdistrict 001                                            subdistrict 002
    community 001001 春泉            community 001002 新桥      community 002001 青田
    [ A ][ B ]                       [ C ]                     [ E ]
    [ S ] the school, above A

A–S, A–B, B–C and C–E border. Class 三（2）班 has eight children: six live in A, two in C, which does not
border the school. E has nothing to do with it. For eight months the school has sent its usual counts every
weekday, pharmacies and clinics every day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.models import Account
from anlan.foundation.practice import move_practice_clock
from anlan.foundation.scope import duty
from anlan.organisation.models import Building, Facility, FacilityGroup
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from anlan.people.tokens import door_token, tokens_of
from anlan.surveillance.models import DailyCount
from tests.ground import Row, give_posts, lay_areas

MONDAY = date(2026, 3, 16)
DISTRICT = "990316"
NORTH, SOUTH = DISTRICT + "001", DISTRICT + "002"
SPRING, BRIDGE, FIELD = NORTH + "001", NORTH + "002", SOUTH + "001"
GRID_A, GRID_B, GRID_C, GRID_E = SPRING + "001", SPRING + "002", BRIDGE + "001", FIELD + "001"
SCHOOL_GRID = SPRING + "901"
GRIDS = (GRID_A, GRID_B, GRID_C, GRID_E)
ELSEWHERE = tuple(FIELD + f"{number:03}" for number in range(2, 34))  # the rest of the district
AREAS = {
    DISTRICT: "江城区（演练）", NORTH: "望山街道", SOUTH: "临江街道",
    SPRING: "春泉社区", BRIDGE: "新桥社区", FIELD: "青田社区",
    GRID_A: "春泉第一网格", GRID_B: "春泉第二网格", GRID_C: "新桥第一网格", GRID_E: "青田第一网格",
    SCHOOL_GRID: "春泉小学网格",
    **{code: f"青田第{int(code[-3:])}网格" for code in ELSEWHERE},
}  # fmt: skip
BORDERS = (
    (GRID_A, SCHOOL_GRID), (GRID_A, GRID_B), (GRID_B, GRID_C), (GRID_C, GRID_E),
    (SPRING, BRIDGE), (BRIDGE, FIELD), (NORTH, SOUTH),
)  # fmt: skip
PEOPLE = {  # handle: name, role, area
    "chu": ("褚红", "school_health_officer", SCHOOL_GRID),
    "wei": ("卫东", "pharmacy_clerk", GRID_A),
    "he": ("何苗", "hospital_reporter", GRID_B),
    "zhou": ("周航", "cdc_duty_officer", DISTRICT),
    "wu": ("吴岚", "disease_control_officer", DISTRICT),
    "zheng": ("郑洁", "health_centre_officer", NORTH),
    "zhu": ("朱琴", "education_officer", DISTRICT),
    "qin": ("秦川", "market_supervision_officer", DISTRICT),
    "kong": ("孔庆华", "community_secretary", SPRING),
    "li": ("李静", "community_secretary", BRIDGE),
    "wang": ("王芳", "grid_worker", GRID_A),
    "liu": ("刘洋", "grid_worker", GRID_C),
    "hou": ("侯勇", "grid_worker", GRID_E),
    "zhao": ("赵敏", "district_commander", DISTRICT),
    "you": ("尤佳", "data_protection_officer", DISTRICT),
}
CHILDREN = {  # of class 三（2）班, by grid
    GRID_A: ("林小满", "许知行", "唐可欣", "罗子墨", "沈一诺", "韩雨桐"),
    GRID_C: ("顾星辰", "魏来"),
}
OTHER_CLASS = {GRID_B: ("姜宁", "范思远", "石榴")}
HISTORY_DAYS = 240
USUAL = {"school_gastro": 0.3, "pharmacy_gastro": 0.5, "hospital_gastro": 0.4}  # a day in each grid
SEED = 316
SATURDAY = 5
SUNDAY = MONDAY - timedelta(days=1)
YET_TO_COME = {"pharmacy_gastro": {(SUNDAY, GRID_A)}, "hospital_gastro": {(SUNDAY, GRID_B)}}  # on the pages


@dataclass
class MondayTown:
    """The named people and places; `accounts` are what the running house needs to let them sign in."""

    since: datetime
    accounts: dict[str, Account] = field(default_factory=dict)
    facilities: dict[str, Facility] = field(default_factory=dict)
    classes: dict[str, FacilityGroup] = field(default_factory=dict)
    children: dict[str, Resident] = field(default_factory=dict)


def at(hour: int, minute: int, *, day: int = 1) -> datetime:
    """Return a moment of the story; day 1 is the Monday."""
    on = MONDAY + timedelta(days=day - 1)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=SHANGHAI)


def set_clock(hour: int, minute: int, *, day: int = 1) -> None:
    """Move the practice clock of the town."""
    with duty("practise", ranges=AreaRanges.of([DISTRICT]), cause="norovirus monday"), transaction.atomic():
        move_practice_clock(DISTRICT, at(hour, minute, day=day))


def build_monday_town() -> MondayTown:
    """Make the town with its past, at seven in the morning of the Monday."""
    town = MondayTown(at(7, 0) - timedelta(days=400))
    built = duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="norovirus monday")
    with built, transaction.atomic():
        lay_areas(AREAS, Row((*GRIDS, *ELSEWHERE), SCHOOL_GRID), BORDERS, town.since)
        _make_units(town)
        for grid, names in CHILDREN.items():
            _make_families(town, grid, names, "三（2）班")
        for grid, names in OTHER_CLASS.items():
            _make_families(town, grid, names, "三（1）班")
        _make_history()
    town.accounts = give_posts(PEOPLE, town.facilities, town.since).accounts
    set_clock(7, 0)
    return town


def _make_units(town: MondayTown) -> None:
    for handle, grid, kind, name in (
        ("chu", SCHOOL_GRID, "primary_school", "春泉小学"),
        ("wei", GRID_A, "pharmacy", "春泉大药房"),
        ("he", GRID_B, "fever_clinic", "望山医院发热和肠道门诊"),
        ("zheng", GRID_C, "health_centre", "望山街道社区卫生服务中心"),
    ):
        town.facilities[handle] = Facility.objects.create(
            area_code=grid, kind=kind, name=name, starts_at=town.since
        )
    for name in ("三（1）班", "三（2）班"):
        town.classes[name] = FacilityGroup.objects.create(
            area_code=SCHOOL_GRID,
            facility=town.facilities["chu"],
            name=name,
            headcount=40,
            starts_at=town.since,
        )


def _make_families(town: MondayTown, grid: str, names: Sequence[str], group: str) -> None:
    """Give each child a door of the grid's one building, a parent, and a seat in the class."""
    building = Building.objects.create(
        area_code=grid, number="1", name="1号楼", unit_count=1, floor_count=6, starts_at=town.since
    )
    for number, name in enumerate(names, start=1):
        home = Household.objects.create(area_code=grid, building=building, unit=1, room=f"{number}01")
        _parent, child = (
            Resident.objects.create(
                area_code=grid, household=home, name=called, sex="unknown", birth_on=born, relation=relation
            )
            for called, born, relation in (
                (f"{name[0]}建平", date(1988, 5, number), "户主"),
                (name, date(2017, 3, number), "子女"),
            )
        )
        found = tokens_of(
            name=name, id_number="", phone="", door=door_token("1", 1, f"{number}01"), birth_on=child.birth_on
        )
        SearchToken.objects.bulk_create(
            SearchToken(area_code=grid, kind=kind, token=token, resident=child) for kind, token in found
        )
        Enrolment.objects.create(
            area_code=grid, resident=child, group=town.classes[group], starts_at=town.since
        )
        town.children[name] = child


def _make_history() -> None:
    """Write what the sources of every grid sent on quiet days; the other schools this morning too."""
    random = np.random.default_rng(SEED)
    days = [MONDAY - timedelta(days=back) for back in range(HISTORY_DAYS, -1, -1)]
    rows = [
        (key, grid, on, int(random.poisson(mean)))
        for key, mean in USUAL.items()
        for grid in (*GRIDS, *ELSEWHERE, SCHOOL_GRID)
        for on in days
        if _has_sent(key, grid, on)
    ]
    DailyCount.objects.bulk_create(
        DailyCount(indicator=key, area_code=grid, on=on, count=count, source_count=1, changed_at=at(7, 0))
        for key, grid, on, count in rows
    )


def _has_sent(key: str, grid: str, on: date) -> bool:
    """Say whether a source had sent a day's count by the morning of the story, apart from its own people."""
    if key == "school_gastro":
        return on.weekday() < SATURDAY and (on < MONDAY or grid != SCHOOL_GRID)
    return on < MONDAY and (on, grid) not in YET_TO_COME[key]
