"""The inbox's doors for what a phone brings: a problem raised, an order worked on the way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.models import Envelope
from anlan.workorders.actions import ItemReply, raise_problem, work_order
from anlan.workorders.rules import ItemAnswer

B = TypeVar("B", bound=BaseModel)


class ProblemBody(BaseModel):
    """A problem as a phone sends it; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=False)

    category: str = Field(max_length=60)  # a key of the pack's problem_categories
    words: str = Field(min_length=1, max_length=1000)
    place_name: str = Field(default="", max_length=120)


def apply_problem(actor: Actor, envelope: Envelope, body: Mapping[str, Any], now: datetime) -> None:
    """Raise the problem an envelope carries; Invalid sets the envelope aside with its reason."""
    sent = _read(ProblemBody, body)
    raise_problem(
        actor=actor,
        area_code=envelope.area_code,
        category=sent.category,
        words=sent.words,
        place_name=sent.place_name,
        order_id=envelope.record_id,
        now=now,
    )


class ItemBody(BaseModel):
    """One item of the order's checklist, answered."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=60)
    answer: Literal["done", "not_possible"]
    note: str = Field(default="", max_length=2000)


class OrderWorkBody(BaseModel):
    """What was done of an order on the way; without a finding it was only taken up."""

    model_config = ConfigDict(extra="forbid")

    order_id: UUID
    items: tuple[ItemBody, ...] = Field(default=(), max_length=100)
    finding: str = Field(default="", max_length=2000)


def apply_order_work(actor: Actor, envelope: Envelope, body: Mapping[str, Any], now: datetime) -> None:
    """Work the order an envelope tells of; what is refused sets the envelope aside with its reason."""
    sent = _read(OrderWorkBody, body)
    replies = [ItemReply(item.key, ItemAnswer(item.answer), item.note) for item in sent.items]
    work_order(actor=actor, order_id=sent.order_id, replies=replies, finding=sent.finding.strip(), now=now)


def _read(model: type[B], body: Mapping[str, Any]) -> B:
    """Return the body as its model has it; raise Invalid with the names of the wrong fields."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise Invalid(code="bad_body", fields=dict.fromkeys(wrong, Invalid.sentence)) from error
