"""What the rights test places: an object of a kind, and where it lies."""

from dataclasses import dataclass
from uuid import UUID

from tests.world import GRID_A, GRID_B, GRID_C, GRID_D

REPORTERS = {GRID_A: "wang", GRID_B: "liu", GRID_C: "hou", GRID_D: "du"}


@dataclass(frozen=True, slots=True)
class Placed:
    """An object and where it lies."""

    kind: str
    target: UUID | str
    area_code: str
    is_erased: bool = False
    within: str = ""  # the area in its address, where that names one
