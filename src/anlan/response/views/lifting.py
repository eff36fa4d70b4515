"""Doors of those who are told that a response is over."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.response import queries
from anlan.response.actions import acknowledge_lifting

NEWEST_FIRST = ("-sent_at", "id")


@require_GET
@behind_sign_in()
def lifting_list(request: ActorRequest) -> HttpResponse:
    """List the notices that a response is over."""
    rows = queries.visible_lifting_notices(request.actor)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    lines = [(row, queries.may_acknowledge(request.actor, row)) for row in page.rows]
    return render(request, "response/lifting_list.html", {"page": page, "lines": lines})


@require_POST
@behind_sign_in()
def lifting_acknowledge(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """Acknowledge one."""
    acknowledge_lifting(actor=request.actor, notice_id=notice_id, now=now_for(request.actor))
    messages.success(request, _("已知悉，谢谢。"))
    return redirect("lifting_notices")
