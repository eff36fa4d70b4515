"""Doors of exports: ask for a list as a file, see what became of it, allow, decline, recall."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.exchange import export_queries as queries
from anlan.exchange.actions.exporting.asking import ExportAsked, ask_export, estimate
from anlan.exchange.actions.exporting.deciding import approve_export, decline_export, recall_export
from anlan.exchange.export_forms import APPROVE, DecisionForm, ExportForm
from anlan.exchange.export_models import Export
from anlan.exchange.export_presenting import export_lines, possible_acts
from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for

NEWEST_FIRST = ("-asked_at", "id")
SUBJECT = "exchange.Export"
VIEWS = {
    "mine": queries.own_exports,
    "decide": queries.exports_to_decide,
    "all": queries.exports_in_range,
}


@require_GET
@behind_sign_in()
def export_list(request: ActorRequest) -> HttpResponse:
    """List the exports of the post, those that wait for it, and for data protection all of its ranges."""
    actor, view = request.actor, request.GET.get("view", "mine")
    rows = VIEWS.get(view, queries.own_exports)(actor)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    context = {
        "page": page,
        "lines": export_lines(page.rows, now=now_for(actor)),
        "view": view if view in VIEWS else "mine",
        "may_approve": actor.has_purpose(*queries.APPROVERS),
        "keeps_recall_list": actor.has_purpose(queries.KEEPS_RECALL_LIST),
        "waiting": queries.exports_to_decide(actor).count(),
    }
    return render(request, "exchange/exports.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in()
def export_new(request: ActorRequest, list_key: str) -> HttpResponse:
    """Ask for a list, narrowed as its page was."""
    sheet = queries.access_list(request.actor, list_key)
    filters = sheet.chosen(request.GET)
    form = ExportForm(request.POST or None, sheet=sheet, filters=filters)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("export", export_id=_ask(request, list_key, filters, form).pk)
        except Invalid as refusal:
            form.show_refusal(refusal)
    context = {"form": form, "sheet": sheet, **_asked(request, list_key, filters, form)}
    return render(request, "exchange/export_new.html", context, status=422 if form.errors else 200)


def _ask(request: ActorRequest, key: str, filters: dict[str, str], form: ExportForm) -> Export:
    said = form.cleaned_data
    asked = ExportAsked(
        list=key,
        filters=filters,
        columns=said["columns"],
        why=said["why"],
        note=said["note"],
        format=said["format"],
        export_id=said["export_id"],
    )
    return ask_export(actor=request.actor, asked=asked, now=now_for(request.actor))


def _asked(request: ActorRequest, key: str, filters: dict[str, str], form: ExportForm) -> dict[str, Any]:
    """Return what the list holds now; where it is too much, that stands in the form."""
    actor, now = request.actor, now_for(request.actor)
    count = None
    try:
        count = estimate(actor, queries.access_list(actor, key), filters, now)
    except Invalid as refusal:
        if not form.is_bound:
            return {"count": None, "too_many": refusal.message, "line": _unasked(key, filters, actor, now)}
    return {"count": count, "line": _unasked(key, filters, actor, now)}


def _unasked(key: str, filters: dict[str, str], actor: Any, now: Any) -> Any:
    unsaved = Export(list_key=key, filters=filters, columns=[], state="asked", area_code=actor.area_code)
    unsaved.estimate = 0
    return export_lines([unsaved], now=now)[0]


@require_GET
@behind_sign_in()
def export_page(request: ActorRequest, export_id: UUID) -> HttpResponse:
    """Show one export: what is asked for, its state, the file, and what the reader may do."""
    return _export_page(request, queries.access_export(request.actor, export_id))


def _export_page(
    request: ActorRequest, export: Export, form: DecisionForm | None = None, status: int = 200
) -> HttpResponse:
    audit.record("read_export", SUBJECT, [export.pk], area_code=export.area_code)
    context = {
        "export": export,
        "line": export_lines([export], now=now_for(request.actor))[0],
        "form": form or DecisionForm(initial={"version": export.version}),
        **possible_acts(request.actor, export),
    }
    return render(request, "exchange/export.html", context, status=status)


@require_POST
@behind_sign_in()
def export_decide(request: ActorRequest, export_id: UUID) -> HttpResponse:
    """Allow an export or decline it."""
    actor, now = request.actor, now_for(request.actor)
    export = queries.access_export(actor, export_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _export_page(request, export, form, 422)
    said: dict[str, Any] = form.cleaned_data
    facts: dict[str, Any] = {"actor": actor, "export_id": export_id, "now": now}
    if said["decision"] == APPROVE:
        approve_export(**facts, expected_version=said["version"])
        messages.success(request, _("已批准，文件正在生成。"))
    else:
        decline_export(**facts, reason=said["reason"], expected_version=said["version"])
        messages.success(request, _("已记录：不批准。"))
    return redirect("export", export_id=export_id)


@require_POST
@behind_sign_in()
def export_recall(request: ActorRequest, export_id: UUID) -> HttpResponse:
    """Take an export back; its file is gone at once."""
    recall_export(actor=request.actor, export_id=export_id, now=now_for(request.actor))
    messages.success(request, _("已收回，文件已销毁；记录保留。"))
    return redirect("export", export_id=export_id)
