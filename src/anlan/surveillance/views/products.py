"""Doors of warning products and of those who receive them."""

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import area_names, now_for
from anlan.surveillance import queries
from anlan.surveillance.actions import (
    acknowledge_warning,
    feed_back_warning,
    remind_receivers,
    sign_product,
    write_product,
)
from anlan.surveillance.forms import FeedbackForm
from anlan.surveillance.models import WarningProduct
from anlan.surveillance.presenting import signal_lines
from anlan.surveillance.product_parts import places_form, product_parts, sign_form

NOTHING_SENT: Mapping[str, forms.Form] = {}
NEWEST_FIRST = ("-sent_at", "id")


@require_GET
@behind_sign_in("health", "lead")
def product_page(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """Show one product: its three versions, its four stages, everybody who was told."""
    product = queries.access_product(request.actor, product_id)
    audit.record("read_product", "surveillance.WarningProduct", [product.pk], area_code=product.area_code)
    return render(request, "surveillance/product.html", _context(request, product))


@require_POST
@behind_sign_in("health", "lead")
def product_write(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """Write words into the places of a product."""
    actor = request.actor
    product = queries.access_product(actor, product_id)
    form = places_form(actor, product, request.POST)
    if form is None:
        raise NotAllowed
    if not form.is_valid():
        return render(
            request, "surveillance/product.html", _context(request, product, {"write": form}), status=422
        )
    version, places, now = form.cleaned_data["version"], form.places(), now_for(actor)
    write_product(actor=actor, product_id=product_id, places=places, now=now, expected_version=version)
    messages.success(request, _("已写入。"))
    return redirect("product", product_id=product_id)


@require_POST
@behind_sign_in("health", "lead")
def product_sign(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """Sign a product and hand it on."""
    actor = request.actor
    product = queries.access_product(actor, product_id)
    form = sign_form(actor, product, request.POST)
    if form is None:
        raise NotAllowed
    try:
        if form.is_valid():
            sent = {key: form.cleaned_data[key] for key in ("text", "text_large", "text_broadcast")}
            version, now = form.cleaned_data["version"], now_for(actor)
            sign_product(actor=actor, product_id=product_id, now=now, expected_version=version, **sent)
            messages.success(request, _("已签发并传递。"))
            return redirect("product", product_id=product_id)
    except Invalid as refusal:
        for name, words in (refusal.fields or {"text": refusal.message}).items():
            form.add_error(name, str(words))
    return render(
        request, "surveillance/product.html", _context(request, product, {"sign": form}), status=422
    )


@require_POST
@behind_sign_in("health", "lead")
def product_remind(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """Remind those who have not answered."""
    count = remind_receivers(actor=request.actor, product_id=product_id, now=now_for(request.actor))
    messages.success(request, _("已催办 %s 个接收方。") % count)
    return redirect("product", product_id=product_id)


@require_GET
@behind_sign_in()
def warning_list(request: ActorRequest) -> HttpResponse:
    """List notices handed to areas in range: those to answer, or all."""
    actor = request.actor
    rows, view = queries.visible_receipts(actor), request.GET.get("view", "all")
    if view == "open":
        rows = rows.filter(acknowledged_at=None)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=NEWEST_FIRST, after=request.GET.get("after"), before=request.GET.get("before"))
    return render(request, "surveillance/warning_list.html", _notices(request, page, view, count, exact))


@require_POST
@behind_sign_in()
def warning_acknowledge(request: ActorRequest, receipt_id: UUID) -> HttpResponse:
    """Answer a notice."""
    acknowledge_warning(actor=request.actor, receipt_id=receipt_id, now=now_for(request.actor))
    messages.success(request, _("已应答，谢谢。"))
    return redirect("notifications")


@require_POST
@behind_sign_in()
def warning_feed_back(request: ActorRequest, receipt_id: UUID) -> HttpResponse:
    """Say what was done about a notice."""
    words, now = request.POST.get("words", ""), now_for(request.actor)
    feed_back_warning(actor=request.actor, receipt_id=receipt_id, words=words, now=now)
    messages.success(request, _("已反馈，谢谢。"))
    return redirect("notifications")


def _notices(request: ActorRequest, page: object, view: str, count: int, exact: bool) -> dict[str, object]:
    actor, now = request.actor, now_for(request.actor)
    rows = page.rows  # type: ignore[attr-defined]
    names = area_names({row.area_code for row in rows}, now=now)
    lines = [
        {
            "row": row,
            "receiver": row.receiver or names.get(row.area_code, row.area_code),
            "may_answer": queries.may_acknowledge(actor, row),
            "may_feed_back": row.fed_back_at is None and queries.answers_for(actor, row),
            "is_late": row.acknowledged_at is None and row.due_at is not None and row.due_at < now,
            "form": FeedbackForm(auto_id=f"{row.pk}-%s"),
        }
        for row in rows
    ]
    return {"page": page, "lines": lines, "view": view, "count": count, "exact": exact}


def _context(
    request: ActorRequest, product: WarningProduct, sent: Mapping[str, forms.Form] = NOTHING_SENT
) -> dict[str, object]:
    actor, now = request.actor, now_for(request.actor)
    codes = queries.receipts_of(actor, [product]).values_list("area_code", flat=True)
    names = area_names(set(codes), now=now)
    line = signal_lines([product.signal], now)[0]
    return {**product_parts(actor, product, names, now, sent), "line": line}
