"""Counts and signals with what belongs to them; all under the purpose `health`."""

from anlan.surveillance.models.counts import Counted, DailyCount, DetectionRun, HeldFinding
from anlan.surveillance.models.signals import (
    RiskAssessment,
    ShiftHandover,
    Signal,
    SignalReason,
    SignalStep,
    WarningProduct,
    WarningReceipt,
)

__all__ = [
    "Counted",
    "DailyCount",
    "DetectionRun",
    "HeldFinding",
    "RiskAssessment",
    "ShiftHandover",
    "Signal",
    "SignalReason",
    "SignalStep",
    "WarningProduct",
    "WarningReceipt",
]
