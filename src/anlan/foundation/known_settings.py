"""What a district may set: each limit has a name, bounds, and the value that holds where nobody set one."""

from dataclasses import dataclass

from anlan.foundation.errors import Text


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """A whole number that a place may set between two bounds; the app that reads it declares it.

    The bounds keep what no district may give up, whatever it sets.
    """

    key: str
    title: Text
    effect: Text  # what a lower or higher value does
    default: int
    lowest: int
    highest: int

    def allows(self, value: object) -> bool:
        """Say whether a value lies within the bounds."""
        return isinstance(value, int) and not isinstance(value, bool) and self.lowest <= value <= self.highest
