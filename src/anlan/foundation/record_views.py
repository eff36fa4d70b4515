"""Doors of single records: open a file, show masked fields."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.files import open_file
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.reveal import reveal_fields


@require_GET
@behind_sign_in()
def file_content(request: ActorRequest, file_id: UUID) -> HttpResponse:
    """Hand a file out, to be saved and never to be run in the page's own origin."""
    row, content = open_file(request.actor, file_id, now=utc_now())
    response = HttpResponse(content, content_type=row.media_type)
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_POST
@behind_sign_in()
def reveal(request: ActorRequest, subject: str, row_id: UUID) -> HttpResponse:
    """Show masked fields of one record: POST fields (several) and why; a fragment, or JSON where asked."""
    shown = reveal_fields(
        actor=request.actor,
        model=subject,
        row_id=row_id,
        fields=request.POST.getlist("fields"),
        why=request.POST.get("why", ""),
        now=utc_now(),
    )
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({name: str(value) for name, value in shown.items()})
    return render(request, "foundation/_revealed.html", {"shown": shown})
