"""Who acts through which post: asked by every request, so the question is one text, prepared once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor, AreaRanges
from anlan.organisation.models import Appointment

ACTORS = """
    SELECT held.id, member.id, member.account_id, member.name, post.id, post.title, post.role, post.area_code,
        post.purposes, post.facility_id,
        (SELECT area.name FROM organisation_area AS area WHERE area.code = post.area_code
            AND area.starts_at <= %(now)s AND (area.ends_at IS NULL OR area.ends_at > %(now)s) LIMIT 1),
        ARRAY(SELECT code FROM organisation_postrange WHERE post_id = post.id),
        (SELECT entry.body ->> 'first_screen' FROM foundation_packentry AS entry
            JOIN foundation_packversion AS pack ON pack.id = entry.pack_version_id AND pack.in_force
            WHERE entry.section = 'posts' AND entry.key = post.role LIMIT 1)
    FROM organisation_appointment AS held
        JOIN organisation_post AS post ON post.id = held.post_id
        JOIN organisation_member AS member ON member.id = held.member_id
"""
LIVE = """
    AND held.starts_at <= %(now)s AND (held.ends_at IS NULL OR held.ends_at > %(now)s)
    AND post.starts_at <= %(now)s AND (post.ends_at IS NULL OR post.ends_at > %(now)s)
"""
LONGEST_HELD_FIRST = "ORDER BY held.starts_at, held.id"
OF_ACCOUNT = f"{ACTORS} WHERE member.account_id = %(wanted)s {LIVE} {LONGEST_HELD_FIRST}"
OF_APPOINTMENT = f"{ACTORS} WHERE held.id = %(wanted)s {LIVE}"
OF_APPOINTMENTS = f"{ACTORS} WHERE held.id = ANY(%(wanted)s) {LONGEST_HELD_FIRST}"


def in_force(now: datetime, of: str = "") -> Q:
    """Return the condition that a row with starts_at and ends_at is in force, or the one it points to."""
    at = f"{of}__" if of else ""
    return Q(**{f"{at}starts_at__lte": now}) & (Q(**{f"{at}ends_at": None}) | Q(**{f"{at}ends_at__gt": now}))


def live_appointments(now: datetime) -> QuerySet[Appointment]:
    """Return appointments in force whose post is in force too."""
    return Appointment.objects.filter(in_force(now) & in_force(now, "post"))


def posts_of_account(account_id: UUID, *, now: datetime) -> list[Actor]:
    """Return one Actor per post the account's member holds now, the longest held first."""
    return _asked(OF_ACCOUNT, account_id, now)


def actor_of_appointment(appointment_id: UUID, *, now: datetime) -> Actor | None:
    """Return the Actor of one appointment, or None where it is not in force."""
    return next(iter(_asked(OF_APPOINTMENT, appointment_id, now)), None)


def actors_of(appointments: QuerySet[Appointment], *, now: datetime) -> list[Actor]:
    """Return the Actors of these appointments, the longest held first."""
    return _asked(OF_APPOINTMENTS, list(appointments.values_list("pk", flat=True)), now)


def _asked(question: str, wanted: UUID | list[UUID], now: datetime) -> list[Actor]:
    with connection.cursor() as cursor:
        cursor.execute(question, {"wanted": wanted, "now": now})
        return [_actor(row) for row in cursor.fetchall()]


def _actor(row: Sequence[Any]) -> Actor:
    held, member, account, name, post, title, role, area, purposes, facility, area_name, codes, first = row
    return Actor(
        account_id=account or member,
        member_id=member,
        member_name=name,
        appointment_id=held,
        post_id=post,
        post_title=title,
        role=role,
        area_code=area,
        area_name=area_name or area,
        ranges=AreaRanges.of(codes),
        purposes=frozenset(purposes),
        facility_id=facility,
        first_screen=first or "",
    )
