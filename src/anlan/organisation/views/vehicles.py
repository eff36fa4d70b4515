"""Doors of vehicles: the list with their states, one vehicle, entering and correcting it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in, uuid_or_404, version_or_404
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.middleware import ActorRequest
from anlan.organisation import queries
from anlan.organisation.actions import VehicleChanged, correct_vehicle, enter_vehicle, set_vehicle_state
from anlan.organisation.forms import blame
from anlan.organisation.models import Vehicle
from anlan.organisation.presenting.vehicles import vehicle_context, vehicle_kind_words, vehicle_lines
from anlan.organisation.queries import registers
from anlan.organisation.register_forms import VehicleForm
from anlan.organisation.rules import VehicleState
from anlan.organisation.views.facilities import READERS

BY_AREA = ("area_code", "id")


@require_GET
@behind_sign_in(*READERS)
def vehicle_list(request: ActorRequest) -> HttpResponse:
    """List the vehicles of the actor's ranges with their states."""
    actor, now, sought = request.actor, utc_now(), request.GET
    rows = registers.wanted_vehicles(actor, sought, now=now)
    count, exact = count_up_to(rows)
    page = page_of(rows, order=BY_AREA, after=sought.get("after"), before=sought.get("before"))
    area = sought.get("area", "")
    context = {
        "page": page,
        "lines": vehicle_lines(actor, page.rows, now=now),
        "kinds": vehicle_kind_words(),
        "states": VehicleState.choices,
        "area_name": queries.area_names([area], now=now).get(area, ""),
        "sought": sought,
        "count": count,
        "exact": exact,
        "may_enter": registers.may_enter_vehicles(actor),
    }
    return render(request, "organisation/vehicle_list.html", context)


@require_GET
@behind_sign_in(*READERS)
def vehicle_page(request: ActorRequest, vehicle_id: UUID) -> HttpResponse:
    """Show one vehicle: what it is, where it belongs, whether it can be sent."""
    vehicle = registers.access_vehicle(request.actor, vehicle_id)
    context = vehicle_context(request.actor, vehicle, now=utc_now())
    return render(request, "organisation/vehicle.html", context)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*READERS)
def vehicle_new(request: ActorRequest) -> HttpResponse:
    """Choose a kind, then enter a vehicle."""
    actor, now, kind = request.actor, utc_now(), request.GET.get("kind", "")
    if not registers.may_enter_vehicles(actor):
        raise NotAllowed
    if kind not in registers.definitions_in_force().vehicle_kinds:
        return render(request, "organisation/vehicle_kind.html", {"kinds": vehicle_kind_words()})
    form = _form(request, None, kind, now)
    if request.method == "POST" and form.is_valid():
        try:
            vehicle = enter_vehicle(
                actor=actor,
                vehicle_id=form.cleaned_data["row_id"],
                facts=form.facts(kind, actor.area_code),
                now=now,
            )
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已登记"))
            return redirect("vehicle", vehicle_id=vehicle.pk)
    context = {"form": form, "kind": vehicle_kind_words()[kind], "is_new": True}
    return render(request, "organisation/vehicle_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@behind_sign_in(*READERS)
def vehicle_edit(request: ActorRequest, vehicle_id: UUID) -> HttpResponse:
    """Correct what is known of a vehicle, or let it belong to another facility."""
    actor, now = request.actor, utc_now()
    vehicle = _kept(request, vehicle_id)
    form = _form(request, vehicle, vehicle.kind, now)
    if request.method == "POST" and form.is_valid():
        area_code = actor.area_code if vehicle.facility_id else vehicle.area_code
        try:
            correct_vehicle(
                actor=actor,
                vehicle_id=vehicle_id,
                expected_version=form.cleaned_data["version"] or 0,
                facts=form.facts(vehicle.kind, area_code),
                now=now,
            )
        except (Invalid, Conflict) as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("已更正"))
            return redirect("vehicle", vehicle_id=vehicle_id)
    context = {**vehicle_context(actor, vehicle, now=now), "form": form}
    return render(request, "organisation/vehicle_form.html", context, status=422 if form.errors else 200)


@require_POST
@behind_sign_in(*READERS)
def vehicle_state(request: ActorRequest, vehicle_id: UUID) -> HttpResponse:
    """Say whether a vehicle can be sent."""
    version = version_or_404(request.POST.get("version", ""))
    set_vehicle_state(
        actor=request.actor,
        vehicle_id=vehicle_id,
        state=request.POST.get("state", ""),
        expected_version=version,
        now=utc_now(),
    )
    messages.success(request, _("车辆状态已更新"))
    return redirect("vehicle", vehicle_id=vehicle_id)


def _kept(request: ActorRequest, vehicle_id: UUID) -> Vehicle:
    vehicle = registers.access_vehicle(request.actor, vehicle_id)
    if not registers.may_keep_vehicle(request.actor, vehicle):
        raise NotAllowed
    if vehicle.ends_at is not None:
        raise VehicleChanged
    return vehicle


def _form(request: ActorRequest, vehicle: Vehicle | None, kind: str, now: datetime) -> VehicleForm:
    initial: dict[str, Any]
    if vehicle is None:
        initial = {"facility": _facility_named(request)}
    else:
        unit = vehicle.facility.name if vehicle.facility else ""
        initial = {"name": vehicle.name, "facility": unit, "version": vehicle.version}
    return VehicleForm(
        request.POST or None,
        actor=request.actor,
        now=now,
        attributes=registers.definitions_in_force().of("vehicle", kind),
        values=vehicle.attributes if vehicle else {},
        initial=initial,
    )


def _facility_named(request: ActorRequest) -> str:
    """Return the name of the facility whose page one came from, else of the actor's own unit."""
    wanted = request.GET.get("facility", "")
    facility_id = uuid_or_404(wanted) if wanted else request.actor.facility_id
    return registers.access_facility(request.actor, facility_id).name if facility_id else ""
