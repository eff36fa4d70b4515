"""Send requests at the same moment, each from a thread and a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
PATIENCE = 120.0  # until all stand ready


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Let all acts begin together; return what each gave, in order."""
    ready = Barrier(len(acts), timeout=PATIENCE)

    def act(one: Callable[[], T]) -> T:
        try:
            ready.wait()
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as beside:
        return list(beside.map(act, acts))
