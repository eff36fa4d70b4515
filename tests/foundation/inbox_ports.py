"""The house's ports with sources and reactions of the tests': what is applied here is a plain row each."""

import errno
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.foundation.models import Envelope, FieldChange
from anlan.organisation.events import AppointmentEnded, AppointmentStarted
from anlan.wiring.ports import PORTS as REAL

NOTES, PHONE_NOTES = "notes", "phone-notes"


def keep_note(*, actor: Actor, envelope: Envelope, body: dict[str, Any], now: datetime) -> None:
    """Write the note under the id its sender made; some texts fail on purpose."""
    if body.get("text") == "refuse":
        trace = partial(audit.record, "note_refused", "tests.Note", [envelope.record_id])
        raise Invalid(code="note_refused", trace=trace)
    FieldChange.objects.create(
        id=envelope.record_id,
        area_code=envelope.area_code,
        model="tests.Note",
        row_id=envelope.record_id,
        field="text",
        new=body["text"],
        post_id=actor.post_id,
        member_name=actor.member_name,
        version=1,
        changed_at=now,
    )
    if body["text"] == "break":
        raise RuntimeError("陈大明 lives at 1-101")
    if body["text"] == "disk full":  # as PostgreSQL says it
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$")
    if body["text"] == "no room for a file":
        raise OSError(errno.ENOSPC, "no space left on device")


def greet(event: AppointmentStarted, *, now: datetime) -> None:
    """Note that somebody came."""
    _note(event, "greeted", now)


def show_around(event: AppointmentStarted, *, now: datetime) -> None:
    """Note a second consequence of the same fact."""
    _note(event, "shown around", now)


def stumble(event: AppointmentEnded, *, now: datetime) -> None:
    """Fail after having written."""
    _note(event, "half done", now)
    raise RuntimeError("陈大明")


def _note(event: AppointmentStarted | AppointmentEnded, text: str, now: datetime) -> None:
    FieldChange.objects.create(
        area_code=event.area_code, model="tests.Note", row_id=event.appointment_id, field="text", new=text,
        version=1, changed_at=now,
    )  # fmt: skip


PORTS = replace(
    REAL,
    sources={NOTES: keep_note, PHONE_NOTES: keep_note},
    phone_sources=frozenset({PHONE_NOTES}),
    reactions={AppointmentStarted: (greet, show_around), AppointmentEnded: (stumble, greet)},
    schedule=[],
)
