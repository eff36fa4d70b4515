"""Which rows that an import wrote can be taken back, whatever they are rows of."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db.models import Model

from anlan.foundation.scoped_models import references_to


class Left(NamedTuple):
    """What an import left behind: its row's ref, the record, its version then, and whether it was new."""

    ref: int
    record_id: UUID
    version: int
    is_new: bool


def why_they_stay(
    left: Iterable[Left], versions: Mapping[UUID, int], referred: Collection[UUID]
) -> dict[int, str]:
    """Return, for each that cannot be taken back, why: gone, changed_since, referred_to."""
    why = {}
    for one in left:
        if one.record_id not in versions:
            why[one.ref] = "gone"
        elif versions[one.record_id] != one.version:
            why[one.ref] = "changed_since"
        elif one.is_new and one.record_id in referred:
            why[one.ref] = "referred_to"
    return why


def referred_to(model: type[Model], ids: Collection[UUID], *, but: Collection[type[Model]] = ()) -> set[UUID]:
    """Return which of these rows others refer to, by the registry of models, under the scope in force."""
    found: set[UUID] = set()
    for referring, name in references_to(model):
        if referring not in but:
            rows = referring._base_manager.filter(**{f"{name}__in": ids})
            found.update(rows.values_list(name, flat=True))
    return found
