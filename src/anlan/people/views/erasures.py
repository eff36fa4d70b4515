"""Doors of erasure: the record of what was erased, and the erasing of one person."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting, queries
from anlan.people.forms import ErasureForm, RecordForm
from anlan.people.models import Resident
from anlan.people.views.residents import within_limits

NEWEST_FIRST = ("-id",)


@require_GET
@behind_sign_in("privacy", "audit")
def erasures(request: ActorRequest) -> HttpResponse:
    """List what was erased; with a record's number, go to the erasing of that record."""
    form = RecordForm(request.GET if "record" in request.GET else None)
    if request.actor.has_purpose("privacy") and form.is_valid():
        return redirect("person_erase", form.cleaned_data["record"])
    rows = queries.visible_erasures(request.actor)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=NEWEST_FIRST, after=after, before=before)
    audit.record("list_erasures", "people.Erasure", [row.pk for row in page.rows])
    context = {
        "page": page,
        "lines": presenting.erasure_lines(page.rows, now=now_for(request.actor)),
        "form": form,
        "may_erase": request.actor.has_purpose("privacy"),
    }
    return render(request, "people/erasures.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("privacy")
@within_limits
def erase(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Erase one person after the name was typed in full; there is no way back."""
    actor, now = request.actor, now_for(request.actor)
    resident = actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    form = ErasureForm(request.POST or None, name=resident.name, initial={"version": resident.version})
    if request.method == "POST" and form.is_valid():
        try:
            _erase(request, resident, form)
        except (Invalid, Conflict) as refusal:
            form.show_refusal(refusal)
        else:
            messages.success(request, _("已删除。这个人的登记不能恢复。"))
            return redirect("erasures")
    line = presenting.resident_lines(actor, [resident], now=now)[0]
    context: dict[str, Any] = {"resident": resident, "line": line, "form": form}
    return render(request, "people/erase.html", context, status=422 if form.errors else 200)


def _erase(request: ActorRequest, resident: Resident, form: ErasureForm) -> None:
    said = form.cleaned_data
    actions.erase_resident(
        actor=request.actor,
        resident_id=resident.pk,
        ground=actions.ErasureGround(said["basis"], said["reason"]),
        expected_version=said["version"],
        now=now_for(request.actor),
    )
