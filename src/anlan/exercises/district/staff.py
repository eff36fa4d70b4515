"""Fills every post of the district: grid workers, secretaries, health centres, schools, departments."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np

from anlan.exercises.district.employed import Employed
from anlan.exercises.district.numbers import Ids, phone_numbers
from anlan.exercises.district.people_lines import people_count, people_of_lines
from anlan.exercises.district.person_names import NamePool
from anlan.exercises.district.place import district_word
from anlan.exercises.district.plan import Layout
from anlan.exercises.district.roles import roles_in_force
from anlan.exercises.district.units import FacilityPlan, Units
from anlan.foundation.crypto import encrypt_many
from anlan.organisation.models import Appointment, Member, Post, PostRange

# Posts at the district itself: role → how many hold it, in which unit.
DISTRICT_SEATS = {
    "district_commander": (2, "{district}政府"), "cdc_duty_officer": (4, "{district}疾控中心"),
    "disease_control_officer": (2, "{district}疾控局"), "laboratory_clerk": (2, "{district}疾控中心"),
    "hotline_operator": (4, "12345 热线"), "governance_centre": (3, "{district}综治中心"),
    "social_work_officer": (2, "{district}委社会工作部"), "civil_affairs_officer": (2, "{district}民政局"),
    "police_officer": (3, "{district}{police}"), "housing_officer": (2, "{district}住建局"),
    "education_officer": (2, "{district}教育局"), "market_supervision_officer": (2, "{district}市场监管局"),
    "industry_officer": (2, "{district}工信局"),
    "emergency_management_officer": (2, "{district}应急管理局"),
    "urban_management_officer": (2, "{district}城管局"),
    "fire_rescue_officer": (2, "{district}消防救援大队"), "utility_contact": (3, "水电气企业"),
    "data_protection_officer": (1, "{district}数据局"), "auditor": (1, "{district}审计局"),
    "system_administrator": (1, "{district}数据局"), "security_administrator": (1, "{district}数据局"),
}  # fmt: skip
POLICE = {"区": "公安分局"}  # a county has a bureau of its own
UNIT_ROLES = {
    "kindergarten": "school_health_officer", "primary_school": "school_health_officer",
    "middle_school": "school_health_officer", "college": "school_health_officer",
    "pharmacy": "pharmacy_clerk", "hospital": "hospital_reporter", "care_home": "care_home_keeper",
    "factory": "enterprise_contact", "enterprise": "enterprise_contact",
}  # fmt: skip
# Kinds whose post stands at the area they serve: role, digits of that area's code, how many hold it.
SERVING_ROLES = {
    "health_centre": ("health_centre_officer", 9, 2), "township_hospital": ("health_centre_officer", 9, 2),
    "health_station": ("village_doctor", 12, 1), "village_clinic": ("village_doctor", 12, 1),
}  # fmt: skip
# Posts of the district that are held by staff of an institution, where the place says who works there.
FROM_STAFF_OF = {"cdc_duty_officer": "cdc", "laboratory_clerk": "laboratory"}
SUBDISTRICT_HOLDERS = 2


@dataclass(frozen=True, slots=True)
class Seat:
    """A post to be made: its role, the area it is at and may see, how many hold it."""

    role: str
    area_code: str
    holders: int = 1
    facility: FacilityPlan | None = None
    unit: str = ""
    staff_of: FacilityPlan | None = None  # the holders are taken from its staff, where it has some
    with_the_last: bool = False  # whoever holds the last post of this role holds this one too


@dataclass(slots=True)
class Staff:
    """All posts and who holds them."""

    posts: list[Post] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return how much there is of each."""
        return {"posts": len(self.posts), "members": len(self.members)}

    def holders_of(self, role: str, area_code: str = "") -> list[Member]:
        """Return who holds a role at an area or below, in the order of the areas."""
        return [
            row.member
            for row in self.appointments
            if row.post.role == role and row.post.area_code.startswith(area_code)
        ]


