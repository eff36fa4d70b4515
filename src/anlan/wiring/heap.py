"""What a process has loaded at its start is left out of every later collection of garbage."""

import gc

from django.urls import get_resolver


def freeze_heap() -> None:
    """Load every view, collect once, and let later collections look past what is there.

    Else each of them goes through a million objects that never end: a quarter of a second in the middle of
    somebody's request, whenever a page of many rows sets it off.
    """
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()
