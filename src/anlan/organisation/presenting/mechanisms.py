"""How the mechanisms of the pack's source are put before people: words, figures, and where each leads."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.pack_store import section
from anlan.organisation.pack_registers import Attribute
from anlan.organisation.queries.mechanisms import SECTION_OF, MechanismNow, Part, address_of
from anlan.organisation.rules import MechanismState
from anlan.organisation.words import entry_words, in_words, section_words, source_words

# Of each sort of object: the page that shows it, and the name under which that page takes its key.
PAGE_OF: dict[str, tuple[str, str]] = {
    "body": ("body_coverage", "template"),
    "checklist": ("checklist_coverage", "checklist"),
    "facility_kinds": ("facilities", "kind"),
    "vehicle_kind": ("vehicles", "kind"),
    "count_form": ("counts", "form"),
    "order_kind": ("orders", "kind"),
}
ASKED_BESIDE = {"orders": {"view": "open"}}  # of a page that shows less unless it is asked
REGISTER_PAGE = {"facility": "facilities", "vehicle": "vehicles"}  # of what an attribute is kept of
WHAT: dict[str, str | Promise] = {"page": _("页面")}


@dataclass(frozen=True, slots=True)
class PartLine:
    """One thing a mechanism lives in: what it is called, how many, where it is looked at."""

    title: str
    count: int | None
    complete: int | None
    href: str  # empty where this post may not open the page, or there is none


@dataclass(frozen=True, slots=True)
class MechanismLine:
    """A mechanism as the page shows it."""

    title: str
    quote: str
    rows: str
    article: str
    source: str
    what: str
    state: MechanismState
    parts: tuple[PartLine, ...]


def mechanism_lines(actor: Actor, found: list[MechanismNow]) -> list[MechanismLine]:
    """Return mechanisms with the words of their objects and the links this post may open."""
    titles = {kind: _titles(kind) for kind in {row.kind for row in found} & set(SECTION_OF)}
    sources = source_words()
    return [
        MechanismLine(
            title=in_words(row.mechanism.title),
            quote=row.mechanism.quote,
            rows="、".join(row.mechanism.rows),
            article=row.mechanism.article,
            source=sources[row.mechanism.source],
            what=_what(row.kind) if row.parts else "",
            state=row.state,
            parts=tuple(_part(actor, row.kind, part, titles.get(row.kind, {})) for part in row.parts),
        )
        for row in found
    ]


def mechanism_context(actor: Actor, found: list[MechanismNow], sought: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of the page: figures of all mechanisms, lines of those that the filters ask for."""
    counted = Counter(row.state for row in found)
    view, source, text = (sought.get(name, "").strip() for name in ("view", "source", "q"))
    view = view if view in MechanismState.values else ""
    words, named = source_words(), dict.fromkeys(row.mechanism.source for row in found)
    wanted = [row for row in found if view in {"", row.state} and source in {"", row.mechanism.source}]
    lines = mechanism_lines(actor, wanted)
    return {
        "total": len(found),
        "chips": [(state, counted[state]) for state in MechanismState],
        "live_count": counted[MechanismState.LIVE],
        "empty_count": counted[MechanismState.EMPTY],
        "missing_count": counted[MechanismState.NOT_BUILT],
        "lines": [
            row for row in lines if text.casefold() in f"{row.title} {row.quote} {row.rows}".casefold()
        ],
        "sources": [(key, words[key]) for key in named] if len(named) > 1 else [],
        "view": view,
        "source": source,
        "query": text,
        "may_open_pack": bool(openable(actor, address_of("pack", (), actor))),
    }


def openable(actor: Actor, address: str) -> str:
    """Return an address if the actor's post serves a purpose its view asks for, else nothing."""
    try:
        view = resolve(address.partition("?")[0]).func
    except Resolver404:
        return ""
    purposes: frozenset[str] = getattr(view, "purposes", frozenset())
    return address if not purposes or actor.has_purpose(*purposes) else ""


def _titles(kind: str) -> dict[str, str]:
    rows = [row.model_dump() for row in section(SECTION_OF[kind])]
    return {row["key"]: entry_words(row) for row in rows}


def _what(kind: str) -> str:
    return str(WHAT[kind]) if kind in WHAT else section_words(SECTION_OF[kind])


def _part(actor: Actor, kind: str, part: Part, titles: dict[str, str]) -> PartLine:
    tally, href = part.tally, openable(actor, _address(actor, kind, part))
    of_page = _("打开") if href else _("由别的岗位查看")
    return PartLine(
        title=str(of_page) if kind == "page" else titles.get(part.key, part.key),
        count=tally.count if tally else None,
        complete=tally.complete if tally else None,
        href=href,
    )


def _address(actor: Actor, kind: str, part: Part) -> str:
    if kind == "page":
        return part.key
    if kind == "plan":
        return address_of("plan", [part.key], actor)
    if kind == "attribute":
        asked = next(row for row in section(Attribute) if row.key == part.key)
        page = REGISTER_PAGE.get(asked.of, "")
        one_kind = {"kind": asked.kinds[0]} if len(asked.kinds) == 1 else {}
        return _asking(address_of(page, (), actor), one_kind)
    if kind == "checklist" and part.tally is None:
        return ""  # answered with an order
    if kind not in PAGE_OF:
        return ""
    page, name = PAGE_OF[kind]
    return _asking(address_of(page, (), actor), ASKED_BESIDE.get(page, {}) | {name: part.key})


def _asking(address: str, asked: dict[str, str]) -> str:
    return f"{address}?{urlencode(asked)}" if address and asked else address
