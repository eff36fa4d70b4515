"""Build the practice district of a file to replay, in one transaction."""

from collections import Counter
from datetime import timedelta

import shapely
from django.db import transaction

from anlan.exercises.replay.appointing import appoint_staff
from anlan.exercises.replay.count_list import CountList
from anlan.exercises.replay.ground import Ground
from anlan.exercises.replay.line_list import LineList
from anlan.exercises.replay.mapping import chessboard, grid_shapes, shape_row
from anlan.exercises.replay.read import Listed
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import start_of
from anlan.foundation.pack_store import section
from anlan.foundation.scope import duty
from anlan.health.queries import count_form
from anlan.organisation.models import Area, AreaLink, AreaShape, Building, Facility, FacilityGroup
from anlan.organisation.pack import FacilityKind
from anlan.organisation.queries.outlines import bordering
from anlan.organisation.rules import LinkKind, level_of, parent_of
from anlan.people.models import Household

BEFORE = timedelta(days=400)  # everything is in force well before the first day of the file
GRIDS_OF_COMMUNITY, COMMUNITIES_OF_SUBDISTRICT = 20, 12  # more than these are rare
LINKED_DIGITS = (9, 12, 15)


def free_practice_code() -> str:
    """Return the first practice district code that no area uses yet."""
    used = set(Area.objects.filter(code__startswith="99").values_list("code", flat=True))
    return next(code for number in range(1, 10_000) if (code := f"99{number:04}") not in used)


def build_ground(listed: Listed) -> Ground:
    """Lay out a practice district for a file, in one transaction."""
    code = free_practice_code()
    since = start_of(listed.days[0]) - BEFORE
    ground = Ground(code, f"演练区 {listed.name}", since)
    with (
        transaction.atomic(),
        duty("build_district", ranges=AreaRanges.of([code]), cause=f"replay {listed.name}"),
    ):
        _lay_areas(ground, listed)
        if isinstance(listed, LineList):
            _lay_houses(ground, listed)
            _found_school(ground, listed)
        else:
            _found_units(ground, listed)
        appoint_staff(ground, listed)
    return ground


def _lay_areas(ground: Ground, listed: Listed) -> None:
    names = {ground.code: ground.name}
    for number, label in enumerate(listed.areas):
        community, grid = divmod(number, GRIDS_OF_COMMUNITY)
        subdistrict, community = divmod(community, COMMUNITIES_OF_SUBDISTRICT)
        street = f"{ground.code}{subdistrict + 1:03}"
        quarter = f"{street}{community + 1:03}"
        ground.grid_of_area[label] = f"{quarter}{grid + 1:03}"
        names.setdefault(street, _numbered("演练街道", subdistrict))
        names.setdefault(quarter, _numbered("演练社区", subdistrict * COMMUNITIES_OF_SUBDISTRICT + community))
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
    _draw(ground, listed, {area.code: area for area in areas})


def _numbered(name: str, number: int) -> str:
    return name if number == 0 else f"{name}{number + 1}"


def _draw(ground: Ground, listed: Listed, areas: dict[str, Area]) -> None:
    """Draw every area, and link those of a level that share a border."""
    points = listed.points
    ground.borders_are_made_up = not points
    shapes = grid_shapes(points or chessboard(listed.areas), ground.grid_of_area)
    for code in sorted(set(areas) - set(shapes), key=len, reverse=True):
        shapes[code] = shapely.union_all(
            [shape for grid, shape in shapes.items() if len(grid) == 15 and grid.startswith(code)]
        )
    AreaShape.objects.bulk_create(shape_row(areas[code], shape) for code, shape in shapes.items())
    for digits in LINKED_DIGITS:
        pairs = bordering({code: shape for code, shape in shapes.items() if len(code) == digits})
        ground.border_count += len(pairs) if digits == 15 else 0
        AreaLink.objects.bulk_create(
            AreaLink(low_code=low, high_code=high, kind=LinkKind.BORDER, starts_at=ground.since)
            for low, high in pairs
        )


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
    ground.school_id = school.pk
    for place in sorted({case.place for case in listed.cases if case.place}):
        group = FacilityGroup.objects.create(
            area_code=grid, facility=school, name=place, starts_at=ground.since
        )
        ground.group_of_place[place] = group.pk


def _found_units(ground: Ground, listed: CountList) -> None:
    """Found a unit in each area for each form that it counts by; a form of areas needs none."""
    titles = {kind.key: kind.title.zh for kind in section(FacilityKind)}
    wanted = {(row.area, row.door.form) for row in listed.counts if row.door.form}
    for area, form in sorted(wanted):
        kinds = count_form(form).facility_kinds
        if not kinds:
            continue
        grid = ground.grid_of_area[area]
        unit = Facility.objects.create(
            area_code=grid,
            kind=kinds[0],
            name=f"演练{titles.get(kinds[0], kinds[0])} {area}",
            starts_at=ground.since,
        )
        ground.unit_of[grid, form] = unit.pk
