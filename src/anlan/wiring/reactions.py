"""The door of facts: what follows from what, one row a consequence."""

from collections.abc import Sequence

from anlan.foundation.outbox import Event
from anlan.foundation.ports import Consequence

# event: its consequences, each called as consequence(event, now=…), once, under the duty `react`
REACTIONS: dict[type[Event], Sequence[Consequence]] = {}
