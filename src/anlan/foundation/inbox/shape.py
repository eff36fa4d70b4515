"""Reads one envelope of a request: types first, then values; nothing is guessed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from anlan.foundation.inbox import answers
from anlan.foundation.inbox.answers import Answer
from anlan.foundation.inbox.senders import Sender
from anlan.foundation.strict_json import canonical

MAX_ENVELOPE_BYTES = 64 * 1024
MAX_REQUEST_BYTES = 256 * 1024
MAX_ENVELOPES = 500
FIELDS = frozenset({"key", "record_id", "area_code", "device_at", "appointment_id", "body"})
BODY = "foundation.Envelope.body"  # binds the ciphertext to its column
NEEDED = frozenset({"key", "record_id", "area_code", "body"})
_KEY = re.compile(r"[^\x00-\x20\x7f]{1,200}")
_AREA = re.compile(r"\d{6}(?:\d{3}){0,4}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(slots=True)
class Sent:
    """An envelope ready to be stored."""

    source: str
    key: str
    record_id: UUID
    account_id: UUID
    appointment_id: UUID
    may_be_late: bool  # a phone may bring what was done before its appointment ended (SAFETY.md 11)
    area_code: str
    text: str  # the body, in one form for equal bodies; encrypted when it is stored
    whole: str  # all that must be equal for the same envelope again
    device_at: datetime | None


def envelopes_of(request: Any) -> list[Any] | Answer:
    """Return the envelopes of a batch, or the one of a single request in a list."""
    if not isinstance(request, dict):
        return answers.WRONG_SHAPE
    if "envelopes" not in request:
        return [request]
    listed = request["envelopes"]
    if len(request) != 1 or not isinstance(listed, list) or not listed:
        return answers.WRONG_SHAPE
    return listed if len(listed) <= MAX_ENVELOPES else answers.TOO_LARGE


def read_envelope(value: Any, sender: Sender, source: str) -> Sent | Answer:
    """Return the envelope, or why it is refused for good."""
    if not _has_right_types(value):
        return answers.WRONG_SHAPE
    fault = _fault(value)
    if fault is not None:
        return fault
    appointment_id = sender.appointment_id
    if "appointment_id" in value:
        appointment_id = UUID(value["appointment_id"])
        if appointment_id != sender.appointment_id and not sender.is_session:
            return answers.NOT_YOUR_PLACE
    if appointment_id is None:
        return answers.NOT_YOUR_PLACE
    device_at = _moment(value["device_at"]) if value.get("device_at") else None
    text = canonical(value["body"])
    if len(text.encode()) > MAX_ENVELOPE_BYTES:
        return answers.TOO_LARGE
    whole = f"{value['record_id']}\n{value['area_code']}\n{value.get('device_at')}\n{text}"
    return Sent(
        source=source,
        key=value["key"],
        record_id=UUID(value["record_id"]),
        account_id=sender.account_id,
        appointment_id=appointment_id,
        may_be_late=sender.is_session,
        area_code=value["area_code"],
        text=text,
        whole=whole,
        device_at=device_at,
    )


def _has_right_types(value: Any) -> bool:
    if not isinstance(value, dict) or not (value.keys() <= FIELDS and value.keys() >= NEEDED):
        return False
    return (
        isinstance(value["key"], str)
        and isinstance(value["record_id"], str)
        and isinstance(value["area_code"], str)
        and isinstance(value["body"], dict)
        and isinstance(value.get("device_at"), str | None)
        and isinstance(value.get("appointment_id", ""), str)
    )


def _fault(value: dict[str, Any]) -> Answer | None:
    """Return the first malformed value, if any."""
    if not _KEY.fullmatch(value["key"]):
        return answers.BAD_KEY
    if not _ID.fullmatch(value["record_id"]):
        return answers.BAD_RECORD_ID
    if not _AREA.fullmatch(value["area_code"]):
        return answers.BAD_AREA
    if value.get("device_at") is not None and _moment(value["device_at"]) is None:
        return answers.BAD_TIME
    if "appointment_id" in value and not _ID.fullmatch(value["appointment_id"]):
        return answers.BAD_POST
    return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
