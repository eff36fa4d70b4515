"""What the clock does at the gate: end what has run out, mark what is late."""

from datetime import datetime

from django.db import transaction

from anlan.affairs.actions.steps import note_step
from anlan.affairs.events import AdmissionEnded, ReviewOverdue
from anlan.affairs.models import Admission, Objection
from anlan.affairs.queries import gate
from anlan.affairs.rules import WAITING, AdmissionState, ObjectionState
from anlan.foundation.clock import day_of
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.organisation.models import Post
from anlan.organisation.queries import posts_with_role

AT_ONCE = 200


def end_expired_admissions(*, now: datetime) -> int:
    """End every admission whose last day is over, and refuse requests that waited past theirs; how many."""
    over = Admission.objects.filter(
        state__in=[AdmissionState.ADMITTED, *WAITING], ends_on__lt=day_of(now)
    ).select_for_update(of=("self",), skip_locked=True)
    with transaction.atomic():
        rows = list(over[:AT_ONCE])
        for admission in rows:
            was_in_force = admission.state == AdmissionState.ADMITTED
            admission.state, admission.ended_at = AdmissionState.ENDED, now
            admission.version += 1
            admission.save(update_fields=["state", "ended_at", "version"])
            note_step(admission, "expire", now)
            if was_in_force:
                publish(
                    AdmissionEnded(admission_id=admission.pk, area_code=admission.area_code, occurred_at=now)
                )
    return len(rows)


def mark_late_at_gate(*, now: datetime) -> int:
    """Mark reviews and objections past their clock and tell who is next of a review; return how many."""
    reviews = Admission.objects.filter(
        is_emergency=True,
        state=AdmissionState.ADMITTED,
        reviewed_at=None,
        review_late_at=None,
        review_due_at__lt=now,
    )
    objections = Objection.objects.filter(state=ObjectionState.RAISED, late_at=None, due_at__lt=now)
    with transaction.atomic():
        late = list(reviews.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        for admission in late:
            admission.review_late_at = now
            admission.escalated_to = _next_in_line(admission.area_code, now)
            admission.save(update_fields=["review_late_at", "escalated_to"])
            told = f"→ {admission.escalated_to.title}" if admission.escalated_to else ""
            note_step(admission, "review_overdue", now, note=told)
            publish(ReviewOverdue(admission_id=admission.pk, area_code=admission.area_code, occurred_at=now))
        waiting = list(objections.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        for objection in waiting:
            objection.late_at = now
            objection.save(update_fields=["late_at"])
            announce_change("gate", objection.area_code)
    return len(late) + len(waiting)


def _next_in_line(area_code: str, now: datetime) -> Post | None:
    """Return the closest post in force of the first role that is told of a late review."""
    for role in gate().reviews_escalate_to:
        post = posts_with_role(role, covering=area_code, now=now).first()
        if post is not None:
            return post
    return None
