"""How bodies are put before people: those of an area, one with its seats and calls, whom one may seat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.masks import visible
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Body, CallUp, CallUpReceipt, Decision, Meeting, Member, Post
from anlan.organisation.pack import BodyTemplate, Slot
from anlan.organisation.presenting import Crumbs, crumbs_of
from anlan.organisation.queries import (
    area_names,
    areas_above,
    held_by,
    names_of,
    visible_members,
    with_holders,
)
from anlan.organisation.queries import bodies as queries
from anlan.organisation.queries.coverage import BodyCoverage, areas_counted, body_coverage
from anlan.organisation.rules.bodies import BodyState, Completeness, DecisionState
from anlan.organisation.words import in_words

OFFERED = 20  # posts or people to choose from; beyond it one searches


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A body of an area: how it stands, what it lacks in words."""

    body: Body
    is_complete: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template that belongs to an area, with the bodies founded from it."""

    key: str
    title: str
    task: str
    bodies: tuple[BodyLine, ...]
    is_expected: bool  # the area is to have one

    @property
    def state(self) -> str:
        """Return how the template stands at the area; '' where none is needed at the moment."""
        if not self.bodies:
            return BodyState.NOT_FOUNDED if self.is_expected else ""
        done = all(line.is_complete for line in self.bodies)
        return BodyState.COMPLETE if done else BodyState.INCOMPLETE


def missing_words(template: BodyTemplate, found: Completeness) -> tuple[str, ...]:
    """Return what a body lacks, in words."""
    titles = {slot.key: in_words(slot.title) for slot in template.slots}
    words = [
        _("%(seat)s缺 %(n)d") % {"seat": titles.get(key, key), "n": n} for key, n in found.missing.items()
    ]
    return (*words, _("缺召集人")) if found.lacks_lead else tuple(words)


def body_lines(bodies: Iterable[Body], *, now: datetime) -> list[BodyLine]:
    """Return bodies with how each stands."""
    rows = list(bodies)
    templates, held = queries.templates_of(rows), queries.seats_held(rows, now=now)
    lines = []
    for body in rows:
        template = templates.get(body.pk)
        if template is not None:
            found = queries.completeness_of(template, held[body.pk])
            lines.append(BodyLine(body, found.is_complete, missing_words(template, found)))
    return lines


def area_bodies(area: Area, *, now: datetime) -> list[TemplateLine]:
    """Return every template of the area's level with its bodies; one founded from a gone template too."""
    by_template: dict[str, list[BodyLine]] = {}
    for line in body_lines(queries.bodies_at(area.code), now=now):
        by_template.setdefault(line.body.template, []).append(line)
    return [
        TemplateLine(
            row.key,
            in_words(row.title),
            in_words(row.task),
            tuple(by_template.get(row.key, ())),
            queries.is_expected(row),
        )
        for row in queries.templates_for(area)
    ]


