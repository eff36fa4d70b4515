"""The parts of the pages of grants: the list, an application, one grant, its certificate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anlan.affairs.grant_forms import ActForm, ApplicationForm, ApprovalForm, CheckForm
from anlan.affairs.grant_rules import BY_WORDS_ALONE, GrantAct
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.affairs.presenting import in_words
from anlan.affairs.presenting.grants import (
    STEP_WORDS,
    VIEW_WORDS,
    Certificate,
    certificate_of,
    grant_context,
    grant_lines,
)
from anlan.affairs.queries.grants import (
    NEWEST,
    NEXT_TO_END,
    applies_at_all,
    chosen_kind,
    count_grants,
    grant_kinds,
    kinds_to_apply_for,
    may_do,
    may_renew,
    relayed_kinds,
    wanted_grants,
)
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.practice import is_practice, now_in
from anlan.foundation.qr_codes import qr_picture
from anlan.organisation.models import Facility
from anlan.organisation.queries import area_names


def list_context(actor: Actor, sought: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return the parts of the list of one kind."""
    kind, today = chosen_kind(sought), day_of(now)
    view = sought.get("view", "")
    view = view if view in VIEW_WORDS else "valid"
    rows = wanted_grants(actor, sought, today=today)
    count, exact = count_up_to(rows)
    page = page_of(
        rows,
        order=NEXT_TO_END if view == "soon" else NEWEST,
        after=sought.get("after"),
        before=sought.get("before"),
    )
    area = sought.get("area", "")
    return {
        "kind": kind,
        "kind_title": in_words(kind.title) if kind else "",
        "kinds": [(one.key, in_words(one.title)) for one in grant_kinds().values()],
        "figures": _figures(actor, kind, now) if kind else None,
        "categories": [(row.key, in_words(row.title)) for row in kind.categories] if kind else [],
        "views": list(VIEW_WORDS.items()),
        "view": view,
        "sought": sought,
        "area_name": area_names([area], now=now).get(area, ""),
        "page": page,
        "lines": grant_lines(page.rows, now, today),
        "count": count,
        "exact": exact,
        "may_apply": applies_at_all(actor),
    }


def _figures(actor: Actor, kind: GrantKind, now: datetime) -> dict[str, Any]:
    counts = count_grants(actor, kind, day_of(now))
    return {
        "categories": [
            (row.key, in_words(row.title), counts.by_category.get(row.key, 0)) for row in kind.categories
        ],
        "waiting": counts.waiting,
        "expiring": counts.expiring,
    }


def choice_context(actor: Actor) -> dict[str, Any]:
    """Return where a post that applies for others finds whom to apply for; nothing for one that does not."""
    kinds = relayed_kinds(actor)
    return {"titles": [in_words(kind.title) for kind in kinds]}


def application_context(
    facility: Facility, kind: GrantKind, form: ApplicationForm, *, renewing: bool
) -> dict[str, Any]:
    """Return the parts of the page on which one applies."""
    return {
        "facility": facility,
        "kind_title": in_words(kind.title),
        "points": [(in_words(point.text), point.required) for point in kind.points],
        "form": form,
        "is_renewal": renewing,
    }


def page_context(
    actor: Actor,
    found: Grant,
    *,
    now: datetime,
    check_form: CheckForm | None = None,
    approval_form: ApprovalForm | None = None,
    act_form: ActForm | None = None,
) -> dict[str, Any]:
    """Return the parts of a grant's page; a form that was sent stands as it was sent."""
    today, kind = day_of(now), grant_kinds().get(found.kind)
    context = grant_context(found, now, today)
    acts = [act for act in GrantAct if may_do(actor, found, act, today)]
    if kind is not None and GrantAct.CHECK in acts:
        context["check_form"] = check_form or CheckForm(kind=kind, grant=found)
    if kind is not None and GrantAct.APPROVE in acts and not context["unmet"]:
        context["approval_form"] = approval_form or ApprovalForm(kind=kind, grant=found, today=today)
    applies = any(one.key == found.kind for one in kinds_to_apply_for(actor, found.facility))
    return context | {
        "acts": [_act(act, found, act_form) for act in acts if act in BY_WORDS_ALONE],
        "may_renew": applies and may_renew(found, today),
    }


def _act(act: GrantAct, found: Grant, sent: ActForm | None) -> tuple[str, Any, ActForm]:
    is_sent = sent is not None and sent.data.get("act") == act
    form = sent if sent is not None and is_sent else ActForm.fresh(act, found)
    return act.value, STEP_WORDS[act], form


def certificate_today(found: Grant) -> Certificate:
    """Return what a certificate says on this day where it lies; a practice district has its own clock."""
    here = found.area_code
    return certificate_of(found, day_of(now_in(here)), is_practice=is_practice(here))


def certificate_context(found: Grant, address: str, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a certificate with the QR code of the address that verifies it."""
    context = grant_context(found, now, day_of(now))
    return context | {"certificate": certificate_today(found), "qr": qr_picture(address), "address": address}
