"""Doors of files of counts: hand one over, read what became of its rows, try the parked again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid
from anlan.foundation.middleware import ActorRequest
from anlan.health import presenting, queries
from anlan.health.actions import retry_parked, take_count_file
from anlan.health.forms.count_files import CountFileForm
from anlan.organisation.queries import now_for


@require_http_methods(["GET", "POST"])
@behind_sign_in("reporting", "health")
def count_files(request: ActorRequest) -> HttpResponse:
    """List the files handed over, and take another."""
    actor = request.actor
    form = CountFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            file = take_count_file(
                actor=actor,
                name=sent["file"].name,
                content=sent["file"].read(),
                source=sent["source"],
                now=now_for(actor),
            )
        except Invalid as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return redirect("count_file", file_id=file.pk)
    context = {"form": form, "files": presenting.count_files(actor)}
    return render(request, "health/count_files.html", context, status=422 if form.errors else 200)


@require_GET
@behind_sign_in("reporting", "health")
def count_file(request: ActorRequest, file_id: UUID) -> HttpResponse:
    """Show what became of a file's rows."""
    file = queries.access_count_file(request.actor, file_id)
    audit.record("read_count_file", "health.CountFile", [file.pk], area_code=file.area_code)
    context = {"file": file, "rows": presenting.kept_rows(request.actor, file)}
    return render(request, "health/count_file.html", context)


@require_POST
@behind_sign_in("reporting", "health")
def count_file_retry(request: ActorRequest, file_id: UUID) -> HttpResponse:
    """Try the parked rows of a file again."""
    queries.access_count_file(request.actor, file_id)
    file = retry_parked(actor=request.actor, file_id=file_id, now=now_for(request.actor))
    messages.success(request, _("已重试，还有 %(n)s 行待定。") % {"n": file.parked})
    return redirect("count_file", file_id=file.pk)
