"""The door that takes a merge apart, after a look at what comes back and what stays."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting
from anlan.people.models import PossibleTwin
from anlan.people.views.residents import within_limits


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PossibleTwin.read_purposes)
@within_limits
def merge_undo(request: ActorRequest, merge_id: UUID) -> HttpResponse:
    """Say what undoing a merge brings back and what stays, and do it."""
    actor, now = request.actor, now_for(request.actor)
    refusal = None
    seen = actions.preview_undo(actor=actor, merge_id=merge_id)
    kept = actions.open_resident(actor=actor, resident_id=seen.kept.pk, now=now)
    if request.method == "POST":
        try:
            _undo(request, merge_id)
        except Conflict as conflict:
            refusal = conflict
        else:
            messages.success(request, _("已撤销合并，两条记录都在登记里。"))
            return redirect("twins")
    line = presenting.resident_lines(actor, [kept], now=now)[0]
    words = presenting.FIELD_WORDS
    back, stay = ([words.get(name, name) for name in names] for names in (seen.back, seen.stay))
    context = {"seen": seen, "line": line, "back": back, "stay": stay, "refusal": refusal}
    return render(request, "people/merge_undo.html", context, status=refusal.status if refusal else 200)


def _undo(request: ActorRequest, merge_id: UUID) -> None:
    sent = request.POST.get("version", "")
    version = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0
    actions.undo_merge(
        actor=request.actor, merge_id=merge_id, expected_version=version, now=now_for(request.actor)
    )
