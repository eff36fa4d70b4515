"""Doors of what is in force: the settings of the district and its pack."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from anlan.foundation.clock import utc_now
from anlan.foundation.doors import behind_sign_in
from anlan.foundation.keyset import page_of
from anlan.foundation.middleware import ActorRequest
from anlan.foundation.pack_store import pack_in_force
from anlan.organisation import queries
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
    lines = [(row, names.get(row.area_code, row.area_code)) for row in page.rows]
    return render(request, "organisation/setting_list.html", {"page": page, "lines": lines})


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
