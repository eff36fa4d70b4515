"""The door of the clock: what is done when, one row a duty."""

from collections.abc import Callable

SCHEDULE: list[tuple[int, Callable[..., None]]] = []  # (every so many seconds, duty)
