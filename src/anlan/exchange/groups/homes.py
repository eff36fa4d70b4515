"""Finds the households behind many said doors at once, with the people in them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Left

from anlan.exchange.groups.places import Place
from anlan.exchange.groups.said_doors import SaidDoor
from anlan.foundation.actor import RANGE_END, Actor
from anlan.foundation.scope import within
from anlan.organisation.models import Building
from anlan.organisation.queries import in_force
from anlan.organisation.rules import building_word
from anlan.people.models import Household, Resident
from anlan.people.rules import plain

Key = tuple[str, UUID, int, str]  # of a home: building word, building, unit, room


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a household as the register writes them."""

    id: UUID
    household_id: UUID
    name: str
    sex: str


@dataclass(frozen=True, slots=True)
class Home:
    """A household behind a door."""

    id: UUID
    building_id: UUID
    unit: int
    room: str
    people: list[Person] = field(default_factory=list)


class Homes:
    """The buildings of a place, and the homes of it that a text names."""

    def __init__(self, actor: Actor, place: Place, doors: Iterable[SaidDoor], *, now: datetime) -> None:
        self.actor, self.place = actor, place
        self._words: dict[str, set[UUID]] = defaultdict(set)
        self._read_buildings(now)
        self._by_room: dict[str, list[Home]] = defaultdict(list)
        self._read_homes({plain(door.room) for door in doors if door.room})

    def _read_buildings(self, now: datetime) -> None:
        area = self.place.area_code
        rows = Building.objects.filter(
            within(self.actor.ranges), in_force(now), area_code__gte=area, area_code__lt=area + RANGE_END
        )
        if self.place.building_id:
            rows = rows.filter(pk=self.place.building_id)
        for id_, number, name in rows.values_list("pk", "number", "name"):
            for word in {building_word(number), building_word(name)} - {""}:
                self._words[word].add(id_)

    def _read_homes(self, rooms: set[str]) -> None:
        if not rooms:
            return
        written = sorted({form for room in rooms for form in (room, room.upper(), room.lstrip("0"))})
        rows = Household.objects.filter(within(self.actor.ranges), self.place.homes, room__in=written)
        homes = {
            row[0]: Home(row[0], row[1], row[2], plain(row[3]))
            for row in rows.exclude(building=None)
            .order_by("area_code", "pk")
            .values_list("pk", "building_id", "unit", "room")
        }
        for person in self._people(Q(household__in=list(homes))):
            homes[person.household_id].people.append(person)
        for home in homes.values():
            self._by_room[home.room].append(home)

    def _people(self, which: Q) -> list[Person]:
        rows = Resident.objects.filter(within(self.actor.ranges), which).order_by("birth_on", "pk")
        return [Person(*row) for row in rows.values_list("pk", "household_id", "name", "sex")]

    def knows_building(self, door: SaidDoor) -> bool:
        """Say whether the place has the building that a door names, or the door names none."""
        return not door.building or bool(self.buildings(door)) or self._is_stairs(door)

    def buildings(self, door: SaidDoor) -> set[UUID]:
        """Return the buildings that a door may lie in; without a name the one the list is for."""
        if door.building:
            return self._words.get(building_word(door.building.lstrip("0")), set())
        return {self.place.building_id} if self.place.building_id else set()

    def _is_stairs(self, door: SaidDoor) -> bool:
        """Say whether 2-501 may be stairs and room: in a list of one building."""
        return self.place.building_id is not None and door.building.isdigit() and not door.unit

    def behind(self, door: SaidDoor) -> list[Home]:
        """Return the homes that a door with a room may mean."""
        room = plain(door.room)
        there = [home for one in dict.fromkeys((room, room.lstrip("0"))) for home in self._by_room[one]]
        buildings = self.buildings(door)
        found = []
        for home in there:
            if (door.building and home.building_id in buildings) or not door.building:
                fits = not door.unit or str(home.unit) == door.unit
            else:
                fits = False
            if fits or (self._is_stairs(door) and str(home.unit) == door.building):
                found.append(home)
        return found

    def people_by_surname(self, surnames: Sequence[tuple[str, UUID]]) -> dict[tuple[str, UUID], list[Person]]:
        """Return the people of each (surname, building), in one question."""
        if not surnames:
            return {}
        buildings = {building for _surname, building in surnames}
        rows = Resident.objects.filter(within(self.actor.ranges), household__building__in=buildings)
        rows = rows.annotate(first=Left("name", 1)).filter(first__in={one[:1] for one, _b in surnames})
        found: dict[tuple[str, UUID], list[Person]] = defaultdict(list)
        listed = rows.order_by("area_code", "pk").values_list(
            "pk", "household_id", "name", "sex", "household__building_id"
        )
        asked = set(surnames)
        for id_, household, name, sex, building in listed:
            for surname, wanted in asked:
                if wanted == building and name.startswith(surname):
                    found[surname, building].append(Person(id_, household, name, sex))
        return found
