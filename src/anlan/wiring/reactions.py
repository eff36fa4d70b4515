"""The door of facts: what follows from what, one row a consequence."""

from collections.abc import Callable, Sequence

from anlan.foundation.outbox import Event

Consequence = Callable[..., None]

REACTIONS: dict[type[Event], Sequence[Consequence]] = {}
