"""What health does when a person is erased from the register."""

from uuid import UUID

from anlan.foundation.ids import new_id
from anlan.health.models import Pseudonym


def part_from_resident(*, resident_id: UUID) -> int:
    """Let the pseudonyms of an erased person point at nobody; return how many did. A consequence.

    The reports stay for as long as their event file: they keep their pseudonym, which no longer joins.
    """
    rows = list(Pseudonym.objects.select_for_update().filter(resident_id=resident_id))
    for row in rows:
        row.resident_id = new_id()
    Pseudonym.objects.bulk_update(rows, ["resident_id"])
    return len(rows)
