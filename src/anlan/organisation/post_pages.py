"""How posts are put before people: lines of the list, the parts of one post's page, whom one may appoint."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.doors import uuid_or_404
from anlan.foundation.masks import visible
from anlan.foundation.scope import within
from anlan.organisation.models import Appointment, Area, Member, Post
from anlan.organisation.presenting import Crumbs, crumbs_of
from anlan.organisation.queries import (
    appointments_of,
    area_names,
    areas_above,
    coming_shifts,
    in_force,
    live_appointments,
    may_manage,
    may_manage_post,
    may_void_password,
    post_role,
    post_roles,
    visible_members,
)
from anlan.organisation.rules import AreaLevel, ancestors_of, is_in_force
from anlan.organisation.words import in_words, purpose_words

SHIFTS_SHOWN = 6
OFFERED = 20  # members to choose from; beyond it one searches


def role_choices() -> list[dict[str, str]]:
    """Return the roles one may filter by, with their titles."""
    return [{"key": key, "title": in_words(role.title)} for key, role in post_roles().items()]


@dataclass(frozen=True, slots=True)
class HolderLine:
    """One appointment on a post's page."""

    row: Appointment
    phone: str  # as the actor may see it


def post_context(actor: Actor, post: Post, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a post's page; the past only to those in whose ranges the post lies."""
    rows = list(appointments_of(post))
    role = post_role(post.role)
    ranges = [row.code for row in post.post_ranges.all()]
    names = area_names([post.area_code, *ranges], now=now)
    in_range = actor.ranges.covers(post.area_code)
    return {
        "post": post,
        "crumbs": post_crumbs(post, now=now),
        "place": names.get(post.area_code, post.area_code),
        "role": in_words(role.title if role else None, post.role),
        "duties": in_words(role.duties) if role else "",
        "ranges": [(code, names.get(code, "")) for code in ranges],
        "purposes": purpose_words(post.purposes),
        "holders": [_holder(actor, row) for row in rows if is_in_force(row.starts_at, row.ends_at, now)],
        "planned": [row for row in rows if row.starts_at > now and row.ends_at != row.starts_at],
        "before": [row for row in rows if row.ends_at and row.ends_at <= now] if in_range else [],
        "in_range": in_range,
        "is_live": is_in_force(post.starts_at, post.ends_at, now),
        "manages": may_manage_post(actor, post),
        "shifts": coming_shifts(post, now=now)[:SHIFTS_SHOWN],
        "now": now,
    }


def _holder(actor: Actor, row: Appointment) -> HolderLine:
    return HolderLine(row, visible(actor, Member, "phone", row.member.phone) or "")


def post_crumbs(post: Post, *, now: datetime) -> Crumbs:
    """Return the way down to the post's area, and the post."""
    area = Area.objects.filter(in_force(now), code=post.area_code).first()
    way = crumbs_of(area, areas_above(post.area_code, now=now)) if area else []
    return [*way, {"label": post.title, "href": reverse("post", args=[post.pk])}]


def candidates(actor: Actor, post: Post, words: str, *, chosen: str, now: datetime) -> list[Member]:
    """Return whom one may choose from: those the words name, else the people of the post's community.

    Whoever a sent form has chosen comes first; those who hold the post now are left out.
    """
    rows = visible_members(actor)
    if words:
        near = Q(name__icontains=words) | Q(unit__icontains=words)
    else:
        around = ancestors_of(post.area_code)[: list(AreaLevel).index(AreaLevel.COMMUNITY) + 1]
        near = within(AreaRanges.of(around[-1:]))
    sent = rows.filter(pk=uuid_or_404(chosen)) if chosen else rows.none()
    holding = live_appointments(now).filter(post=post).values("member")
    others = rows.filter(near).exclude(pk__in=holding).exclude(pk__in=[row.pk for row in sent])
    return [*sent, *others.order_by("name", "pk")[:OFFERED]]


def member_context(actor: Actor, member: Member, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a member's page."""
    area = Area.objects.filter(in_force(now), code=member.area_code).first()
    manages = may_manage(actor, member.area_code)
    account = member.account
    held = list(live_appointments(now).filter(member=member).select_related("post").order_by("starts_at"))
    return {
        "member": member,
        "crumbs": crumbs_of(area, areas_above(area.code, now=now)) if area else [],
        "phone": visible(actor, Member, "phone", member.phone) or "",
        "held": held,
        "manages": manages,
        "may_hand_over": member.pk == actor.member_id
        or any(may_manage(actor, row.post.area_code) for row in held),
        "may_give_start_password": manages and account is not None and account.awaits_start_password,
        **_password_state(actor, member),
    }


def _password_state(actor: Actor, member: Member) -> dict[str, bool]:
    """Return whether this post may void the password, and whether it is told that it was voided."""
    account, may_void = member.account, may_void_password(actor, member)
    is_voided = account is not None and account.password_voided_at is not None
    return {
        "may_void": may_void and account is not None and account.has_usable_password(),
        "is_own": member.account_id == actor.account_id,
        "is_voided": is_voided and (may_void or may_manage(actor, member.area_code)),
    }
