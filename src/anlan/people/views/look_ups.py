"""Doors of the alarms about looking people up: the list, and that one was looked into."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people import actions, presenting, queries
from anlan.people.models import LookUpAlarm

NEWEST_FIRST = ("-at", "id")


@require_GET
@behind_sign_in(*LookUpAlarm.read_purposes)
def look_up_alarms(request: ActorRequest) -> HttpResponse:
    """List who met the limit on looking people up: what nobody has looked into, or all."""
    actor, view = request.actor, request.GET.get("view", "open")
    rows = queries.visible_look_up_alarms(actor)
    rows = rows if view == "all" else rows.filter(looked_at=None)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=NEWEST_FIRST, after=after, before=before)
    audit.record("list_alarms", "people.LookUpAlarm", [row.pk for row in page.rows])
    lines = presenting.alarm_lines(actor, page.rows, now=now_for(actor))
    context = {"page": page, "lines": lines, "view": view}
    return render(request, "people/look_up_alarms.html", context)


@require_POST
@behind_sign_in(*LookUpAlarm.read_purposes)
def look_up_alarm_seen(request: ActorRequest, alarm_id: UUID) -> HttpResponse:
    """Note that one was looked into."""
    note = request.POST.get("note", "")
    actions.look_into_alarm(actor=request.actor, alarm_id=alarm_id, note=note, now=now_for(request.actor))
    messages.success(request, _("已记录：看过。"))
    return redirect("look_up_alarms")
