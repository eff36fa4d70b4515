"""What is done about a plan: propose, prepare, activate, staff, extend, decline, lift, acknowledge."""

from anlan.response.actions.activating import NoOrders, NoticeMissing, approve_proposal, decline_proposal
from anlan.response.actions.bodies import NotToBeFounded, found_body_of
from anlan.response.actions.extending import extend_all_responses, extend_response
from anlan.response.actions.lifting import ConditionsOpen, acknowledge_lifting, lift_response
from anlan.response.actions.preparing import WiderNeedsReason, prepare_proposal
from anlan.response.actions.proposing import propose_plan, withdraw_proposal
from anlan.response.actions.steps import ProposalMoved, ReasonNeeded

__all__ = [
    "ConditionsOpen",
    "NoOrders",
    "NotToBeFounded",
    "NoticeMissing",
    "ProposalMoved",
    "ReasonNeeded",
    "WiderNeedsReason",
    "acknowledge_lifting",
    "approve_proposal",
    "decline_proposal",
    "extend_all_responses",
    "extend_response",
    "found_body_of",
    "lift_response",
    "prepare_proposal",
    "propose_plan",
    "withdraw_proposal",
]
