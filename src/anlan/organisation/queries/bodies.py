"""Every question about bodies: who sits where, what is missing, who was called, what was decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotFound
from anlan.foundation.models import PackVersion
from anlan.foundation.pack_store import NoSuchEntry, entry, section
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Body, CallUp, CallUpReceipt, Decision, Meeting, Member, Post, Seat
from anlan.organisation.pack import BodyTemplate
from anlan.organisation.queries import in_force, in_realm, live_appointments
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, ancestors_of
from anlan.organisation.rules.bodies import (
    EXPECTED_KINDS,
    Completeness,
    DecisionState,
    SeatTaken,
    SlotWanted,
    completeness,
)

CALLS_SHOWN = 10
MEETINGS_SHOWN = 20


def body_templates() -> dict[str, BodyTemplate]:
    """Return the pack's templates of bodies by key, in the pack's order."""
    return {row.key: row for row in section(BodyTemplate)}


def template_named(key: str, area_code: str) -> BodyTemplate:
    """Return a template of the pack; where none is named the first of a level below, else of its own.

    Raises NotFound for an unknown one.
    """
    known = body_templates()
    deep = {row.key: CODE_LENGTH[AreaLevel(row.level)] - len(area_code) for row in known.values()}
    below = (one for one, steps in deep.items() if steps > 0)
    own = (one for one, steps in deep.items() if steps == 0)
    found = known.get(key or next(below, "") or next(own, ""))
    if found is None:
        raise NotFound
    return found


def fits_area(template: BodyTemplate, level: str, kind: str) -> bool:
    """Say whether a body of this template belongs to an area of this level and kind."""
    return template.level == level and (not template.area_kinds or kind in template.area_kinds)


def is_expected(template: BodyTemplate) -> bool:
    """Say whether every fitting area is to have a body of this template."""
    return template.kind in EXPECTED_KINDS


def lives_for_an_event(template: BodyTemplate) -> bool:
    """Say whether bodies of this template are founded for an event, with a reason, and end with it."""
    return template.kind == "on_activation"


def templates_for(area: Area) -> list[BodyTemplate]:
    """Return the templates of bodies that belong to an area."""
    return [row for row in body_templates().values() if fits_area(row, area.level, area.kind)]


def templates_of(bodies: Iterable[Body]) -> dict[UUID, BodyTemplate]:
    """Return of each body the template as it was when it was founded; none where that pack is gone."""
    rows = list(bodies)
    named = {row.pack_version for row in rows}
    versions = {row.version: row for row in PackVersion.objects.filter(version__in=named)}
    found: dict[UUID, BodyTemplate] = {}
    for row in rows:
        if row.pack_version in versions:
            try:
                found[row.pk] = entry(BodyTemplate, row.template, versions[row.pack_version])
            except NoSuchEntry:
                continue
    return found


def template_of(body: Body) -> BodyTemplate:
    """Return the template a body was founded from; raise NotFound where its pack is gone."""
    template = templates_of([body]).get(body.pk)
    if template is None:
        raise NotFound
    return template


def visible_bodies(actor: Actor) -> QuerySet[Body]:
    """Return the bodies of the actor's ranges, ended ones too."""
    return Body.objects.filter(within(actor.ranges))


def access_body(actor: Actor, body_id: UUID) -> Body:
    """Return one body of the actor's ranges, or raise NotFound."""
    body = visible_bodies(actor).filter(pk=body_id).first()
    if body is None:
        raise NotFound
    return body


def bodies_at(code: str) -> list[Body]:
    """Return the bodies that an area has now, the oldest first."""
    return list(Body.objects.filter(area_code=code, ends_at=None).order_by("starts_at", "pk"))


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """A seat that has not been left, and who holds it now: nobody where it is vacant."""

    seat: Seat
    holders: tuple[Member, ...]

    @property
    def taken(self) -> SeatTaken:
        """Return it as the rule of completeness looks at it."""
        role = self.seat.post.role if self.seat.post else ""
        return SeatTaken(self.seat.slot, role, len(self.holders), self.seat.is_lead)


def seats_held(bodies: Iterable[Body], *, now: datetime) -> dict[UUID, list[SeatHeld]]:
    """Return the seats of each body with who holds them now, by two questions."""
    ids = [row.pk for row in bodies]
    seats = list(
        Seat.objects.filter(body__in=ids, ends_at=None)
        .select_related("post", "member")
        .order_by("-is_lead", "starts_at", "pk")
    )
    holding: dict[UUID, list[Member]] = {}
    posts = {seat.post_id for seat in seats if seat.post_id}
    held = live_appointments(now).filter(post__in=posts).select_related("member")
    for row in held.order_by("starts_at", "pk"):
        holding.setdefault(row.post_id, []).append(row.member)
    found: dict[UUID, list[SeatHeld]] = {pk: [] for pk in ids}
    for seat in seats:
        found[seat.body_id].append(SeatHeld(seat, _holders(seat, holding)))
    return found


