"""How complete the register of an area is: facilities by kind, those that meet the standard, beds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Q, Sum

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.scope import within
from anlan.organisation.models import BedCount, Facility
from anlan.organisation.queries import in_force
from anlan.organisation.queries.registers import (
    Definitions,
    definitions_in_force,
    is_incomplete,
    is_stale,
    registered_facilities,
)

STANDARD = "standardised"  # the attribute that says whether an institution meets the standard
BASIC_CARE_KINDS = ("township_hospital", "village_clinic")  # whose share is 基本医疗有保障 (M415)


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How many facilities of one kind there are, and what is open about them."""

    kind: str
    count: int
    incomplete: int
    stale: int
    standard: int | None  # of a kind that is asked for it: how many meet the standard

    @property
    def share(self) -> int | None:
        """Return how many in a hundred meet the standard."""
        return None if self.standard is None else round(100 * self.standard / self.count)


@dataclass(frozen=True, slots=True)
class BedFigures:
    """Beds of the latest day on which any unit of the area was counted."""

    on: date | None
    open_count: int
    occupied_count: int
    counted_units: int
    units: int  # that have beds

    @property
    def free_count(self) -> int:
        """Return the beds that are open and not taken."""
        return max(self.open_count - self.occupied_count, 0)


@dataclass(frozen=True, slots=True)
class PremisesFigures:
    """What the register knows of an area's premises."""

    kinds: tuple[KindFigures, ...]
    beds: BedFigures

    @property
    def count(self) -> int:
        """Return how many facilities there are."""
        return sum(row.count for row in self.kinds)

    @property
    def incomplete(self) -> int:
        """Return how many lack something required."""
        return sum(row.incomplete for row in self.kinds)

    @property
    def stale(self) -> int:
        """Return how many are to be verified."""
        return sum(row.stale for row in self.kinds)

    @property
    def basic_care(self) -> tuple[int, int] | None:
        """Return how many township hospitals and village clinics meet the standard, of how many (M415)."""
        rows = [row for row in self.kinds if row.kind in BASIC_CARE_KINDS]
        if not rows:
            return None
        return sum(row.standard or 0 for row in rows), sum(row.count for row in rows)


def premises_complete(actor: Actor, code: str, *, now: datetime) -> PremisesFigures:
    """Return the figures of an area, as far as the actor sees its premises."""
    definitions = definitions_in_force()
    here = registered_facilities(actor).filter(within(AreaRanges.of([code])), in_force(now))
    counted = here.values("kind").annotate(
        count=Count("pk"),
        incomplete=Count("pk", filter=is_incomplete(definitions)),
        stale=Count("pk", filter=is_stale(definitions, day_of(now))),
        standard=Count("pk", filter=Q(**{f"attributes__{STANDARD}": True})),
    )
    order = {kind: position for position, kind in enumerate(definitions.facility_kinds)}
    rows = [_kind_figures(row, definitions) for row in counted.order_by()]
    kinds = sorted(rows, key=lambda row: (order.get(row.kind, len(order)), row.kind))
    return PremisesFigures(tuple(kinds), _beds(actor, code, kinds, definitions))


def _kind_figures(row: Mapping[str, Any], definitions: Definitions) -> KindFigures:
    """Return the figures of a kind; only some kinds are asked whether they meet the standard."""
    is_asked = any(one.key == STANDARD for one in definitions.of("facility", row["kind"]))
    return KindFigures(
        kind=row["kind"],
        count=row["count"],
        incomplete=row["incomplete"],
        stale=row["stale"],
        standard=row["standard"] if is_asked else None,
    )


def _beds(actor: Actor, code: str, kinds: Sequence[KindFigures], definitions: Definitions) -> BedFigures:
    with_beds = {key for key, kind in definitions.facility_kinds.items() if kind.beds}
    units = sum(row.count for row in kinds if row.kind in with_beds)
    here = within(actor.ranges) & within(AreaRanges.of([code]))
    rows = BedCount.objects.filter(here, facility__in=registered_facilities(actor))
    latest = rows.aggregate(on=Max("on"))["on"]
    sums = rows.filter(on=latest).aggregate(
        opened=Sum("open_count"), occupied=Sum("occupied_count"), counted=Count("pk")
    )
    return BedFigures(latest, sums["opened"] or 0, sums["occupied"] or 0, sums["counted"], units)


def staff_by_profession(facility: Facility) -> list[tuple[str, dict[str, int]]]:
    """Return the staff of an institution: profession, and how many of each rank of title; '' where unsaid."""
    said: Any = facility.staff.values_list("attributes", flat=True)
    counts: dict[str, Counter[str]] = {}
    for attributes in said:
        by_rank = counts.setdefault(attributes.get("profession", ""), Counter())
        by_rank[attributes.get("title_rank", "")] += 1
    return [(profession, dict(by_rank)) for profession, by_rank in counts.items()]
