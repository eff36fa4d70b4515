"""The inbox's door for problems raised on a phone: translate one envelope, make one call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.models import Envelope
from anlan.workorders.actions import raise_problem


class ProblemBody(BaseModel):
    """A problem as a phone sends it; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=False)

    category: str = Field(max_length=60)  # a key of the pack's problem_categories
    words: str = Field(min_length=1, max_length=1000)
    place_name: str = Field(default="", max_length=120)


def apply_problem(actor: Actor, envelope: Envelope, body: Mapping[str, Any], now: datetime) -> None:
    """Raise the problem an envelope carries; Invalid sets the envelope aside with its reason."""
    try:
        sent = ProblemBody.model_validate(body)
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise Invalid(code="bad_body", fields=dict.fromkeys(wrong, Invalid.sentence)) from error
    raise_problem(
        actor=actor,
        area_code=envelope.area_code,
        category=sent.category,
        words=sent.words,
        place_name=sent.place_name,
        order_id=envelope.record_id,
        now=now,
    )
