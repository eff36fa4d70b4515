"""Every question about grants: what is given to whom, what waits, who may do what, and one by its number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from anlan.affairs.grant_rules import (
    FROM,
    IN_HAND,
    ISSUED,
    OVER,
    TERMED,
    WORK_OF_ONE_HAND,
    GrantAct,
    GrantState,
    Standing,
    standing_of,
)
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import section
from anlan.foundation.scope import duty, within
from anlan.organisation.models import Facility
from anlan.organisation.queries.registers import SEES_NEIGHBOURS, registered_facilities

READERS = (*SEES_NEIGHBOURS, "reporting")  # as of the register of facilities
NEWEST, NEXT_TO_END = ("-applied_at", "id"), ("ends_on", "id")  # orders of the list
HAS_HOLDER = Q(facility__ends_at=None)


def grant_kinds() -> dict[str, GrantKind]:
    """Return the kinds of grants in force by key, in the pack's order."""
    return {kind.key: kind for kind in section(GrantKind)}


def visible_grants(actor: Actor) -> QuerySet[Grant]:
    """Return the grants of facilities in the actor's ranges; a unit's post sees those of its own."""
    rows = Grant.objects.filter(within(actor.ranges))
    if not actor.has_purpose(*SEES_NEIGHBOURS):
        rows = rows.filter(facility__in=[actor.facility_id] if actor.facility_id else [])
    return rows.select_related("facility", "applied_by", "decided_by", "renews")


def access_grant(actor: Actor, grant_id: UUID) -> Grant:
    """Return one grant, or raise NotFound."""
    grant = visible_grants(actor).filter(pk=grant_id).first()
    if grant is None:
        raise NotFound
    return grant


def grants_of(actor: Actor, facility_id: UUID) -> QuerySet[Grant]:
    """Return the grants of one facility, the latest first."""
    return visible_grants(actor).filter(facility=facility_id).order_by("-applied_at", "id")


def standing_on(grant: Grant, today: date) -> Standing:
    """Return how a grant stands on a day."""
    gone = grant.facility.ends_at is not None
    return standing_of(grant.state, grant.starts_on, grant.ends_on, today, holder_ended=gone)


def holds_on(today: date) -> Q:
    """Return the condition that a grant is in force on a day."""
    return Q(state=GrantState.VALID, starts_on__lte=today, ends_on__gte=today) & HAS_HOLDER


def _running(today: date) -> Q:
    """Return the condition that a decided grant is neither past its last day nor without its holder."""
    return Q(state__in=TERMED, ends_on__gte=today) & HAS_HOLDER


def views_on(kind: GrantKind | None, today: date) -> dict[str, Q]:
    """Return the views of the list of one kind, each as a condition."""
    soon = today + timedelta(days=kind.renewal_days) if kind else today
    running = _running(today)
    return {
        "valid": holds_on(today),
        "waiting": (Q(state__in=IN_HAND) & HAS_HOLDER) | (running & Q(state=GrantState.APPROVED)),
        "soon": running & Q(state=GrantState.VALID, ends_on__lte=soon),
        "suspended": running & Q(state=GrantState.SUSPENDED),
        "ended": Q(state__in=OVER) | ~HAS_HOLDER | Q(state__in=TERMED, ends_on__lt=today),
        "all": Q(),
    }


def chosen_kind(sought: Mapping[str, str]) -> GrantKind | None:
    """Return the kind a list is about: the one asked for, else the pack's first; None where it has none."""
    kinds = grant_kinds()
    return kinds.get(sought.get("kind", "")) or next(iter(kinds.values()), None)


def wanted_grants(actor: Actor, sought: Mapping[str, str], *, today: date) -> QuerySet[Grant]:
    """Return the grants of one kind that the filters of the list ask for; those in force where none does."""
    kind = chosen_kind(sought)
    views = views_on(kind, today)
    rows = visible_grants(actor).filter(kind=kind.key if kind else "")
    rows = rows.filter(views.get(sought.get("view", ""), views["valid"]))
    words, category, area = (sought.get(key, "").strip() for key in ("q", "category", "area"))
    if words:
        rows = rows.filter(facility__name__icontains=words)
    if category:
        rows = rows.filter(category=category)
    if area.isdigit():
        rows = rows.filter(within(AreaRanges.of([area])))
    return rows


@dataclass(frozen=True, slots=True)
class GrantCounts:
    """How many holders of one kind in the actor's ranges, by category, and how many grants need somebody."""

    by_category: Mapping[str, int]
    waiting: int
    expiring: int


def count_grants(actor: Actor, kind: GrantKind, today: date) -> GrantCounts:
    """Return the numbers over the list; a facility whose renewal overlaps counts once."""
    rows, views = visible_grants(actor).filter(kind=kind.key).order_by(), views_on(kind, today)
    held = rows.filter(views["valid"]).values_list("category")
    return GrantCounts(
        by_category=dict(held.annotate(count=Count("facility", distinct=True))),
        waiting=rows.filter(views["waiting"]).count(),
        expiring=rows.filter(views["soon"]).count(),
    )


