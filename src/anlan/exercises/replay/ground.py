"""A practice district made for one file: its areas, houses, units, people and the keys to the inbox."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.scope import duty
from anlan.organisation.queries import actor_of_appointment

SubjectKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the script: who holds which post where."""

    role: str
    area_code: str
    post_id: UUID
    appointment_id: UUID
    facility_id: UUID | None = None


@dataclass(slots=True)
class Ground:
    """A practice district, with the ids that the reports will name."""

    code: str
    name: str
    since: datetime
    grid_of_area: dict[str, str] = field(default_factory=dict)
    building_of_house: dict[SubjectKey, UUID] = field(default_factory=dict)  # by area and household
    household_of: dict[SubjectKey, UUID] = field(default_factory=dict)
    group_of_place: dict[str, UUID] = field(default_factory=dict)
    school_id: UUID | None = None  # the one unit of a line list's places
    unit_of: dict[SubjectKey, UUID] = field(default_factory=dict)  # by grid and count form
    people: list[Person] = field(default_factory=list)
    tokens: dict[SubjectKey, str] = field(default_factory=dict)  # by source and the role that hands over
    passwords: dict[str, str] = field(default_factory=dict)
    border_count: int = 0
    borders_are_made_up: bool = False

    def actor(self, person: Person, now: datetime) -> Actor:
        """Return this person acting through their post."""
        actor = actor_of_appointment(person.appointment_id, now=now)
        if actor is None:
            raise LookupError(f"nobody holds the post of {person.role} in {person.area_code}")
        return actor

    def holder(self, post_id: UUID) -> Person | None:
        """Return who holds a post."""
        return next((person for person in self.people if person.post_id == post_id), None)

    def answering(self, roles: Iterable[str], area_code: str) -> Person | None:
        """Return who of the first role that is held here answers for an area, the closest first."""
        for role in roles:
            held = [one for one in self.people if one.role == role and area_code.startswith(one.area_code)]
            if held:
                return max(held, key=lambda one: (len(one.area_code), str(one.post_id)))
        return None

    @property
    def roles(self) -> set[str]:
        """Return the roles somebody holds here."""
        return {person.role for person in self.people}


@contextmanager
def practising(ground: Ground) -> Iterator[None]:
    """Look at the practice district as its director: one transaction, under the duty `practise`."""
    with duty("practise", ranges=AreaRanges.of([ground.code]), cause="replay"), transaction.atomic():
        yield
