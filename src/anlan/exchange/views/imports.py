"""Doors of imports: hand a table over, answer, look at what it would do, write, stop, undo."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.exchange import actions, presenting, queries
from anlan.exchange.forms import AnswersForm, UploadForm
from anlan.exchange.models import ImportBatch
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import AT_WORK, MAY_ANSWER, MAY_UNDO, MAY_WRITE, WRITES, Outcome
from anlan.exchange.templates_of import template_of
from anlan.exchange.views.limits import within_limits
from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, NotFound, Refused
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people.actions import note_listed

PURPOSES = tuple(sorted({purpose for one in REGISTERS.values() for purpose in one.purposes}))
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVERY = "every"  # decides all parked rows of one kind at once


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
def import_batches(request: ActorRequest) -> HttpResponse:
    """List the imports of the post, and take another file."""
    actor = request.actor
    registers = [key for key in REGISTERS if queries.may_import(actor, key)]
    form = UploadForm(request.POST or None, request.FILES or None, registers=registers)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("import", batch_id=_receive(request, form).pk)
        except Refused as refusal:
            form.show_refusal(refusal)
    rows = queries.visible_batches(actor)
    page = page_of(
        rows, order=("-received_at", "id"), after=request.GET.get("after"), before=request.GET.get("before")
    )
    context = {"form": form, "page": page, "lines": [presenting.batch_line(one) for one in page.rows]}
    context["registers"] = [(key, REGISTERS[key].title) for key in registers]
    return render(request, "exchange/imports.html", context, status=422 if form.errors else 200)


def _receive(request: ActorRequest, form: UploadForm) -> ImportBatch:
    sent = form.cleaned_data
    return actions.receive_file(
        actor=request.actor,
        register=sent["register"],
        name=sent["file"].name,
        content=sent["file"].read(),
        now=now_for(request.actor),
        batch_id=sent["batch_id"],
    )


@require_GET
@behind_sign_in(*PURPOSES)
def import_template(request: ActorRequest, register: str) -> HttpResponse:
    """Give an empty workbook with the columns of a register."""
    if not queries.may_import(request.actor, register):
        raise NotFound
    answer = HttpResponse(template_of(REGISTERS[register]), content_type=SHEET_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{register}-template.xlsx"'
    return answer


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def import_batch(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Show one import: its state, what it asks, what each row does."""
    batch = queries.access_batch(request.actor, batch_id)
    audit.record("read_import", "exchange.ImportBatch", [batch.pk], area_code=batch.area_code)
    form = AnswersForm(batch=batch) if batch.state in MAY_ANSWER and batch.questions else None
    return render(request, "exchange/import.html", _context(request, batch, form))


def _context(request: ActorRequest, batch: ImportBatch, form: AnswersForm | None) -> dict[str, Any]:
    actor, now = request.actor, now_for(request.actor)
    chosen = request.GET.get("outcome", "")
    sought = request.GET.get("q", "").strip()
    rows = queries.rows_of_batch(batch, chosen if chosen in Outcome.values else "", number=sought)
    page = page_of(rows, order=("number",), after=request.GET.get("after"), before=request.GET.get("before"))
    shown = presenting.people_shown(batch, page.rows)
    note_listed(actor=actor, subject="people.Resident", ids=shown, now=now)
    return {
        "batch": batch,
        "line": presenting.batch_line(batch),
        "problem": presenting.problem_of(batch),
        "outcomes": presenting.outcome_counts(batch),
        "chosen": chosen,
        "sought": sought,
        "every": presenting.EVERY,
        "page": page,
        "columns": presenting.shown_columns(batch),
        "rows": presenting.row_lines(actor, batch, page.rows, now=now),
        "form": form,
        "at_work": batch.state in AT_WORK,
        "may_write": batch.state in MAY_WRITE and _unwritten(batch),
        "may_decide": batch.state in MAY_WRITE,
        "may_undo": batch.state in MAY_UNDO and batch.written_count > 0,
    }


def _unwritten(batch: ImportBatch) -> int:
    """Return how many rows wait to be written."""
    return batch.rows.filter(outcome__in=WRITES, written_at=None).count()


@require_POST
@behind_sign_in(*PURPOSES)
@within_limits
def import_answers(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Take the answers and try the file with them."""
    batch = queries.access_batch(request.actor, batch_id)
    form = AnswersForm(request.POST, batch=batch)
    if form.is_valid():
        try:
            actions.answer_questions(
                actor=request.actor,
                batch_id=batch_id,
                expected_version=form.cleaned_data["version"],
                answers=form.answers(),
                columns=form.columns(),
                now=now_for(request.actor),
            )
            return redirect("import", batch_id=batch_id)
        except actions.AnswersMissing as refusal:
            for words in refusal.fields.values():
                form.add_error(None, str(words))
    return render(request, "exchange/import.html", _context(request, batch, form), status=422)


@require_POST
@behind_sign_in(*PURPOSES)
def import_write(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Write what was tried."""
    version = _version(request)
    actions.write_batch(
        actor=request.actor, batch_id=batch_id, expected_version=version, now=now_for(request.actor)
    )
    return redirect("import", batch_id=batch_id)


@require_POST
@behind_sign_in(*PURPOSES)
def import_stop(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Stop a batch at work."""
    actions.stop_batch(actor=request.actor, batch_id=batch_id, now=now_for(request.actor))
    messages.success(request, _("已停止。已写入的行可以撤销，未写入的可以继续。"))
    return redirect("import", batch_id=batch_id)


@require_POST
@behind_sign_in(*PURPOSES)
def import_decide(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Decide parked rows: one by its button, or all of those shown."""
    actor, batch = request.actor, queries.access_batch(request.actor, batch_id)
    decisions = _decisions(request, batch)
    actions.decide_rows(actor=actor, batch_id=batch_id, decisions=decisions, now=now_for(actor))
    messages.success(request, _("已记下 %(n)s 行的决定，点“写入”后生效。") % {"n": len(decisions)})
    back = redirect("import", batch_id=batch_id)
    back["Location"] += f"?outcome={request.POST.get('outcome', '')}"
    return back


def _decisions(request: ActorRequest, batch: ImportBatch) -> dict[int, str]:
    """Read `row` and `decision`; of `every`, each open row gets `new`, `leave` or its best candidate."""
    said = request.POST.get("decision", "")
    number = request.POST.get("row", "")
    if number.isdigit():
        return {int(number): said}
    if number != EVERY:
        return {}
    rows = batch.rows.filter(outcome=Outcome.TO_DECIDE)
    if said != "best":
        return dict.fromkeys(rows.values_list("number", flat=True), said)
    return {row.number: str(row.candidates[0][0]) for row in rows if row.candidates}


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
def import_undo(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Show what an undo takes back and what it must leave, then undo."""
    actor, now = request.actor, now_for(request.actor)
    batch = queries.access_batch(actor, batch_id)
    if request.method == "POST":
        actions.undo_batch(actor=actor, batch_id=batch_id, expected_version=_version(request), now=now)
        return redirect("import", batch_id=batch_id)
    taken, stays = actions.what_would_stay(batch, REGISTERS[batch.register](actor, now))
    context = {"batch": batch, "taken": taken, "stays": presenting.stay_lines(stays)}
    return render(request, "exchange/undo.html", context)


def _version(request: ActorRequest) -> int:
    said = request.POST.get("version", "")
    if not said.isdigit():
        raise Conflict
    return int(said)
