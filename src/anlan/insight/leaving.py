"""What somebody leaves behind who moves or falls ill: one page to hand over by (交接单)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import within
from anlan.organisation.models import Appointment, Decision, Member, Seat, Shift
from anlan.organisation.queries import (
    access_member,
    area_names,
    in_force,
    live_appointments,
    may_manage,
)
from anlan.organisation.queries.bodies import open_decisions
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import visible_orders
from anlan.workorders.rules import OPEN_STAGES

LISTED = 100


@dataclass(frozen=True, slots=True)
class PostLeft:
    """A post somebody holds: where, since when, and who holds it beside them."""

    appointment: Appointment
    place: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that hangs on one person, as far as the reader's post may see it."""

    member: Member
    posts: list[PostLeft]
    orders: list[WorkOrder]
    order_count: int
    shifts: list[Shift]
    seats: list[Seat]
    decisions: list[Decision]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing has to be handed over."""
        return not (self.posts or self.orders or self.shifts or self.seats or self.decisions)


def leaving(actor: Actor, member: Member, *, now: datetime) -> Leaving:
    """Return what a member holds now and what is still open of it."""
    held = list(live_appointments(now).filter(member=member).select_related("post").order_by("starts_at"))
    posts = [row.post_id for row in held]
    orders = visible_orders(actor).filter(accountable__in=posts, stage__in=OPEN_STAGES)
    lines = _posts(held, now)
    alone = [line.appointment.post_id for line in lines if not line.others]
    seats = Seat.objects.filter(within(actor.ranges), in_force(now), member=member).select_related("body")
    shifts = Shift.objects.filter(member=member, ends_at__gt=now)
    decisions = open_decisions(actor).filter(accountable__in=alone)
    return Leaving(
        member=member,
        posts=lines,
        orders=list(orders.order_by("due_at", "pk")[:LISTED]),
        order_count=orders.count(),
        shifts=list(shifts.select_related("post").order_by("starts_at")),
        seats=list(seats.order_by("starts_at")),
        decisions=list(decisions.order_by("due_on", "pk")[:LISTED]),
    )


def access_leaving(actor: Actor, member_id: UUID, *, now: datetime) -> Leaving:
    """Return the sheet of oneself, or of somebody whose post one looks after, or raise NotFound."""
    member = access_member(actor, member_id)
    areas = live_appointments(now).filter(member=member).values_list("post__area_code", flat=True)
    if member.pk != actor.member_id and not any(may_manage(actor, code) for code in areas):
        raise NotFound
    return leaving(actor, member, now=now)


def _posts(held: list[Appointment], now: datetime) -> list[PostLeft]:
    names = area_names({row.post.area_code for row in held}, now=now)
    beside: dict[UUID, list[str]] = {}
    ids = [row.post_id for row in held]
    for row in live_appointments(now).filter(post__in=ids).select_related("member"):
        beside.setdefault(row.post_id, []).append(row.member.name)
    return [
        PostLeft(
            row,
            names.get(row.post.area_code, row.post.area_code),
            tuple(name for name in beside.get(row.post_id, ()) if name != row.member.name),
        )
        for row in held
    ]
