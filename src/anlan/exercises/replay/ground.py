"""Build the practice district of a line list: its grids, houses, school, posts and the key to the inbox."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import shapely
from django.db import transaction

from anlan.exercises.district.borders import bordering
from anlan.exercises.district.roles import roles_in_force
from anlan.exercises.replay.line_list import LineList
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import start_of
from anlan.foundation.models import Account, InboxCredential
from anlan.foundation.scope import duty
from anlan.organisation.models import (
    Appointment,
    Area,
    AreaLink,
    AreaShape,
    Building,
    Facility,
    FacilityGroup,
    Member,
    Post,
    PostRange,
)
from anlan.organisation.queries import actor_of_appointment
from anlan.organisation.rules import LinkKind, level_of, parent_of
from anlan.people.models import Household

SOURCE = "case-reports"
MARGIN_M = 60.0  # of ground around the outermost houses
FEED_ROLE = "hospital_reporter"
DISTRICT_ROLES = ("cdc_duty_officer", "disease_control_officer", "district_commander")
STAFF_NAMES = {  # people of the script, not of any register
    "cdc_duty_officer": "演练疾控值班员",
    "disease_control_officer": "演练疾控部门负责人",
    "district_commander": "演练指挥长",
    "health_centre_officer": "演练防疫专干",
    "community_secretary": "演练社区书记",
    FEED_ROLE: "演练报告来源",
}
BEFORE = timedelta(days=400)  # everything is in force well before the first day of the list


@dataclass(slots=True)
class Ground:
    """A practice district, with the ids that the reports will name."""

    code: str
    name: str
    since: datetime
    grid_of_area: dict[str, str] = field(default_factory=dict)
    building_of_house: dict[tuple[str, str], UUID] = field(default_factory=dict)
    household_of: dict[tuple[str, str], UUID] = field(default_factory=dict)
    group_of_place: dict[str, UUID] = field(default_factory=dict)
    facility_id: UUID | None = None
    appointments: dict[str, UUID] = field(default_factory=dict)  # by role, grid workers by grid code
    token: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    border_count: int = 0

    def actor(self, key: str, now: datetime) -> Actor:
        """Return the scripted person of a role, or the grid worker of a grid."""
        actor = actor_of_appointment(self.appointments[key], now=now)
        if actor is None:
            raise LookupError(f"no one holds {key} in {self.code}")
        return actor


@contextmanager
def practising(ground: Ground) -> Iterator[None]:
    """Look at the practice district as its director: one transaction, under the duty `practise`."""
    with duty("practise", ranges=AreaRanges.of([ground.code]), cause="replay"), transaction.atomic():
        yield


def free_practice_code() -> str:
    """Return the first practice district code that no area uses yet."""
    used = set(Area.objects.filter(code__startswith="99").values_list("code", flat=True))
    return next(code for number in range(1, 10_000) if (code := f"99{number:04}") not in used)


def build_ground(listed: LineList) -> Ground:
    """Lay out a practice district for a line list, in one transaction."""
    code = free_practice_code()
    since = start_of(min(case.reported_on for case in listed.cases)) - BEFORE
    ground = Ground(code, f"演练区 {listed.name}", since)
    with (
        transaction.atomic(),
        duty("build_district", ranges=AreaRanges.of([code]), cause=f"replay {listed.name}"),
    ):
        _lay_areas(ground, listed)
        _lay_houses(ground, listed)
        _found_school(ground, listed)
        _appoint_staff(ground)
    return ground


def _lay_areas(ground: Ground, listed: LineList) -> None:
    names = {ground.code: ground.name, f"{ground.code}001": "演练街道", f"{ground.code}001001": "演练社区"}
    labels = sorted({case.area for case in listed.cases})
    for number, label in enumerate(labels, start=1):
        ground.grid_of_area[label] = f"{ground.code}001001{number:03}"
        names[ground.grid_of_area[label]] = f"网格 {label}"
    areas = Area.objects.bulk_create(
        Area(
            code=code,
            parent_code=parent_of(code),
            level=level_of(code),
            name=name,
            starts_at=ground.since,
        )
        for code, name in names.items()
    )
    if listed.has_coordinates:
        _draw(ground, listed, {area.code: area for area in areas})


def _draw(ground: Ground, listed: LineList, areas: dict[str, Area]) -> None:
    """Draw each grid as the Voronoi cells of its houses, and link those that share a border."""
    shapes = grid_shapes(listed, ground.grid_of_area)
    whole = shapely.union_all(list(shapes.values()))
    for code in (ground.code, f"{ground.code}001", f"{ground.code}001001"):
        shapes[code] = whole
    AreaShape.objects.bulk_create(_shape(areas[code], shape) for code, shape in shapes.items())
    grids = {code: shape for code, shape in shapes.items() if len(code) == 15}
    pairs = bordering(grids)
    ground.border_count = len(pairs)
    AreaLink.objects.bulk_create(
        AreaLink(low_code=low, high_code=high, kind=LinkKind.BORDER, starts_at=ground.since)
        for low, high in pairs
    )


def grid_shapes(listed: LineList, grid_of_area: dict[str, str]) -> dict[str, shapely.Geometry]:
    """Return the ground of each grid: the Voronoi cells of its houses, merged by area."""
    houses: dict[tuple[float, float], str] = {}
    for case in listed.cases:
        houses.setdefault((case.x_m or 0.0, case.y_m or 0.0), case.area)
    points = shapely.MultiPoint(list(houses))
    outline = points.convex_hull.buffer(MARGIN_M)
    cells = shapely.voronoi_polygons(points, extend_to=outline)
    by_area: dict[str, list[shapely.Geometry]] = defaultdict(list)
    pieces = list(cells.geoms)
    tree = shapely.STRtree(pieces)
    for (x, y), area in houses.items():
        index = tree.query(shapely.Point(x, y), predicate="intersects")
        by_area[area].append(pieces[int(index[0])].intersection(outline))
    return {grid_of_area[area]: shapely.union_all(found) for area, found in by_area.items()}


def _shape(area: Area, shape: shapely.Geometry) -> AreaShape:
    largest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    label = largest.representative_point()
    ring = [[round(x, 1), round(y, 1)] for x, y in largest.exterior.coords]
    return AreaShape(area=area, rings=[ring], label_x=label.x, label_y=label.y)


def _lay_houses(ground: Ground, listed: LineList) -> None:
    for case in listed.cases:
        house = (case.area, case.household)
        if not case.household or house in ground.household_of:
            continue
        grid = ground.grid_of_area[case.area]
        building = Building.objects.create(
            area_code=grid, number=case.household, x_m=case.x_m, y_m=case.y_m, starts_at=ground.since
        )
        household = Household.objects.create(area_code=grid, building=building, room=case.household)
        ground.building_of_house[house] = building.pk
        ground.household_of[house] = household.pk


def _found_school(ground: Ground, listed: LineList) -> None:
    """Found one unit for all places of the list, in the grid where most of its people live."""
    homes = Counter(case.area for case in listed.cases if case.place)
    if not homes:
        return
    grid = ground.grid_of_area[homes.most_common(1)[0][0]]
    school = Facility.objects.create(
        area_code=grid, kind="primary_school", name="演练学校", starts_at=ground.since
    )
    ground.facility_id = school.pk
    for place in sorted({case.place for case in listed.cases if case.place}):
        group = FacilityGroup.objects.create(
            area_code=grid, facility=school, name=place, starts_at=ground.since
        )
        ground.group_of_place[place] = group.pk


def _appoint_staff(ground: Ground) -> None:
    for role in DISTRICT_ROLES:
        _appoint(ground, role, ground.code, key=role, signs_in=True)
    _appoint(ground, "health_centre_officer", f"{ground.code}001", key="health_centre_officer", signs_in=True)
    _appoint(ground, "community_secretary", f"{ground.code}001001", key="community_secretary")
    for number, grid in enumerate(sorted(ground.grid_of_area.values())):
        _appoint(ground, "grid_worker", grid, key=grid, signs_in=number == 0)
    feed = _appoint(ground, FEED_ROLE, ground.code, key=FEED_ROLE, signs_in=True)
    ground.passwords.pop(f"practice.{ground.code}.{FEED_ROLE}")
    ground.token = secrets.token_urlsafe(32)
    InboxCredential.objects.create(
        source=SOURCE,
        appointment_id=feed.pk,
        token_hash=sha256(ground.token.encode()).digest(),
        starts_at=ground.since,
    )


def _appoint(ground: Ground, role: str, area_code: str, *, key: str, signs_in: bool = False) -> Appointment:
    kind = roles_in_force()[role]
    account = None
    if signs_in:
        username, password = f"practice.{ground.code}.{role}", secrets.token_urlsafe(9)
        account = Account.objects.create_user(username, password)
        ground.passwords[username] = password
    name = STAFF_NAMES.get(role, f"演练网格员{area_code[-3:]}")
    member = Member.objects.create(
        name=name, area_code=area_code, account=account, is_system=role == FEED_ROLE
    )
    post = Post.objects.create(
        role=role,
        title=f"演练{kind.title}",
        area_code=area_code,
        purposes=list(kind.purposes),
        starts_at=ground.since,
    )
    PostRange.objects.create(post=post, code=area_code)
    appointment = Appointment.objects.create(post=post, member=member, starts_at=ground.since)
    ground.appointments[key] = appointment.pk
    return appointment
