"""The inbox's door for case reports: translate one envelope, make one call."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.models import Envelope
from anlan.health.actions import NewReport, record_case_report
from anlan.health.queries import syndrome_from


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
    try:
        sent = CaseReportBody.model_validate(body)
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        raise Invalid(code="bad_body", fields=dict.fromkeys(wrong, Invalid.sentence)) from error
    values = sent.model_dump()
    values["condition"] = sent.condition or syndrome_from(sent.symptoms)
    record_case_report(
        actor=actor,
        report=NewReport(
            area_code=envelope.area_code, source=envelope.source, report_id=envelope.record_id, **values
        ),
        now=now,
    )
