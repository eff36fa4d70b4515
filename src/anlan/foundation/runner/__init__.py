"""The worker: applies accepted envelopes and carries out the consequences of facts, each once.

A row that fails is tried again later, then set aside with its problem; it never holds up the others.
"""

from anlan.foundation.runner.envelopes import drain_envelopes
from anlan.foundation.runner.facts import drain_facts, drain_unhurried

__all__ = ["drain", "drain_envelopes", "drain_facts", "drain_hurried", "drain_unhurried"]


def drain() -> int:
    """Apply and carry out what is due, and what follows from it, until nothing is; return how many rows."""
    total = 0
    while done := drain_hurried() + drain_unhurried():
        total += done
    return total


def drain_hurried() -> int:
    """Do one portion of what is due, but for facts that take long: the worker does these beside."""
    return drain_envelopes() + drain_facts()
