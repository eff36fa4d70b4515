"""Counts in the rows what a place declares: the same figures, found the other way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from anlan.exercises.pack import Place, Total, Wanted
from anlan.organisation.models import Area, BedCount, Facility, Member, Vehicle
from anlan.organisation.rules import AreaLevel


@dataclass(frozen=True, slots=True)
class Counted:
    """One total of the place: what it says, and what the rows say."""

    total: Total
    rows: int

    @property
    def agrees(self) -> bool:
        """Say whether the two are the same."""
        return self.rows == self.total.number


def count_place(place: Place, code: str) -> list[Counted]:
    """Count every total of the place in the district of this code; asks for a scope that covers it."""
    return [Counted(total, COUNTS[total.counts](code, total)) for total in place.totals]


def _areas(code: str, level: AreaLevel, kinds: Iterable[str]) -> int:
    areas = Area.objects.filter(code__startswith=code, level=level, kind__in=kinds, ends_at=None)
    return areas.count()


def _facilities(code: str, total: Total) -> QuerySet[Facility]:
    found = Facility.objects.filter(area_code__startswith=code, ends_at=None)
    if total.kinds:
        found = found.filter(kind__in=total.kinds)
    return found.filter(**_asked(total.where))


def _staff(code: str, total: Total) -> int:
    members = Member.objects.filter(facility__in=_facilities(code, total))
    return members.filter(**_asked(total.who)).count()


def _people(code: str, total: Total) -> int:
    members = Member.objects.filter(facility=None, area_code__startswith=code)
    return members.filter(**_asked(total.who)).count()


def _beds(code: str, total: Total) -> int:
    """Add up the beds of the last day each facility has said something of."""
    last = BedCount.objects.filter(facility__in=_facilities(code, total))
    newest = last.order_by("facility_id", "-on").distinct("facility_id")
    return BedCount.objects.filter(pk__in=newest.values("pk")).aggregate(sum=Sum("open_count"))["sum"] or 0


def _vehicles(code: str, total: Total) -> int:
    found = Vehicle.objects.filter(area_code__startswith=code, ends_at=None)
    if total.kinds:
        found = found.filter(kind__in=total.kinds)
    return found.filter(**_asked(total.where)).count()


def _asked(wanted: Iterable[Wanted]) -> dict[str, object]:
    return {f"attributes__{one.key}__in": one.among for one in wanted}


COUNTS: dict[str, Callable[[str, Total], int]] = {
    "subdistricts": lambda code, _total: _areas(code, AreaLevel.SUBDISTRICT, ("administrative",)),
    "communities": lambda code, _total: _areas(code, AreaLevel.COMMUNITY, ("residential",)),
    "villages": lambda code, _total: _areas(code, AreaLevel.COMMUNITY, ("village",)),
    "facilities": lambda code, total: _facilities(code, total).count(),
    "staff": _staff,
    "people": _people,
    "beds": _beds,
    "vehicles": _vehicles,
}
