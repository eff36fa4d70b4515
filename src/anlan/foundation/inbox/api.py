"""The API's operation on the inbox: what became of an envelope."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema
from pydantic import Field

from anlan.foundation.api_doors import actor_of, answers, through_post
from anlan.foundation.inbox.asides import SET_ASIDE, code_of, problem_words
from anlan.foundation.inbox.settled import access_own_envelope

router = Router(tags=["inbox"])
Key = Annotated[str, Field(pattern=r"^[^\x00-\x20\x7f]{1,200}$")]


class EnvelopeShown(Schema):
    """An envelope: waiting, applied, duplicate, or set aside (review, poisoned, dismissed) and why."""

    key: str
    record_id: UUID
    source: str
    state: str
    problem: str
    message: str
    received_at: datetime
    applied_at: datetime | None


@router.get(
    "/envelopes",
    auth=through_post(),
    response=answers(EnvelopeShown),
    operation_id="show_envelope",
    summary=_("一件已收下的信封的去向"),
    description=_("按发送方自己的键查询：等待、已采用、重复，或已搁置及原因。"),
)
def show_envelope(request: HttpRequest, key: Key) -> EnvelopeShown:
    """Show what became of the envelope this sender sent under a key."""
    row = access_own_envelope(actor_of(request), key)
    is_aside = row.state in {*SET_ASIDE, row.State.DISMISSED}
    return EnvelopeShown(
        key=row.key,
        record_id=row.record_id,
        source=row.source,
        state=row.state,
        problem=code_of(row) if is_aside else "",
        message=str(problem_words(row)) if is_aside else "",
        received_at=row.received_at,
        applied_at=row.applied_at,
    )
