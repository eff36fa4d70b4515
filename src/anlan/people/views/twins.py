"""Doors of entries that may be one person: the list, a pair side by side, merging and telling apart."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid, Refused
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.people import actions, comparing, presenting, queries
from anlan.people.forms import ApartForm, MergeForm
from anlan.people.models import PossibleTwin, Resident
from anlan.people.rules import LikenessGrade, TwinState
from anlan.people.views.residents import within_limits

LIKELIEST_FIRST = ("-score", "id")
SIDES = ("one", "other")
GRADES = [grade for grade in LikenessGrade.choices if grade[0] != LikenessGrade.DIFFERENT]


@require_GET
@behind_sign_in(*PossibleTwin.read_purposes)
@within_limits
def twins(request: ActorRequest) -> HttpResponse:
    """List the pairs in range, the likeliest first: those to be decided, or those that were."""
    state, grade = request.GET.get("state", TwinState.OPEN), request.GET.get("grade", "")
    rows = queries.visible_twins(request.actor, state=state, grade=grade)
    count, exact = count_up_to(rows)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=LIKELIEST_FIRST, after=after, before=before)
    context = {"page": page, "count": count, "exact": exact, "state": state, "grade": grade}
    return _list(request, page.rows, context)


@require_POST
@behind_sign_in(*PossibleTwin.read_purposes)
@within_limits
def twins_search(request: ActorRequest) -> HttpResponse:
    """Find the open pairs of people; the words travel in the body, never in an address."""
    actor, text = request.actor, request.POST.get("q", "").strip()
    if not text:
        return redirect("twins")
    context: dict[str, Any] = {"searched": True, "text": text, "state": TwinState.OPEN, "grade": ""}
    try:
        hits = actions.search_residents(actor=actor, text=text, now=now_for(actor)).residents
    except Invalid as refusal:
        return _list(request, [], {**context, "refusal": refusal}, status=422)
    return _list(request, _pairs_of(request, hits), context)


def _pairs_of(request: ActorRequest, people: list[Resident]) -> QuerySet[PossibleTwin]:
    ids = [person.pk for person in people]
    named = queries.visible_twins(request.actor).filter(Q(one_id__in=ids) | Q(other_id__in=ids))
    return named.order_by(*LIKELIEST_FIRST)


def _list(request: ActorRequest, rows: Any, context: dict[str, Any], status: int = 200) -> HttpResponse:
    actor, now = request.actor, now_for(request.actor)
    lines = comparing.twin_lines(actor, rows, now=now)
    people = [one.resident.pk for line in lines for one in (line.one, line.other) if one is not None]
    actions.note_listed(actor=actor, subject="people.Resident", ids=people, now=now)
    context |= {"lines": lines, "states": TwinState.choices, "grades": GRADES}
    return render(request, "people/twins.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair as its page shows it."""

    twin: PossibleTwin
    people: tuple[Resident, Resident]
    lines: list[presenting.ResidentLine]
    likeness: Any
    rows: list[comparing.FieldRow]

    @property
    def kept(self) -> str:
        """Say on which side the entry stands that is kept."""
        return SIDES[self.people.index(actions.better_of(*self.people))]

    def form(self, sent: Any = None) -> MergeForm:
        """Return the form of merging: the fields that differ, each as the kept entry has it unless chosen."""
        choices = [(row.name, row.word, row.one, row.other) for row in self.rows if row.is_choice]
        initial = dict.fromkeys((name for name, *_rest in choices), self.kept)
        versions = {f"{side}_version": row.version for side, row in zip(SIDES, self.people, strict=True)}
        return MergeForm(sent, offered=choices, initial={**initial, **versions})


def _open(request: ActorRequest, twin_id: UUID) -> Shown:
    actor, now = request.actor, now_for(request.actor)
    twin, one, other = actions.open_twin(actor=actor, twin_id=twin_id, now=now)
    lines = presenting.resident_lines(actor, (one, other), now=now)
    like = comparing.likeness_of(one.pk, other.pk)
    rows = comparing.field_rows(lines[0], lines[1], like.reasons if like else ())
    return Shown(twin, (one, other), lines, like, rows)


