"""How a file of counts is put before people: what became of its rows, and why."""

from dataclasses import dataclass

from anlan.foundation.actor import Actor
from anlan.foundation.scope import duty
from anlan.health.count_rows import REASONS
from anlan.health.models import CountFile
from anlan.health.queries import access_count_file, visible_count_files

FILES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row that was not stored, with its reason in words."""

    number: int
    outcome: str
    why: str
    raw: list[str]


def count_files(actor: Actor) -> list[CountFile]:
    """Return the files this post may see, the latest first."""
    with duty("read_own_counts", ranges=actor.ranges, cause="files"):
        return list(visible_count_files(actor).order_by("-received_at", "id")[:FILES_SHOWN])


def kept_rows(actor: Actor, file: CountFile) -> list[KeptRow]:
    """Return the rows of a file that were rejected or parked, in the file's order."""
    access_count_file(actor, file.pk)
    with duty("read_own_counts", ranges=actor.ranges, cause="file"):
        rows = list(file.rows.order_by("number"))
    return [
        KeptRow(row.number, row.outcome, str(REASONS.get(row.reason, row.reason)), row.raw) for row in rows
    ]
