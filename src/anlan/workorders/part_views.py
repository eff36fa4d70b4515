"""Doors of what hangs on an order: items, legs, extensions, reminders; a problem raised, a call made."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Post
from anlan.organisation.queries import in_force, now_for
from anlan.organisation.rules import AreaLevel
from anlan.workorders import queries
from anlan.workorders.actions import (
    ItemReply,
    act_on_leg,
    answer_items,
    ask_extension,
    call_departments,
    decide_extension,
    object_to_order,
    raise_problem,
    remind,
)
from anlan.workorders.forms import CallForm, ExtensionForm, ObjectionForm, ProblemForm
from anlan.workorders.presenting import LEG_WORDS, in_language
from anlan.workorders.rules import ItemAnswer, LegAct
from anlan.workorders.views import order_context

MINUTES_AN_HOUR = 60


@require_POST
@behind_sign_in()
def order_items(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Answer items of the checklist, as many as were chosen."""
    order = queries.access_order(request.actor, order_id)
    chosen = {key: request.POST.get(f"answer_{key}", "") for key in order.items.values_list("key", flat=True)}
    replies = [
        ItemReply(key, ItemAnswer(answer), request.POST.get(f"note_{key}", ""))
        for key, answer in chosen.items()
        if answer in ItemAnswer.values and answer
    ]
    answer_items(actor=request.actor, order_id=order_id, replies=replies, now=now_for(request.actor))
    messages.success(request, _("清单已保存"))
    return redirect("order", order_id=order_id)


@require_POST
@behind_sign_in()
def order_leg(request: ActorRequest, leg_id: UUID, act: str) -> HttpResponse:
    """Act on one leg."""
    leg = queries.access_leg(request.actor, leg_id)
    if act not in LEG_WORDS:
        raise NotFound
    act_on_leg(
        actor=request.actor,
        leg_id=leg_id,
        act=LegAct(act),
        note=request.POST.get("note", ""),
        expected_version=_version(request),
        now=now_for(request.actor),
    )
    messages.success(request, _("已记录"))
    return redirect("order", order_id=leg.order_id)


@require_POST
@behind_sign_in()
def order_extension(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Ask for more time."""
    queries.access_order(request.actor, order_id)
    form = ExtensionForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请填写延长的小时数和原因。"), code="bad_extension")
    ask_extension(
        actor=request.actor,
        order_id=order_id,
        minutes=form.cleaned_data["hours"] * MINUTES_AN_HOUR,
        reason=form.cleaned_data["reason"],
        expected_version=form.cleaned_data["version"],
        now=now_for(request.actor),
    )
    messages.success(request, _("已申请延期，等待批准"))
    return redirect("order", order_id=order_id)


@require_POST
@behind_sign_in()
def order_extension_decide(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Grant or refuse more time."""
    queries.access_order(request.actor, order_id)
    answer = request.POST.get("answer", "")
    if answer not in {"grant", "refuse"}:
        raise Invalid(code="bad_answer")
    decide_extension(
        actor=request.actor,
        order_id=order_id,
        granted=answer == "grant",
        expected_version=_version(request),
        now=now_for(request.actor),
    )
    return redirect("order", order_id=order_id)


@require_POST
@behind_sign_in()
def order_remind(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """Press for an order."""
    queries.access_order(request.actor, order_id)
    note = request.POST.get("note", "")
    remind(actor=request.actor, order_id=order_id, note=note, now=now_for(request.actor))
    messages.success(request, _("已催办"))
    return redirect("order", order_id=order_id)


@require_POST
@behind_sign_in()
def order_object(request: ActorRequest, order_id: UUID) -> HttpResponse:
    """非社区职责: give an order back, citing the lists."""
    order = queries.access_order(request.actor, order_id)
    if not queries.may_object(request.actor, order):
        raise NotAllowed
    form = ObjectionForm(request.POST, auto_id="object-%s")
    if not form.is_valid():
        context = {**order_context(request, order), "objection_form": form}
        return render(request, "workorders/order.html", context, status=422)
    object_to_order(
        actor=request.actor,
        order_id=order_id,
        cited=form.cleaned_data["list_item"],
        note=form.cleaned_data["note"],
        expected_version=form.cleaned_data["version"],
        now=now_for(request.actor),
    )
    messages.success(request, _("已退回，等街道裁定"))
    return redirect("order", order_id=order_id)


@require_http_methods(["GET", "POST"])
@behind_sign_in("grid_work", "lead")
def problem(request: ActorRequest) -> HttpResponse:
    """Raise a problem seen in a grid."""
    if request.actor.role not in queries.order_kind(queries.PROBLEM).asked_by:
        raise NotAllowed
    categories = [(row.key, in_language(row.title)) for row in queries.problem_categories()]
    form = ProblemForm(request.POST or None, areas=_areas(request), categories=categories)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        order = raise_problem(actor=request.actor, now=now_for(request.actor), **values)
        messages.success(request, _("已收到，办理情况会在这里告诉您"))
        return redirect("order", order_id=order.pk)
    return _answer(request, "workorders/problem.html", {"form": form})


@require_http_methods(["GET", "POST"])
@behind_sign_in("lead", "grid_work")
def call(request: ActorRequest) -> HttpResponse:
    """Call the departments for a situation."""
    if request.actor.role not in queries.order_kind(queries.CALL).asked_by:
        raise NotAllowed
    table = queries.calls()
    situations = [(row.key, in_language(row.title)) for row in table]
    form = CallForm(request.POST or None, areas=_areas(request), situations=situations)
    if request.method == "POST" and form.is_valid():
        order = call_departments(actor=request.actor, now=now_for(request.actor), **form.cleaned_data)
        messages.success(request, _("已呼叫，各部门到场后请在这里确认"))
        return redirect("order", order_id=order.pk)
    steps = [(in_language(row.title), in_language(row.first_steps), row.call_first) for row in table]
    context = {"form": form, "first_steps": steps, "coming": _coming(request)}
    return _answer(request, "workorders/call.html", context)


def _coming(request: ActorRequest) -> list[Post]:
    """Return whom a call would reach, by the situation and the place chosen so far or sent with a fault."""
    said = request.POST or request.GET
    chosen, place = (said.get(name, "") for name in ("situation", "area_code"))
    call = next((row for row in queries.calls() if row.key == chosen), None)
    if call is None or not _areas(request).filter(code=place).exists():
        return []
    return queries.posts_called(request.actor, call, place, now=now_for(request.actor))


def _answer(request: ActorRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer a form's page: 422 where what was sent is not right."""
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def _areas(request: ActorRequest) -> QuerySet[Area]:
    """Return the grids and communities in the post's ranges, for choosing where."""
    levels = (AreaLevel.GRID, AreaLevel.COMMUNITY)
    near = Area.objects.filter(in_force(now_for(request.actor)), within(request.actor.ranges, "code"))
    return near.filter(level__in=levels).order_by("code")


def _version(request: ActorRequest) -> int:
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(code="bad_version")
    return int(text)
