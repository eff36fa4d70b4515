"""Doors of redraws: what to do, the look at it beforehand, the list, one redraw, undo, an area as it was."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.clock import SHANGHAI, day_of, utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions.redraws import (
    Preview,
    confirm_redraw,
    draft_redraw,
    order_redraw,
    preview_redraw,
    preview_undo,
    undo_redraw,
    withdraw_redraw,
)
from anlan.organisation.forms import blame
from anlan.organisation.models import Redraw
from anlan.organisation.presenting import crumbs_of, redraw_lines
from anlan.organisation.presenting.patches import patches_then
from anlan.organisation.queries.redraws import access_redraw, code_now, wanted_redraws
from anlan.organisation.redraw_forms import FORMS, ImportForm, RedrawForm, UndoForm
from anlan.organisation.redraw_pages import (
    import_title,
    kinds_offered,
    preview_context,
    redraw_context,
    seen_mark,
    then_context,
)
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, RedrawKind, kinds_for

NEWEST_FIRST = ("-planned_at", "-id")


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def redraw_new(request: ActorRequest, code: str) -> HttpResponse:
    """Ask what is to be done to an area, show what it would move, and do what was shown."""
    now = utc_now()
    area = queries.access_area_of(request.actor, code, now=now)
    if not queries.may_manage(request.actor, area.code):
        raise NotAllowed
    kind = request.GET.get("kind", "")
    context = {"area": area, "crumbs": crumbs_of(area, queries.areas_above(code, now=now))}
    if kind not in kinds_for(area.level):
        context["kinds"] = kinds_offered(area)
        return render(request, "organisation/redraw_kinds.html", context)
    form = FORMS[kind](request.POST or None, actor=request.actor, area=area, now=now)
    given = _asked(request, form, now) if request.method == "POST" and form.is_valid() else None
    if isinstance(given, HttpResponse):
        return given
    context |= {"form": form, "kind": RedrawKind(kind)}
    context["preview"] = preview_context(given, now=now) if given else None
    return render(request, "organisation/redraw_new.html", context, status=422 if form.errors else 200)


def _asked(request: ActorRequest, form: RedrawForm, now: datetime) -> Preview | HttpResponse | None:
    """Order what the form asks for if it is what was shown, else return what is to be shown."""
    try:
        shown = preview_redraw(actor=request.actor, wish=form.wish(), now=now)
        if "order" in request.POST and form.cleaned_data["seen"] == seen_mark(shown.plan):
            return _ordered(request, form, now)
    except (Invalid, Conflict) as refusal:
        blame(form, refusal)
        return None
    return shown


def _ordered(request: ActorRequest, form: RedrawForm, now: datetime) -> HttpResponse:
    said = form.cleaned_data
    row = order_redraw(
        actor=request.actor,
        wish=form.wish(),
        reason=said["reason"],
        redraw_id=said["row_id"],
        takes_effect_at=said["takes_effect_at"],
        now=now,
    )
    messages.success(request, _("调整已生效") if row.done_at else _("调整已下达，将按时生效"))
    return redirect("redraw", redraw_id=row.pk)


@require_GET
@behind_sign_in()
def redraw_list(request: ActorRequest) -> HttpResponse:
    """List the redraws of the actor's ranges, the latest first."""
    now, sought = utc_now(), request.GET
    words = sought.get("q", "").strip()
    rows = wanted_redraws(request.actor, words)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=NEWEST_FIRST, after=sought.get("after"), before=sought.get("before"))
    context = {"page": page, "query": words, "count": count, "exact": exact}
    context |= {"lines": redraw_lines(page.rows, now=now), "manages": request.actor.has_purpose("org")}
    return render(request, "organisation/redraw_list.html", context)


@require_GET
@behind_sign_in()
def redraw_page(request: ActorRequest, redraw_id: UUID) -> HttpResponse:
    """Show one redraw: what it changed, how much it moved, by whom and why."""
    redraw = access_redraw(request.actor, redraw_id)
    context = redraw_context(request.actor, redraw, now=utc_now())
    return render(request, "organisation/redraw.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def redraw_undo(request: ActorRequest, redraw_id: UUID) -> HttpResponse:
    """Show what undoing would move back, and do it."""
    now = utc_now()
    redraw = access_redraw(request.actor, redraw_id)
    shown = preview_undo(actor=request.actor, redraw_id=redraw_id, now=now)
    form = UndoForm(request.POST or None, initial={"version": redraw.version})
    if request.method == "POST" and form.is_valid():
        try:
            undo = _undone(request, redraw, form, now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已撤销") if undo.done_at else _("撤销已下达，正在生效"))
            return redirect("redraw", redraw_id=undo.pk)
    context = {"form": form, "redraw": redraw, "preview": preview_context(shown, now=now)}
    return render(request, "organisation/redraw_undo.html", context, status=422 if form.errors else 200)


def _undone(request: ActorRequest, redraw: Redraw, form: UndoForm, now: datetime) -> Redraw:
    said = form.cleaned_data
    return undo_redraw(
        actor=request.actor,
        redraw_id=redraw.pk,
        undo_id=said["row_id"],
        expected_version=said["version"],
        reason=said["reason"],
        now=now,
    )


@require_http_methods(["GET", "POST"])
@behind_sign_in("org")
def area_import(request: ActorRequest) -> HttpResponse:
    """Read a list of codes or a file of outlines, and put down what it would change."""
    now = utc_now()
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = _drafted(request, form, now)
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            return redirect("redraw", redraw_id=draft.pk)
    return render(
        request, "organisation/area_import.html", {"form": form}, status=422 if form.errors else 200
    )


def _drafted(request: ActorRequest, form: ImportForm, now: datetime) -> Redraw:
    said = form.cleaned_data
    district = request.actor.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]]
    listed, origin = form.listed(district=district, now=now)
    return draft_redraw(
        actor=request.actor,
        listed=listed,
        title=import_title(said["what"], len(listed.plan.begins)),
        reason=said["reason"],
        redraw_id=said["row_id"],
        origin=origin,
        now=now,
    )


@require_POST
@behind_sign_in("org")
def redraw_confirm(request: ActorRequest, redraw_id: UUID) -> HttpResponse:
    """Let what a file would change take effect."""
    confirm_redraw(
        actor=request.actor, redraw_id=redraw_id, expected_version=_version(request), now=utc_now()
    )
    messages.success(request, _("调整已生效"))
    return redirect("redraw", redraw_id=redraw_id)


def _version(request: ActorRequest) -> int:
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() else 0


@require_POST
@behind_sign_in("org")
def redraw_withdraw(request: ActorRequest, redraw_id: UUID) -> HttpResponse:
    """Withdraw a redraw before its time."""
    withdraw_redraw(actor=request.actor, redraw_id=redraw_id, expected_version=_version(request))
    messages.success(request, _("已取消，区域不变"))
    return redirect("redraw", redraw_id=redraw_id)


@require_GET
@behind_sign_in()
def area_then(request: ActorRequest, code: str) -> HttpResponse:
    """Show an area as it stood at the end of a day."""
    now = utc_now()
    day = _day_asked(request.GET.get("on", ""), now)
    at = min(datetime.combine(day + timedelta(days=1), time(), SHANGHAI) - timedelta(seconds=1), now)
    area = queries.access_area_even_ended(request.actor, code, now=at)
    context = {"day": day, "today": day_of(now), "now_code": code_now(code), **then_context(area, at=at)}
    context["patches"] = patches_then(request.actor, area, at=at)
    return render(request, "organisation/area_then.html", context)


def _day_asked(said: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return day_of(now)
    return min(max(day, date(2000, 1, 1)), day_of(now))
