"""Every question about areas, posts and appointments."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import NotFound
from anlan.foundation.practice import now_in
from anlan.organisation.models import Appointment, Area, AreaLink, Post
from anlan.organisation.rules import ancestors_of


def now_for(actor: Actor) -> datetime:
    """Return the moment it is for this actor: the practice clock's in a practice district."""
    return now_in(actor.area_code)


def in_force(now: datetime) -> Q:
    """Return the condition that a row with starts_at and ends_at is in force."""
    return Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))


def live_appointments(now: datetime) -> QuerySet[Appointment]:
    """Return appointments in force whose post is in force too."""
    post_live = Q(post__starts_at__lte=now) & (Q(post__ends_at=None) | Q(post__ends_at__gt=now))
    return Appointment.objects.filter(in_force(now) & post_live)


def posts_of_account(account_id: UUID, *, now: datetime) -> list[Actor]:
    """Return one Actor per post the account's member holds now, the longest held first."""
    return actors_of(live_appointments(now).filter(member__account_id=account_id), now=now)


def actor_of_appointment(appointment_id: UUID, *, now: datetime) -> Actor | None:
    """Return the Actor of one appointment, or None where it is not in force."""
    found = actors_of(live_appointments(now).filter(pk=appointment_id), now=now)
    return found[0] if found else None


def actors_of(appointments: QuerySet[Appointment], *, now: datetime) -> list[Actor]:
    """Return the Actors of these appointments, the longest held first."""
    rows = list(
        appointments.select_related("post", "member")
        .prefetch_related("post__post_ranges")
        .order_by("starts_at", "pk")
    )
    names = area_names({row.post.area_code for row in rows}, now=now)
    return [_actor(row, names.get(row.post.area_code, row.post.area_code)) for row in rows]


def _actor(appointment: Appointment, area_name: str) -> Actor:
    post, member = appointment.post, appointment.member
    return Actor(
        account_id=member.account_id or member.pk,
        member_id=member.pk,
        member_name=member.name,
        appointment_id=appointment.pk,
        post_id=post.pk,
        post_title=post.title,
        role=post.role,
        area_code=post.area_code,
        area_name=area_name,
        ranges=AreaRanges.of(row.code for row in post.post_ranges.all()),
        purposes=frozenset(post.purposes),
        facility_id=post.facility_id,
    )


def area_names(codes: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Return the name each area has now."""
    return dict(Area.objects.filter(in_force(now), code__in=set(codes)).values_list("code", "name"))


def access_area(code: str, *, now: datetime) -> Area:
    """Return the area in force under this code, or raise NotFound. Areas are open to all staff."""
    area = Area.objects.filter(in_force(now), code=code).first()
    if area is None:
        raise NotFound
    return area


def areas_above(code: str, *, now: datetime) -> list[Area]:
    """Return the areas from the district down to the one above this."""
    return list(Area.objects.filter(in_force(now), code__in=ancestors_of(code)[:-1]).order_by("code"))


def areas_below(code: str, *, now: datetime) -> QuerySet[Area]:
    """Return the areas directly below."""
    return Area.objects.filter(in_force(now), parent_code=code).order_by("code")


def neighbours_of(code: str, *, now: datetime) -> list[tuple[str, str]]:
    """Return (code, kind of link) of every area that borders on this one or is declared linked."""
    links = AreaLink.objects.filter(in_force(now)).filter(Q(low_code=code) | Q(high_code=code))
    return sorted((row.high_code if row.low_code == code else row.low_code, row.kind) for row in links)


def posts_with_role(role: str, *, covering: str, now: datetime) -> QuerySet[Post]:
    """Return posts in force with this role whose ranges cover the area, the closest first."""
    return (
        Post.objects.filter(in_force(now), role=role, post_ranges__code__in=ancestors_of(covering))
        .distinct()
        .order_by("-area_code", "pk")
    )