def appoint(layout: Layout, units: Units, rng: np.random.Generator, ids: Ids, since: datetime) -> Staff:
    """Make the posts, the people who hold them, their appointments, and the staff of institutions."""
    seats = [
        *_community_seats(layout, rng),
        *_unit_seats(units),
        *_district_seats(layout.code, units),
    ]
    employed = Employed(units)
    wanted = sum(seat.holders for seat in seats) + employed.count + people_count(layout.place)
    names = _names(rng, wanted)
    employed.engage(names, ids)
    staff = _filled(seats, employed, names, ids, since)
    staff.members += employed.all()
    staff.members += people_of_lines(layout, names, ids)
    phones = encrypt_many(phone_numbers(rng, len(staff.members)), context="organisation.Member.phone")
    for member, phone in zip(staff.members, phones, strict=True):
        member.phone = phone
    Post.objects.bulk_create(staff.posts, batch_size=1000)
    PostRange.objects.bulk_create(
        (PostRange(post=post, code=post.area_code) for post in staff.posts), batch_size=1000
    )
    Member.objects.bulk_create(staff.members, batch_size=1000)
    Appointment.objects.bulk_create(staff.appointments, batch_size=1000)
    return staff


def _filled(seats: list[Seat], employed: Employed, names: Iterator[str], ids: Ids, since: datetime) -> Staff:
    """Make a post a seat, and appoint to it staff of its institution or people of its own."""
    roles, staff = roles_in_force(), Staff()
    last: dict[str, Member] = {}
    for seat in seats:
        role = roles[seat.role]
        post = Post(
            id=_id(ids), role=role.key, title=role.title, area_code=seat.area_code, starts_at=since,
            facility_id=UUID(seat.facility.id) if seat.facility else None, purposes=list(role.purposes),
        )  # fmt: skip
        staff.posts.append(post)
        for _holder in range(seat.holders):
            member = last[seat.role] if seat.with_the_last else None
            member = member or employed.next_of(seat.staff_of or seat.facility, seat.area_code)
            if member is None:
                unit = seat.facility.name if seat.facility else seat.unit
                member = Member(id=_id(ids), name=next(names), unit=unit, area_code=seat.area_code)
                staff.members.append(member)
            last[seat.role] = member
            staff.appointments.append(Appointment(id=_id(ids), post=post, member=member, starts_at=since))
    return staff


def _id(ids: Ids) -> UUID:
    return UUID(ids.take(1)[0])


def _names(rng: np.random.Generator, count: int) -> Iterator[str]:
    """Yield names of people of working age."""
    pool = NamePool.full()
    surnames = pool.draw_surnames(rng, count).tolist()
    given = pool.draw_given(rng, rng.integers(0, 2, count), rng.integers(1968, 2001, count)).tolist()
    for surname, name in zip(surnames, given, strict=True):
        yield pool.surnames[surname] + pool.given[name]


def _community_seats(layout: Layout, rng: np.random.Generator) -> Iterator[Seat]:
    """Yield grid workers, each of as many grids as the place says, a secretary and community workers."""
    names = layout.names()
    kinds = {area.code: area.kind for area in layout.areas}
    staffed = Counter[str]()
    for grid in layout.grids:
        if not grid.is_special:
            shared = (int(grid.code[12:]) - 1) % layout.place.grids_each > 0
            yield Seat("grid_worker", grid.code, unit=names[grid.code[:12]], with_the_last=shared)
            staffed[grid.code[:12]] += not shared
            if grid.code.endswith("001"):
                yield Seat("building_head", grid.code, unit=names[grid.code[:12]])
    for code, grid_workers in staffed.items():
        yield Seat("community_secretary", code, unit=names[code])
        workers, least = layout.place.workers_of(kinds[code]), grid_workers + 2
        total = int(rng.integers(max(workers.fewest, least), max(workers.most, least) + 1))
        yield Seat("community_worker", code, holders=total - grid_workers - 1, unit=names[code])
    for area in layout.areas:
        if len(area.code) == 9:
            yield Seat("subdistrict_officer", area.code, holders=SUBDISTRICT_HOLDERS, unit=area.name)


def _unit_seats(units: Units) -> Iterator[Seat]:
    """Yield the posts of health centres and stations, schools, pharmacies, hospitals and care homes."""
    for facility in units.facilities:
        if facility.kind in SERVING_ROLES:
            role, digits, holders = SERVING_ROLES[facility.kind]
            yield Seat(role, facility.code[:digits], holders, facility)
        elif facility.kind in UNIT_ROLES:
            yield Seat(UNIT_ROLES[facility.kind], facility.code, facility=facility)


def _district_seats(code: str, units: Units) -> Iterator[Seat]:
    word = district_word()
    police = POLICE.get(word, "公安局")
    for role, (holders, unit) in DISTRICT_SEATS.items():
        whose = units.of_kind(FROM_STAFF_OF[role])[:1] if role in FROM_STAFF_OF else []
        name = unit.format(district=word, police=police)
        yield Seat(role, code, holders, unit=name, staff_of=whose[0] if whose else None)
