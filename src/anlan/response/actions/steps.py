"""What every act on a plan has in common: the lock, the line of its timeline, telling open pages."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.live import announce_change
from anlan.response.models import PlanProposal, ResponseStep
from anlan.response.queries import access_proposal
from anlan.surveillance.queries import is_closed_to_leaders, names_closed_to_area_staff, names_illness

SUBJECT = "response.PlanProposal"
NOTE_LIMIT = 1000


class ProposalMoved(Conflict):
    """Somebody changed or decided the plan first."""

    code = "proposal_moved"
    sentence = _("这份方案刚被改动或已有决定，请刷新后再看。")


class ReasonNeeded(Invalid):
    """The act needs a reason in words."""

    code = "reason_needed"
    sentence = _("请写明理由（1 到 1000 字）。")


class NamesClosedDisease(Invalid):
    """Words that leaders and area staff will read name an illness that is not open to them."""

    code = "names_closed_disease"
    sentence = _("该病种不得对基层写出病名，请换一种说法。")


def checked_reason(words: str, proposal: PlanProposal, field: str = "reason") -> str:
    """Return the reason without outer blanks; raise ReasonNeeded where there is none or it is too long.

    Raises NamesClosedDisease as `checked_words` does.
    """
    words = words.strip()
    if not 1 <= len(words) <= NOTE_LIMIT:
        raise ReasonNeeded(fields={field: ReasonNeeded.sentence})
    return checked_words(words, proposal, field)


def checked_words(words: str, proposal: PlanProposal, field: str) -> str:
    """Return words that others will read with the plan; raise NamesClosedDisease where they say too much.

    A plan for a disease of health posts alone is read by them alone.
    """
    if not is_closed_to_leaders(proposal.condition):
        said = words.casefold()
        if any(name.casefold() in said for name in names_closed_to_area_staff(proposal.condition)):
            raise NamesClosedDisease(fields={field: NamesClosedDisease.sentence})
    return words


def words_for_receivers(words: str, proposal: PlanProposal, otherwise: str) -> str:
    """Return words about a plan as those it asked may read them: others where they name the illness.

    What goes out is read by every post of the receiver's area, whatever it may know (docs/decisions/0041).
    """
    return otherwise if names_illness(words, proposal.condition) else words


def locked(actor: Actor, proposal_id: UUID, states: Iterable[str], expected_version: int) -> PlanProposal:
    """Return the plan, locked and as the actor saw it; raise NotFound or ProposalMoved."""
    access_proposal(actor, proposal_id)
    proposal = PlanProposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state not in states or proposal.version != expected_version:
        raise ProposalMoved
    return proposal


def note_step(
    proposal: PlanProposal, act: str, now: datetime, *, actor: Actor | None = None, note: str = ""
) -> None:
    """Write a line of the timeline and the audit, and tell open pages."""
    ResponseStep.objects.create(
        proposal=proposal,
        area_code=proposal.area_code,
        act=act,
        at=now,
        post_title=actor.post_title if actor else "",
        member_name=actor.member_name if actor else "",
        note=note,
    )
    audit.record(f"{act}_plan", SUBJECT, [proposal.pk], area_code=proposal.area_code)
    for topic in ("responses", f"responses:{proposal.pk}"):
        announce_change(topic, proposal.area_code, readers=PlanProposal.read_purposes)
