"""Save fields by which nobody is found, of many people at once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import F

from anlan.people.models import Resident

UNSOUGHT = frozenset({"relation", "verified_on"})  # no search token is made of these


def save_alike(residents: Iterable[Resident]) -> None:
    """Save relation, verified day and the next version of locked rows, all with the same values at once."""
    alike: dict[tuple[str, date | None], list[UUID]] = defaultdict(list)
    for resident in residents:
        resident.version += 1
        alike[resident.relation, resident.verified_on].append(resident.pk)
    for (relation, verified_on), people in alike.items():
        rows = Resident.objects.filter(pk__in=people)
        rows.update(relation=relation, verified_on=verified_on, version=F("version") + 1)
