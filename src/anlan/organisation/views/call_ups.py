"""Doors of calls and meetings of a body: call it up, answer, write a meeting down, follow decisions."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.actor import Actor
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.actions import (
    CallInvalid,
    MeetingInvalid,
    NewCall,
    NewMeeting,
    answer_call_up,
    call_up,
    close_call_up,
    hold_meeting,
    settle_decision,
)
from anlan.organisation.body_forms import AnswerCallForm, CallForm, MeetingForm, SettleForm
from anlan.organisation.forms import blame
from anlan.organisation.models import Body
from anlan.organisation.presenting.bodies import (
    area_way,
    decision_line,
    decision_lines,
    seated_members,
    seated_posts,
)
from anlan.organisation.queries import area_names, now_for
from anlan.organisation.queries import bodies as queries

BY_DAY = ("due_on", "id")


@require_http_methods(["GET", "POST"])
@behind_sign_in()
def body_call(request: ActorRequest, body_id: UUID) -> HttpResponse:
    """Call everybody who sits in a body."""
    actor, now = request.actor, now_for(request.actor)
    body = queries.access_body(actor, body_id)
    held = queries.seats_of(body, now=now)
    if not queries.may_call(actor, body, held):
        raise NotAllowed
    form = CallForm(request.POST or None, initial={"minutes": queries.template_of(body).call_up_minutes})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        call = NewCall(body_id=body_id, text=said["text"], place=said["place"], minutes=said["minutes"],
                       call_id=said["row_id"])  # fmt: skip
        try:
            call_up(actor=actor, call=call, now=now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已通知全体成员"))
            return redirect("body", body_id=body_id)
    called = [pk for pk in queries.members_of(held) if pk != actor.member_id]
    context = {"form": form, "called": len(called), **_parts(body, now)}
    return render(request, "organisation/body_call.html", context, status=422 if form.errors else 200)


@require_POST
@behind_sign_in()
def call_close(request: ActorRequest, call_id: UUID) -> HttpResponse:
    """End a call before all have answered."""
    call = close_call_up(actor=request.actor, call_id=call_id, now=now_for(request.actor))
    messages.success(request, _("召集已结束"))
    return redirect("body", body_id=call.body_id)


@require_http_methods(["GET", "POST"])
@behind_sign_in()
def call_answer(request: ActorRequest, receipt_id: UUID) -> HttpResponse:
    """Show a call to whom it is addressed, and take the answer."""
    actor, now = request.actor, now_for(request.actor)
    receipt = queries.access_call(actor, receipt_id)
    form = AnswerCallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            answer_call_up(
                actor=actor, receipt_id=receipt_id, answer=said["answer"], reason=said["reason"], now=now
            )
        except CallInvalid as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已应答"))
            return redirect("my_work")
    call = receipt.call_up
    place = area_names([receipt.area_code], now=now).get(receipt.area_code, receipt.area_code)
    is_open = receipt.answered_at is None and call.closed_at is None
    context = {"form": form, "receipt": receipt, "call": call, "place": place, "is_open": is_open, "now": now}
    return render(request, "organisation/call_answer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@behind_sign_in()
def body_meeting(request: ActorRequest, body_id: UUID) -> HttpResponse:
    """Write a meeting down with what it decided."""
    actor, now = request.actor, now_for(request.actor)
    body = queries.access_body(actor, body_id)
    held = queries.seats_of(body, now=now)
    if not queries.may_meet(actor, body, held):
        raise NotAllowed
    form = MeetingForm(request.POST or None, members=seated_members(held), posts=seated_posts(held))
    if request.method == "POST" and form.is_valid():
        try:
            hold_meeting(actor=actor, meeting=_as_meeting(form, body_id), now=now)
        except (MeetingInvalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("会议已记录"))
            return redirect("body", body_id=body_id)
    context = {"form": form, **_parts(body, now)}
    return render(request, "organisation/body_meeting.html", context, status=422 if form.errors else 200)


def _as_meeting(form: MeetingForm, body_id: UUID) -> NewMeeting:
    said = form.cleaned_data
    return NewMeeting(
        body_id=body_id,
        held_at=said["held_at"],
        place=said["place"],
        agenda=said["agenda"],
        note=said["note"],
        present=tuple(UUID(row) for row in said["present"]),
        decisions=form.decisions(),
        meeting_id=said["row_id"],
    )


@require_GET
@behind_sign_in()
def decision_list(request: ActorRequest) -> HttpResponse:
    """List what bodies decided: open, overdue, one's own, settled."""
    actor, now, sought = request.actor, now_for(request.actor), request.GET
    rows = queries.wanted_decisions(actor, sought, now=now)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=BY_DAY, after=sought.get("after"), before=sought.get("before"))
    lines = decision_lines(page.rows, now=now)
    context = {"page": page, "lines": lines, "sought": sought, "count": count, "exact": exact}
    return render(request, "organisation/decision_list.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in()
def decision_page(request: ActorRequest, decision_id: UUID) -> HttpResponse:
    """Show a decision, and let who answers for it say what became of it."""
    actor, now = request.actor, now_for(request.actor)
    row = queries.access_decision(actor, decision_id)
    settles = queries.may_settle(actor, row, now=now)
    if request.method == "POST" and not settles:
        raise NotAllowed
    may_drop = queries.may_drop(actor, row, now=now)
    form = SettleForm(request.POST or None, may_drop=may_drop, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            _settle(actor, decision_id, form, now)
        except MeetingInvalid as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已了结"))
            return redirect("decision", decision_id=decision_id)
    context = {"form": form, "line": decision_line(row, now=now), "settles": settles and row.state == "open",
               "sees_body": actor.ranges.covers(row.area_code)}  # fmt: skip
    return render(request, "organisation/decision.html", context, status=422 if form.errors else 200)


def _settle(actor: Actor, decision_id: UUID, form: SettleForm, now: datetime) -> None:
    said = form.cleaned_data
    settle_decision(
        actor=actor,
        decision_id=decision_id,
        state=said["state"],
        reason=said["reason"],
        expected_version=said["version"],
        now=now,
    )


def _parts(body: Body, now: datetime) -> dict[str, object]:
    return {"body": body, "crumbs": area_way(body.area_code, now=now)}
