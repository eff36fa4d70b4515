"""Doors of what the inbox set aside: the list, and a person's decision on one envelope."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation import audit
from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid
from anlan.foundation.inbox.asides import (
    REVIEWERS,
    SUBJECT,
    code_of,
    dismiss_envelope,
    problem_words,
    retry_envelope,
    visible_asides,
)
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.models import Envelope
from anlan.organisation.queries import area_names

NEWEST_FIRST = ("-id",)
LARGEST_ID = 2**63 - 1
STATES: dict[str, str | Promise] = {"review": _("待复核"), "poisoned": _("处理失败")}
SOURCES: dict[str, str | Promise] = {
    "case-reports": _("病例报告"),
    "counts": _("报数"),
    "problems": _("上报问题"),
    "order-work": _("工单办理"),
}
PROBLEMS: dict[str, str | Promise] = {
    "appointment_ended": _("发送时任职已结束"),
    "outside_the_post": _("地点不在发送岗位的范围内"),
    "source_unknown": _("系统不再受理这一来源"),
    "not_found": _("所指的记录没有找到，或不在发送岗位的范围内"),
    "not_allowed": _("发送岗位没有这项权限"),
    "invalid": _("填写的内容有误"),
    "conflict": _("与已有的记录冲突"),
    "sheet_moved": _("当天的数字在此之前已被改过"),
    "sheet_awaited": _("所更正的那一份一直没有到"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One envelope as the page shows it; never what it holds."""

    row: Envelope
    source: str | Promise
    place: str
    state: str | Promise
    problem: str | Promise
    code: str


@require_GET
@behind_sign_in()
def set_aside(request: ActorRequest) -> HttpResponse:
    """List what was accepted and could not be applied, the newest first."""
    rows = visible_asides(request.actor)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    audit.record("list", SUBJECT, [row.record_id for row in page.rows])
    context = {
        "page": page,
        "lines": _lines(page.rows),
        "count": count,
        "exact": exact,
        "decides": request.actor.has_purpose(REVIEWERS),
    }
    return render(request, "insight/set_aside.html", context)


@require_POST
@behind_sign_in(REVIEWERS)
def set_aside_decide(request: ActorRequest) -> HttpResponse:
    """Try one envelope again, or leave it unused with a reason."""
    envelope_id, act = _id(request.POST.get("envelope", "")), request.POST.get("act", "")
    if act == "retry":
        retry_envelope(actor=request.actor, envelope_id=envelope_id)
        messages.success(request, gettext("已交回处理"))
    elif act == "dismiss":
        reason = request.POST.get("reason", "")
        dismiss_envelope(actor=request.actor, envelope_id=envelope_id, reason=reason)
        messages.success(request, gettext("已记为不采用"))
    else:
        raise Invalid(code="bad_act")
    return redirect("set_aside")


def _lines(rows: Sequence[Envelope]) -> list[Line]:
    names = area_names({row.area_code for row in rows}, now=utc_now())
    return [_line(row, names.get(row.area_code, row.area_code)) for row in rows]


def _line(row: Envelope, place: str) -> Line:
    return Line(
        row=row,
        source=SOURCES.get(row.source, row.source),
        place=place,
        state=STATES[row.state],
        problem=problem_words(row),
        code=code_of(row),
    )


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_ID:
        raise Invalid(code="bad_id")
    return int(text)
