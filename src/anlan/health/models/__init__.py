"""Tables of health: case reports in their event files, and the day's counts of units."""

from anlan.health.models.cases import (
    HEALTH,
    CaseReport,
    CaseStep,
    EventCase,
    EventFile,
    Pseudonym,
    ReportReceipt,
)
from anlan.health.models.counts import CountAmendment, CountFile, CountFileRow, CountLine, CountSheet

__all__ = [
    "HEALTH",
    "CaseReport",
    "CaseStep",
    "CountAmendment",
    "CountFile",
    "CountFileRow",
    "CountLine",
    "CountSheet",
    "EventCase",
    "EventFile",
    "Pseudonym",
    "ReportReceipt",
]
