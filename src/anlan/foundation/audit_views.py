"""Doors of the audit: the auditor's list, and who looked at one record."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation import audit
from anlan.foundation.audit_queries import entries_about, looks, visible_entries
from anlan.foundation.audit_words import SUBJECTS, VERBS
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest

NEWEST_FIRST = ("-at", "-id")


@require_GET
@behind_sign_in("audit")
def audit_list(request: ActorRequest) -> HttpResponse:
    """List what was done and looked at in the auditor's ranges: by person, post, act and day."""
    asked = {name: request.GET.get(name, "").strip() for name in ("member", "post", "verb", "day")}
    entries = visible_entries(
        request.actor,
        member_id=_id(asked["member"]),
        post_id=_id(asked["post"]),
        verb=asked["verb"],
        on=_day(asked["day"]),
    )
    marks = {"after": request.GET.get("after"), "before": request.GET.get("before")}
    page = page_of(entries, order=NEWEST_FIRST, after=marks["after"], before=marks["before"])
    audit.record("list_audit", "foundation.AuditEntry", detail={**asked, "rows": len(page.rows)})
    context = {"page": page, "looks": looks(page.rows), "asked": asked, "verbs": VERBS}
    return render(request, "foundation/audit_list.html", context)


@require_GET
@behind_sign_in("audit", "privacy", "lead")
def audit_of_record(request: ActorRequest, subject: str, row_id: UUID) -> HttpResponse:
    """Show who looked at one record or changed it, and why."""
    shown = entries_about(request.actor, subject, row_id)
    audit.record("audit_of_record", subject, [row_id])
    context = {"looks": shown, "about": SUBJECTS.get(subject, subject)}
    return render(request, "foundation/audit_record.html", context)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(code="bad_id") from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(code="bad_day") from error
