"""Every change at the gate and to a grant: one verb, one transaction: check, change, audit, announce."""

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
from anlan.affairs.actions.grant_applications import NewGrant, PointFound, apply_for_grant, check_grant
from anlan.affairs.actions.grant_decisions import GrantTerms, approve_grant, move_grant
from anlan.affairs.actions.objections import object_to, settle_objection

__all__ = [
    "Asked",
    "GrantTerms",
    "HeldAtGate",
    "NewGrant",
    "NewRequest",
    "PointFound",
    "ReasonNeeded",
    "Warrant",
    "admit_emergency",
    "apply_for_grant",
    "approve_grant",
    "check_grant",
    "decide_admission",
    "end_emergencies",
    "end_expired_admissions",
    "mark_late_at_gate",
    "move_grant",
    "object_to",
    "pass_gate",
    "request_admission",
    "settle_objection",
]
