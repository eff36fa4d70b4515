"""How long envelopes are kept."""

from datetime import datetime, timedelta

from anlan.foundation.clock import utc_now
from anlan.foundation.models import Envelope
from anlan.foundation.practice import is_practice
from anlan.foundation.scope import require_scope

KEPT = timedelta(days=400)  # so long the same key of a sender is known again (DESIGN.md section 4)
AT_ONCE = 10_000


def purge_inbox(*, now: datetime) -> int:
    """Delete envelopes past their time, but none that still waits for somebody; return how many."""
    open_states = (Envelope.State.WAITING, Envelope.State.REVIEW)
    if all(is_practice(code) for code in require_scope().ranges.codes):
        now = utc_now()  # receipt is kept in real time everywhere
    old = Envelope.objects.filter(received_at__lt=now - KEPT).exclude(state__in=open_states)
    return old.filter(pk__in=old.order_by("received_at").values("pk")[:AT_ONCE]).delete()[0]