def area_way(code: str, *, now: datetime) -> Crumbs:
    """Return the way down to an area."""
    area = Area.objects.filter(code=code).order_by("-starts_at").first()
    return crumbs_of(area, areas_above(code, now=now)) if area else []


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat with those who hold it now, each with the phone as the reader may see it."""

    held: queries.SeatHeld
    holders: tuple[tuple[Member, str], ...]


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A slot with its seats, and how many are still empty."""

    key: str
    title: str
    seats: tuple[SeatLine, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call: who has answered, who has not."""

    call: CallUp
    receipts: tuple[CallUpReceipt, ...]

    @property
    def waiting(self) -> list[CallUpReceipt]:
        """Return who has not answered."""
        return [row for row in self.receipts if row.answered_at is None]

    @property
    def answered_count(self) -> int:
        """Return how many have answered."""
        return len(self.receipts) - len(self.waiting)


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting with the names of those present and what it decided."""

    meeting: Meeting
    present: tuple[str, ...]
    decisions: tuple["DecisionLine", ...]


def body_context(actor: Actor, body: Body, *, now: datetime) -> dict[str, Any]:
    """Return the parts of a body's page."""
    template = queries.template_of(body)
    held = queries.seats_of(body, now=now)
    found = queries.completeness_of(template, held)
    is_live = body.ends_at is None
    return {
        "body": body,
        "template": in_words(template.title),
        "task": in_words(template.task),
        "crumbs": area_way(body.area_code, now=now),
        "is_live": is_live,
        "missing": missing_words(template, found) if is_live else (),
        "is_complete": is_live and found.is_complete,
        "slots": [_slot_line(actor, slot, held, found) for slot in template.slots],
        "calls": [_call_line(row) for row in queries.calls_of(body)],
        "meetings": meeting_lines(queries.meetings_of(body), now=now),
        "manages": is_live and queries.may_seat(actor, body.area_code),
        "calls_up": is_live and queries.may_call(actor, body, held),
        "meets": is_live and queries.may_meet(actor, body, held),
        "now": now,
    }


def _slot_line(actor: Actor, slot: Slot, held: Iterable[queries.SeatHeld], found: Completeness) -> SlotLine:
    seats = tuple(_seat_line(actor, row) for row in held if row.seat.slot == slot.key)
    return SlotLine(slot.key, in_words(slot.title), seats, found.missing.get(slot.key, 0))


def _seat_line(actor: Actor, row: queries.SeatHeld) -> SeatLine:
    holders = tuple((one, visible(actor, Member, "phone", one.phone) or "") for one in row.holders)
    return SeatLine(row, holders)


def _call_line(call: CallUp) -> CallLine:
    rows = sorted(call.receipts.all(), key=lambda row: (row.answered_at is not None, row.member.name))
    return CallLine(call, tuple(rows))


def meeting_lines(meetings: Iterable[Meeting], *, now: datetime) -> list[MeetingLine]:
    """Return meetings with the names of who was there."""
    rows = list(meetings)
    names = names_of(pk for row in rows for pk in row.present)
    return [
        MeetingLine(
            row,
            tuple(names[pk] for pk in row.present if pk in names),
            tuple(decision_line(one, now=now) for one in row.decisions.all()),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision, its state as the page says it, and where it was made."""

    decision: Decision
    state: str
    state_kind: str
    place: str = ""


def decision_line(row: Decision, *, now: datetime, place: str = "") -> DecisionLine:
    """Return a decision with its state; an open one past its day is overdue."""
    if row.state != DecisionState.OPEN:
        kind = "done" if row.state == DecisionState.DONE else "waiting"
        return DecisionLine(row, str(DecisionState(row.state).label), kind, place)
    if row.due_on < day_of(now):
        return DecisionLine(row, _("逾期"), "overdue", place)
    return DecisionLine(row, str(DecisionState.OPEN.label), "working", place)


def decision_lines(rows: Iterable[Decision], *, now: datetime) -> list[DecisionLine]:
    """Return the rows of the list of decisions."""
    shown = list(rows)
    names = area_names({row.area_code for row in shown}, now=now)
    return [decision_line(row, now=now, place=names.get(row.area_code, row.area_code)) for row in shown]


def seat_choices(actor: Actor, body: Body, slot: Slot, words: str, *, now: datetime) -> list[tuple[str, str]]:
    """Return whom one may seat: posts that serve the area, with their holders; people where it is open."""
    posts = queries.posts_to_seat(actor, body.area_code, slot.posts, now=now)
    if words:
        posts = posts.filter(Q(title__icontains=words) | Q(held_by(words, now=now)))
    shown = list(with_holders(posts, now=now)[:OFFERED])
    places = area_names({post.area_code for post in shown}, now=now)
    choices = [(f"post:{post.pk}", _post_words(post, places)) for post in shown]
    if not slot.posts:
        choices += [(f"member:{one.pk}", _person_words(one)) for one in _people(actor, body, words)]
    return choices


def _people(actor: Actor, body: Body, words: str) -> list[Member]:
    rows = visible_members(actor)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(unit__icontains=words))
    else:
        rows = rows.filter(within(AreaRanges.of([body.area_code])))
    return list(rows.order_by("name", "pk")[:OFFERED])


def _post_words(post: Post, places: dict[str, str]) -> str:
    held = getattr(post, "held")  # noqa: B009 - by with_holders
    names = "、".join(row.member.name for row in held) or _("空缺")
    return f"{post.title} · {places.get(post.area_code, post.area_code)}（{names}）"


def _person_words(member: Member) -> str:
    unit = f" · {member.unit}" if member.unit else ""
    return _("%(name)s%(unit)s（个人）") % {"name": member.name, "unit": unit}


def seated_members(held: Iterable[queries.SeatHeld]) -> list[tuple[str, str]]:
    """Return who sits in a body, to be ticked as present."""
    found: dict[UUID, str] = {one.pk: one.name for row in held for one in row.holders}
    return [(str(pk), name) for pk, name in found.items()]


def seated_posts(held: Iterable[queries.SeatHeld]) -> list[tuple[str, str]]:
    """Return the posts that sit in a body, one of which answers for a decision."""
    found = {row.seat.post.pk: (row.seat.post, row.holders) for row in held if row.seat.post}
    return [
        (str(pk), f"{post.title}（{'、'.join(one.name for one in holders) or _('空缺')}）")
        for pk, (post, holders) in found.items()
    ]


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """An area below with how the bodies of a template stand there."""

    area: Area
    stands: BodyCoverage
    missing: tuple[str, ...]


def body_coverage_lines(
    area: Area, template: BodyTemplate, areas: Iterable[Area], *, now: datetime
) -> list[CoverageLine]:
    """Return areas below with how the bodies of a template stand in each."""
    counted = body_coverage(area, template, now=now)
    titles = {slot.key: in_words(slot.title) for slot in template.slots}
    lines = []
    for one in areas:
        stands = counted.get(one.code, BodyCoverage())
        words = [f"{titles.get(key, key)} {n}" for key, n in stands.lacks.items()]
        words += [_("召集人 %d") % stands.without_lead] if stands.without_lead else []
        lines.append(CoverageLine(one, stands, tuple(words)))
    return lines


def body_coverage_areas(area: Area, template: BodyTemplate, *, now: datetime) -> QuerySet[Area]:
    """Return the areas a roll-up of this template lists."""
    return areas_counted(area, template.level, now=now)
