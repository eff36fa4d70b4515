"""Builds the synthetic district from start to end, and says how far it has come."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from anlan.exercises.district import loading
from anlan.exercises.district.area_rows import store_areas
from anlan.exercises.district.equipment import store_beds, store_vehicles
from anlan.exercises.district.found_true import FoundTrue
from anlan.exercises.district.homes import Homes, settle
from anlan.exercises.district.layout import lay_out
from anlan.exercises.district.numbers import Ids
from anlan.exercises.district.place import place_in_force
from anlan.exercises.district.plan import Layout
from anlan.exercises.district.population import People, people_of
from anlan.exercises.district.resident_rows import ResidentLines, draw_register
from anlan.exercises.district.roles import roles_in_force
from anlan.exercises.district.staff import Staff, appoint
from anlan.exercises.district.units import FacilityPlan, Units, found_units
from anlan.exercises.pack import Place
from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.database.loading import line_of
from anlan.foundation.scope import duty

SINCE = timedelta(days=30)  # everything has been in force for so long
VERIFIER = "disease_control_officer"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built, for the report and for those who act in it."""

    layout: Layout
    units: Units
    staff: Staff
    counts: dict[str, int]
    houses: Homes
    people: People
    ids: tuple[list[str], list[str]]  # of the households and of the people, by row


def build_district(
    code: str, *, residents: int, seed: int, now: datetime, say: Say = print, place: Place | None = None
) -> Built:
    """Build the district in one transaction, under the duty build_district.

    It is drawn as the place says, else as that of the pack in force.
    """
    began = time.monotonic()
    place = place or place_in_force()

    def told(words: str) -> None:
        say(f"  {time.monotonic() - began:5.1f} s  {words}")

    rng = np.random.default_rng(seed)
    ids = Ids(rng)
    layout = lay_out(code, rng, place)
    houses = settle(layout, rng, residents, ids)
    people = people_of(rng, houses.families)
    units = found_units(layout, rng, houses, people, ids)
    told(f"drawn: {len(layout.areas):,} areas, {len(houses.grid):,} households")
    with transaction.atomic(), duty("build_district", ranges=AreaRanges.of([code]), cause=f"seed {seed}"):
        counts = store_areas(layout.areas, ids, now - SINCE)
        found = FoundTrue(place, seed=seed, now=now, verifier=roles_in_force()[VERIFIER].title)
        rows = _Rows(layout, rng, houses, people, units, ids, now, told, found)
        counts |= rows.store_premises()
        row_ids = ids.take(len(houses.grid)), ids.take(len(people))
        counts |= rows.store_people(*row_ids)
        staff = appoint(layout, units, rng, ids, now - SINCE)
        counts |= staff.counts()
        counts |= {
            "beds": store_beds(place, units, ids, now),
            "vehicles": store_vehicles(place, units, ids, now - SINCE),
        }
        audit.record("build_district", "organisation.Area", area_code=code, detail=counts)
    told("stored: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    return Built(layout, units, staff, counts, houses, people, row_ids)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Writes what was drawn as rows."""

    layout: Layout
    rng: np.random.Generator
    houses: Homes
    people: People
    units: Units
    ids: Ids
    now: datetime
    told: Say
    found: FoundTrue

    @property
    def since(self) -> str:
        return (self.now - SINCE).isoformat()

    def store_premises(self) -> dict[str, int]:
        """Store buildings, facilities and their groups."""
        built, grids, at = self.houses.buildings, self.layout.grids, self.since
        buildings = loading.load(
            "organisation_building",
            "id area_code number name unit_count floor_count x_m y_m starts_at version",
            (
                f"{id_}\t{grids[grid].code}\t{number}\t{number}号楼\t{units}\t{floors}\t{x}\t{y}\t{at}\t1"
                for id_, grid, number, units, floors, (x, y) in zip(
                    built.ids, built.grid, built.number, built.units, built.floors, built.places, strict=True
                )
            ),
        )
        facilities = loading.load(
            "organisation_facility",
            "id area_code kind name address x_m y_m attributes verified_on verified_by starts_at version",
            (line_of(self._facility(row)) for row in self.units.facilities),
        )
        groups = loading.load(
            "organisation_facilitygroup",
            "id area_code facility_id kind name headcount starts_at",
            (
                f"{row.id}\t{row.facility.code}\t{row.facility.id}\t{row.kind}\t{row.name}\t{row.headcount}\t{at}"
                for row in self.units.groups
            ),
        )
        return {"buildings": buildings, "facilities": facilities, "groups": groups}

    def _facility(self, row: FacilityPlan) -> tuple[object, ...]:
        where = (row.id, row.code, row.kind, row.name, "", row.x_m, row.y_m)
        return (*where, *self.found.columns(row), self.since, 1)

    def store_people(self, household_ids: list[str], resident_ids: list[str]) -> dict[str, int]:
        """Store households, residents with their tokens, and enrolments."""
        register = draw_register(
            self.layout, self.rng, self.houses, self.people, ids=(household_ids, resident_ids)
        )
        households = loading.load(
            "people_household",
            "id area_code building_id unit room version verified_on",
            self._household_lines(household_ids),
        )
        self.told(f"{households:,} households")
        residents = self._store_residents(
            ResidentLines(register, day_of(self.now).isoformat(), self.since), len(resident_ids)
        )
        tokens = loading.load_tokens()
        self.told(f"{tokens:,} search tokens")
        enrolments = loading.load(
            "people_enrolment",
            "id area_code resident_id group_id starts_at",
            self._enrolment_lines(register.area_codes, resident_ids),
        )
        return {
            "households": households,
            "residents": residents,
            "search tokens": tokens,
            "enrolments": enrolments,
        }

    def _store_residents(self, writer: ResidentLines, total: int) -> int:
        loading.stage_residents()
        count = 0
        while count < total:
            count += loading.load_residents(writer.lines(count, min(count + loading.BATCH_ROWS, total)))
            self.told(f"{count:,} of {total:,} residents")
        return count

    def _household_lines(self, household_ids: list[str]) -> Iterator[str]:
        codes, buildings = [grid.code for grid in self.layout.grids], self.houses.buildings.ids
        today = day_of(self.now).isoformat()
        places = (self.houses.grid, self.houses.building, self.houses.unit, self.houses.room)
        rows = zip(household_ids, *(column.tolist() for column in places), strict=True)
        for id_, grid, building, unit, room in rows:
            yield f"{id_}\t{codes[grid]}\t{buildings[building]}\t{unit}\t{room}\t1\t{today}"

    def _enrolment_lines(self, area_codes: list[str], resident_ids: list[str]) -> Iterator[str]:
        pupils = np.concatenate(self.units.pupils).tolist()
        groups = np.concatenate(self.units.classes).tolist()
        for id_, pupil, group in zip(self.ids.take(len(pupils)), pupils, groups, strict=True):
            group_id = self.units.groups[group].id
            yield f"{id_}\t{area_codes[pupil]}\t{resident_ids[pupil]}\t{group_id}\t{self.since}"