def kinds_to_apply_for(actor: Actor, facility: Facility) -> list[GrantKind]:
    """Return the kinds the actor may apply for, for a facility: as its own post, or relaying for it."""
    if facility.ends_at is not None:
        return []
    return [kind for kind in grant_kinds().values() if _may_apply(actor, kind, facility)]


def relayed_kinds(actor: Actor) -> list[GrantKind]:
    """Return the kinds that the actor's post applies for on behalf of others."""
    return [kind for kind in grant_kinds().values() if actor.role in kind.relayed_by]


def applies_at_all(actor: Actor) -> bool:
    """Say whether the actor's post ever applies: on behalf of others, or for its own unit."""
    own = registered_facilities(actor).filter(pk=actor.facility_id).first() if actor.facility_id else None
    return bool(relayed_kinds(actor)) or (own is not None and bool(kinds_to_apply_for(actor, own)))


def _may_apply(actor: Actor, kind: GrantKind, facility: Facility) -> bool:
    is_relay = actor.role in kind.relayed_by and actor.ranges.covers(facility.area_code)
    return facility.kind in kind.facility_kinds and (actor.facility_id == facility.pk or is_relay)


def application_in_hand(facility: Facility, kind: GrantKind) -> Grant | None:
    """Return the application of a facility that is not yet decided."""
    return Grant.objects.filter(facility=facility, kind=kind.key, state__in=IN_HAND).first()


def running_grants(facility: Facility, kind: GrantKind, today: date) -> QuerySet[Grant]:
    """Return what was decided for a facility and is not over, the latest to end first."""
    rows = Grant.objects.filter(_running(today), facility=facility, kind=kind.key)
    return rows.order_by("-ends_on", "id")


def may_renew(grant: Grant, today: date) -> bool:
    """Say whether a grant is so near its end that it may be applied for again."""
    kind = grant_kinds().get(grant.kind)
    if kind is None or grant.ends_on is None or standing_on(grant, today) is not Standing.VALID:
        return False
    return grant.ends_on - today <= timedelta(days=kind.renewal_days)


def roles_for(kind: GrantKind, act: GrantAct) -> Iterable[str]:
    """Return the roles whose posts do an act; whoever may suspend may lift the suspension."""
    if act is GrantAct.CHECK:
        return kind.checked_by
    if act is GrantAct.PUBLISH:
        return kind.published_by or kind.decided_by
    if act in {GrantAct.SUSPEND, GrantAct.RESUME}:
        return [*kind.checked_by, *kind.decided_by]
    return kind.decided_by


def is_of_role(actor: Actor, grant: Grant, act: GrantAct) -> bool:
    """Say whether the actor's post is one that does this with a grant there."""
    kind = grant_kinds().get(grant.kind)
    covers = actor.ranges.covers(grant.area_code)
    return kind is not None and covers and actor.role in roles_for(kind, act)


def had_a_hand(actor: Actor, grant: Grant, act: GrantAct) -> bool:
    """Say whether this person applied for it or checked it, by whatever post; a check may be corrected."""
    if act not in WORK_OF_ONE_HAND:
        return False
    steps = grant.steps.filter(member_id=actor.member_id)
    return (steps.exclude(act=GrantAct.CHECK) if act is GrantAct.CHECK else steps).exists()


def may_do(actor: Actor, grant: Grant, act: GrantAct, today: date) -> bool:
    """Say whether the actor may do this with a grant now."""
    if grant.state not in FROM[act] or standing_on(grant, today) in {Standing.EXPIRED, Standing.HOLDER_GONE}:
        return False
    return is_of_role(actor, grant, act) and not had_a_hand(actor, grant, act)


def grants_awaiting(actor: Actor, today: date) -> QuerySet[Grant]:
    """Return the grants whose next step is one of the actor's role, the longest waiting first."""
    running = _running(today)
    turn = Q(pk__in=[])
    for kind in grant_kinds().values():
        own = Q(kind=kind.key)
        if actor.role in kind.checked_by:
            turn |= own & HAS_HOLDER & Q(state=GrantState.APPLIED)
        if actor.role in kind.decided_by:
            turn |= own & HAS_HOLDER & Q(state=GrantState.CHECKED)
        if actor.role in roles_for(kind, GrantAct.PUBLISH):
            turn |= own & running & Q(state=GrantState.APPROVED)
    return visible_grants(actor).filter(turn).order_by("applied_at", "id")


def issued_grant(code: str) -> Grant | None:
    """Return the grant with this number, wherever it lies; for a door that shows what a certificate says."""
    if not code:
        return None
    with duty("verify_grant", ranges=AreaRanges.everywhere(), cause="certificate"):
        rows = Grant.objects.filter(state__in=ISSUED, code=code).select_related("facility")
        return rows.first()
