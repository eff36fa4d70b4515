"""The door by which a department sends a task to communities, through the gate."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.affairs.actions import HeldAtGate
from anlan.affairs.models import Admission
from anlan.affairs.queries import own_in_force
from anlan.foundation.clock import day_of
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.middleware import ActorRequest
from anlan.organisation.queries import now_for
from anlan.workorders import queries
from anlan.workorders.actions import NewTask, send_task
from anlan.workorders.forms import NO_ITEM, TaskForm
from anlan.workorders.models import WorkOrder


@require_http_methods(["GET", "POST"])
@behind_sign_in("department", "lead")
def task(request: ActorRequest) -> HttpResponse:
    """Send a task to communities under an admitted item; what rests on none is held and logged."""
    actor, now = request.actor, now_for(request.actor)
    if not queries.may_send_task(actor):
        raise NotAllowed
    admitted = list(own_in_force(actor, day_of(now)))
    form = TaskForm(
        request.POST or None,
        areas=queries.areas_to_choose(actor, now=now),
        admissions=[(str(row.pk), row.title) for row in admitted],
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _sent(request, send_task(actor=actor, task=_as_task(form), now=now))
        except HeldAtGate as refusal:
            refusal.leave_trace()
            return _page(request, form, admitted, is_held=True)
        except Invalid as refusal:
            for name, words in refusal.fields.items():
                form.add_error(name, str(words))
            if not refusal.fields:
                form.add_error(None, str(refusal.message))
    return _page(request, form, admitted)


def _page(
    request: ActorRequest, form: TaskForm, admitted: Sequence[Admission], *, is_held: bool = False
) -> HttpResponse:
    context = {"form": form, "admitted": admitted, "is_held": is_held}
    return render(request, "workorders/task.html", context, status=422 if form.is_bound else 200)


def _sent(request: ActorRequest, orders: Sequence[WorkOrder]) -> HttpResponse:
    messages.success(request, _("已派出 %(count)s 张工单") % {"count": len(orders)})
    return redirect(f"{reverse('orders')}?view=asked")


def _as_task(form: TaskForm) -> NewTask:
    values = form.cleaned_data
    return NewTask(
        words=values["words"],
        area_codes=tuple(values["areas"]),
        admission_id=None if values["admission"] == NO_ITEM else UUID(values["admission"]),
        batch_id=values["batch_id"],
    )
