"""The door of other systems and offline phones: which source of the inbox is applied by what."""

from collections.abc import Callable

SOURCES: dict[str, Callable[..., None]] = {}
