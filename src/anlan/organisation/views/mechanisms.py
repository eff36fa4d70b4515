"""Door of the mechanisms that the source of the pack names."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.presenting.mechanisms import mechanism_context
from anlan.organisation.queries import now_for
from anlan.organisation.queries.mechanisms import mechanisms_now


@require_GET
@behind_sign_in()
def mechanism_list(request: ActorRequest) -> HttpResponse:
    """List every mechanism the pack's source names: where it lives, how many are here, or not built."""
    found = mechanisms_now(request.actor, now=now_for(request.actor))
    context = mechanism_context(request.actor, found, request.GET)
    return render(request, "organisation/mechanism_list.html", context)
