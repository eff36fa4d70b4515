"""Doors of moving: a household behind another door, a person to another household, each seen beforehand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.foundation.actor import Actor
from anlan.foundation.doors import behind_sign_in, uuid_or_404
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.models import Building
from anlan.organisation.queries import area_names, now_for
from anlan.people import actions, presenting, queries
from anlan.people.addresses import buildings_found, households_found, others_at
from anlan.people.forms import HouseholdMoveForm, MoveForm, ResidentMoveForm
from anlan.people.models import Household, Resident
from anlan.people.views.residents import within_limits


@dataclass(frozen=True, slots=True)
class Preview:
    """Where somebody would live: the door, the area, whether that is another grid, who is there already."""

    door: str
    area: str
    crosses: bool
    already: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a sent form: a preview, a conflict in words, or it is done."""

    preview: Preview | None = None
    conflict: str = ""
    is_done: bool = False


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
@within_limits
def move_home(request: ActorRequest, household_id: UUID) -> HttpResponse:
    """Move a household with its people behind another door, after a look at what changes."""
    actor, now = request.actor, now_for(request.actor)
    home, people = actions.open_household(actor=actor, household_id=household_id, now=now)
    fresh = partial(HouseholdMoveForm, initial={"version": home.version}, offered=_buildings(request, now))
    form = fresh(request.POST or None)
    tried = _try(
        request,
        form,
        lambda: _before_home(actor, home, form, now),
        lambda: _move_home(actor, home, form, now),
    )
    if tried.is_done:
        return redirect("household", household_id)
    context = _context(actor, home, people, now) | {
        "title": _("整户迁移"),
        "back": reverse("household", args=[household_id]),
        "hint": _("楼栋号、楼名或网格名"),
        "empty": _("没有找到楼栋"),
    }
    return _page(request, fresh() if tried.conflict else form, tried, context)


def _before_home(actor: Actor, home: Household, form: HouseholdMoveForm, now: datetime) -> Preview:
    said = form.cleaned_data
    building = queries.access_building(actor, UUID(said["building"]))
    actions.check_door(building, said["unit"], said["room"])
    there = Household(building=building, unit=said["unit"], room=said["room"], area_code=building.area_code)
    already = others_at(home, building, said["unit"], said["room"]).count()
    return _preview(actor, there, home.area_code, now, already)


def _move_home(actor: Actor, home: Household, form: HouseholdMoveForm, now: datetime) -> None:
    said = form.cleaned_data
    actions.move_household(
        actor=actor,
        household_id=home.pk,
        building_id=UUID(said["building"]),
        unit=said["unit"],
        room=said["room"],
        expected_version=said["version"],
        now=now,
    )


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work")
@within_limits
def move_person(request: ActorRequest, resident_id: UUID) -> HttpResponse:
    """Move a person to another household, after a look at what changes."""
    actor, now = request.actor, now_for(request.actor)
    person = actions.open_resident(actor=actor, resident_id=resident_id, now=now)
    fresh = partial(
        ResidentMoveForm, initial={"version": person.version}, offered=_homes(request, person, now)
    )
    form = fresh(request.POST or None)
    tried = _try(
        request,
        form,
        lambda: _preview(actor, _chosen_home(actor, form), person.area_code, now),
        lambda: _move_person(actor, person, form, now),
    )
    if tried.is_done:
        return redirect("person", resident_id)
    context = _context(actor, person.household, [person], now) | {
        "title": _("迁入别户"),
        "back": reverse("person", args=[resident_id]),
        "hint": _("门牌，例如 3-2-501，或楼栋和房号"),
        "empty": _("请先查找迁入的住户"),
    }
    return _page(request, fresh() if tried.conflict else form, tried, context)


def _try(
    request: ActorRequest, form: MoveForm, look: Callable[[], Preview], act: Callable[[], object]
) -> Tried:
    """Look at what a valid form would do; do it where the preview was confirmed."""
    if request.method != "POST" or not form.is_valid():
        return Tried()
    try:
        preview = look()
        if request.POST.get("confirmed") != "1":
            return Tried(preview)
        act()
    except Conflict as refusal:
        return Tried(conflict=str(refusal.message))
    except Invalid as refusal:
        form.show_refusal(refusal)
        return Tried()
    messages.success(request, _("已迁移，迁移前的门牌留在修改记录里。"))
    return Tried(is_done=True)


def _chosen_home(actor: Actor, form: MoveForm) -> Household:
    return queries.access_household(actor, UUID(form.cleaned_data["household"]))


def _move_person(actor: Actor, person: Resident, form: ResidentMoveForm, now: datetime) -> None:
    actions.move_resident(
        actor=actor,
        resident_id=person.pk,
        household_id=UUID(form.cleaned_data["household"]),
        expected_version=form.cleaned_data["version"],
        now=now,
    )


def _preview(actor: Actor, there: Household, from_area: str, now: datetime, already: int = 0) -> Preview:
    area = area_names([there.area_code], now=now).get(there.area_code, there.area_code)
    return Preview(presenting.door_of(actor, there), area, there.area_code != from_area, already)


def _buildings(request: ActorRequest, now: datetime) -> list[tuple[str, str]]:
    """Return the buildings to choose from: those found, and the one a sent form has chosen."""
    found = buildings_found(request.actor, request.GET.get("q", ""), now=now)
    chosen = request.POST.get("building", "")
    if chosen and chosen not in {str(row.pk) for row in found}:
        found.insert(0, queries.access_building(request.actor, uuid_or_404(chosen)))
    names = area_names({row.area_code for row in found}, now=now)
    return [(str(row.pk), _building_words(row, names)) for row in found]


def _building_words(row: Building, names: dict[str, str]) -> str:
    units = _("%(n)s 个单元") % {"n": row.unit_count}
    return f"{row}　{names.get(row.area_code, row.area_code)} · {units}"


def _homes(request: ActorRequest, person: Resident, now: datetime) -> list[tuple[str, str]]:
    """Return the households to choose from, without the person's own."""
    actor, chosen = request.actor, request.POST.get("household", "")
    found = households_found(actor, request.GET.get("q", ""), now=now)
    found = [row for row in found if row.pk != person.household_id]
    if chosen and chosen not in {str(row.pk) for row in found}:
        found.insert(0, queries.access_household(actor, uuid_or_404(chosen)))
    names = area_names({row.area_code for row in found}, now=now)
    actions.note_listed(actor=actor, subject="people.Household", ids=[row.pk for row in found], now=now)
    return [
        (str(row.pk), f"{presenting.door_of(actor, row)}　{names.get(row.area_code, row.area_code)}")
        for row in found
    ]


def _context(
    actor: Actor, home: Household | None, people: Iterable[Resident], now: datetime
) -> dict[str, Any]:
    code = home.area_code if home else ""
    return {
        "people": presenting.resident_lines(actor, people, now=now),
        "from_door": presenting.door_of(actor, home),
        "from_area": area_names([code], now=now).get(code, code),
    }


def _page(request: ActorRequest, form: MoveForm, tried: Tried, context: dict[str, Any]) -> HttpResponse:
    status = 409 if tried.conflict else 422 if form.errors else 200
    context |= {"form": form, "offered": form.offered, "words": request.GET.get("q", "")}
    context |= {"preview": tried.preview, "conflict": tried.conflict}
    return render(request, "people/move.html", context, status=status)
