"""Doors of saved filters: keep the one in use, delete one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from anlan.foundation.doors import behind_sign_in
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.saved_filters import address_of, forget_filter, save_filter


@require_POST
@behind_sign_in()
def filter_save(request: ActorRequest) -> HttpResponse:
    """Keep the filters of a list under a name and go back to the list."""
    sent = {key: request.POST.get(key, "") for key in ("route", "name", "query")}
    row = save_filter(request.actor.account_id, **sent)
    messages.success(request, _("已保存这组筛选。"))
    return redirect(f"{address_of(row.route)}?{row.query}")


@require_POST
@behind_sign_in()
def filter_forget(request: ActorRequest) -> HttpResponse:
    """Delete one of one's own filters and go back to its list."""
    forget_filter(request.actor.account_id, request.POST.get("filter", ""))
    messages.success(request, _("已删除这组筛选。"))
    return redirect(address_of(request.POST.get("route", "")))
