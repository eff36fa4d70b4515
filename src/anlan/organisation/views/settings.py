"""Doors of what is in force: the settings of the district and its pack."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.pack_store import pack_in_force
from anlan.foundation.ports import ports
from anlan.organisation import queries
from anlan.organisation.actions import end_setting, set_setting
from anlan.organisation.forms import SettingEndForm, SettingForm, blame
from anlan.organisation.setting_pages import access_known, setting_context, setting_lines
from anlan.organisation.words import entry_words, section_words, source_words


@require_GET
@behind_sign_in("org", "audit", "lead", "system")
def setting_list(request: ActorRequest) -> HttpResponse:
    """List the settings in force here: value, place, who set it, since when."""
    now = utc_now()
    rows = queries.visible_settings(request.actor, now=now)
    page = page_of(
        rows,
        order=("key", "area_code", "id"),
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    names = queries.area_names({row.area_code for row in page.rows}, now=now)
    titles = {row.key: row.title for row in ports().known_settings}
    lines = [
        (row, titles.get(row.key, row.key), names.get(row.area_code, row.area_code)) for row in page.rows
    ]
    context = {"page": page, "lines": lines, "known": setting_lines(request.actor.area_code, now=now)}
    return render(request, "organisation/setting_list.html", context)


@require_GET
@behind_sign_in("org", "audit", "lead", "system")
def setting_page(request: ActorRequest, key: str) -> HttpResponse:
    """Show one setting at a place: what is in force, which level says so, what it was; and let it be set."""
    actor, now = request.actor, utc_now()
    area = queries.access_area_of(actor, request.GET.get("area", actor.area_code), now=now)
    context = setting_context(actor, access_known(key), area.code, now=now)
    return render(request, "organisation/setting.html", {**context, "form": _form_for(context)})


@require_POST
@behind_sign_in("org")
def setting_set(request: ActorRequest, key: str) -> HttpResponse:
    """Put a value in force at a place."""
    actor, now, known = request.actor, utc_now(), access_known(key)
    form = SettingForm(request.POST)
    area = queries.access_area_of(actor, request.POST.get("area") or actor.area_code, now=now)
    if form.is_valid():
        try:
            set_setting(
                actor=actor,
                key=key,
                area_code=area.code,
                value=form.cleaned_data["value"],
                now=now,
                expected_id=form.cleaned_data["before"],
            )
            messages.success(request, _("已设定，从现在起执行。"))
            return redirect(f"{reverse('setting', args=[key])}?area={area.code}")
        except Invalid as refusal:
            blame(form, refusal)
    context = setting_context(actor, known, area.code, now=now)
    return render(request, "organisation/setting.html", {**context, "form": form}, status=422)


@require_POST
@behind_sign_in("org")
def setting_end(request: ActorRequest, key: str) -> HttpResponse:
    """Take a place's own value back, so that the level above decides again."""
    actor, now = request.actor, utc_now()
    code, known = request.POST.get("area") or actor.area_code, access_known(key)
    form = SettingEndForm(request.POST)
    if not form.is_valid():
        raise Conflict
    end_setting(actor=actor, key=known.key, area_code=code, expected_id=form.cleaned_data["before"], now=now)
    messages.success(request, _("已撤回，改按上一级执行。"))
    return redirect(f"{reverse('setting', args=[key])}?area={code}")


def _form_for(context: dict[str, Any]) -> SettingForm:
    own = context["own"]
    before = own.pk if own else None
    return SettingForm(initial={"area": context["area_code"], "before": before, "value": context["value"]})


@require_GET
@behind_sign_in("org", "audit")
def pack_page(request: ActorRequest) -> HttpResponse:
    """Show which pack is in force, how much is in each section, and what must be checked before use."""
    version, sought = pack_in_force(), request.GET
    sections = [
        (key, section_words(key), count, doubtful) for key, count, doubtful in queries.pack_sections()
    ]
    rows = queries.entries_to_check(sought.get("section", ""))
    page = page_of(rows, order=("id",), after=sought.get("after"), before=sought.get("before"))
    sources = source_words()
    context = {
        "version": version,
        "sections": sections,
        "entry_count": sum(count for _key, _words, count, _doubtful in sections),
        "doubtful_count": sum(doubtful for _key, _words, _count, doubtful in sections),
        "page": page,
        "lines": [
            (row, section_words(row.section), entry_words(row.body), sources.get(row.body.get("source"), ""))
            for row in page.rows
        ],
        "chosen": sought.get("section", ""),
    }
    return render(request, "organisation/pack.html", context)
