"""Let members answer for households on a line: many at once, ended, handed from one to another."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_changes
from anlan.foundation.scope import within
from anlan.organisation.models import Member, Post
from anlan.organisation.queries import access_member
from anlan.organisation.queries.patches import place_of
from anlan.people.models import HouseholdAssignment
from anlan.people.pack import LiaisonLine
from anlan.people.queries import below
from anlan.people.queries.liaison import (
    UNCOVERED,
    access_assignment,
    access_line,
    homes_of_line,
    may_assign,
    roles_that_hold,
    seats_of,
    who_may_hold,
)

SUBJECT_ASSIGNMENT = "people.HouseholdAssignment"
LIAISON = "liaison"  # live topic
MOST_AT_ONCE = 20_000
LONGEST_REASON = 100
BATCH = 5_000

# Behind the policies a household out of range is not there, and a seat or a household that is taken stays so.
ASSIGN = """
    INSERT INTO people_householdassignment
        (id, area_code, household_id, line, slot, holder_id, post_id, starts_at, reason, end_reason, version)
    SELECT given.id, home.area_code, home.id, %s, %s, %s, %s, %s, %s, '', 1
    FROM unnest(%s::uuid[], %s::uuid[]) AS given (id, household_id)
    JOIN people_household AS home ON home.id = given.household_id
    ON CONFLICT DO NOTHING RETURNING household_id, area_code
"""


class AssignmentInvalid(Invalid):
    """Say what is missing before somebody may answer for households."""

    code = "assignment_invalid"


class NotAgreed(Invalid):
    """Households sign for this line; it is not assigned over their heads."""

    code = "not_agreed"
    sentence = _("这条线凭签约建立。请先请住户签约，再勾选“这些住户已签约同意”。")


class AssignmentChanged(Conflict):
    """Somebody ended it or handed it over first."""

    code = "assignment_changed"
    sentence = _("这一户的负责人刚被改过，请看最新情况后再办。")


@dataclass(frozen=True, slots=True)
class NewHolder:
    """Who answers, on which line, in which seat of its team, and why."""

    line: str
    member_id: UUID
    seat: str = ""
    reason: str = ""
    have_agreed: bool = False  # of a line that households sign for


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each household that was named: done + already + refused = named."""

    done: int
    already: int
    refused: int


@dataclass(frozen=True, slots=True)
class AssignmentPreview:
    """What assigning or handing over would do; nothing is changed by asking."""

    homes: int  # that are named
    already: int  # of them those the member answers for now
    taken: int  # of them those somebody else has on the line; of a team, in that seat: they stay as they are
    load: int  # households the member answers for on the line now
    load_after: int


def preview_assignment(
    *, actor: Actor, holder: NewHolder, household_ids: Collection[UUID], now: datetime
) -> AssignmentPreview:
    """Return what `assign_households` would do; raises as it does."""
    line, member, _post = _checked(actor, holder, now)
    ids = _named(household_ids)
    others = _live(actor, line).filter(household__in=ids).exclude(holder=member)
    if line.team:
        others = others.filter(slot=holder.seat)
    taken = set(others.values_list("household", flat=True))
    return _preview(actor, line, member, ids, taken)


def preview_hand_over(
    *, actor: Actor, from_id: UUID, holder: NewHolder, area_code: str, now: datetime
) -> AssignmentPreview:
    """Return what `hand_over_assignments` would do; raises as it does."""
    line, member, _post = _checked_taker(actor, from_id, holder, area_code, now)
    homes = _going_over(_live(actor, line).filter(*below(actor, area_code)), from_id, holder.seat)
    return _preview(actor, line, member, list(homes), set())


def _preview(
    actor: Actor, line: LiaisonLine, member: Member, ids: list[UUID], taken: set[UUID]
) -> AssignmentPreview:
    own = set(_live(actor, line).filter(holder=member).values_list("household", flat=True))
    already = own.intersection(ids)
    taken = taken - already
    new = len(ids) - len(already) - (len(taken) if line.team else 0)
    return AssignmentPreview(len(ids), len(already), len(taken), len(own), len(own) + new)


