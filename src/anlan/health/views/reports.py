"""Doors of reports: the form, the list for health posts, one report and its steps."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in, version_or_404
from anlan.foundation.errors import Invalid, NotFound
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.health import actions, queries
from anlan.health.forms.reports import ReportForm
from anlan.health.presenting import card_lines, report_lines
from anlan.health.rules import NEXT_STATES, CaseState
from anlan.organisation.queries import now_for

PAGE_SOURCE = "page"


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work", "health", "reporting")
def report_case(request: ActorRequest) -> HttpResponse:
    """Report one person ill."""
    actor, now = request.actor, now_for(request.actor)
    form = ReportForm(request.POST or None, actor=actor, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_case_report(actor=actor, report=_as_report(form), now=now)
        except Invalid as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("已收到，谢谢。处理结果会回到“我的工作”。"))
            return redirect("my_work")
    status = 422 if form.errors else 200
    return render(request, "health/report_case.html", {"form": form}, status=status)


def _place(form: ReportForm) -> dict[str, Any]:
    """Return where it is: as chosen from the search, else by the lists."""
    chosen = form.chosen
    if chosen is not None:
        return {
            "area_code": chosen.area_code,
            "building_id": chosen.building_id,
            "facility_id": chosen.facility_id,
            "group_id": chosen.group_id,
            "place_name": chosen.label,
        }
    building, group = form.cleaned_data.get("building"), form.cleaned_data.get("group")
    return {
        "area_code": form.cleaned_data.get("area_code"),
        "building_id": building.pk if building else None,
        "facility_id": group.facility_id if group else None,
        "group_id": group.pk if group else None,
        "place_name": str(group or building or ""),
    }


def _as_report(form: ReportForm) -> actions.NewReport:
    sent = form.cleaned_data
    return actions.NewReport(
        report_id=sent["report_id"],
        condition=sent.get("condition") or queries.syndrome_from(sent["symptoms"]),
        symptoms=tuple(sent["symptoms"]),
        onset_on=sent["onset_on"],
        sex=sent.get("sex") or "unknown",
        age_years=sent.get("age_years"),
        note=sent.get("note", ""),
        source=PAGE_SOURCE,
        **_place(form),
    )


@require_GET
@behind_sign_in("grid_work", "health", "reporting")
def report_places(request: ActorRequest) -> HttpResponse:
    """Answer the grids, buildings and classes that the words typed so far name."""
    words = request.GET.get("q", "")[:60]
    found = queries.places_found(request.actor, words, now=now_for(request.actor))
    return render(request, "health/_places.html", {"places": found, "words": words.strip()})


@require_GET
@behind_sign_in("health")
def report_list(request: ActorRequest) -> HttpResponse:
    """List reports in range, the newest first."""
    rows = queries.visible_reports(request.actor).select_related("group", "facility", "building")
    count, exact = count_up_to(rows)
    page = page_of(
        rows,
        order=("-reported_at", "id"),
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    ids = [row.pk for row in page.rows]
    audit.record("list_reports", "health.CaseReport", ids)
    lines = report_lines(page.rows, now_for(request.actor))
    context = {"page": page, "lines": lines, "count": count, "exact": exact}
    return render(request, "health/report_list.html", context)


@require_GET
@behind_sign_in("health")
def report_page(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """Show one report with its chain of steps."""
    report = queries.access_report(request.actor, report_id)
    audit.record("read_report", "health.CaseReport", [report.pk], area_code=report.area_code)
    context = {
        "report": report,
        "line": report_lines([report], now_for(request.actor))[0],
        "steps": report.steps.order_by("at", "id"),
        "next_states": [(state, CaseState(state).label) for state in sorted(NEXT_STATES[report.state])],
        "now": now_for(request.actor),
    }
    return render(request, "health/report.html", context)


@require_POST
@behind_sign_in("health")
def report_step(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """Take a case a step on."""
    queries.access_report(request.actor, report_id)
    state, version = request.POST.get("state", ""), version_or_404(request.POST.get("version", ""))
    if state not in CaseState:
        raise NotFound
    actions.take_case_step(
        actor=request.actor,
        report_id=report_id,
        state=CaseState(state),
        note=request.POST.get("note", ""),
        now=now_for(request.actor),
        expected_version=version,
    )
    messages.success(request, _("已记录。"))
    return redirect("report", report_id=report_id)


@require_POST
@behind_sign_in("health")
def report_card(request: ActorRequest, report_id: UUID) -> HttpResponse:
    """Enter the statutory card's number, or why there is none."""
    queries.access_report(request.actor, report_id)
    version = version_or_404(request.POST.get("version", ""))
    actions.enter_card(
        actor=request.actor,
        report_id=report_id,
        card_number=request.POST.get("card_number", ""),
        because=request.POST.get("because", ""),
        now=now_for(request.actor),
        expected_version=version,
    )
    messages.success(request, _("已记录。"))
    return redirect("report", report_id=report_id)


@require_GET
@behind_sign_in("health")
def awaiting_cards(request: ActorRequest) -> HttpResponse:
    """List the reports whose legal clock runs, the first to be due first."""
    now = now_for(request.actor)
    rows = queries.awaiting_card(request.actor)
    count, exact = count_up_to(rows)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=("card_due_at", "id"), after=after, before=before)
    audit.record("list_reports", "health.CaseReport", [row.pk for row in page.rows])
    context = {
        "page": page,
        "lines": card_lines(page.rows, now),
        "count": count,
        "exact": exact,
        "overdue": rows.filter(card_due_at__lte=now).count(),
    }
    return render(request, "health/awaiting_cards.html", context)
