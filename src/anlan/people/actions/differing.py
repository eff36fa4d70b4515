"""Compares what a table says of a person with the register; what it leaves out, it does not contradict."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from anlan.foundation.crypto import decrypt, lookup_hash
from anlan.foundation.errors import Text
from anlan.people.actions.register import Identity, ResidentInvalid, checked_identity
from anlan.people.models import Resident
from anlan.people.tokens import door_token

DOOR = "household_id"  # the field that changes when a person moves
VERIFIED = "verified_on"
PLAIN = ("name", "sex", "birth_on", "relation")
IDENTIFYING = ("name", "sex", "birth_on", "id_number", "phone")
NUMBERS = {"id_number": "id", "phone": "phone"}  # field: kind of its keyed hash
ROW = (
    *PLAIN,
    "id_number",
    "id_number_hash",
    "phone",
    "phone_hash",
    "household_id",
    "area_code",
    "verified_on",
)


@dataclass(frozen=True, slots=True)
class Door:
    """A door as a table names it: a building of the register, stairs and room."""

    building_id: UUID
    area_code: str
    number: str
    unit: int
    room: str

    @property
    def key(self) -> tuple[UUID, int, str]:
        """What tells one door from another."""
        return self.building_id, self.unit, self.room

    @property
    def token(self) -> str:
        """The search token of the door."""
        return door_token(self.number, self.unit, self.room)


def differing(
    resident: Resident, said: Identity, door: Door | None, verified_on: date | None = None
) -> tuple[str, ...]:
    """Return the fields that would change if the register took over what is said."""
    fields = [
        name for name in PLAIN if _is_said(said, name) and getattr(said, name) != getattr(resident, name)
    ]
    for name, kind in NUMBERS.items():
        number, kept = getattr(said, name), getattr(resident, f"{name}_hash")
        if number and (kept is None or bytes(kept) != lookup_hash(kind, number)):
            fields.append(name)
    home = resident.household
    if door and (home is None or (home.building_id, home.unit, home.room) != door.key):
        fields.append(DOOR)
    if verified_on and verified_on != resident.verified_on:
        fields.append(VERIFIED)
    return tuple(fields)


def contradictions(resident: Resident, said: Identity, *, today: date) -> tuple[str, ...]:
    """Return the fields in which what is said cannot stand beside what the register keeps."""
    if not any(_is_said(said, name) for name in IDENTIFYING):
        return ()
    merged = merged_identity(resident, said, today=today)
    return () if isinstance(merged, Identity) else tuple(merged)


def merged_identity(resident: Resident, said: Identity, *, today: date) -> Identity | Mapping[str, Text]:
    """Return the person's fields with what is said in place of what stood there, or what contradicts."""
    kept: dict[str, Any] = {name: getattr(resident, name) for name in PLAIN}
    for name in NUMBERS:
        value = getattr(resident, name)
        kept[name] = decrypt(bytes(value), context=f"people.Resident.{name}") if value else ""
    new = {name: getattr(said, name) for name in (*PLAIN, *NUMBERS) if _is_said(said, name)}
    if new.get("id_number"):  # birth day and sex come from the new number unless they were said beside it
        kept |= {"birth_on": None, "sex": Resident.Sex.UNKNOWN}
    try:
        return checked_identity({**kept, **new}, today=today)
    except ResidentInvalid as refusal:
        return refusal.fields


def as_kept(resident: Resident) -> dict[str, Any]:
    """Return the row as JSON holds it, enough to write it back exactly; numbers stay encrypted."""
    return {name: _plain(getattr(resident, name)) for name in ROW}


def from_kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a kept row."""
    columns: dict[str, Any] = dict(row)
    for name in ("id_number", "id_number_hash", "phone", "phone_hash"):
        columns[name] = bytes.fromhex(row[name]) if row[name] is not None else None
    for name in ("birth_on", "verified_on"):
        columns[name] = date.fromisoformat(row[name]) if row[name] else None
    columns["household_id"] = UUID(row["household_id"]) if row["household_id"] else None
    return columns


def _is_said(said: Identity, name: str) -> bool:
    value = getattr(said, name)
    return bool(value) and not (name == "sex" and value == Resident.Sex.UNKNOWN)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
