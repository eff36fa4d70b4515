"""Doors of lists out of group texts: paste, look at what was matched, decide, see who has not answered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.exchange import actions
from anlan.exchange.groups import finding, presenting, queries
from anlan.exchange.groups.forms import AgainForm, PasteForm, TextRevealForm
from anlan.exchange.groups.pages import coverage_context, list_context
from anlan.exchange.groups.places import places_offered
from anlan.exchange.groups.rules import AnswerState
from anlan.exchange.groups.text import read_text, title_in
from anlan.exchange.models import GroupAnswer, GroupList
from anlan.exchange.views.limits import within_limits
from anlan.foundation import audit
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.reveal import reveal_fields
from anlan.organisation.queries import now_for
from anlan.people.actions import note_listed

View = Callable[..., HttpResponse]
NEWEST = ("-made_at", "id")
SUBJECT = "exchange.GroupList"


@require_GET
@behind_sign_in("grid_work")
def group_lists(request: ActorRequest) -> HttpResponse:
    """List the lists of the places in range; one's own alone where asked."""
    actor, mine = request.actor, request.GET.get("view") == "mine"
    rows = queries.visible_group_lists(actor)
    rows = rows.filter(post_id=actor.post_id) if mine else rows
    after, before = request.GET.get("after"), request.GET.get("before")
    rows = queries.with_counts(rows)
    page = page_of(rows, order=NEWEST, after=after, before=before, ranges=actor.ranges)
    return render(request, "exchange/group_lists.html", {"page": page, "mine": mine})


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
def group_list_new(request: ActorRequest) -> HttpResponse:
    """Take a group text and make a list of it."""
    now = now_for(request.actor)
    areas, buildings = places_offered(request.actor, now=now)
    form = PasteForm(request.POST or None, areas=areas, buildings=buildings)
    if request.method == "POST" and form.is_valid():
        try:
            listed = _make(request, form)
            return redirect("group_list", list_id=listed.pk)
        except Invalid as refusal:
            form.show_refusal(refusal)
    return render(request, "exchange/group_list_new.html", {"form": form}, status=422 if form.errors else 200)


def _make(request: ActorRequest, form: PasteForm) -> GroupList:
    sent = form.cleaned_data
    title = sent["title"] or title_in(read_text(sent["text"]))[:60]
    asked = actions.NewGroupList(title, sent["purpose"], sent["place"], sent["kept_days"])
    return actions.make_group_list(
        actor=request.actor,
        list_id=sent["list_id"],
        asked=asked,
        text=sent["text"],
        now=now_for(request.actor),
    )


@require_GET
@behind_sign_in("grid_work")
@within_limits
def group_list(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Show the lines of a list, each with whom it means."""
    listed = queries.access_group_list(request.actor, list_id)
    audit.record("read_group_list", SUBJECT, [listed.pk], area_code=listed.area_code)
    context = list_context(request.actor, listed, request.GET, now=now_for(request.actor))
    _note_shown(request, context["rows"])
    return render(request, "exchange/group_list.html", context)


def _note_shown(request: ActorRequest, rows: list[GroupAnswer]) -> None:
    actor, now = request.actor, now_for(request.actor)
    residents, households = presenting.people_shown(rows)
    note_listed(actor=actor, subject="people.Resident", ids=residents, now=now)
    note_listed(actor=actor, subject="people.Household", ids=households, now=now)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
def group_list_paste(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Take a later text of the same question."""
    actor = request.actor
    listed = queries.access_group_list(actor, list_id)
    form = AgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            done = actions.paste_again(actor=actor, list_id=list_id, text=text, now=now_for(actor))
            words = _("新增 %(new)s 行，改动 %(changed)s 行，%(same)s 行没有变。")
            messages.success(request, words % {"new": done.new, "changed": done.changed, "same": done.same})
            return redirect("group_list", list_id=list_id)
        except Invalid as refusal:
            form.show_refusal(refusal)
    context = {"list": listed, "form": form}
    return render(request, "exchange/group_list_paste.html", context, status=422 if form.errors else 200)


@require_POST
@behind_sign_in("grid_work")
def group_list_confirm(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Confirm all certain lines, or all with one likely candidate."""
    actor, version = request.actor, request.POST.get("version", "")
    queries.access_group_list(actor, list_id)
    if not (version.isascii() and version.isdigit()):
        raise Conflict
    count = actions.confirm_answers(
        actor=actor,
        list_id=list_id,
        state=request.POST.get("which", ""),
        expected_version=int(version),
        now=now_for(actor),
    )
    messages.success(request, _("已确认 %(n)s 行。") % {"n": count})
    return redirect("group_list", list_id=list_id)


@require_POST
@behind_sign_in("grid_work")
def group_list_decide(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Decide one line by a button."""
    actor = request.actor
    listed = queries.access_group_list(actor, list_id)
    row = _asked_for(request, listed, request.POST.get("answer", ""))
    if row is None:
        raise actions.DecisionUnknown
    actions.decide_answer(
        actor=actor,
        list_id=list_id,
        answer_id=row.pk,
        decision=request.POST.get("decision", ""),
        now=now_for(actor),
    )
    messages.success(request, _("已记下。"))
    back = redirect("group_list", list_id=list_id)
    state = request.POST.get("back", "")
    back["Location"] += f"?state={state}" if state in AnswerState.values else ""
    return back


def _asked_for(request: ActorRequest, listed: GroupList, said: str) -> GroupAnswer | None:
    """Return the part of a line that is spoken of, None where none is; or raise NotFound."""
    try:
        key = UUID(said)
    except ValueError:
        return None
    return queries.access_answer(request.actor, listed, key)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
@within_limits
def group_list_find(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Look for whom one line means; the words travel in the body, never in an address."""
    actor, now = request.actor, now_for(request.actor)
    listed = queries.access_group_list(actor, list_id)
    row = _asked_for(request, listed, request.GET.get("answer", ""))
    if row is None:
        return redirect("group_list", list_id=list_id)
    context: dict[str, Any] = {"list": listed, "row": row, "reveal": TextRevealForm()}
    context["text"] = request.POST.get("q", "").strip()
    if request.POST.get("why"):
        shown = reveal_fields(
            actor=actor, model=GroupAnswer, row_id=row.pk, fields=["text"], why=request.POST["why"], now=now
        )
        context["written"] = shown["text"]
    elif context["text"]:
        context |= finding.found(actor, listed, context["text"], now=now)
    context["line"] = presenting.answer_lines(actor, [row], now=now)[0]
    return render(request, "exchange/group_list_find.html", context)


@require_GET
@behind_sign_in("grid_work")
@within_limits
def group_list_coverage(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """Show who has answered and which doors have not, to be asked again; printable."""
    actor, now = request.actor, now_for(request.actor)
    listed = queries.access_group_list(actor, list_id)
    audit.record("read_group_list", SUBJECT, [listed.pk], area_code=listed.area_code)
    context = coverage_context(actor, listed, request.GET, now=now)
    note_listed(actor=actor, subject="people.Household", ids=context["shown"], now=now)
    return render(request, "exchange/group_list_coverage.html", context)


@require_POST
@behind_sign_in("grid_work")
def group_list_close(request: ActorRequest, list_id: UUID) -> HttpResponse:
    """End a list."""
    actions.close_group_list(actor=request.actor, list_id=list_id, now=now_for(request.actor))
    messages.success(request, _("已结束。名单保留到期后自动删除。"))
    return redirect("group_list_coverage", list_id=list_id)
