"""What is done about a plan: propose, prepare, activate, decline, lift, acknowledge that it is over."""

from anlan.response.actions.preparing import WiderNeedsReason, prepare_proposal
from anlan.response.actions.proposing import propose_plan, withdraw_proposal
from anlan.response.actions.steps import ProposalMoved, ReasonNeeded

__all__ = [
    "ProposalMoved",
    "ReasonNeeded",
    "WiderNeedsReason",
    "prepare_proposal",
    "propose_plan",
    "withdraw_proposal",
]
