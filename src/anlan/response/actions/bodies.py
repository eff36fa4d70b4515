"""Found a body for a running response: it rests on the response, and ends with it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.organisation.actions import NewBody, found_body
from anlan.organisation.models import Body
from anlan.response.actions.steps import (
    SUBJECT,
    ProposalMoved,
    checked_reason,
    note_step,
    words_for_receivers,
)
from anlan.response.bodies import bodies_of, body_places
from anlan.response.models import PlanProposal
from anlan.response.queries import access_proposal
from anlan.response.rules import ProposalState

FOR_A_RESPONSE = "附近的响应期间成立，随响应结束。"


class NotToBeFounded(Invalid):
    """No body of this kind is to be founded there."""

    code = "not_to_be_founded"
    sentence = _("这里不设这种组织，或已经有了；请刷新后再选。")


def found_body_of(
    *, actor: Actor, proposal_id: UUID, place: str, reason: str, body_id: UUID, now: datetime
) -> Body:
    """Found a body for a running response; `place` is the key of one of its body places.

    The id is the form's: sent twice it is one body. Raises NotFound, ReasonNeeded, NamesClosedDisease,
    NotToBeFounded, ProposalMoved, NotAllowed.
    """
    with transaction.atomic():
        access_proposal(actor, proposal_id)
        proposal = PlanProposal.objects.select_for_update().get(pk=proposal_id)  # a lift waits, or came first
        earlier = bodies_of(actor, proposal).filter(pk=body_id).first()
        if earlier is not None:
            return earlier
        if proposal.state != ProposalState.RUNNING:
            raise ProposalMoved
        reason = checked_reason(reason, proposal)
        chosen = next((one for one in body_places(actor, proposal, now=now) if one.key == place), None)
        if chosen is None:
            raise NotToBeFounded(fields={"place": NotToBeFounded.sentence})
        body = found_body(
            actor=actor,
            wanted=NewBody(
                template=chosen.template.key,
                area_code=chosen.area.code,
                reason=words_for_receivers(reason, proposal, FOR_A_RESPONSE),
                cause_kind=SUBJECT,
                cause_id=proposal.pk,
                body_id=body_id,
            ),
            now=now,
        )
        note_step(proposal, "found_body", now, actor=actor, note=body.name)
    return body
