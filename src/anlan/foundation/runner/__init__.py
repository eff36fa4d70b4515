"""The worker: applies accepted envelopes and carries out the consequences of facts, each once.

A row that fails is tried again later, then set aside with its problem; it never holds up the others.
"""

from anlan.foundation.runner.envelopes import drain_envelopes
from anlan.foundation.runner.facts import drain_facts

__all__ = ["drain", "drain_envelopes", "drain_facts"]


def drain() -> int:
    """Apply and carry out what is due, and what follows from it, until nothing is; return how many rows."""
    total = 0
    while done := drain_envelopes() + drain_facts():
        total += done
    return total