def _holders(seat: Seat, holding: Mapping[UUID, list[Member]]) -> tuple[Member, ...]:
    if seat.post_id is None:
        return (seat.member,) if seat.member else ()
    through = {row.pk: row for row in holding.get(seat.post_id, [])}  # once, whatever the appointments
    if seat.member_id is not None:
        return (through[seat.member_id],) if seat.member_id in through else ()
    return tuple(through.values())


def seats_of(body: Body, *, now: datetime) -> list[SeatHeld]:
    """Return the seats of one body with who holds them now."""
    return seats_held([body], now=now)[body.pk]


def slots_of(template: BodyTemplate) -> list[SlotWanted]:
    """Return the slots of a template as the rule of completeness looks at them."""
    return [SlotWanted(slot.key, slot.at_least, frozenset(slot.posts)) for slot in template.slots]


def completeness_of(template: BodyTemplate, held: Iterable[SeatHeld]) -> Completeness:
    """Return what a body lacks."""
    return completeness(slots_of(template), [row.taken for row in held], lead_role=template.lead)


def members_of(held: Iterable[SeatHeld]) -> dict[UUID, SeatHeld]:
    """Return everybody who sits in a body now, each by the first seat held."""
    found: dict[UUID, SeatHeld] = {}
    for row in held:
        for member in row.holders:
            found.setdefault(member.pk, row)
    return found


def may_seat(actor: Actor, area_code: str) -> bool:
    """Say whether the actor's post founds bodies at an area and says who sits in them."""
    return actor.has_purpose("org", "lead") and actor.ranges.covers(area_code)


def leads(actor: Actor, held: Iterable[SeatHeld]) -> bool:
    """Say whether the actor holds the lead's seat: through the post they act through, where it has one."""
    return any(
        row.seat.is_lead
        and any(member.pk == actor.member_id for member in row.holders)
        and row.seat.post_id in {None, actor.post_id}
        for row in held
    )


def may_call(actor: Actor, body: Body, held: Iterable[SeatHeld]) -> bool:
    """Say whether the actor calls a body up: its lead; while nobody leads it, whoever may seat."""
    seats = list(held)
    is_led = any(row.seat.is_lead and row.holders for row in seats)
    return leads(actor, seats) or (not is_led and may_seat(actor, body.area_code))


def may_meet(actor: Actor, body: Body, held: Iterable[SeatHeld]) -> bool:
    """Say whether the actor writes down what a body decided: its lead, or whoever may seat."""
    return may_seat(actor, body.area_code) or leads(actor, held)


def post_is_near(post: Post, area_code: str) -> bool:
    """Say whether a post serves an area, or lies in it."""
    serves = AreaRanges.of(row.code for row in post.post_ranges.all())
    return post.area_code.startswith(area_code) or serves.covers(area_code)


def posts_to_seat(actor: Actor, area_code: str, roles: Iterable[str], *, now: datetime) -> QuerySet[Post]:
    """Return the posts in force that serve an area or lie in it; with roles named, only those."""
    above = [area_code[:length] for length in range(6, len(area_code), 3)]
    near = within(AreaRanges.of([area_code])) | Q(post_ranges__code__in=[*above, area_code])
    rows = Post.objects.filter(near, in_realm(actor, "area_code"), starts_at__lte=now)
    rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=now))
    wanted = list(roles)
    return (rows.filter(role__in=wanted) if wanted else rows).distinct().order_by("area_code", "title", "pk")


def posts_seated(templates: Iterable[str], *, covering: str, now: datetime) -> list[Post]:
    """Return the posts in force that sit in such bodies of an area's community and serve the area."""
    community = covering[: CODE_LENGTH[AreaLevel.COMMUNITY]]
    bodies = Body.objects.filter(area_code=community, template__in=list(templates), ends_at=None)
    seats = Seat.objects.filter(body__in=bodies, ends_at=None)
    serving = Post.objects.filter(in_force(now), post_ranges__code__in=ancestors_of(covering))
    return list(serving.filter(pk__in=seats.values("post")).distinct().order_by("-area_code", "pk"))


