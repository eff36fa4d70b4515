"""The door of other systems and offline phones: which source of the inbox is applied by what."""

from anlan.foundation.ports import Intake

# source: what applies it, called as intake(actor=…, envelope=…, body=…, now=…) under the sender's scope
SOURCES: dict[str, Intake] = {}
PHONE_SOURCES: frozenset[str] = frozenset()  # those that a signed-in person's phone may send to
