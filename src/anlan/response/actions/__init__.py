"""What is done about a plan: propose, prepare, activate, decline, lift, acknowledge that it is over."""

from anlan.response.actions.activating import NoOrders, NoticeMissing, approve_proposal, decline_proposal
from anlan.response.actions.lifting import ConditionsOpen, acknowledge_lifting, lift_response
from anlan.response.actions.preparing import WiderNeedsReason, prepare_proposal
from anlan.response.actions.proposing import propose_plan, withdraw_proposal
from anlan.response.actions.steps import ProposalMoved, ReasonNeeded

__all__ = [
    "ConditionsOpen",
    "NoOrders",
    "NoticeMissing",
    "ProposalMoved",
    "ReasonNeeded",
    "WiderNeedsReason",
    "acknowledge_lifting",
    "approve_proposal",
    "decline_proposal",
    "lift_response",
    "prepare_proposal",
    "propose_plan",
    "withdraw_proposal",
]
