"""Doors of liaison: coverage of an area by line, its gaps and doubles, assigning, handing over, ending."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in, uuid_or_404, version_or_404
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.presenting.list_map import counted_features
from anlan.organisation.presenting.maps import map_answer
from anlan.organisation.queries import access_member, now_for
from anlan.people import actions
from anlan.people.forms.care import AssignForm, HandOverForm
from anlan.people.pack import LiaisonLine
from anlan.people.presenting.care import building_words, home_lines, in_language, line_words
from anlan.people.queries import liaison as asked
from anlan.people.views.choosing import AreaChosen, area_chosen
from anlan.people.views.residents import ORDER, PURPOSES, within_limits

OFFERED = 20
BUILDINGS_FROM_DIGITS = 12  # a whole subdistrict is assigned as such, not building by building


@dataclass(frozen=True, slots=True)
class Chosen:
    """The line and the area that the address names."""

    line: LiaisonLine
    area: AreaChosen
    words: str
    lines: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """Return the address's part that keeps both."""
        return urlencode({"line": self.line.key, "area": self.area.code})


def _chosen(request: ActorRequest) -> Chosen:
    lines = line_words()
    key = request.GET.get("line", "") or next(iter(lines), "")
    return Chosen(asked.access_line(key), area_chosen(request), lines.get(key, key), lines)


@require_GET
@behind_sign_in(*PURPOSES)
def liaison(request: ActorRequest) -> HttpResponse:
    """Show how many households of each area below one have somebody on a line, and who holds how many."""
    actor, chosen = request.actor, _chosen(request)
    today = day_of(now_for(actor))
    rows = asked.coverage_below(actor, chosen.line, chosen.area.code, today=today)
    holders = asked.loads_of_holders(actor, chosen.line, chosen.area.code)
    is_by_patch = request.GET.get("by") == "patch" and bool(chosen.area.patches)
    context = {
        "chosen": chosen,
        "rows": _patch_rows(chosen, rows) if is_by_patch else _area_rows(chosen, rows),
        "by": ("patch" if is_by_patch else "grid") if chosen.area.patches else "",
        "total": asked.total_of(rows),
        "holders": holders,
        "loads": _with_seats(chosen, holders.rows),
        "may_assign": asked.may_assign(actor),
        "duties": in_language(chosen.line.duties),
    }
    return render(request, "people/liaison.html", context)


@gzip_page
@require_GET
@behind_sign_in(*PURPOSES)
def liaison_map(request: ActorRequest) -> HttpResponse:
    """Answer the map beside coverage: how many households of each area below have nobody."""
    actor, chosen, now = request.actor, _chosen(request), now_for(request.actor)
    rows = asked.coverage_below(actor, chosen.line, chosen.area.code, today=day_of(now))
    counts = {row.area_code: row.uncovered for row in rows}
    features = counted_features(
        counts,
        area_code=chosen.area.area_code,
        only=chosen.area.below if chosen.area.is_patch else None,
        query=request.GET,
        words=_uncovered,
        now=now,
    )
    return map_answer(features)


def _uncovered(count: int) -> str:
    return _("漏 %(count)s 户") % {"count": f"{count:,}"} if count else _("无漏户")


def _with_seats(chosen: Chosen, loads: list[asked.Load]) -> list[tuple[asked.Load, list[tuple[str, str]]]]:
    """Return each holder's load with the seats, in words, that may be handed over one by one."""
    words = _seat_words(chosen)
    return [(load, [(seat, words[seat]) for seat in load.seats]) for load in loads]


def _seat_words(chosen: Chosen) -> dict[str, str]:
    return {key: in_language(slot.title) for key, slot in asked.seats_of(chosen.line).items()}


def _area_rows(chosen: Chosen, rows: list[asked.Coverage]) -> list[tuple[asked.Coverage, str]]:
    return [(row, chosen.area.name_of(row.area_code)) for row in rows]


def _patch_rows(chosen: Chosen, rows: list[asked.Coverage]) -> list[tuple[asked.Coverage, str]]:
    """Return the figures of a community by patch, what is in none the last."""
    grids = {pk: codes for pk, (_name, codes) in chosen.area.patches.items()}
    names = {str(pk): name for pk, (name, _codes) in chosen.area.patches.items()}
    return [(row, names.get(row.area_code, _("未归片"))) for row in asked.by_patch(rows, grids)]


