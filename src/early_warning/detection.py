"""What a detector returns: expected count, upper bound, score and alarm for every series and period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from early_warning.panel import FloatArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Detection:
    """The answer of one detector over one panel.

    All arrays have shape (series, monitored periods); column j is the panel's period `first_period` + j.
    NaN (and no alarm) where a series was not monitored at that time: no report, or too little history.

    expected  the count expected if nothing unusual goes on
    upper     the alarm threshold: `alarm` is count > `upper`, beside the detector's other conditions
    z         the mid-p z-score: about standard normal when nothing goes on, also for counts of 0 to 2.
              It exists where the model exists, even where a rule (too few cases) forbids an alarm.
    alarm     True where the detector alarms
    details   further arrays of a method, by name (Farrington: dispersion, trend …)
    """

    method: str
    expected: FloatArray
    upper: FloatArray
    z: FloatArray
    alarm: BoolArray
    first_period: int = 0
    details: Mapping[str, FloatArray] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        shapes = {array.shape for array in (self.expected, self.upper, self.z, self.alarm)}
        if len(shapes) != 1:
            raise ValueError(f"a detection's arrays differ in shape: {sorted(shapes)}")

    @property
    def monitored(self) -> BoolArray:
        """Return True where there was a score."""
        return ~np.isnan(self.z)

    @property
    def last_period(self) -> int:
        """Return the panel's period of the last column."""
        return self.first_period + int(self.z.shape[1]) - 1