def calls_of(body: Body) -> list[CallUp]:
    """Return the latest calls of a body."""
    return list(
        body.call_ups.select_related("asked_by").prefetch_related("receipts__member", "receipts__post")
        .order_by("-asked_at", "-pk")[:CALLS_SHOWN]
    )  # fmt: skip


def calls_to_answer(actor: Actor) -> QuerySet[CallUpReceipt]:
    """Return the calls this person has not answered, the next to be due first."""
    rows = CallUpReceipt.objects.filter(member=actor.member_id, answered_at=None, call_up__closed_at=None)
    return rows.select_related("call_up__body").order_by("due_at", "pk")


def access_call(actor: Actor, receipt_id: UUID) -> CallUpReceipt:
    """Return the actor's own receipt of a call, or raise NotFound: nobody answers for another."""
    rows = CallUpReceipt.objects.filter(pk=receipt_id, member=actor.member_id)
    receipt = rows.select_related("call_up__body", "member", "post").first()
    if receipt is None:
        raise NotFound
    return receipt


def access_call_made(actor: Actor, call_id: UUID) -> CallUp:
    """Return a call that a body of the actor's ranges made, or raise NotFound."""
    call = CallUp.objects.filter(within(actor.ranges), pk=call_id).select_related("body").first()
    if call is None:
        raise NotFound
    return call


def late_calls(now: datetime) -> QuerySet[CallUpReceipt]:
    """Return receipts whose clock has run out unanswered and that are not marked yet."""
    rows = CallUpReceipt.objects.filter(answered_at=None, late_at=None, due_at__lt=now)
    return rows.filter(call_up__closed_at=None).order_by("due_at", "pk")


def meetings_of(body: Body) -> list[Meeting]:
    """Return the latest meetings of a body with what they decided."""
    rows = body.meetings.prefetch_related("decisions__accountable").order_by("-held_at", "-pk")
    return list(rows[:MEETINGS_SHOWN])


def visible_decisions(actor: Actor) -> QuerySet[Decision]:
    """Return the decisions of the actor's ranges, and those the actor's post answers for anywhere."""
    rows = Decision.objects.filter(within(actor.ranges) | Q(accountable=actor.post_id))
    return rows.select_related("accountable", "meeting__body")


def open_decisions(actor: Actor) -> QuerySet[Decision]:
    """Return the visible decisions that are still to be settled."""
    return visible_decisions(actor).filter(state=DecisionState.OPEN)


def wanted_decisions(actor: Actor, sought: Mapping[str, str], *, now: datetime) -> QuerySet[Decision]:
    """Return the decisions that the filters of the list ask for; open ones where they ask for nothing."""
    rows, view, area = visible_decisions(actor), sought.get("view", ""), sought.get("area", "").strip()
    if area.isdigit():
        rows = rows.filter(within(AreaRanges.of([area])))
    if view == "settled":
        return rows.exclude(state=DecisionState.OPEN)
    rows = rows.filter(state=DecisionState.OPEN)
    if view == "overdue":
        return rows.filter(due_on__lt=day_of(now))
    return rows.filter(accountable=actor.post_id) if view == "mine" else rows


def my_decisions(actor: Actor) -> QuerySet[Decision]:
    """Return the open decisions the actor's post answers for, the next to be due first."""
    rows = Decision.objects.filter(accountable=actor.post_id, state=DecisionState.OPEN)
    return rows.select_related("meeting__body").order_by("due_on", "pk")


def access_decision(actor: Actor, decision_id: UUID) -> Decision:
    """Return one decision the actor sees, or raise NotFound."""
    row = visible_decisions(actor).filter(pk=decision_id).first()
    if row is None:
        raise NotFound
    return row


def may_settle(actor: Actor, decision: Decision, *, now: datetime) -> bool:
    """Say whether the actor's post answers for a decision, or looks after the body that made it."""
    return decision.accountable_id == actor.post_id or may_drop(actor, decision, now=now)


def may_drop(actor: Actor, decision: Decision, *, now: datetime) -> bool:
    """Say whether the actor may give a decision up: the body's lead, or whoever may seat."""
    body = decision.meeting.body
    return may_seat(actor, decision.area_code) or leads(actor, seats_of(body, now=now))


def access_seat(actor: Actor, seat_id: UUID) -> Seat:
    """Return one seat of a body of the actor's ranges, or raise NotFound."""
    seat = Seat.objects.filter(within(actor.ranges), pk=seat_id).select_related("body").first()
    if seat is None:
        raise NotFound
    return seat
