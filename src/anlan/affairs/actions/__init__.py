"""Every change at the gate: one verb, one transaction: check, change, audit, announce."""

from anlan.affairs.actions.admissions import (
    NewRequest,
    ReasonNeeded,
    admit_emergency,
    decide_admission,
    end_emergencies,
    request_admission,
)
from anlan.affairs.actions.clock import end_expired_admissions, mark_late_at_gate
from anlan.affairs.actions.gate import Asked, HeldAtGate, Warrant, pass_gate
from anlan.affairs.actions.objections import object_to, settle_objection

__all__ = [
    "Asked",
    "HeldAtGate",
    "NewRequest",
    "ReasonNeeded",
    "Warrant",
    "admit_emergency",
    "decide_admission",
    "end_emergencies",
    "end_expired_admissions",
    "mark_late_at_gate",
    "object_to",
    "pass_gate",
    "request_admission",
    "settle_objection",
]
