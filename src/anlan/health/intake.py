"""The inbox's doors for case reports and counts: translate one envelope, make one call."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.models import Envelope
from anlan.foundation.practice import is_practice
from anlan.health.actions import NewCount, NewCounts, NewReport, record_case_report, record_counts
from anlan.health.queries import syndrome_from

B = TypeVar("B", bound=BaseModel)


class CaseReportBody(BaseModel):
    """A case report as a phone or an outside system sends it; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=False)

    condition: str = ""  # a disease or syndrome; may be left out where symptoms make a syndrome
    symptoms: tuple[str, ...] = ()
    onset_on: date | None = None
    resident_id: UUID | None = None
    facility_id: UUID | None = None
    group_id: UUID | None = None
    building_id: UUID | None = None
    household_id: UUID | None = None
    place_name: str = Field(default="", max_length=120)
    sex: str = Field(default="unknown", pattern="^(female|male|unknown)$")
    age_years: int | None = Field(default=None, ge=0, le=130)
    note: str = Field(default="", max_length=1000)


def apply_case_report(actor: Actor, envelope: Envelope, body: Mapping[str, Any], now: datetime) -> None:
    """Record the report an envelope carries; Invalid sets the envelope aside with its reason."""
    sent = _read(CaseReportBody, body)
    values = sent.model_dump()
    values["condition"] = sent.condition or syndrome_from(sent.symptoms)
    record_case_report(
        actor=actor,
        report=NewReport(
            area_code=envelope.area_code,
            source=envelope.source,
            report_id=envelope.record_id,
            received_at=_arrived_at(envelope, now),
            **values,
        ),
        now=now,
    )


class CountLineBody(BaseModel):
    """One number; without a class it is the whole unit's or area's."""

    model_config = ConfigDict(extra="forbid")

    item: str
    count: int = Field(ge=0)
    group_id: UUID | None = None
    of: int | None = Field(default=None, ge=0)


class CountsBody(BaseModel):
    """A day's counts as a phone or an outside system sends them; the envelope's area where there is no unit.

    `expected_version` is that of the sheet the sender saw, 0 for none: a phone that was offline sends it, so
    that what was queued does not replace what was amended since.
    """

    model_config = ConfigDict(extra="forbid")

    form: str
    on: date
    facility_id: UUID | None = None
    lines: tuple[CountLineBody, ...] = Field(default=(), max_length=2000)
    expected_version: int | None = Field(default=None, ge=0)


def apply_counts(actor: Actor, envelope: Envelope, body: Mapping[str, Any], now: datetime) -> None:
    """Record the counts an envelope carries, or amend those of the same unit and day."""
    sent = _read(CountsBody, body)
    lines = tuple(
        NewCount(item=line.item, count=line.count, group_id=line.group_id, denominator=line.of)
        for line in sent.lines
    )
    sheet = NewCounts(
        form=sent.form,
        on=sent.on,
        source=envelope.source,
        facility_id=sent.facility_id,
        area_code=envelope.area_code,
        lines=lines,
        said_at=_arrived_at(envelope, now),
    )
    record_counts(actor=actor, sheet=sheet, now=now, expected_version=sent.expected_version)


def _arrived_at(envelope: Envelope, now: datetime) -> datetime:
    """Return when the house was given an envelope, by the clock of its district; `now` is when it is applied.

    The two lie apart after an outage, a failed try or a review. Receipt is what counts for clocks and order.
    """
    if is_practice(envelope.area_code):
        return envelope.practice_at or now
    return envelope.received_at


def _read(model: type[B], body: Mapping[str, Any]) -> B:
    """Return the body as its model has it; raise Invalid with the names of the wrong fields."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise Invalid(code="bad_body", fields=dict.fromkeys(wrong, Invalid.sentence)) from error