@require_GET
@behind_sign_in(*PossibleTwin.read_purposes)
@within_limits
def twin(request: ActorRequest, twin_id: UUID) -> HttpResponse:
    """Show two entries side by side, and why they may be one person."""
    shown = _open(request, twin_id)
    return _pair_page(request, shown, shown.form(), ApartForm())


def _pair_page(
    request: ActorRequest, shown: Shown, form: MergeForm, apart: ApartForm, **more: Any
) -> HttpResponse:
    refusal = more.get("refusal")
    status = refusal.status if refusal else 422 if form.errors or apart.errors else 200
    context = {"shown": shown, "form": form, "apart": apart, "may_open": _may_open(request), **more}
    return render(request, "people/twin.html", context, status=status)


def _may_open(request: ActorRequest) -> bool:
    return request.actor.has_purpose("grid_work", "health")


@require_POST
@behind_sign_in(*PossibleTwin.read_purposes)
@within_limits
def twin_merge(request: ActorRequest, twin_id: UUID) -> HttpResponse:
    """Make one entry of two, after a look at what comes of it."""
    shown = _open(request, twin_id)
    form = shown.form(request.POST)
    if not form.is_valid():
        return _pair_page(request, shown, form, ApartForm())
    try:
        if "confirmed" not in request.POST:
            return _pair_page(request, shown, form, ApartForm(), preview=_preview(shown, form))
        _merge(request, shown, form)
    except (Invalid, Conflict) as refusal:
        return _pair_page(request, shown, shown.form(), ApartForm(), refusal=refusal)
    messages.success(request, _("已合并成一条。合并错了可以在“已合并”里撤销。"))
    return redirect("twins")


def _sides(shown: Shown, form: MergeForm) -> tuple[Resident, Resident, list[str]]:
    """Return the entry that is kept, the one that goes, and what is taken from the latter."""
    sides = dict(zip(SIDES, shown.people, strict=True))
    gone_side = next(side for side in SIDES if side != shown.kept)
    return sides[shown.kept], sides[gone_side], form.taken_from(gone_side)


def _preview(shown: Shown, form: MergeForm) -> list[tuple[Any, str]]:
    """Return each field with the value that the one entry will have."""
    kept, gone, chosen = _sides(shown, form)
    taken = actions.taken_fields(kept, gone, chosen)
    gone_side = next(side for side in SIDES if side != shown.kept)
    return [(row.word, getattr(row, gone_side if row.name in taken else shown.kept)) for row in shown.rows]


def _merge(request: ActorRequest, shown: Shown, form: MergeForm) -> None:
    kept, gone, chosen = _sides(shown, form)
    seen = {
        person.pk: form.cleaned_data[f"{side}_version"]
        for side, person in zip(SIDES, shown.people, strict=True)
    }
    actions.merge_residents(
        actor=request.actor,
        pair=actions.Pair(kept.pk, gone.pk, seen[kept.pk], seen[gone.pk]),
        choose=chosen,
        now=now_for(request.actor),
    )


@require_POST
@behind_sign_in(*PossibleTwin.read_purposes)
@within_limits
def twin_apart(request: ActorRequest, twin_id: UUID) -> HttpResponse:
    """Keep that two entries are two people."""
    shown, form = _open(request, twin_id), ApartForm(request.POST)
    if not form.is_valid():
        return _pair_page(request, shown, shown.form(), form)
    actor, why = request.actor, form.cleaned_data["why"]
    try:
        actions.tell_apart(actor=actor, twin_id=twin_id, why=why, now=now_for(actor))
    except Refused as refusal:
        return _pair_page(request, shown, shown.form(), form, refusal=refusal)
    messages.success(request, _("已记下：不是同一人。登记有变化前不再询问。"))
    return redirect("twins")
