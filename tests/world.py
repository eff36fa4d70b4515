"""The small town of named people that tests act in; documented in World.

Two subdistricts, three communities, five grids of 100 m squares in a row, a school's special grid above:

    subdistrict 001                                  subdistrict 002
    community 001001           community 001002      community 002001
    [ A ][ B ]                 [ C ]                 [ D ][ E ]
    [ S ] school, above A

A–B, B–C, C–D, D–E and A–S border; A and C do not. Each grid has two buildings and four doors. Residents
of A: Chen and his family (陈大明, 林小雨, 陈晓雯 in class 一（1）班), 赵秀兰 who lives alone, and more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.test import Client

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import encrypt, lookup_hash
from anlan.foundation.models import Account
from anlan.foundation.scope import duty
from anlan.organisation.models import (
    Appointment,
    Area,
    Building,
    Facility,
    FacilityGroup,
    Member,
    Post,
)
from anlan.organisation.queries import posts_of_account
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from anlan.people.tokens import door_token, tokens_of
from tests.ground import Row, give_posts, lay_areas

DISTRICT = "330199"
NORTH, SOUTH = "330199001", "330199002"  # subdistricts
SPRING, BRIDGE, FIELD = "330199001001", "330199001002", "330199002001"  # communities
GRID_A, GRID_B = SPRING + "001", SPRING + "002"
GRID_C = BRIDGE + "001"
GRID_D, GRID_E = FIELD + "001", FIELD + "002"
SCHOOL_GRID = SPRING + "901"
GRIDS = (GRID_A, GRID_B, GRID_C, GRID_D, GRID_E)

AREAS = {
    DISTRICT: "江城区", NORTH: "望山街道", SOUTH: "临江街道",
    SPRING: "春泉社区", BRIDGE: "新桥社区", FIELD: "青田社区",
    GRID_A: "春泉第一网格", GRID_B: "春泉第二网格", GRID_C: "新桥第一网格",
    GRID_D: "青田第一网格", GRID_E: "青田第二网格", SCHOOL_GRID: "春泉小学网格",
}  # fmt: skip
BORDERS = (
    (GRID_A, GRID_B), (GRID_B, GRID_C), (GRID_C, GRID_D), (GRID_D, GRID_E), (GRID_A, SCHOOL_GRID),
    (SPRING, BRIDGE), (BRIDGE, FIELD), (NORTH, SOUTH),
)  # fmt: skip

# handle: name, role, area. The post is titled as the role is.
PEOPLE = {
    "wang": ("王芳", "grid_worker", GRID_A),
    "liu": ("刘洋", "grid_worker", GRID_B),
    "hou": ("侯勇", "grid_worker", GRID_C),
    "du": ("杜鹃", "grid_worker", GRID_D),
    "gao": ("高远", "grid_worker", GRID_E),
    "shi": ("石磊", "building_head", GRID_A),
    "kong": ("孔庆华", "community_secretary", SPRING),
    "li": ("李静", "community_secretary", BRIDGE),
    "bai": ("白雪", "community_secretary", FIELD),
    "tao": ("陶然", "community_worker", SPRING),
    "qian": ("钱海", "subdistrict_officer", NORTH),
    "zhao": ("赵敏", "district_commander", DISTRICT),
    "zhou": ("周航", "cdc_duty_officer", DISTRICT),
    "wu": ("吴岚", "disease_control_officer", DISTRICT),
    "zheng": ("郑洁", "health_centre_officer", NORTH),
    "feng": ("冯春", "village_doctor", FIELD),
    "chu": ("褚红", "school_health_officer", SCHOOL_GRID),
    "wei": ("卫东", "pharmacy_clerk", GRID_C),
    "jiang": ("蒋琳", "hotline_operator", DISTRICT),
    "mei": ("梅朵", "social_work_officer", DISTRICT),
    "shen": ("沈平", "civil_affairs_officer", DISTRICT),
    "han": ("韩冰", "police_officer", DISTRICT),
    "yang": ("杨帆", "housing_officer", DISTRICT),
    "zhu": ("朱琴", "education_officer", DISTRICT),
    "qin": ("秦川", "market_supervision_officer", DISTRICT),
    "you": ("尤佳", "data_protection_officer", DISTRICT),
    "xu": ("许衡", "auditor", DISTRICT),
    "he": ("何键", "system_administrator", DISTRICT),
    "lu": ("吕宁", "security_administrator", DISTRICT),
}

# name, sex, born on, relation, identity number, phone; by household of a grid, in the order of its doors.
# The numbers are shaped and checked like real ones; district 330199 does not exist, 154… is not assigned.
Person = tuple[str, str, str, str, str, str]
FAMILIES: dict[str, tuple[tuple[Person, ...], ...]] = {
    GRID_A: (
        (
            ("陈大明", "male", "1994-03-12", "户主", "330199199403120010", "15400000001"),
            ("林小雨", "female", "1996-07-05", "配偶", "330199199607050026", "15400000002"),
            ("陈晓雯", "female", "2019-05-20", "子女", "330199201905200045", ""),
        ),
        (("赵秀兰", "female", "1948-01-30", "户主", "330199194801300065", "15400000003"),),
        (
            ("欧阳建国", "male", "1961-11-02", "户主", "330199196111020073", "15400000004"),
            ("单玉珍", "female", "1963-02-14", "配偶", "330199196302140086", ""),
        ),
        (("龚𬀪", "male", "1989-09-09", "户主", "330199198909090096", "15400000005"),),
    ),
    GRID_B: (
        (
            ("王伟", "male", "1985-06-01", "户主", "330199198506010119", "15400000006"),
            ("王子涵", "male", "2019-03-03", "子女", "330199201903030134", ""),
        ),
        (), (), (),
    ),
    GRID_C: ((("陈大明", "male", "1970-04-04", "户主", "330199197004040153", "15400000007"),), (), (), ()),
    GRID_D: ((("孙丽", "female", "1991-12-24", "户主", "33019919911224016X", "15400000008"),), (), (), ()),
    GRID_E: ((("周强", "male", "1957-08-18", "户主", "330199195708180171", "15400000009"),), (), (), ()),
}  # fmt: skip
DOORS = (("1", 1, "101"), ("1", 2, "501"), ("2", 1, "201"), ("2", 2, "602"))  # building, unit, room


@dataclass
class World:
    """Named people, places and things of the town; `sign_in` and `actor` by handle."""

    now: datetime
    areas: dict[str, Area] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    appointments: dict[str, Appointment] = field(default_factory=dict)
    buildings: dict[str, list[Building]] = field(default_factory=dict)
    households: dict[str, list[Household]] = field(default_factory=dict)
    residents: list[Resident] = field(default_factory=list)
    school: Facility = field(init=False)
    classes: list[FacilityGroup] = field(default_factory=list)
    health_centre: Facility = field(init=False)
    pharmacy: Facility = field(init=False)

    def sign_in(self, client: Client, handle: str) -> Client:
        """Let the client act as this person from now on, and return it."""
        client.force_login(self.accounts[handle], "allauth.account.auth_backends.AuthenticationBackend")
        return client

    def actor(self, handle: str) -> Actor:
        """Return the person in their post."""
        return posts_of_account(self.accounts[handle].pk, now=utc_now())[0]

    def resident(self, name: str, area_code: str = DISTRICT) -> Resident:
        """Return the resident of this name (in this area: there are two 陈大明)."""
        return next(row for row in self.residents if row.name == name and row.area_code.startswith(area_code))


def build_world(now: datetime | None = None) -> World:
    """Make the town in the database, for every post to hold from the day before `now`."""
    world = World(now=now or utc_now())
    since = world.now - timedelta(days=1)
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="world"):
        world.areas = lay_areas(AREAS, Row(GRIDS, SCHOOL_GRID), BORDERS, since)
        _make_facilities(world, since)
        _make_homes(world, since)
        _make_residents(world, since)
    _make_posts(world, since)
    return world


def _make_facilities(world: World, since: datetime) -> None:
    def facility(area_code: str, kind: str, name: str, x_m: float, y_m: float) -> Facility:
        return Facility(area_code=area_code, kind=kind, name=name, x_m=x_m, y_m=y_m, starts_at=since)

    world.school = facility(SCHOOL_GRID, "primary_school", "春泉小学", 50, 150)
    world.health_centre = facility(GRID_B, "health_centre", "望山街道社区卫生服务中心", 150, 50)
    world.pharmacy = facility(GRID_C, "pharmacy", "新桥大药房", 250, 50)
    Facility.objects.bulk_create([world.school, world.health_centre, world.pharmacy])
    world.classes = FacilityGroup.objects.bulk_create(
        FacilityGroup(area_code=SCHOOL_GRID, facility=world.school, name=name, headcount=40, starts_at=since)
        for name in ("一（1）班", "一（2）班")
    )


def _make_homes(world: World, since: datetime) -> None:
    for index, grid in enumerate(GRIDS):
        world.buildings[grid] = [
            Building(
                area_code=grid,
                number=number,
                name=f"{number}号楼",
                unit_count=2,
                floor_count=6,
                x_m=index * 100.0 + 25 + 50 * (int(number) - 1),
                y_m=50,
                starts_at=since,
            )
            for number in ("1", "2")
        ]
        world.households[grid] = [
            Household(area_code=grid, building=world.buildings[grid][int(number) - 1], unit=unit, room=room)
            for number, unit, room in DOORS
        ]
    Building.objects.bulk_create(row for rows in world.buildings.values() for row in rows)
    Household.objects.bulk_create(row for rows in world.households.values() for row in rows)


def _make_residents(world: World, since: datetime) -> None:
    tokens: list[SearchToken] = []
    for grid, families in FAMILIES.items():
        for door, household, family in zip(DOORS, world.households[grid], families, strict=True):
            for person in family:
                resident = _resident(grid, household, person)
                world.residents.append(resident)
                tokens += _tokens(resident, person, door)
    Resident.objects.bulk_create(world.residents)
    SearchToken.objects.bulk_create(tokens)
    Enrolment.objects.bulk_create(
        Enrolment(area_code=child.area_code, resident=child, group=group, starts_at=since)
        for child, group in zip(
            (world.resident("陈晓雯"), world.resident("王子涵")), world.classes, strict=True
        )
    )


def _resident(grid: str, household: Household, person: Person) -> Resident:
    name, sex, born_on, relation, number, phone = person
    return Resident(
        area_code=grid,
        household=household,
        name=name,
        sex=sex,
        birth_on=date.fromisoformat(born_on),
        relation=relation,
        id_number=encrypt(number, context="people.Resident.id_number"),
        id_number_hash=lookup_hash("id", number),
        phone=encrypt(phone, context="people.Resident.phone") if phone else None,
        phone_hash=lookup_hash("phone", phone) if phone else None,
    )


def _tokens(resident: Resident, person: Person, door: tuple[str, int, str]) -> Iterable[SearchToken]:
    found = tokens_of(
        name=person[0], id_number=person[4], phone=person[5], door=door_token(*door),
        birth_on=resident.birth_on,
    )  # fmt: skip
    return [
        SearchToken(area_code=resident.area_code, kind=kind, token=token, resident=resident)
        for kind, token in found
    ]


def _make_posts(world: World, since: datetime) -> None:
    homes = {"zheng": world.health_centre, "chu": world.school, "wei": world.pharmacy}
    given = give_posts(PEOPLE, homes, since)
    guo = Account.objects.create(username="guo", password="!")  # an account that holds no post
    world.accounts = {**given.accounts, "guo": guo}
    world.members, world.posts, world.appointments = given.members, given.posts, given.appointments
