"""What happened to signals and warnings."""

from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class SignalRaised(Event):
    """A rule was met; somebody must look."""

    signal_id: UUID
    condition: str


@event
class SignalGrew(Event):
    """An open signal came to lie in further places, or to hold reports of further grids."""

    signal_id: UUID


@event
class SignalVerified(Event):
    """The suspicion holds."""

    signal_id: UUID
    report_ids: tuple[UUID, ...]


@event
class SignalExcluded(Event):
    """The suspicion does not hold."""

    signal_id: UUID
    report_ids: tuple[UUID, ...]


@event
class SignalAssessed(Event):
    """The risk of a signal was graded, for the first time or again."""

    signal_id: UUID
    grade: str


@event
class WarningSigned(Event):
    """A notice was signed and passed on."""

    product_id: UUID
    signal_id: UUID


@event
class WarningAcknowledged(Event):
    """A receiver answered a notice."""

    product_id: UUID


@event
class SignalClosed(Event):
    """A signal came to its end."""

    signal_id: UUID


@event
class SignalJoined(Event):
    """A signal was taken into another: what stood behind it stands behind that one."""

    signal_id: UUID
    into_id: UUID


@event
class SignalOverdue(Event):
    """A clock of a signal ran out; `told` is the role that is next in line, '' where the pack names none."""

    signal_id: UUID
    step: str
    told: str


@event
class WarningFedBack(Event):
    """A receiver said what was done about a notice."""

    product_id: UUID


@event
class ProductOverdue(Event):
    """A product was not signed, or not answered, in time; `told` as in SignalOverdue."""

    product_id: UUID
    step: str
    told: str
