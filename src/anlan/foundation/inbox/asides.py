"""Envelopes set aside: who sees them, and the two ways out, to try again or not to use them."""

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.models import Envelope
from anlan.foundation.scope import within

SUBJECT = "foundation.Envelope"
SET_ASIDE = (Envelope.State.REVIEW, Envelope.State.POISONED)
REVIEWERS = "org"  # the purpose that decides what becomes of an envelope
REASON_LIMIT = 500


class NoLongerSetAside(Conflict):
    """Somebody decided on the envelope first."""

    code = "no_longer_set_aside"
    sentence = _("这一件已经处理过，请刷新后再看。")


class ReasonMissing(Invalid):
    """An envelope is not left unused without saying why."""

    code = "reason_missing"
    sentence = _("请写明不采用的理由。")


def visible_asides(actor: Actor) -> QuerySet[Envelope]:
    """Return what was set aside in the actor's ranges: all of it for org and system, else the post's own."""
    rows = Envelope.objects.filter(within(actor.ranges), state__in=SET_ASIDE)
    if not actor.has_purpose(REVIEWERS, "system"):
        rows = rows.filter(post_id=actor.post_id)
    return rows.defer("body", "body_hash")


def retry_envelope(*, actor: Actor, envelope_id: int) -> Envelope:
    """Let the worker try an envelope anew. Raises NotAllowed, NotFound, NoLongerSetAside."""
    with transaction.atomic():
        row = _taken(actor, envelope_id)
        audit.record(
            "retry_envelope",
            SUBJECT,
            [row.record_id],
            area_code=row.area_code,
            detail={"state": row.state, "tries": row.tries},
        )
        row.state, row.tries, row.due_at, row.problem = Envelope.State.WAITING, 0, None, ""
        row.save(update_fields=["state", "tries", "due_at", "problem"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('anlan_work', 'envelope')")
    return row


def dismiss_envelope(*, actor: Actor, envelope_id: int, reason: str) -> Envelope:
    """Leave an envelope unused, and say why; it stays stored. Raises as retry_envelope, and ReasonMissing."""
    why = reason.strip()[:REASON_LIMIT]
    with transaction.atomic():
        row = _taken(actor, envelope_id)
        if not why:
            raise ReasonMissing
        audit.record(
            "dismiss_envelope",
            SUBJECT,
            [row.record_id],
            area_code=row.area_code,
            why=why,
            detail={"state": row.state},
        )
        row.state = Envelope.State.DISMISSED
        row.save(update_fields=["state"])
    return row


def _taken(actor: Actor, envelope_id: int) -> Envelope:
    """Return the envelope, locked, if the actor decides on it and it still waits for somebody."""
    if not actor.has_purpose(REVIEWERS):
        raise NotAllowed
    rows = Envelope.objects.select_for_update().filter(within(actor.ranges), pk=envelope_id)
    row = rows.defer("body", "body_hash").first()
    if row is None:
        raise NotFound
    if row.state not in SET_ASIDE:
        raise NoLongerSetAside
    return row
