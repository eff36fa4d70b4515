"""Rows of care for the tests: who is looked in on, who answers for a household, who arrived."""

from datetime import date, timedelta
from typing import Any

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.people.models import Arrival, Household, HouseholdAssignment, KeyPerson, Resident, Visit
from anlan.people.rules.care import ARRIVAL_KEPT
from tests.world import DISTRICT, World


def key_person(world: World, person: Resident, kind: str = "alone_70", **given: Any) -> KeyPerson:
    """Put somebody on the list as a row, without the act."""
    today = day_of(world.now)
    with scope(world.actor("you")):
        return KeyPerson.objects.create(
            area_code=person.area_code,
            resident=person,
            kind=kind,
            **{
                "basis": "consent",
                "given_on": today,
                "given_by": "self",
                "consent_until": today + timedelta(days=365),
                "due_on": today,
                "verified_on": today,
                **given,
            },
        )


def visit(world: World, person: Resident, on: date | None = None) -> Visit:
    """Note that somebody was visited, as a row."""
    with scope(world.actor("you")):
        return Visit.objects.create(
            area_code=person.area_code,
            resident=person,
            on=on or day_of(world.now),
            kind="visited",
            noted_at=world.now,
            post_id=world.posts["wang"].pk,
            post_title="网格员",
            member_name="王芳",
        )


def assignment(world: World, home: Household, holder: str, line: str, **given: Any) -> HouseholdAssignment:
    """Let a member answer for a household, as a row."""
    with scope(world.actor("you")):
        return HouseholdAssignment.objects.create(
            area_code=home.area_code,
            household=home,
            line=line,
            holder=world.members[holder],
            starts_at=world.now,
            **given,
        )


def arrival(world: World, person: Resident, on: date | None = None) -> Arrival:
    """Note that somebody arrived, as a row."""
    came_on = on or day_of(world.now)
    with scope(world.actor("you")):
        return Arrival.objects.create(
            area_code=person.area_code,
            resident=person,
            from_place="外省某市",
            on=came_on,
            transport="train",
            noted_at=world.now,
            ends_on=came_on + ARRIVAL_KEPT,
            post_id=world.posts["wang"].pk,
            post_title="网格员",
            member_name="王芳",
        )


def audited(verb: str) -> list[AuditEntry]:
    """Return what stands on record under a verb."""
    with duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(AuditEntry.objects.filter(verb=verb))