@require_GET
@behind_sign_in(*PURPOSES)
@within_limits
def liaison_homes(request: ActorRequest) -> HttpResponse:
    """List the households of a line: those nobody answers for, those with one too many, or all."""
    actor, now, chosen = request.actor, now_for(request.actor), _chosen(request)
    view = request.GET.get("view", asked.UNCOVERED)
    rows = asked.homes_of_line(actor, chosen.line, area_code=chosen.area.code, today=day_of(now), view=view)
    count, exact = count_up_to(rows.select_related(None), ranges=actor.ranges)
    after, before = request.GET.get("after"), request.GET.get("before")
    page = page_of(rows, order=ORDER, ranges=actor.ranges, after=after, before=before)
    ids = [row.pk for row in page.rows]
    actions.note_listed(actor=actor, subject="people.Household", ids=ids, now=now)
    lines = home_lines(actor, page.rows, chosen.line.key, now=now)
    context = {"chosen": chosen, "page": page, "lines": lines, "view": view}
    context |= {"count": count, "exact": exact, "may_assign": asked.may_assign(actor)}
    return render(request, "people/liaison_homes.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
def liaison_assign(request: ActorRequest) -> HttpResponse:
    """Let a member answer for households chosen by building, after a look at how many."""
    actor, chosen = _assigner(request), _chosen(request)
    buildings = _buildings(request, chosen)
    form = AssignForm(request.POST or None, buildings=buildings, **_offer(request, chosen))
    preview = None
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = {"holder": _holder(request, chosen, form), "now": now_for(actor)}
        try:
            said["household_ids"] = _homes(actor, chosen, form)
            if request.POST.get("confirmed") == "1":
                return _told(request, chosen, actions.assign_households(actor=actor, **said))
            preview = actions.preview_assignment(actor=actor, **said)
        except Invalid as refusal:
            form.show_refusal(refusal)
    return _page(request, "people/liaison_assign.html", chosen, form, preview=preview)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
def liaison_hand_over(request: ActorRequest, giver_id: UUID) -> HttpResponse:
    """Let one member take over what another answers for, after a look at how many."""
    giver = access_member(request.actor, giver_id)
    actor, chosen = _assigner(request), _chosen(request)
    held = asked.live_assignments(
        actor, line=chosen.line.key, area_code=chosen.area.code, holder_id=giver.pk
    ).filter(slot=request.GET.get("seat", ""))
    form = HandOverForm(request.POST or None, **_offer(request, chosen))
    preview = None
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = {"holder": _holder(request, chosen, form), "from_id": giver.pk}
        said |= {"area_code": chosen.area.code, "now": now_for(actor)}
        try:
            if request.POST.get("confirmed") == "1":
                return _told(request, chosen, actions.hand_over_assignments(actor=actor, **said))
            preview = actions.preview_hand_over(actor=actor, **said)
        except Invalid as refusal:
            form.show_refusal(refusal)
    more = {"preview": preview, "giver": giver, "held": held.count()}
    return _page(request, "people/liaison_hand_over.html", chosen, form, **more)


def _assigner(request: ActorRequest) -> Actor:
    if not asked.may_assign(request.actor):
        raise NotAllowed
    return request.actor


def _offer(request: ActorRequest, chosen: Chosen) -> dict[str, Any]:
    """Return who may be named: those found, and the one a sent form has chosen."""
    words, seat, actor = request.GET.get("q", "").strip(), request.GET.get("seat", ""), request.actor
    found = asked.who_may_hold(
        actor, chosen.line, seat, words=words, near=chosen.area.area_code, now=now_for(actor)
    )
    offered = {str(row.member_id): f"{row.member.name}　{row.post.title}" for row in found[:OFFERED]}
    if (sent := request.POST.get("member", "")) and sent not in offered:
        offered[sent] = access_member(actor, uuid_or_404(sent)).name
    return {"offered": list(offered.items()), "line": chosen.line}


def _buildings(request: ActorRequest, chosen: Chosen) -> list[tuple[str, str]]:
    if len(chosen.area.area_code) < BUILDINGS_FROM_DIGITS:
        return []
    today = day_of(now_for(request.actor))
    rows = asked.buildings_of_line(request.actor, chosen.line, chosen.area.code, today=today)
    return [(str(row.building.pk), building_words(row.building, row.homes, row.covered)) for row in rows]


def _homes(actor: Actor, chosen: Chosen, form: AssignForm) -> list[UUID]:
    """Return the households that a sent form names."""
    said = form.cleaned_data
    return actions.homes_in(
        actor,
        area_code=chosen.area.code,
        building_ids=[UUID(one) for one in said.get("buildings", [])],
        line=chosen.line.key,
        only_uncovered=said.get("only_uncovered", False),
        now=now_for(actor),
    )


def _holder(request: ActorRequest, chosen: Chosen, form: AssignForm | HandOverForm) -> actions.NewHolder:
    said = form.cleaned_data
    return actions.NewHolder(
        line=chosen.line.key,
        member_id=UUID(said["member"]),
        seat=request.GET.get("seat", ""),
        reason=said["reason"],
        have_agreed=said.get("have_agreed", False),
    )


def _told(request: ActorRequest, chosen: Chosen, done: actions.Outcome) -> HttpResponse:
    if done == actions.Outcome(0, 0, 0):
        messages.info(request, _("没有要交接的户：刚才已经办过，或已由别人办理。"))
    else:
        words = _("已指定 %(done)s 户；原来就是 %(already)s 户；未办成 %(refused)s 户。")
        counts = {"done": done.done, "already": done.already, "refused": done.refused}
        messages.success(request, words % counts)
    return redirect(f"{reverse('liaison')}?{chosen.query}")


def _page(
    request: ActorRequest, template: str, chosen: Chosen, form: AssignForm | HandOverForm, **more: Any
) -> HttpResponse:
    context: dict[str, Any] = {"chosen": chosen, "form": form, "seats": _seat_words(chosen)}
    context |= {"seat": request.GET.get("seat", ""), "words": request.GET.get("q", ""), **more}
    return render(request, template, context, status=form.status)


@require_POST
@behind_sign_in("grid_work")
def liaison_end(request: ActorRequest, assignment_id: UUID) -> HttpResponse:
    """Let a member no longer answer for a household."""
    version = version_or_404(request.POST.get("version", ""))
    row = actions.end_assignment(
        actor=request.actor,
        assignment_id=assignment_id,
        expected_version=version,
        reason=request.POST.get("reason", "") or _("不再负责这一户"),
        now=now_for(request.actor),
    )
    messages.success(request, _("已解除，这一户在这条线上如无他人即列为漏户。"))
    return redirect("household", row.household_id)
