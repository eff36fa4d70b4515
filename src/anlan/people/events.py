"""What happened to residents and households, and to those who look too much."""

from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class ResidentRegistered(Event):
    """A person was entered into the register."""

    resident_id: UUID
    household_id: UUID | None


@event
class ResidentsEntered(Event):
    """Several residents of an area were entered, changed or taken back at once; `source` names the import."""

    source: str


@event
class ResidentCorrected(Event):
    """Fields of a resident were changed; their names are in the field history."""

    resident_id: UUID
    version: int


@event
class ResidentErased(Event):
    """A person was erased from the register; the id stands for nobody any more."""

    resident_id: UUID


@event
class HouseholdMoved(Event):
    """A household lives behind another door now."""

    household_id: UUID
    from_area_code: str


@event
class ResidentMoved(Event):
    """A person lives in another household now."""

    resident_id: UUID
    household_id: UUID
    from_area_code: str


@event
class LookUpLimitReached(Event):
    """A member of staff looked up more people than work explains: the security officer is to be told."""

    member_id: UUID
    post_id: UUID
    kind: str
    count: int


@event
class ResidentsMerged(Event):
    """Two entries of one person became one; the old id leads to the one kept."""

    kept_id: UUID
    gone_id: UUID


@event
class MergeUndone(Event):
    """A merge was undone: both entries stand in the register again."""

    kept_id: UUID
    gone_id: UUID


@event
class KeyPersonMarked(Event):
    """Somebody agreed to be looked in on."""

    entry_id: UUID
    resident_id: UUID


@event
class ConsentWithdrawn(Event):
    """Somebody no longer wants to be looked in on."""

    entry_id: UUID
    resident_id: UUID


@event
class ArrivalNoted(Event):
    """Somebody came to live in the grid."""

    arrival_id: UUID
