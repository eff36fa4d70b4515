"""What happened to orders."""

from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class OrderOpened(Event):
    """An order was dispatched to its accountable post."""

    order_id: UUID
    kind: str
    subject_id: UUID | None


@event
class OrderFedBack(Event):
    """The accountable post said what it found."""

    order_id: UUID
    kind: str
    subject_id: UUID | None


@event
class OrderClosed(Event):
    """An order was checked and closed."""

    order_id: UUID
    kind: str
    subject_id: UUID | None


@event
class OrderWithdrawn(Event):
    """An order ended without being done: its admission ended, or it was not the community's."""

    order_id: UUID
    kind: str
    subject_id: UUID | None


@event
class OrderOverdue(Event):
    """A stage of an order ran past its clock."""

    order_id: UUID
    stage: str


@event
class OrderDispatched(Event):
    """An order was given to a post, anew or for the first time."""

    order_id: UUID
    kind: str
    subject_id: UUID | None
