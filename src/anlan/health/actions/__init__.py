"""Every change in health: reports and their cases, the day's counts."""

from anlan.health.actions.cases import NotNextState, enter_card, settle_reports, take_case_step, verify_cases
from anlan.health.actions.count_files import retry_parked, take_count_file
from anlan.health.actions.counts import NewCount, NewCounts, record_counts
from anlan.health.actions.erasure import part_from_resident
from anlan.health.actions.event_files import open_event_file, standing_file
from anlan.health.actions.reports import (
    ImplausibleOnset,
    NewReport,
    UnknownCondition,
    UnknownPlace,
    record_case_report,
)

__all__ = [
    "ImplausibleOnset",
    "NewCount",
    "NewCounts",
    "NewReport",
    "NotNextState",
    "UnknownCondition",
    "UnknownPlace",
    "enter_card",
    "open_event_file",
    "part_from_resident",
    "record_case_report",
    "record_counts",
    "retry_parked",
    "settle_reports",
    "standing_file",
    "take_case_step",
    "take_count_file",
    "verify_cases",
]
