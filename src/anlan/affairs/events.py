"""What happened at the gate."""

from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class TaskAdmitted(Event):
    """A department's request was admitted: its orders may go out."""

    admission_id: UUID


@event
class AdmissionEnded(Event):
    """An admission reached its end date or was ended."""

    admission_id: UUID


@event
class ReviewOverdue(Event):
    """An emergency's admission was not reviewed in time."""

    admission_id: UUID


@event
class ObjectionDecided(Event):
    """The subdistrict decided whether an order was the community's to do."""

    objection_id: UUID
    order_id: UUID
    is_upheld: bool