def _going_over(
    rows: QuerySet[HouseholdAssignment], from_id: UUID, seat: str
) -> QuerySet[HouseholdAssignment, UUID]:
    """Return the households that go over at once, of these assignments."""
    held = rows.filter(holder=from_id, slot=seat).order_by("pk")
    return held.values_list("household", flat=True)[:MOST_AT_ONCE]


def _live(actor: Actor, line: LiaisonLine) -> QuerySet[HouseholdAssignment]:
    return HouseholdAssignment.objects.filter(within(actor.ranges), line=line.key, ends_at=None)


def assign_households(
    *, actor: Actor, holder: NewHolder, household_ids: Collection[UUID], now: datetime
) -> Outcome:
    """Let a member answer for these households and return the counted outcome; said twice, it is done once.

    Refused are households out of range, and seats that somebody else has. For posts that lead or arrange
    posts. Raises NotAllowed, NotFound, AssignmentInvalid, NotAgreed.
    """
    line, member, post = _checked(actor, holder, now)
    ids = _named(household_ids)
    with transaction.atomic():
        live = _live(actor, line).filter(holder=member, household__in=ids)
        had = set(live.values_list("household", flat=True))
        areas = _insert(holder, member, post, [home for home in ids if home not in had], now)
        outcome = Outcome(len(areas), len(had), len(ids) - len(areas) - len(had))
        if areas:
            _on_record("assign_households", member, line.key, outcome)
            announce_changes(LIAISON, set(areas))
    return outcome


def _named(household_ids: Collection[UUID]) -> list[UUID]:
    """Return each household once; raise AssignmentInvalid for none and for too many."""
    ids = list(dict.fromkeys(household_ids))
    if not ids:
        raise AssignmentInvalid(
            fields={"buildings": _("这里没有要指定的住户：都已有人负责，或还没有登记住户。")}
        )
    if len(ids) > MOST_AT_ONCE:
        raise AssignmentInvalid(fields={"buildings": _("一次最多 20000 户，请选小一些的区域或几栋楼。")})
    return ids


def _checked(actor: Actor, holder: NewHolder, now: datetime) -> tuple[LiaisonLine, Member, Post | None]:
    """Return line, member and the post through which they may hold it."""
    if not may_assign(actor):
        raise NotAllowed
    line, member = access_line(holder.line), access_member(actor, holder.member_id)
    seats = seats_of(line)
    if bool(seats) != bool(holder.seat) or (seats and holder.seat not in seats):
        raise AssignmentInvalid(fields={"seat": _("请选择这个人在队伍里的席位。")})
    if len(holder.reason) > LONGEST_REASON:
        raise AssignmentInvalid(fields={"reason": _("说明最多 100 个字。")})
    if line.expects == "consenting" and not holder.have_agreed:
        raise NotAgreed(fields={"have_agreed": NotAgreed.sentence})
    held = who_may_hold(actor, line, holder.seat, now=now).filter(member=member).first()
    if held is None and roles_that_hold(line, holder.seat):
        raise AssignmentInvalid(fields={"member": _("这个人现在没有担任这条线要求的岗位，请另选。")})
    return line, member, held.post if held else None


def _insert(
    holder: NewHolder, member: Member, post: Post | None, homes: list[UUID], now: datetime
) -> list[str]:
    """Write the assignments and return the area of each that was written."""
    common: list[Any] = [
        holder.line,
        holder.seat,
        member.pk,
        post.pk if post else None,
        now,
        holder.reason.strip(),
    ]
    areas: list[str] = []
    with connection.cursor() as cursor:
        for start in range(0, len(homes), BATCH):
            part = homes[start : start + BATCH]
            cursor.execute(ASSIGN, [*common, [new_id() for _home in part], part])
            areas += [area for _home, area in cursor.fetchall()]
    return areas


