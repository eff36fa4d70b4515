"""What a statistical rule found, and how seldom chance does as much."""

from dataclasses import dataclass
from datetime import date

from scipy.special import ndtr

from anlan.surveillance.pack import Rule

SMALLEST_P = 1e-300


@dataclass(frozen=True, slots=True)
class Part:
    """What one source contributes to a finding; `fullest_day` is the most it saw on one day of the span."""

    indicator: str
    observed: float
    expected: float
    share: float
    fullest_day: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A statistical rule met in one place on one day; `z` ranks it, `areas` are the grids it speaks of."""

    rule: Rule
    on: date
    place_kind: str
    place_key: str
    areas: tuple[str, ...]
    span: int
    z: float
    parts: tuple[Part, ...]

    @property
    def observed(self) -> int:
        """Return how many were counted in all sources together."""
        return round(sum(part.observed for part in self.parts))

    @property
    def community(self) -> str:
        """Return the community it lies in; empty where it is wider."""
        return self.place_key[:12] if len(self.place_key) >= 12 else ""


def chance(z: float) -> float:
    """Return how often chance alone does as much."""
    return float(max(ndtr(-z), SMALLEST_P))
