"""What stands first in a morning, and by which key a phone keeps what it keeps."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.foundation.crypto import keyed_digest

SHOWN = 7  # a grid worker's day has at most seven lines (DOMAIN.md section 4)
PEOPLE_SHOWN = 3  # and names the three people who need them (the same)
KEY_BYTES = 32  # AES-256
MARK_BYTES = 9
_NUMBER = re.compile(r"(\d+)")
_Part = tuple[int, int, str]


def way_of(place: str) -> list[_Part]:
    """Return a place's name as a key that sorts 2号楼 before 10号楼, and stairs in the order one climbs."""
    parts = (part for part in _NUMBER.split(place) if part)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def urgency_of(due_at: datetime | None, is_urgent: bool, now: datetime) -> int:
    """Return 0 for what is overdue, 1 for what is urgent, 2 for the rest."""
    if due_at is not None and due_at < now:
        return 0
    return 1 if is_urgent else 2


@dataclass(frozen=True, slots=True)
class PhoneKey:
    """By what a phone knows one person in one post (`mark`), and with what it seals what that post wrote."""

    mark: str
    key: bytes


def phone_key(account_id: UUID, appointment_id: UUID) -> PhoneKey:
    """Derive the key of one person in one post; it is never stored, and given again only to that person."""
    whose = f"{account_id}\n{appointment_id}".encode()
    return PhoneKey(
        mark=keyed_digest("field phone mark", whose)[1 : 1 + MARK_BYTES].hex(),
        key=keyed_digest("field phone key", whose)[1 : 1 + KEY_BYTES],
    )
