"""How many people, homes and pupils a measure would reach, under the scope in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.organisation.models import FacilityGroup
from anlan.people.models import Enrolment, Household, Resident


@dataclass(frozen=True, slots=True)
class Affected:
    """How many a measure would reach; families are households with a pupil among those reached."""

    people: int
    households: int
    pupils: int
    families: int


def _enrolled(now: datetime) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now)))


def affected_by_groups(groups: Iterable[FacilityGroup], *, now: datetime) -> Affected:
    """Count the pupils of these classes with the homes the roster knows, under the scope in force.

    Where the roster knows fewer than the class has, the headcount stands for pupils, families and people.
    """
    known = list(groups)
    rows = _enrolled(now).filter(group__in=known)
    pupils = max(sum(group.headcount or 0 for group in known), rows.values("resident").distinct().count())
    homes = rows.exclude(resident__household=None).values("resident__household").distinct()
    families = homes.count()
    people = Resident.objects.filter(household__in=homes).count()
    unknown = max(pupils - rows.values("resident").distinct().count(), 0)
    return Affected(
        people=people + unknown, households=families + unknown, pupils=pupils, families=families + unknown
    )


def affected_by_homes(
    *,
    now: datetime,
    area_code: str = "",
    building_id: UUID | None = None,
    household_id: UUID | None = None,
) -> Affected:
    """Count the people, homes and pupils of an area, a building or a household, under the scope in force."""
    homes = Household.objects.all()
    if household_id:
        homes = homes.filter(pk=household_id)
    elif building_id:
        homes = homes.filter(building_id=building_id)
    else:
        homes = homes.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    pupils = _enrolled(now).filter(resident__household__in=homes.values("pk"))
    return Affected(
        people=Resident.objects.filter(household__in=homes.values("pk")).count(),
        households=homes.count(),
        pupils=pupils.values("resident").distinct().count(),
        families=pupils.values("resident__household").distinct().count(),
    )


def grids_of_groups(groups: Iterable[UUID], *, now: datetime) -> list[str]:
    """Return the grids where those enrolled in these classes and wards live, under the scope in force."""
    return sorted(set(_enrolled(now).filter(group__in=list(groups)).values_list("area_code", flat=True)))
