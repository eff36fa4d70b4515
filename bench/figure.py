"""What a measurement yields, and how it is shown."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A measured value beside the ceiling measured in the same run.

    The ratio is ours to the ceiling. A goal is a bound on the ratio (`at_least`, `at_most`) or, where the
    issue names seconds, on our value itself (`ours_at_most`).
    """

    name: str
    ours: float
    ceiling: float
    unit: str
    ceiling_is: str
    at_least: float | None = None
    at_most: float | None = None
    ours_at_most: float | None = None

    @property
    def ratio(self) -> float:
        """Ours to the ceiling."""
        return self.ours / self.ceiling if self.ceiling else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        bounds = [
            self.at_least is None or self.ratio >= self.at_least,
            self.at_most is None or self.ratio <= self.at_most,
            self.ours_at_most is None or self.ours <= self.ours_at_most,
        ]
        return None if not self.goal else all(bounds)

    @property
    def goal(self) -> str:
        """The goal in words."""
        words = []
        if self.at_least is not None:
            words.append(f"ratio ≥ {self.at_least:g}")
        if self.at_most is not None:
            words.append(f"ratio ≤ {self.at_most:g}")
        if self.ours_at_most is not None:
            words.append(f"≤ {self.ours_at_most:g} {self.unit}")
        return ", ".join(words)

    def line(self) -> str:
        """One row of the table."""
        said = {None: "", True: "met", False: "MISSED"}[self.met]
        return (
            f"{self.name:<44} {self.ours:>12,.4g} {self.unit:<8} "
            f"{self.ceiling:>12,.4g}  {self.ceiling_is:<34} {self.ratio:>7.2f}  {self.goal} {said}".rstrip()
        )

    def facts(self) -> dict[str, Any]:
        """The figure for a file."""
        return {**asdict(self), "ratio": round(self.ratio, 4), "met": self.met}
