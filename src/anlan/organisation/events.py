"""What happened to posts and appointments."""

from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class AppointmentStarted(Event):
    """A member took up a post."""

    appointment_id: UUID
    post_id: UUID
    member_id: UUID


@event
class AppointmentEnded(Event):
    """A member's rights through a post ended."""

    appointment_id: UUID
    post_id: UUID
    member_id: UUID


@event
class PremisesEntered(Event):
    """Several buildings or facilities were entered, changed or taken back at once by `source`, an import."""

    source: str


@event
class AreasLinked(Event):
    """Two areas were declared to concern each other."""

    link_id: UUID
    low_code: str
    high_code: str


@event
class AreasUnlinked(Event):
    """A declared link between two areas ended."""

    link_id: UUID
    low_code: str
    high_code: str


@event
class AreasRedrawn(Event):
    """The tree of areas was changed: people, premises, open work and posts lie where they now belong."""

    redraw_id: UUID
    codes: tuple[str, ...]  # of all areas that began, ended, gave or took
