"""The door of bulk edits: from a narrowed list to an import that shows what it would do."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from anlan.exchange.actions.bulk import BulkAsked, ask_bulk_edit
from anlan.exchange.bulk_forms import BulkForm
from anlan.exchange.bulk_queries import MOST_ROWS, access_bulk, bulk_columns, count_bulk
from anlan.exchange.export_presenting import narrowed_words
from anlan.exchange.models import ImportBatch
from anlan.exchange.views.imports import PURPOSES
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for


@require_http_methods(["GET", "POST"])
@behind_sign_in(*PURPOSES)
def bulk_edit(request: ActorRequest, register: str) -> HttpResponse:
    """Ask for one value in one column of all rows the list is narrowed to; the import's page goes on."""
    actor, now = request.actor, now_for(request.actor)
    sheet, into = access_bulk(actor, register)
    filters = sheet.chosen(request.GET)
    form = BulkForm(request.POST or None, columns=bulk_columns(into))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("import", batch_id=_ask(request, register, filters, form).pk)
        except Invalid as refusal:
            form.show_refusal(refusal)
    count, is_exact = count_bulk(actor, sheet, filters, now)
    narrowed = narrowed_words(sheet, filters, now=now)
    context = {"form": form, "sheet": sheet, "count": count, "too_many": not is_exact, "narrowed": narrowed}
    context["most"] = MOST_ROWS
    return render(request, "exchange/bulk.html", context, status=422 if form.errors else 200)


def _ask(request: ActorRequest, key: str, filters: dict[str, str], form: BulkForm) -> ImportBatch:
    said = form.cleaned_data
    asked = BulkAsked(key, filters, said["column"], said["value"], said["batch_id"])
    return ask_bulk_edit(actor=request.actor, asked=asked, now=now_for(request.actor))
