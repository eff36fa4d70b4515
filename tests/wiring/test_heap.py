"""A collection of garbage looks past what a process has loaded."""

import gc

from anlan.wiring.heap import freeze_heap


def test_what_is_loaded_is_not_gone_through_again() -> None:
    try:
        freeze_heap()
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 10_000
    finally:
        gc.unfreeze()