def _on_record(verb: str, member: Member, line: str, outcome: Outcome) -> None:
    detail = {"line": line, "done": outcome.done, "already": outcome.already, "refused": outcome.refused}
    audit.record(verb, SUBJECT_ASSIGNMENT, [member.pk], detail=detail)


def end_assignment(
    *, actor: Actor, assignment_id: UUID, expected_version: int, reason: str, now: datetime
) -> HouseholdAssignment:
    """Let a member no longer answer for a household; said twice, it is ended once.

    Raises NotAllowed, NotFound, AssignmentInvalid, AssignmentChanged.
    """
    access_assignment(actor, assignment_id)
    if not may_assign(actor):
        raise NotAllowed
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise AssignmentInvalid(fields={"reason": _("请写明原因，最多 100 个字。")})
    with transaction.atomic():
        row = HouseholdAssignment.objects.select_for_update(of=("self",)).get(pk=assignment_id)
        if row.ends_at is not None:
            return row
        if row.version != expected_version:
            raise AssignmentChanged
        row.ends_at, row.end_reason, row.version = now, reason.strip(), row.version + 1
        row.save(update_fields=["ends_at", "end_reason", "version"])
        audit.record("end_assignment", SUBJECT_ASSIGNMENT, [row.pk, row.holder_id], area_code=row.area_code)
        announce_changes(LIAISON, {row.area_code})
    return row


def hand_over_assignments(
    *, actor: Actor, from_id: UUID, holder: NewHolder, area_code: str, now: datetime
) -> Outcome:
    """Let one member take over at this moment all that another answers for on a line in an area.

    Of a team only the seat named goes over. Households the new holder answers for already end with the old
    one and count as already. Raises as `assign_households`.
    """
    line, member, post = _checked_taker(actor, from_id, holder, area_code, now)
    with transaction.atomic():
        rows = _live(actor, line).filter(*below(actor, area_code))
        homes = list(_going_over(rows.select_for_update(), from_id, holder.seat))
        if not homes:
            return Outcome(0, 0, 0)
        had = set(rows.filter(holder=member, household__in=homes).values_list("household", flat=True))
        rows.filter(holder=from_id, slot=holder.seat, household__in=homes).update(
            ends_at=now, end_reason=holder.reason.strip() or str(_("交接")), version=F("version") + 1
        )
        areas = _insert(holder, member, post, [home for home in homes if home not in had], now)
        outcome = Outcome(len(areas), len(homes) - len(areas), 0)
        _on_record("hand_over_households", member, line.key, outcome)
        announce_changes(LIAISON, set(areas) or set(place_of(actor, area_code).codes))
    return outcome


def _checked_taker(
    actor: Actor, from_id: UUID, holder: NewHolder, area_code: str, now: datetime
) -> tuple[LiaisonLine, Member, Post | None]:
    """Return line, member and post of who takes over in an area."""
    checked = _checked(actor, holder, now)
    if from_id == checked[1].pk:
        raise AssignmentInvalid(fields={"member": _("请选择另一个人接手。")})
    try:
        place_of(actor, area_code)
    except NotFound as missing:
        raise AssignmentInvalid(fields={"area": _("请选择本岗位范围内的区域。")}) from missing
    return checked


def homes_in(
    actor: Actor,
    *,
    area_code: str,
    building_ids: Collection[UUID],
    line: str,
    only_uncovered: bool,
    now: datetime,
) -> list[UUID]:
    """Return the households a line should reach in these buildings, or in the whole area.

    At most one more than may go at once. Raises NotFound for an area out of range.
    """
    view = UNCOVERED if only_uncovered else ""
    rows = homes_of_line(actor, access_line(line), area_code=area_code, today=day_of(now), view=view)
    if building_ids:
        rows = rows.filter(building__in=list(building_ids))
    return list(rows.order_by("area_code", "pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
