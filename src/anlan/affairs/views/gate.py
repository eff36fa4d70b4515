"""Doors of the gate: what waits and is in force, a request, one admission, the log, objections, the lists."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.affairs import presenting, queries
from anlan.affairs.actions import NewRequest, decide_admission, request_admission, settle_objection
from anlan.affairs.forms import DecisionForm, RequestForm, RulingForm, show_refusal
from anlan.affairs.rules import (
    AT_THE_GATE,
    Decision,
    Frequency,
    ObjectionState,
    is_of_community,
)
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for

MAY_REQUEST = ("department", "org", "health")


@require_GET
@behind_sign_in()
def lists(request: ActorRequest) -> HttpResponse:
    """Show the lists in force, searched by words."""
    words, chosen = request.GET.get("q", "").strip(), request.GET.get("list", "")
    parts = presenting.list_parts(words, chosen)
    names = presenting.LIST_WORDS.items()
    return render(
        request, "affairs/lists.html", {"parts": parts, "query": words, "chosen": chosen, "names": names}
    )


@require_GET
@behind_sign_in(*AT_THE_GATE)
def gate_page(request: ActorRequest) -> HttpResponse:
    """List what waits, is in force, is to be reviewed, was refused; and the burden of one's community."""
    actor, now = request.actor, now_for(request.actor)
    view = request.GET.get("view", "waiting")
    rows = queries.listed_admissions(actor, view)
    page = page_of(
        rows,
        order=("-requested_at", "id"),
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    context = {
        "page": page,
        "lines": presenting.admission_lines(page.rows, now, day_of(now)),
        "view": view if view in queries.VIEWS else "waiting",
        "waiting": queries.waiting_at_gate(actor, now, day_of(now)),
        "may_request": actor.has_purpose(*MAY_REQUEST),
        **_burden(request, day_of(now)),
    }
    return render(request, "affairs/gate.html", context)


def _burden(request: ActorRequest, today: date) -> dict[str, object]:
    """Return what this week costs the reader's community; nothing for posts above one."""
    actor = request.actor
    if not is_of_community(actor.area_code):
        return {}
    lines = queries.burden_of(actor, actor.area_code, today)
    return {"burden": lines, "burden_minutes": sum(line.minutes for line in lines)}


@require_GET
@behind_sign_in(*AT_THE_GATE)
def gate_log(request: ActorRequest) -> HttpResponse:
    """List the orders that were held at the gate: who tried what, when, and why it was held."""
    rows = queries.held_entries(request.actor)
    page = page_of(
        rows, order=("-at", "id"), after=request.GET.get("after"), before=request.GET.get("before")
    )
    return render(request, "affairs/gate_log.html", {"page": page, "view": "log"})


@require_http_methods(["GET", "POST"])
@behind_sign_in(*MAY_REQUEST)
def admission_request(request: ActorRequest) -> HttpResponse:
    """Ask for admission by the approval form."""
    actor, now = request.actor, now_for(request.actor)
    choices = presenting.area_choices(actor, now)
    form = RequestForm(request.POST or None, areas=choices, items=presenting.assist_items())
    if request.method == "POST" and form.is_valid():
        try:
            made = request_admission(actor=actor, request=_as_request(form), now=now)
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("已提交，等待审核"))
            return redirect("admission", admission_id=made.pk)
    return render(
        request, "affairs/admission_request.html", {"form": form}, status=422 if form.errors else 200
    )


def _as_request(form: RequestForm) -> NewRequest:
    said = dict(form.cleaned_data)
    return NewRequest(area_codes=tuple(said.pop("areas")), **said)


@require_GET
@behind_sign_in(*AT_THE_GATE)
def admission(request: ActorRequest, admission_id: UUID) -> HttpResponse:
    """Show one admission with its timeline and what the post may decide."""
    return _admission_page(request, admission_id)


@require_POST
@behind_sign_in(*AT_THE_GATE)
def admission_decide(request: ActorRequest, admission_id: UUID) -> HttpResponse:
    """Decide about an admission."""
    found = queries.access_admission(request.actor, admission_id)
    if not any(queries.may_decide(request.actor, found, item) for item in Decision):
        raise NotAllowed
    form = DecisionForm(request.POST, auto_id=f"{request.POST.get('decision', '')}-%s")
    if not form.is_valid():
        return _admission_page(request, admission_id, form)
    try:
        decide_admission(
            actor=request.actor,
            admission_id=admission_id,
            decision=Decision(form.cleaned_data["decision"]),
            reason=form.cleaned_data["reason"],
            now=now_for(request.actor),
            expected_version=form.cleaned_data["version"],
        )
    except Invalid as refusal:
        show_refusal(form, refusal)
        return _admission_page(request, admission_id, form)
    messages.success(request, _("已记录。"))
    return redirect("admission", admission_id=admission_id)


def _admission_page(
    request: ActorRequest, admission_id: UUID, sent: DecisionForm | None = None
) -> HttpResponse:
    actor, now = request.actor, now_for(request.actor)
    found = queries.access_admission(actor, admission_id)
    steps = found.steps.order_by("at", "id")
    context = {
        "admission": found,
        "line": presenting.admission_lines([found], now, day_of(now))[0],
        "areas": presenting.addressed_names(found, now),
        "item": presenting.item_words(found.list_item) if found.list_item else "",
        "frequency": Frequency(found.frequency).label,
        "steps": [(presenting.STEP_WORDS.get(step.act, step.act), step) for step in steps],
        "decisions": presenting.possible_decisions(actor, found, sent),
    }
    return render(request, "affairs/admission.html", context, status=422 if sent else 200)


@require_GET
@behind_sign_in(*AT_THE_GATE)
def objection_list(request: ActorRequest) -> HttpResponse:
    """List objections 非社区职责, the newest first."""
    rows = queries.visible_objections(request.actor)
    page = page_of(
        rows, order=("-raised_at", "id"), after=request.GET.get("after"), before=request.GET.get("before")
    )
    lines = presenting.objection_lines(page.rows, now_for(request.actor))
    return render(
        request, "affairs/objection_list.html", {"page": page, "lines": lines, "view": "objections"}
    )


@require_http_methods(["GET", "POST"])
@behind_sign_in(*AT_THE_GATE)
def objection(request: ActorRequest, objection_id: UUID) -> HttpResponse:
    """Show one objection, and take its ruling."""
    actor, now = request.actor, now_for(request.actor)
    found = queries.access_objection(actor, objection_id)
    may_settle = queries.may_settle(actor, found)
    if request.method == "POST" and not may_settle:
        raise NotAllowed
    form = RulingForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            _settle(request, objection_id, form)
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("已裁定"))
            return redirect("objections")
    [line] = presenting.objection_lines([found], now)
    context = {"line": line, "objection": found, "form": form if may_settle else None}
    return render(request, "affairs/objection.html", context, status=422 if form.errors else 200)


def _settle(request: ActorRequest, objection_id: UUID, form: RulingForm) -> None:
    settle_objection(
        actor=request.actor,
        objection_id=objection_id,
        is_upheld=form.cleaned_data["ruling"] == ObjectionState.UPHELD,
        reason=form.cleaned_data["reason"],
        now=now_for(request.actor),
        expected_version=form.cleaned_data["version"],
    )
