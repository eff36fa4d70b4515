"""Let open pages look again at a signal: those of posts that may read it."""

from anlan.foundation.live import announce_change
from anlan.surveillance.models import Signal
from anlan.surveillance.queries import is_closed_to_leaders


def tell_pages(signal: Signal) -> None:
    """Let open pages look again; of a raw signal a post that only leads is not told that it is there."""
    readers = set(Signal.read_purposes)
    if signal.seen_by_leaders and not is_closed_to_leaders(signal.condition):
        readers.add("lead")
    announce_change("signals", signal.area_code, readers=readers)
    announce_change(f"signals:{signal.pk}", signal.area_code, readers=readers)
