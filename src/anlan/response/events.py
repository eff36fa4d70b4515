"""What happened to plans."""

from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class PlanProposed(Event):
    """A plan was proposed for an assessed signal."""

    proposal_id: UUID
    signal_id: UUID


@event
class PlanActivated(Event):
    """A plan was approved; its orders and notices went out in the same act."""

    proposal_id: UUID
    signal_id: UUID


@event
class PlanDeclined(Event):
    """A plan was not taken up."""

    proposal_id: UUID
    signal_id: UUID


@event
class PlanLifted(Event):
    """A response ended; what was open was ended with it and the receivers were told."""

    proposal_id: UUID
    signal_id: UUID
